"""Plan: the arithmetic of a schedule under way.

A plan holds the periods, what was drawn, the rates over time and one target per period (a level
total, or a part of principal). Running it gives lines; solving it sets the targets. A change of
the loan edits the plan and solves it again from the period it falls in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple

from loanops.kernel.daycount import DayCount
from loanops.kernel.money import currency, round_ratio, to_minor, to_multiple
from loanops.kernel.schedule.level import annuity
from loanops.kernel.schedule.periods import Period, regular, year_part
from loanops.kernel.schedule.terms import InterestRounding, LevelBasis, Residue, Stub, Terms

_NOTHING: Final = Fraction(0)


class Target(StrEnum):
    """What the target of a period says."""

    TOTAL = "total"
    PRINCIPAL = "principal"


@dataclass(frozen=True, slots=True)
class Move:
    """An amount that enters (or, below zero, leaves) the interest-bearing balance on a day."""

    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Extra:
    """Balance that bears interest for a while beside the planned one; below zero, relieves it."""

    start: date
    end: date
    amount_minor: int


@dataclass(slots=True)
class Line:
    """A period with its amounts; ``surplus_minor`` is principal beyond what was planned."""

    period: Period
    opening_minor: int
    principal_minor: int
    interest_minor: int
    surplus_minor: int = 0

    @property
    def total_minor(self) -> int:
        """Principal and interest."""
        return self.principal_minor + self.interest_minor


class Interest(NamedTuple):
    """The interest of a period: what is due with it, and what of it is due with the next one.

    ``relieved`` is the interest of one unit after an early payment of the instalment: its
    principal no longer bears it.
    """

    due_minor: int
    later: Fraction = _NOTHING
    relieved: Fraction = _NOTHING


@dataclass(slots=True)
class Plan:
    """Periods, money drawn, rates over time and targets.

    ``resting`` are places without principal. ``early`` is principal paid inside a period: it
    lowers the balance from that day and counts towards the period's principal. ``on_due`` is
    money paid on a due date beyond the instalment. ``ahead`` maps the due date of an instalment
    paid early to the day it was paid. ``unpaid`` maps the due date of an instalment not paid to
    the day up to which its principal (or the part given) bears interest. ``relief`` is principal
    repaid before it was due without a change of the plan. ``absorb`` takes surplus principal off
    the next periods. ``given_minor`` replaces the solved level; ``level_rate`` is
    the period rate that a first-period level keeps for later solutions. ``shifted`` is the place
    of the last due date that was moved, and the day it was moved to: later ones count from it.
    """

    terms: Terms
    periods: list[Period]
    draws: list[Move]
    rates: list[tuple[date, Fraction]]
    target: Target = Target.TOTAL
    targets: list[int] = field(default_factory=list)
    resting: set[int] = field(default_factory=set)
    down: list[Move] = field(default_factory=list)
    fixed_interest: list[int] | None = None
    pauses: list[tuple[date, date]] = field(default_factory=list)
    early: list[Move] = field(default_factory=list)
    on_due: dict[date, int] = field(default_factory=dict)
    ahead: dict[date, date] = field(default_factory=dict)
    unpaid: dict[date, tuple[date, int | None]] = field(default_factory=dict)
    relief: list[Extra] = field(default_factory=list)
    absorb: bool = False
    given_minor: int | None = None
    level_rate: Fraction | None = None
    shifted: tuple[int, date] | None = None
    _usual: dict[int, list[tuple[date, date, Fraction]]] = field(default_factory=dict)
    _month: tuple[Fraction, Fraction] | None = None

    def run(self, targets: Sequence[int]) -> list[Line]:
        """The lines that come of these targets; the last line takes what is left."""
        lines: list[Line] = []
        extras = [*self.relief, *self._paid_before_their_period(targets)]
        balance_minor = surplus_minor = 0
        carried = _NOTHING
        last = len(self.periods) - 1
        for place, period in enumerate(self.periods):
            opening_minor = balance_minor
            interest = self._interest(place, opening_minor, extras, carried)
            available_minor = opening_minor + self._drawn(period)
            wanted_minor = available_minor
            if place != last:
                wanted_minor = max(self._wanted(place, targets[place], interest.due_minor), 0)
                if self.absorb:
                    absorbed_minor = min(wanted_minor, surplus_minor)
                    wanted_minor -= absorbed_minor
                    surplus_minor -= absorbed_minor
            paid_minor = max(wanted_minor, self._paid_principal(period, interest.due_minor))
            principal_minor = min(paid_minor, available_minor)
            line = Line(period, opening_minor, principal_minor, interest.due_minor)
            line.surplus_minor = max(principal_minor - wanted_minor, 0)
            surplus_minor += line.surplus_minor
            lines.append(line)
            balance_minor = available_minor - principal_minor
            carried = interest.later
            if interest.relieved is not _NOTHING:
                carried -= principal_minor * interest.relieved
            if period.due in self.unpaid:
                until, part_minor = self.unpaid[period.due]
                owed_minor = principal_minor if part_minor is None else part_minor
                extras.append(Extra(period.due, until, owed_minor))
        return lines

    def solve(self, start: int = 0) -> None:
        """Set the targets from a place on, so that the loan ends with the last period."""
        count = len(self.periods)
        paying = [place for place in range(start, count) if place not in self.resting]
        level_minor = self._level(start, paying)
        self.targets = self.targets[:start] + [0] * (count - start)
        for place in paying:
            self.targets[place] = level_minor
        if self.terms.residue is Residue.REFIT_ONCE and self.target is Target.TOTAL:
            self._refit(paying, level_minor)

    def factor(self, place: int) -> Fraction:
        """The interest of one unit of balance over a whole period."""
        stretches = self.usual(place)
        if len(stretches) == 1:
            return stretches[0][2]
        return sum((part for _, _, part in stretches), Fraction(0))

    def usual(self, place: int) -> list[tuple[date, date, Fraction]]:
        """The stretches of a period whose balance does not change inside it."""
        if place not in self._usual:
            self._usual[place] = self.stretches(self.periods[place], set())
        return self._usual[place]

    def touch(self) -> None:
        """Forget what was measured: periods, rates or pauses have changed."""
        self._usual = {}
        self._month = None

    def place_of(self, day: date) -> int:
        """The period that holds the day; a due date belongs to the next one.

        The last period holds every later day, the first every earlier one.
        """
        for place, period in enumerate(self.periods):
            if day < period.due:
                return place
        return len(self.periods) - 1

    def place_due(self, due: date) -> int | None:
        """The period that falls due on the day."""
        return next((p for p, period in enumerate(self.periods) if period.due == due), None)

    def stretches(self, period: Period, days: set[date]) -> list[tuple[date, date, Fraction]]:
        """The period cut where balance, rate or pause changes, with the interest of one unit."""
        if not days and not self.pauses and len(self.rates) == 1:
            return [(period.start, period.due, self._whole_part(period))]
        cuts = {day for day, _ in self.rates[1:]} | days
        for pause in self.pauses:
            cuts.update(pause)
        inside = sorted(day for day in cuts if period.start < day < period.due)
        edges = [period.start, *inside, period.due]
        return [(start, end, self._part(period, start, end)) for start, end in pairwise(edges)]

    def _part(self, period: Period, start: date, end: date) -> Fraction:
        if any(first <= start < last for first, last in self.pauses):
            return Fraction(0)
        rate = self.rates[0][1]
        for since, changed in self.rates[1:]:
            if since <= start:
                rate = changed
        return rate * year_part(self.terms.day_count, period, start, end)

    def _whole_part(self, period: Period) -> Fraction:
        """The interest of one unit over a period without cuts; equal months are measured once."""
        months = period.months
        by_months = self.terms.day_count is DayCount.MONTHS_30_360 and months is not None
        if by_months and self._month is not None and self._month[0] is months:
            return self._month[1]
        part = self._part(period, period.start, period.due)
        if by_months and months is not None:
            self._month = (months, part)
        return part

    def _wanted(self, place: int, target_minor: int, interest_minor: int) -> int:
        if place in self.resting:
            return 0
        if self.target is Target.PRINCIPAL:
            return target_minor
        if self.terms.stub is Stub.ADDED and place == 0:
            return target_minor - self._regular_interest()
        return target_minor - interest_minor

    def _level(self, start: int, paying: Sequence[int]) -> int:
        terms = self.terms
        rounding = terms.instalment_rounding or terms.rounding
        if self.given_minor is not None:
            return self.given_minor
        balance_minor = self._balance_at(start, paying[0])
        count = len(paying)
        if self.target is Target.PRINCIPAL:
            exact = Fraction(balance_minor, count)
            return to_multiple(exact, terms.instalment_multiple_minor, rounding)
        level = annuity(balance_minor, self._level_factors(paying))
        return to_multiple(level, terms.instalment_multiple_minor, rounding)

    def _balance_at(self, start: int, first: int) -> int:
        """The balance that a level must repay: money drawn inside its first period counts."""
        period = self.periods[first]
        if start == 0:
            return sum(draw.amount_minor for draw in self.draws if draw.on < period.due)
        tried = self.targets[:start] + [0] * (len(self.periods) - start)
        return self.run(tried)[first].opening_minor + self._drawn(period)

    def _level_factors(self, paying: Sequence[int]) -> list[Fraction]:
        if self.terms.level_basis is LevelBasis.FIRST_PERIOD:
            if self.level_rate is None:
                self.level_rate = self.factor(0)
            return [self.level_rate] * len(paying)
        factors = [self.factor(place) for place in paying]
        if paying[0] == 0 and self.terms.stub is not Stub.EXACT:
            factors[0] = self._regular_factor()
        return factors

    def _refit(self, paying: Sequence[int], level_minor: int) -> None:
        """Spread the residue over the instalments once, if that brings the last one closer.

        It is left alone while a hundred times it, in whole units of the currency, is at most half
        the number of instalments: in a currency without decimals one unit is already too much.
        """
        count = len(paying)
        residue_minor = self.run(self.targets)[-1].total_minor - level_minor
        unit_minor = currency(self.terms.currency).minor_per_major
        if count < 2 or 100 * abs(residue_minor) <= count // 2 * unit_minor:
            return
        multiple_minor = self.terms.instalment_multiple_minor
        shift_minor = to_minor(Fraction(residue_minor, count), self.terms.rounding)
        shifted_minor = level_minor + shift_minor
        rounding = self.terms.instalment_rounding or self.terms.rounding
        tried_minor = to_multiple(shifted_minor, multiple_minor, rounding)
        tried = list(self.targets)
        for place in paying:
            tried[place] = tried_minor
        if abs(self.run(tried)[-1].total_minor - tried_minor) < abs(residue_minor):
            self.targets = tried

    def _drawn(self, period: Period) -> int:
        """Drawn inside the period; money that comes on a due date belongs to the next one."""
        drawn = [d.amount_minor for d in self.draws if period.start <= d.on < period.due]
        return sum(drawn)

    def _paid_principal(self, period: Period, interest_minor: int) -> int:
        if not self.early and not self.on_due:
            return 0
        early_minor = sum(d.amount_minor for d in self.early if period.start <= d.on < period.due)
        return max(early_minor, self.on_due.get(period.due, 0) - interest_minor)

    def _regular_factor(self) -> Fraction:
        terms = self.terms
        usual = regular(self.periods[0], terms.frequency, terms.month_end)
        rate = self.rates[0][1]
        return rate * year_part(terms.day_count, usual, usual.start, usual.due)

    def _regular_interest(self) -> int:
        drawn_minor = self._drawn(self.periods[0])
        return to_minor(drawn_minor * self._regular_factor(), self.terms.rounding)

    def _interest(
        self, place: int, opening_minor: int, extras: Sequence[Extra], carried: Fraction
    ) -> Interest:
        """The interest of a period, with what was carried over from the one before."""
        if self.fixed_interest is not None:
            return Interest(self.fixed_interest[place])
        period, rounding = self.periods[place], self.terms.rounding
        moves = self._moves(period, extras)
        usual = self.usual(place)
        paid_on = self.ahead.get(period.due)
        cuts = {move.on for move in moves if move.on > period.start} if moves else set()
        if paid_on is not None:
            cuts.add(paid_on)
        if not cuts and carried is _NOTHING and paid_on is None and len(usual) == 1:
            numerator, denominator = usual[0][2].as_integer_ratio()
            moved_minor = sum(move.amount_minor for move in moves) if moves else 0
            exact_minor = max(opening_minor + moved_minor, 0) * numerator
            return Interest(round_ratio(exact_minor, denominator, rounding))
        due, later, relieved = carried, _NOTHING, _NOTHING
        rounded_minor = to_minor(carried, rounding)
        for start, _, part in self.stretches(period, cuts) if cuts else usual:
            moved_minor = sum(move.amount_minor for move in moves if move.on <= start)
            balance_minor = max(opening_minor + moved_minor, 0)
            if paid_on is not None and paid_on <= start:
                later += balance_minor * part
                relieved += part if paid_on > period.start else 0
            else:
                due += balance_minor * part
                rounded_minor += to_minor(balance_minor * part, rounding)
        by_stretch = self.terms.interest_rounding is InterestRounding.PER_STRETCH
        return Interest(rounded_minor if by_stretch else to_minor(due, rounding), later, relieved)

    def _moves(self, period: Period, extras: Sequence[Extra]) -> list[Move]:
        """The changes of the interest-bearing balance inside a period."""
        moves = [d for d in self.draws if period.start <= d.on < period.due]
        for down in self.early:
            if period.start <= down.on < period.due:
                moves.append(Move(down.on, -down.amount_minor))
        for extra in extras:
            if extra.start < period.due and extra.end > period.start:
                moves.append(Move(max(extra.start, period.start), extra.amount_minor))
                moves.append(Move(extra.end, -extra.amount_minor))
        return moves

    def _paid_before_their_period(self, targets: Sequence[int]) -> list[Extra]:
        """Instalments paid before their period began: all of it is principal from that day."""
        paid = ((self.place_due(due), day) for due, day in self.ahead.items())
        return [
            Extra(day, self.periods[place].due, -targets[place])
            for place, day in paid
            if place is not None and day <= self.periods[place].start
        ]
