"""A product's card: everything of the kernel's terms but what each loan brings itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from loanops.kernel import wire
from loanops.kernel.schedule import Fee, Method, Terms

LOAN_KEYS: Final = frozenset(
    {"principal_minor", "currency", "annual_rate", "instalments", "start_date", "instalment_minor",
     "first_due_date", "rows", "calendar", "closed_days", "exchanged_days"}
)  # fmt: skip
"""What a loan brings and a product therefore may not fix."""

_MONTHS_MAX: Final = 360
_SAMPLE_START: Final = date(2026, 1, 31)
_SAMPLE_RATE: Final = Decimal("0.12")


def terms_of(
    card: Mapping[str, Any],
    *,
    principal_minor: int,
    currency: str,
    instalments: int,
    annual_rate: Decimal,
    start_date: date,
    fees: Sequence[Fee] = (),
) -> Terms:
    """The kernel's terms of one loan under a product; ``fees`` come on top of the product's own.

    :raises BadField: the loan does not fit the card.
    """
    row = {
        **card,
        "principal_minor": principal_minor,
        "currency": currency,
        "annual_rate": annual_rate,
        "instalments": instalments,
        "start_date": start_date,
    }
    terms = Terms.from_dict(row)
    return replace(terms, fees=(*terms.fees, *fees)) if fees else terms


def check_card(
    card: Mapping[str, Any],
    *,
    currency: str,
    amount_min_minor: int,
    amount_max_minor: int,
    terms_months: Sequence[int],
    rate_annual: Decimal | None,
    cooling_off_days: int,
) -> dict[str, Any]:
    """Hold that every loan the card promises can be scheduled; returns the card in full.

    :raises BadField: naming the field and the mend.
    """
    fixed = sorted(LOAN_KEYS & set(card))
    if fixed:
        raise wire.bad(f"terms.{fixed[0]}", "belongs to each loan; leave it out of the product")
    if not 0 < amount_min_minor <= amount_max_minor:
        raise wire.bad("amount_max_minor", "must be at least amount_min_minor, which is above zero")
    if not terms_months or not all(1 <= months <= _MONTHS_MAX for months in terms_months):
        raise wire.bad("terms_months", f"must list months from 1 to {_MONTHS_MAX}")
    if rate_annual is not None and not 0 <= rate_annual <= 1:
        raise wire.bad("rate_annual", "must be a fraction from 0 to 1 (0.12 is 12 %)")
    wire.not_negative(cooling_off_days=cooling_off_days)
    # A custom schedule comes with each loan; the rest of such a card is tried on equal principal.
    custom = card.get("method") == Method.CUSTOM.value
    sample = terms_of(
        {**card, "method": Method.EQUAL_PRINCIPAL.value} if custom else card,
        principal_minor=amount_min_minor,
        currency=currency,
        instalments=max(terms_months),
        annual_rate=_SAMPLE_RATE if rate_annual is None else rate_annual,
        start_date=_SAMPLE_START,
    )
    if sample.floating and sample.floating.begins_at_index and rate_annual is not None:
        raise wire.bad("rate_annual", "must be left out: the first rate is read from the index")
    kept = {key: value for key, value in sample.to_dict().items() if key not in LOAN_KEYS}
    return {**kept, "method": card["method"]}
