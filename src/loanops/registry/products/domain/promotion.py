"""What a promotion takes off a loan: a share or an amount of fees, or points of its rate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from loanops.kernel.money import format_amount
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule import Fee, FeeTiming, Terms
from loanops.registry.products.domain.refusals import PromotionDoesNotFit

CHARGING: Final = ("platform", "guarantor", "insurer", "funder")
"""Whose fees a promotion may lower: every party that can charge one."""


class PromotionEffect(StrEnum):
    """What a promotion lowers."""

    FEE_SHARE = "fee_share"
    """Every fee of one charging party, by a share of it: 0.5 is half."""
    FEE_AMOUNT = "fee_amount"
    """Fees of one charging party that are fixed amounts, by so many minor units a charge."""
    RATE_POINTS = "rate_points"
    """The annual interest rate, by a fraction of a year: 0.02 is two points."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a promotion does and for which loans.

    ``value`` is a share, minor units or a fraction a year, as ``effect`` says. What is lowered is
    lost by who earns it, so a fee names its ``charging_party`` and a rate the ``funders`` that
    agreed. ``products`` and ``funders`` left empty mean all of them.
    """

    effect: PromotionEffect
    value: Decimal
    charging_party: str = ""
    products: tuple[str, ...] = ()
    funders: tuple[str, ...] = ()
    amount_min_minor: int = 0

    def __post_init__(self) -> None:
        """Hold that the promotion can be given; :raises BadField:."""
        if self.value <= 0:
            raise BadField(field="value", problem="must be above zero")
        if self.effect is not PromotionEffect.FEE_AMOUNT and self.value > 1:
            raise BadField(field="value", problem="must be a fraction up to 1 (0.5 is 50 %)")
        if (
            self.effect is PromotionEffect.FEE_AMOUNT
            and self.value != self.value.to_integral_value()
        ):
            raise BadField(field="value", problem="must be whole minor units")
        if self.amount_min_minor < 0:
            raise BadField(field="amount_min_minor", problem="must be zero or more")
        if self.effect is PromotionEffect.RATE_POINTS:
            if not self.funders:
                raise BadField(field="funders", problem="name the funders that give up the points")
            if self.charging_party:
                raise BadField(field="charging_party", problem="belongs to fees; leave it empty")
        elif self.charging_party not in CHARGING:
            raise BadField(
                field="charging_party", problem="must be one of {known}", known=", ".join(CHARGING)
            )


def lower(terms: Terms, rule: Rule) -> Terms:
    """The terms with the promotion taken off; a charge never falls below zero.

    :raises PromotionDoesNotFit: nothing of these terms is lowered.
    """
    if rule.effect is PromotionEffect.RATE_POINTS:
        rate = max(terms.annual_rate - rule.value, Decimal(0)).normalize()
        lowered = replace(terms, annual_rate=rate)
    else:
        lowered = replace(terms, fees=tuple(_lower_fee(fee, rule) for fee in terms.fees))
    if lowered == terms:
        raise PromotionDoesNotFit(problem="these terms charge nothing that it lowers")
    return lowered


def _lower_fee(fee: Fee, rule: Rule) -> Fee:
    if fee.charging_party != rule.charging_party or fee.timing is FeeTiming.OVERDUE:
        return fee
    if rule.effect is PromotionEffect.FEE_AMOUNT:
        if fee.amount_minor is None:
            return fee
        return replace(fee, amount_minor=max(fee.amount_minor - int(rule.value), 0))
    if fee.rate is not None:
        return replace(fee, rate=(fee.rate * (1 - rule.value)).normalize())
    # Whole units are charged: what does not come out even is the borrower's gain.
    return replace(fee, amount_minor=int((fee.amount_minor or 0) * (1 - rule.value)))


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The loan that a promotion is asked for, and the day."""

    product: str
    funder: str
    principal_minor: int
    currency: str
    on: date


def fit(
    rule: Rule,
    asked: Asked,
    *,
    begins: date,
    ends: date | None,
    uses_left: int | None,
    used_already: bool,
) -> None:
    """Hold that a loan may have the promotion on a day; ``ends`` is the day it is over.

    ``used_already`` says that this person holds a use of it.

    :raises PromotionDoesNotFit: says why it may not.
    """
    least = format_amount(rule.amount_min_minor, asked.currency)
    strange = PromotionDoesNotFit(problem="the funder of this offer does not take part")
    small = PromotionDoesNotFit(problem="it is for loans of {least} or more", least=least)
    for holds, refusal in (
        (
            asked.on >= begins,
            PromotionDoesNotFit(problem="it begins on {begins}", begins=begins),
        ),
        (
            ends is None or asked.on < ends,
            PromotionDoesNotFit(problem="it was over on {ends}", ends=ends),
        ),
        (
            not rule.products or asked.product in rule.products,
            PromotionDoesNotFit(problem="it is for other products"),
        ),
        (not rule.funders or asked.funder in rule.funders, strange),
        (asked.principal_minor >= rule.amount_min_minor, small),
        (not used_already, PromotionDoesNotFit(problem="this person has used it already")),
        (uses_left is None or uses_left > 0, PromotionDoesNotFit(problem="it is used up")),
    ):
        if not holds:
            raise refusal
