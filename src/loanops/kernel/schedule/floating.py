"""Floating rates: an index with dated values, the points on top of it, and when a loan reads it.

The points of a loan stay; what the index says is read anew on the days of reset only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from loanops.kernel import wire
from loanops.kernel.calendar import add_months
from loanops.kernel.refusals import BadField

BASIS_POINT: Final = Decimal("0.0001")
POINTS_MAX: Final = 10_000


class Reset(StrEnum):
    """When a floating rate is read anew."""

    YEARLY = "yearly"
    """On one date of every year."""
    ANNIVERSARY = "anniversary"
    """On the day of the year on which the loan began."""
    EACH_CHANGE = "each_change"
    """On every day from which the index has another value."""


class FirstRate(StrEnum):
    """What the first rate of a loan is."""

    AGREED = "agreed"
    """What the product, the funder or the offer names."""
    OFFER = "offer"
    """The last figure of the index up to the day of the offer, and the points."""
    CONTRACT = "contract"
    """The same, and still so on the day on which the contract is drawn up."""


class IndexValue(NamedTuple):
    """What an index is from a day on, as a fraction a year."""

    effective_from: date
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRead:
    """A first rate that was read from an index: the figure, since when it holds, and the rate.

    ``index_rate`` and ``rate_annual``, which has the points on top and keeps the bounds, are
    fractions a year.
    """

    index: str
    index_rate: Decimal
    effective_from: date
    read_on: date
    spread_bp: Decimal
    rate_annual: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Floating:
    """A rate that follows an index: its value on the day of reset and the points on top.

    Without ``spread_bp`` (basis points, below zero too) the points are what the agreed rate was
    above the index on the day the loan began. ``month`` and ``day`` are the yearly date of reset.
    ``floor`` and ``cap`` bound the rate, as fractions a year. ``first_rate`` says whether the rate
    with which a loan begins is read from the index too.
    """

    index: str
    spread_bp: Decimal | None = None
    reset: Reset = Reset.YEARLY
    month: int = 1
    day: int = 1
    floor: Decimal | None = None
    cap: Decimal | None = None
    first_rate: FirstRate = FirstRate.AGREED

    def __post_init__(self) -> None:
        """Refuse a rule that names no index, no day of the year, or bounds that cross.

        :raises BadField:
        """
        wire.settle_words(self)
        wire.not_negative(floor=self.floor, cap=self.cap)
        if not self.index:
            raise BadField(field="index", problem="must be given")
        if not 1 <= self.month <= 12:
            raise BadField(field="month", problem="must be from 1 to 12")
        if not 1 <= self.day <= 31:
            raise BadField(field="day", problem="must be from 1 to 31")
        if self.spread_bp is not None and abs(self.spread_bp) > POINTS_MAX:
            raise BadField(field="spread_bp", problem="must be from -10000 to 10000")
        if None not in (self.floor, self.cap) and (self.floor or 0) > (self.cap or 0):
            raise BadField(field="cap", problem="must not be below floor")
        if self.begins_at_index and self.spread_bp is None:
            raise BadField(
                field="spread_bp", problem="must be given where the first rate is read too"
            )

    @property
    def begins_at_index(self) -> bool:
        """Whether a loan begins at the index and the points, and not at a rate of its own."""
        return self.first_rate is not FirstRate.AGREED

    def first_read(self, values: Sequence[IndexValue], on: date) -> FirstRead | None:
        """The rate with which a loan begins, read on a day; nothing without a figure up to it."""
        found = figure_on(values, on)
        if found is None or self.spread_bp is None:
            return None
        return FirstRead(
            index=self.index,
            index_rate=found.rate,
            effective_from=found.effective_from,
            read_on=on,
            spread_bp=self.spread_bp,
            rate_annual=self._bounded(found.rate + self.spread_bp * BASIS_POINT).normalize(),
        )

    def rate(
        self, values: Sequence[IndexValue], *, read_on: date, agreed: Decimal, on: date
    ) -> Decimal | None:
        """The rate that a reset on a day makes, as a fraction a year; nothing without a value.

        ``agreed`` is the rate that was agreed when the index was as on ``read_on``.
        """
        found = value_on(values, on)
        spread = self._spread(values, read_on, agreed)
        if found is None or spread is None:
            return None
        return self._bounded(found + spread)

    def _bounded(self, rate: Decimal) -> Decimal:
        above = max(rate, self.floor or Decimal(0))
        return above if self.cap is None else min(above, self.cap)

    def _spread(
        self, values: Sequence[IndexValue], read_on: date, agreed: Decimal
    ) -> Decimal | None:
        if self.spread_bp is not None:
            return self.spread_bp * BASIS_POINT
        began = value_on(values, read_on)
        return None if began is None else agreed - began

    def last_reset(self, *, start: date, until: date) -> date:
        """The last fixed day of reset up to a day, else the day on which the loan began."""
        if self.reset is Reset.EACH_CHANGE:
            return until
        last = start
        while (day := self.next_reset(start=start, after=last)) is not None and day <= until:
            last = day
        return last

    def next_reset(self, *, start: date, after: date) -> date | None:
        """The first fixed day of reset after a day; nothing where only the index says when."""
        if self.reset is Reset.EACH_CHANGE:
            return None
        since = max(start, after)
        month, day = self.month, self.day
        if self.reset is Reset.ANNIVERSARY:
            month, day = start.month, start.day
        this_year = add_months(date(since.year, month, 1), 0, day=day)
        if this_year > since:
            return this_year
        return add_months(date(since.year, month, 1), 12, day=day)


def value_on(values: Sequence[IndexValue], on: date) -> Decimal | None:
    """What an index is on a day: the value with the last day from which one holds, up to it."""
    found = figure_on(values, on)
    return None if found is None else found.rate


def figure_on(values: Sequence[IndexValue], on: date) -> IndexValue | None:
    """The value that an index has on a day, with the day from which it holds."""
    held = [value for value in values if value.effective_from <= on]
    return max(held, key=lambda value: value.effective_from) if held else None


def index_changes(values: Sequence[IndexValue], *, since: date, until: date) -> list[date]:
    """The days, of those between two days and of both, from which the index has another value."""
    days = sorted({v.effective_from for v in values if since <= v.effective_from <= until})
    return [day for day in days if value_on(values, day) != _before(values, day)]


def _before(values: Sequence[IndexValue], day: date) -> Decimal | None:
    return value_on([value for value in values if value.effective_from < day], day)
