"""Who applies: simulated borrowers, drawn from one seed and the same on every machine.

A hidden `strain` (0 to 1) moves debts, inquiries, past arrears and later habits together, as it
does in life; a lender sees only its traces. The shape is ours and is not fitted to real people.
"""

from __future__ import annotations

import math
import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

_SURNAMES: Final = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
)
_GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰飞波宇浩凯健俊帆雪婷慧莹晨阳"
_PURPOSES: Final = (
    ("renovation", 0.24),
    ("education", 0.12),
    ("medical", 0.09),
    ("major_purchase", 0.16),
    ("travel", 0.09),
    ("wedding", 0.08),
    ("daily", 0.20),
    ("debt_consolidation", 0.02),
)
_CHANNELS: Final = (
    ("app-store", 0.34),
    ("h5-referral", 0.27),
    ("partner-mall", 0.22),
    ("branch", 0.17),
)
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_MOBILE_HEADS: Final = ("136", "137", "138", "150", "158", "159", "176", "182", "186", "188")


@dataclass(frozen=True)
class Borrower:
    """One simulated person and what they ask for. Amounts in whole yuan."""

    serial: int
    name: str
    id_number: str
    mobile: str
    born_on: date
    region: str
    industry: str
    income_monthly: int
    strain: float
    product: str
    purpose: str
    channel: str
    amount: int
    term_months: int
    facts: Mapping[str, int]


@dataclass(frozen=True)
class Product:
    """What the market asks for: code, share, range of amounts, months."""

    code: str
    share: float
    amount_min: int
    amount_max: int
    terms_months: tuple[int, ...]


@cache
def table(name: str) -> dict[str, dict[str, Any]]:
    """One of the market's tables."""
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))


def dice(seed: int, *what: object) -> random.Random:
    """The dice of one question: the same seed and question give the same throws."""
    return random.Random(f"{seed}:{':'.join(map(str, what))}")


def _pick(rng: random.Random, shares: tuple[tuple[str, float], ...]) -> str:
    names = [name for name, _ in shares]
    return rng.choices(names, weights=[share for _, share in shares])[0]


def _id_number(rng: random.Random, prefix: str, born_on: date) -> str:
    body = f"{prefix}{born_on:%Y%m%d}{rng.randrange(1, 999):03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _ID_WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def borrower(seed: int, serial: int, *, on: date, products: tuple[Product, ...]) -> Borrower:
    """The borrower with this serial number, applying on a day."""
    rng = dice(seed, "person", serial)
    regions, industries = table("regions"), table("industries")
    region = _pick(rng, tuple((code, row["share"]) for code, row in regions.items()))
    industry = _pick(rng, tuple((code, row["share"]) for code, row in industries.items()))
    work = industries[industry]
    income = work["median"] * regions[region]["level"] * math.exp(rng.gauss(0, work["spread"]))
    strain = rng.betavariate(1.6, 3.4)
    age = int(rng.triangular(20, 58, 31))
    born_on = on - timedelta(days=age * 365 + rng.randrange(20, 340))
    product = products[
        rng.choices(range(len(products)), weights=[each.share for each in products])[0]
    ]
    given = "".join(rng.choices(_GIVEN, k=rng.choice((1, 2, 2))))
    return Borrower(
        serial=serial,
        name=rng.choice(_SURNAMES) + given,
        id_number=_id_number(rng, rng.choice(regions[region]["prefixes"]), born_on),
        mobile=rng.choice(_MOBILE_HEADS) + f"{rng.randrange(10**8):08d}",
        born_on=born_on,
        region=region,
        industry=industry,
        income_monthly=round(income / 10) * 10,
        strain=strain,
        product=product.code,
        purpose=_pick(rng, _PURPOSES),
        channel=_pick(rng, _CHANNELS),
        amount=_amount(rng, income, strain, product),
        term_months=rng.choice(product.terms_months),
        facts=_facts(rng, income=income, strain=strain, age=age),
    )


def _amount(rng: random.Random, income: float, strain: float, product: Product) -> int:
    wished = income * rng.triangular(0.8, 5.5, 2.2) * (0.8 + strain)
    return int(min(max(wished, product.amount_min), product.amount_max) / 500) * 500


def _facts(rng: random.Random, *, income: float, strain: float, age: int) -> dict[str, int]:
    """What a bureau and a form would say of such a person, in the names strategies use."""

    def count(mean: float) -> int:
        return min(int(rng.expovariate(1 / mean)) if mean > 0 else 0, 60)

    facts = {
        "debt_monthly_minor": int(income * strain * rng.uniform(0.1, 1.35)) * 100,
        "overdue_24m": count(0.2 + 5.5 * strain**2),
        "inquiries_3m": count(0.9 + 8.5 * strain),
        "open_loans": count(0.6 + 5.5 * strain),
        "employment_months": int(rng.uniform(2, max(6, (age - 19) * 9))),
        "mobile_months": int(rng.uniform(3, 120)),
        "card_use_pct": min(int(100 * strain * rng.uniform(0.4, 2.2)), 130),
    }
    if rng.random() < 0.05:
        # Nobody knows how long this one has worked: a case for a person.
        del facts["employment_months"]
    if rng.random() < 0.65:
        facts["housing_fund_months"] = int(rng.uniform(0, max(3, (age - 21) * 8)))
    return facts


def applicants(
    seed: int, *, first: int, count: int, on: date, products: tuple[Product, ...]
) -> list[Borrower]:
    """`count` borrowers who apply on a day, with serial numbers from `first` on."""
    return [borrower(seed, first + place, on=on, products=products) for place in range(count)]
