"""What each bank is willing to do: its own credit policy, quota, speed and manners."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from loanops_sandbox.amounts import minor_of

DEFAULT_BANKS = Path(__file__).with_name("banks.toml")


class BadPolicy(Exception):
    """The file of banks says something that cannot be read."""


@dataclass(frozen=True, kw_only=True)
class BankPolicy:
    """One bank. Money in minor units of its currency, rates and shares as floats of policy."""

    code: str
    name_zh: str
    name_en: str
    currency: str = "CNY"
    zone: str = "Asia/Shanghai"
    requires_identity: bool = True
    requires_signing: bool = True
    age_min: int = 18
    age_max: int = 60
    income_min_minor: int = 0
    burden_max: float = 1.0
    regions_excluded: tuple[str, ...] = ()
    amount_min_minor: int = 100
    amount_max_minor: int = 20_000_000
    term_max: int = 60
    rate_max: float = 0.24
    refused_share: float = 0.0
    refused_share_at_max_burden: float = 0.0
    cool_off_days: int = 30
    one_loan_per_person: bool = False
    quota_daily_minor: int | None = None
    quota_total_minor: int | None = None
    credit_seconds: float = 0.0
    drawdown_seconds: float = 0.0
    debit_seconds: float = 0.0
    debit_partial: bool = True
    signing_hours: int = 24
    credit_days: int = 30


_MONEY = {
    "income_min",
    "amount_min",
    "amount_max",
    "quota_daily",
    "quota_total",
}
_KNOWN = {field.name for field in fields(BankPolicy)}


def bank_of(code: str, entry: Mapping[str, Any]) -> BankPolicy:
    """One bank from its table in the file."""
    values: dict[str, Any] = {"code": code}
    for key, value in entry.items():
        if key == "name":
            values["name_zh"], values["name_en"] = value["zh-hans"], value["en"]
        elif key in _MONEY:
            values[f"{key}_minor"] = minor_of(value, f"{code}.{key}")
        elif key in _KNOWN:
            values[key] = tuple(value) if isinstance(value, list) else value
        else:
            raise BadPolicy(f"bank {code}: no setting is called {key}")
    return BankPolicy(**values)


def read_banks(path: Path) -> dict[str, BankPolicy]:
    """Every bank of a file, by code."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {code: bank_of(code, entry) for code, entry in tables.items()}
