"""The terms of a funder's agreement: what it funds, at what cost, how much, and how it is signed.

Every commercial figure is a field of a version; a version never changes, an amendment is a new one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal
from typing import Any, Final, Self

from loanops.kernel import wire
from loanops.kernel.guarantee import Guarantee
from loanops.kernel.pricing import Measure
from loanops.kernel.schedule import Fee
from loanops.kernel.sharing import ONE_LENDER, Sharing
from loanops.registry.partners.domain.words import SigningMode

_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_AGE_MAX: Final = 120
_MONTHS_MAX: Final = 360


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What the funder pays us out of its own income (分润); the borrower never pays it.

    ``rate`` is a fraction of ``base``: interest actually received, or principal disbursed.
    """

    base: str = "interest_received"
    rate: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        """Refuse a share of a base nobody knows, or above the whole.

        :raises BadField:
        """
        if self.base not in {"interest_received", "principal_disbursed"}:
            raise wire.bad("base", "must be interest_received or principal_disbursed")
        if not 0 <= self.rate <= 1:
            raise wire.bad("rate", "must be a fraction from 0 to 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementTerms:
    """What was agreed with a funder.

    Amounts are minor units of the book's currency. ``products`` and ``regions`` left empty mean
    all. ``rate_annual`` None takes the rate of the application or product. ``fees`` are what the
    borrower pays beside interest, each with its charging party. ``cost_cap_annual`` is the agreed
    ceiling, at most the law's; ``cost_measure`` says by which measure both are compared.
    ``concentration_max`` is the funder's highest share of what we disburse in a month.
    ``cutoff`` is local time of the book, after which the day's quota is closed.
    ``compensation_days`` is the days past due from which the guarantor pays (代偿), ``guarantee``
    for what and up to how much; without it both are as people agree from case to case.
    ``co_lending`` says who funds every loan together (联合贷款), the funder leading.
    """

    amount_min_minor: int
    amount_max_minor: int
    terms_months: tuple[int, ...]
    quota_daily_minor: int
    quota_total_minor: int
    gateway: str
    products: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    age_min: int = 18
    age_max: int = 70
    guarantor: str = ""
    rate_annual: Decimal | None = None
    fees: tuple[Fee, ...] = ()
    cost_cap_annual: Decimal | None = None
    cost_measure: Measure = Measure.SIMPLE
    cutoff: str = "23:59"
    concentration_max: Decimal | None = None
    priority: int = 100
    signing_mode: SigningMode = SigningMode.FUNDER_PAGE
    share: Share = Share()
    compensation_days: int | None = None
    guarantee: Guarantee | None = None
    co_lending: Sharing = ONE_LENDER
    gateway_config: tuple[tuple[str, str], ...] = field(default=())

    def __post_init__(self) -> None:
        """Refuse terms that no loan could meet.

        :raises BadField: naming the field and the mend.
        """
        _check_amounts(self)
        _check_reach(self)
        if not _CLOCK.fullmatch(self.cutoff):
            raise wire.bad("cutoff", "must be a time of day such as 17:30")
        if not self.gateway:
            raise wire.bad("gateway", "must name how the funder is reached")
        wire.not_negative(priority=self.priority, compensation_days=self.compensation_days)
        _check_guarantee(self)

    @property
    def cutoff_time(self) -> time:
        """The cut-off as a time of day."""
        return time.fromisoformat(self.cutoff)

    @property
    def config(self) -> dict[str, str]:
        """What the gateway's adapter needs to know; no secret is kept here."""
        return dict(self.gateway_config)

    def to_dict(self) -> dict[str, Any]:
        """The terms as plain JSON values."""
        return {**wire.write_row(self), "gateway_config": self.config}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Self:
        """The terms of plain JSON values; absent keys take their defaults.

        :raises BadField: a key is unknown or missing, or its value cannot be read.
        """
        config = row.get("gateway_config", {})
        if not isinstance(config, Mapping):
            raise wire.bad("gateway_config", "must be an object of keys and texts")
        pairs = [[str(key), str(value)] for key, value in sorted(config.items())]
        return wire.read(cls, {**row, "gateway_config": pairs}, "")


def _check_amounts(terms: AgreementTerms) -> None:
    if not 0 < terms.amount_min_minor <= terms.amount_max_minor:
        raise wire.bad("amount_max_minor", "must be at least amount_min_minor, which is above zero")
    if not 0 <= terms.quota_daily_minor <= terms.quota_total_minor:
        raise wire.bad("quota_total_minor", "must be at least quota_daily_minor")
    for name, rate in (
        ("rate_annual", terms.rate_annual),
        ("cost_cap_annual", terms.cost_cap_annual),
        ("concentration_max", terms.concentration_max),
    ):
        if rate is not None and not 0 <= rate <= 1:
            raise wire.bad(name, "must be a fraction from 0 to 1 (0.24 is 24 %)")


def _check_guarantee(terms: AgreementTerms) -> None:
    if terms.guarantee is None:
        return
    if not terms.guarantor:
        raise wire.bad("guarantor", "must be given where a guarantee is agreed")
    if not terms.compensation_days:
        raise wire.bad("compensation_days", "must be at least 1 where a guarantee is agreed")


def _check_reach(terms: AgreementTerms) -> None:
    months = terms.terms_months
    if not months or not all(1 <= each <= _MONTHS_MAX for each in months):
        raise wire.bad("terms_months", f"must list months from 1 to {_MONTHS_MAX}")
    if not 0 < terms.age_min <= terms.age_max <= _AGE_MAX:
        raise wire.bad("age_max", f"must lie between age_min and {_AGE_MAX}")
