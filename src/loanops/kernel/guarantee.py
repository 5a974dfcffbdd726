"""Guarantee: for what, and up to how much, a guarantor pays for loans (代偿) of an agreement."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from loanops.kernel import wire
from loanops.kernel.allocation import Component


class GuaranteeScope(StrEnum):
    """What the guarantor pays for, once the days past due are reached."""

    INSTALMENT = "instalment"
    """One overdue instalment at a time; those that are not late stay with the lender."""
    LOAN = "loan"
    """Everything that is left of the loan at once."""


class GuaranteeBase(StrEnum):
    """Which parts of what is owed the guarantor pays; each holds the one before it."""

    PRINCIPAL = "principal"
    PRINCIPAL_AND_INTEREST = "principal_and_interest"
    WITH_PENALTY = "with_penalty"
    WITH_FEES = "with_fees"
    """Fees are those that the lenders charge; of others the guarantor owes nobody anything."""

    @property
    def components(self) -> tuple[Component, ...]:
        """The components that are paid for."""
        return _ORDER[: list(GuaranteeBase).index(self) + 1]


_ORDER: Final = (Component.PRINCIPAL, Component.INTEREST, Component.PENALTY, Component.FEE)


class CapPeriod(StrEnum):
    """Which loans of an agreement share one ceiling."""

    LIFE = "life"
    """All of them."""
    YEAR = "year"
    """Those paid out in one calendar year, whenever they fail."""


CEILING: Final = "compensation"
"""The kind of the ceilings, and of what is held under them, of what guarantors pay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantee:
    """What a guarantor pays for, beside the days past due from which it does.

    The ceiling is ``cap_rate``, a fraction of the principal paid out (0.05 is 5 %), or
    ``cap_minor``, an amount in minor units; with neither there is none. ``cap_per`` says of which
    loans together.
    """

    scope: GuaranteeScope = GuaranteeScope.LOAN
    base: GuaranteeBase = GuaranteeBase.PRINCIPAL_AND_INTEREST
    cap_rate: Decimal | None = None
    cap_minor: int | None = None
    cap_per: CapPeriod = CapPeriod.LIFE

    def __post_init__(self) -> None:
        """Hold that the ceiling is one, and can be; :raises BadField:."""
        wire.settle_words(self)
        if self.cap_rate is not None and not 0 < self.cap_rate <= 1:
            raise wire.bad("cap_rate", "must be a fraction above 0, at most 1 (0.05 is 5 %)")
        if self.cap_minor is not None and self.cap_minor <= 0:
            raise wire.bad("cap_minor", "must be above zero; leave it out where nothing limits")
        if self.cap_rate is not None and self.cap_minor is not None:
            raise wire.bad("cap_minor", "cannot stand beside cap_rate; give one of them")

    def cap_of(self, disbursed_minor: int) -> int | None:
        """The ceiling for so much principal paid out, whole minor units; none where none is."""
        if self.cap_rate is not None:
            return int(self.cap_rate * disbursed_minor)
        return self.cap_minor
