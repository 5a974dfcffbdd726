"""Classing: the five-tier class (五级分类) of a loan, and what is provided for it.

Days past due say the best class a loan may have, by the floors of the rule pack. A person's
judgement may only lower it. While ageing is paused, days past due go on and stay true, but the
class does not worsen with them. While a restructured loan is observed, its class does not better
beyond the one it is held at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

from loanops.kernel.aging import Tier, TierFloor, five_tier
from loanops.kernel.money import Rounding, to_minor
from loanops.loanbook.servicing.domain.observing import ObservationRules

ORDER: Final = tuple(Tier)
"""The tiers, best first; the database keeps a tier as its place in this order."""
NORMAL: Final = 0
NON_PERFORMING: Final = tuple(place for place, tier in enumerate(ORDER) if tier.is_non_performing)


class Cause(StrEnum):
    """Why the class of a loan changed."""

    DAYS = "days"
    """It is longer past due."""
    PAID = "paid"
    """It is less long past due, or nothing is owed any more."""
    JUDGED = "judged"
    OBSERVED = "observed"
    """It was restructured, and is held in its class for a while."""
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    """A judgement, a pause or an observation ended."""
    RESUMED = "resumed"
    ENDED = "ended"
    """The loan is settled, or stands in no book any more."""


class OrderKind(StrEnum):
    """What a person may order about a loan's class."""

    JUDGEMENT = "judgement"
    PAUSE = "pause"
    OBSERVATION = "observed"
    """Not ordered by itself: what a restructuring brings along."""


@dataclass(frozen=True)
class ClassRules:
    """The floors by days past due and the rates of provision in force for a book on a day.

    A restructured loan is observed as ``observation`` says, not at all without one, and is in
    ``restructured_tier`` at best meanwhile.
    """

    floors: tuple[TierFloor, ...]
    rates: Mapping[Tier, Decimal]
    observation: ObservationRules | None = None
    restructured_tier: int = NORMAL

    def by_days(self, days_past_due: int, on: date) -> int:
        """The tier that days past due alone mean."""
        return ORDER.index(five_tier(days_past_due, self.floors, on))

    def latest_dues(self, on: date) -> list[tuple[int, date]]:
        """Each tier with the latest oldest unpaid due date that means it, the worst first."""
        dues = [
            (ORDER.index(floor.tier), on - timedelta(days=floor.dpd_above + 1))
            for floor in self.floors
        ]
        return sorted(dues, reverse=True)

    def provision_minor(self, tier: int, outstanding_minor: int) -> int:
        """What is to be provided for principal of a tier; nothing where the pack has no rate."""
        rate = self.rates.get(ORDER[tier], Decimal(0))
        return to_minor(Fraction(rate) * outstanding_minor, Rounding.HALF_UP)


class Classed(NamedTuple):
    """Where a loan's class stands: by days, by judgement, whether ageing is paused, and at which
    class it is held while it is observed.

    Ends are exclusive; none means until somebody ends it. An observation the close ends by itself.
    """

    by_days: int = NORMAL
    judged: int | None = None
    judged_until: date | None = None
    paused: bool = False
    paused_until: date | None = None
    observed: int | None = None
    observed_until: date | None = None

    @property
    def tier(self) -> int:
        """The class in force: the worst of days, judgement and observation."""
        return max(self.by_days, self.judged or NORMAL, self.observed or NORMAL)

    def lapsed(self, on: date) -> Classed:
        """Without a judgement or a pause whose last day is over."""
        left = self
        if self.judged_until is not None and self.judged_until <= on:
            left = left._replace(judged=None, judged_until=None)
        if self.paused_until is not None and self.paused_until <= on:
            left = left._replace(paused=False, paused_until=None)
        return left

    def aged(self, by_days: int) -> Classed:
        """With the tier that days past due mean now; a pause keeps it from getting worse."""
        held = min(by_days, self.by_days) if self.paused else by_days
        return self._replace(by_days=held)


class Move(NamedTuple):
    """A change of class with its cause."""

    cause: Cause
    from_tier: int
    to_tier: int


def pass_day(was: Classed, by_days: int | None, on: date) -> tuple[Classed, Move | None]:
    """What the close makes of a loan's class: judgements and pauses lapse, days count.

    ``by_days`` is none for a loan that has ended: whatever was ordered about it ends too.
    """
    if by_days is None:
        return Classed(), Move(Cause.ENDED, was.tier, NORMAL) if was.tier else None
    left = was.lapsed(on)
    now = left.aged(by_days)
    if now.tier == was.tier:
        return now, None
    if left.tier != was.tier or (was.paused and not left.paused):
        return now, Move(Cause.LAPSED, was.tier, now.tier)
    cause = Cause.DAYS if now.tier > was.tier else Cause.PAID
    return now, Move(cause, was.tier, now.tier)


def provisions(
    rules: ClassRules, total_minor: int, classed: Mapping[int, int]
) -> Iterator[tuple[int, int, int]]:
    """Tier, outstanding and provision of a pool: what is not classed lower is normal.

    The normal tier comes always, the others where something is outstanding in them.
    """
    normal_minor = total_minor - sum(classed.values())
    for tier in range(len(ORDER)):
        outstanding_minor = normal_minor if tier == NORMAL else classed.get(tier, 0)
        if tier == NORMAL or outstanding_minor:
            yield tier, outstanding_minor, rules.provision_minor(tier, outstanding_minor)
