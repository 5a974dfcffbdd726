"""Plan: the arithmetic of a schedule under way.

A plan holds the periods, what was drawn, the rates over time and one target per period (a level
total, or a part of principal). Running it gives lines; solving it sets the targets. A change of
the loan edits the plan and solves it again from the period it falls in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Final

from loanops.kernel.money import to_minor, to_multiple
from loanops.kernel.schedule.periods import Period, regular, year_part
from loanops.kernel.schedule.terms import InterestRounding, LevelBasis, Residue, Stub, Terms

_WORKING_DIGITS: Final = 70
_KEPT_DIGITS: Final = 45
"""An exact level keeps its exactness: the digits dropped carry only the noise of division."""


class Target(StrEnum):
    """What the target of a period says."""

    TOTAL = "total"
    PRINCIPAL = "principal"


@dataclass(frozen=True, slots=True)
class Draw:
    """Money that enters the interest-bearing balance on a day."""

    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Extra:
    """Balance that bears interest for a while beside the planned one (overdue principal)."""

    start: date
    end: date
    amount_minor: int


@dataclass(slots=True)
class Line:
    """A period with its amounts."""

    period: Period
    opening_minor: int
    principal_minor: int
    interest_minor: int

    @property
    def total_minor(self) -> int:
        """Principal and interest."""
        return self.principal_minor + self.interest_minor


@dataclass(slots=True)
class Plan:
    """Periods, money drawn, rates over time and targets."""

    terms: Terms
    periods: list[Period]
    draws: list[Draw]
    rates: list[tuple[date, Fraction]]
    target: Target = Target.TOTAL
    targets: list[int] = field(default_factory=list)
    fixed_interest: list[int] | None = None
    pauses: list[tuple[date, date]] = field(default_factory=list)
    early: list[Draw] = field(default_factory=list)
    """Principal paid inside a period: it lowers the balance from that day."""
    unpaid_until: dict[date, date] = field(default_factory=dict)
    """Due dates whose principal was not paid, and the day up to which it bears interest."""
    level_rate: Fraction | None = None
    """The period rate that a first-period level keeps for later solutions."""

    def run(self, targets: Sequence[int]) -> list[Line]:
        """The lines that come of these targets; the last line takes what is left."""
        lines: list[Line] = []
        extras: list[Extra] = []
        balance_minor = 0
        for place, period in enumerate(self.periods):
            opening_minor = balance_minor
            drawn_minor = self._drawn(period)
            interest_minor = self._interest(place, opening_minor, extras)
            available_minor = opening_minor + drawn_minor
            if place == len(self.periods) - 1:
                principal_minor = available_minor
            else:
                wanted_minor = self._wanted(place, targets[place], interest_minor)
                principal_minor = min(max(wanted_minor, 0), available_minor)
            lines.append(Line(period, opening_minor, principal_minor, interest_minor))
            balance_minor = available_minor - principal_minor
            until = self.unpaid_until.get(period.due)
            if until is not None:
                extras.append(Extra(period.due, until, principal_minor))
        return lines

    def solve(self, start: int = 0) -> None:
        """Set the targets from a period on, so that the loan ends with the last one."""
        kept = self.targets[:start]
        first = max(start, self.terms.principal_grace)
        resting = [0] * (first - start)
        count = len(self.periods) - first
        level_minor = self._level(kept + resting, first)
        self.targets = kept + resting + [level_minor] * count
        if self.terms.residue is Residue.REFIT_ONCE and self.target is Target.TOTAL:
            self._refit(first, level_minor)

    def factor(self, place: int) -> Fraction:
        """The interest of one unit of balance over a whole period."""
        period = self.periods[place]
        return sum((part for _, _, part in self._stretches(period, set())), Fraction(0))

    def _wanted(self, place: int, target_minor: int, interest_minor: int) -> int:
        resting = place < self.terms.principal_grace
        if self.target is Target.PRINCIPAL or resting:
            return 0 if resting else target_minor
        if self.terms.stub is Stub.ADDED and place == 0:
            return target_minor - self._regular_interest()
        return target_minor - interest_minor

    def _level(self, earlier: list[int], first: int) -> int:
        terms = self.terms
        rounding = terms.instalment_rounding or terms.rounding
        if terms.instalment_minor is not None:
            return terms.instalment_minor
        lines = self.run(earlier + [0] * (len(self.periods) - len(earlier)))
        line = lines[first]
        balance_minor = line.opening_minor + self._drawn(line.period)
        count = len(self.periods) - first
        if self.target is Target.PRINCIPAL:
            exact = Fraction(balance_minor, count)
            return to_multiple(exact, terms.instalment_multiple_minor, rounding)
        level = annuity(balance_minor, self._level_factors(first))
        return to_multiple(level, terms.instalment_multiple_minor, rounding)

    def _level_factors(self, first: int) -> list[Fraction]:
        count = len(self.periods) - first
        if self.terms.level_basis is LevelBasis.FIRST_PERIOD:
            if self.level_rate is None:
                self.level_rate = self.factor(0)
            return [self.level_rate] * count
        factors = [self.factor(place) for place in range(first, len(self.periods))]
        if first == 0 and self.terms.stub is not Stub.EXACT:
            factors[0] = self._regular_factor()
        return factors

    def _refit(self, first: int, level_minor: int) -> None:
        """Spread the residue over the instalments once, if that makes the last one come closer."""
        count = len(self.periods) - first
        residue_minor = self._residue(self.targets, level_minor)
        if count < 2 or abs(residue_minor) <= count // 2:
            return
        shift = Fraction(residue_minor, count)
        multiple_minor = self.terms.instalment_multiple_minor
        tried_minor = level_minor + to_multiple(shift, multiple_minor, self.terms.rounding)
        tried = self.targets[:first] + [tried_minor] * count
        if abs(self._residue(tried, tried_minor)) < abs(residue_minor):
            self.targets = tried

    def _residue(self, targets: Sequence[int], level_minor: int) -> int:
        return self.run(targets)[-1].total_minor - level_minor

    def _drawn(self, period: Period) -> int:
        """Drawn inside the period; money that comes on a due date belongs to the next one."""
        return sum(d.amount_minor for d in self.draws if period.start <= d.on < period.due)

    def _regular_factor(self) -> Fraction:
        terms = self.terms
        usual = regular(self.periods[0], terms.frequency, terms.month_end)
        rate = self.rates[0][1]
        return rate * year_part(terms.day_count, usual, usual.start, usual.due)

    def _regular_interest(self) -> int:
        drawn_minor = self._drawn(self.periods[0])
        return to_minor(drawn_minor * self._regular_factor(), self.terms.rounding)

    def _interest(self, place: int, opening_minor: int, extras: Sequence[Extra]) -> int:
        if self.fixed_interest is not None:
            return self.fixed_interest[place]
        period = self.periods[place]
        moves = self._moves(period, extras)
        exact = Fraction(0)
        rounded_minor = 0
        for start, _, part in self._stretches(period, {day for day, _ in moves}):
            balance_minor = opening_minor + sum(a for day, a in moves if day <= start)
            interest = balance_minor * part
            exact += interest
            rounded_minor += to_minor(interest, self.terms.rounding)
        if self.terms.interest_rounding is InterestRounding.PER_STRETCH:
            return rounded_minor
        return to_minor(exact, self.terms.rounding)

    def _moves(self, period: Period, extras: Sequence[Extra]) -> list[tuple[date, int]]:
        """The changes of the interest-bearing balance inside a period."""
        moves = [(d.on, d.amount_minor) for d in self.draws if period.start <= d.on < period.due]
        moves += [(d.on, -d.amount_minor) for d in self.early if period.start <= d.on < period.due]
        for extra in extras:
            if extra.start < period.due and extra.end > period.start:
                moves.append((max(extra.start, period.start), extra.amount_minor))
                moves.append((extra.end, -extra.amount_minor))
        return moves

    def _stretches(self, period: Period, days: set[date]) -> list[tuple[date, date, Fraction]]:
        """The period cut where balance, rate or pause changes, with the interest of one unit."""
        cuts = {day for day, _ in self.rates} | days
        for pause in self.pauses:
            cuts.update(pause)
        inside = sorted(day for day in cuts if period.start < day < period.due)
        edges = [period.start, *inside, period.due]
        return [(start, end, self._part(period, start, end)) for start, end in pairwise(edges)]

    def _part(self, period: Period, start: date, end: date) -> Fraction:
        if any(first <= start < last for first, last in self.pauses):
            return Fraction(0)
        rate = self.rates[0][1]
        for since, changed in self.rates:
            if since <= start:
                rate = changed
        return rate * year_part(self.terms.day_count, period, start, end)


def annuity(balance_minor: int, factors: Sequence[Fraction]) -> Decimal:
    """The level total that repays a balance over periods with these factors, unrounded.

    Balance times the product of (1 + f), over F, where F = 1 and then F = 1 + F (1 + f) for every
    later period: the annuity formula for periods of unequal length.
    """
    if not any(factors):
        with localcontext(prec=_WORKING_DIGITS):
            return Decimal(balance_minor) / len(factors)
    with localcontext(prec=_WORKING_DIGITS):
        growth = [1 + Decimal(f.numerator) / Decimal(f.denominator) for f in factors]
        product, annuities = growth[0], Decimal(1)
        for growth_of_period in growth[1:]:
            product *= growth_of_period
            annuities = 1 + annuities * growth_of_period
        exact = balance_minor * product / annuities
    with localcontext(prec=_KEPT_DIGITS):
        return +exact
