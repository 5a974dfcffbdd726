"""Many: the fold of many plain loans at once, equal to the single one.

A loan is plain when only money came to it after it was paid out, and its rules know one order for
all stages; most loans of a book are. Arrays are by instalment and loan, days are ordinals, money is
int64 minor units. Twin of :func:`loanops.kernel.account.state`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

import numpy as np

from loanops.kernel.account.replanning import penalty_start
from loanops.kernel.allocation import PLACES, Component, Order, Sweep
from loanops.kernel.money import Rounding
from loanops.kernel.portfolio import BEFORE_DIVISION, Ints, PortfolioTooLarge
from loanops.kernel.schedule import FeeTiming, Method, Penalty, PenaltyBase, Terms
from loanops.kernel.schedule.charges import STOP_DAYS_MAX

NEVER: Final = 0
"""The ordinal that stands for no day."""
_INT_MAX: Final = 2**62
_BLOCK: Final = 4096
"""Loans folded together: their arrays stay in cache."""
_PENALTY_RULES: Final = frozenset(
    [
        "multiplier",
        "annual_rate",
        "follows",
        "base",
        "grace_days",
        "runs_from",
        "days_in_year",
        "stop_days",
        "cap",
    ]
)
"""What of a rule of penalty is counted here; another that says something makes a loan not plain."""


def is_plain(terms: Terms) -> bool:
    """Whether a loan with these terms can be folded here while only money comes to it."""
    rule = terms.penalty
    counted = rule is None or all(
        getattr(rule, item.name) == item.default
        for item in fields(rule)
        if item.name not in _PENALTY_RULES
    )
    return (
        counted
        and terms.method is not Method.REVOLVING_DAILY
        and not terms.stage_orders
        and set(terms.allocation.in_advance) == set(Component)
        and all(fee.timing in {FeeTiming.UPFRONT, FeeTiming.PER_INSTALMENT} for fee in terms.fees)
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """What loans that are folded together have in common; ``rounding`` is that of penalty."""

    order: Order
    rounding: Rounding
    penalty: Penalty | None

    @classmethod
    def of(cls, terms: Terms) -> Kind:
        """The kind of a loan with plain terms."""
        rule = terms.penalty
        rounding = terms.rounding if rule is None else rule.rounding(terms.rounding)
        return cls(terms.allocation, rounding, rule)


def penalty_of(terms: Terms) -> tuple[int, int, int]:
    """What :class:`PlainLoans` says of the penalty of a loan: its ratio, and when it ends."""
    rule = terms.penalty
    if rule is None:
        return 0, 1, 0
    days = rule.days_to_end(terms.annual_rate)
    ratio = rule.daily(terms.annual_rate).as_integer_ratio()
    return *ratio, STOP_DAYS_MAX if days is None else days


@dataclass(frozen=True, slots=True)
class PlainLoans:
    """What many loans of a kind ask, and the money that came.

    ``due_on`` and the asked amounts are by instalment and loan, ``paid_on`` and ``paid_minor`` by
    payment and loan, each loan's in the order of their days; an amount of zero is no payment.
    ``penalty`` is by loan: the penalty of one minor unit for a day, as numerator and denominator,
    and how many days after its due date an instalment bears no more.
    """

    due_on: Ints
    principal_minor: Ints
    interest_minor: Ints
    fee_minor: Ints
    paid_on: Ints
    paid_minor: Ints
    penalty: tuple[Ints, Ints, Ints]

    def some(self, part: slice) -> PlainLoans:
        """Some of the loans."""
        numerator, denominator, ends = self.penalty
        return PlainLoans(
            due_on=self.due_on[:, part],
            principal_minor=self.principal_minor[:, part],
            interest_minor=self.interest_minor[:, part],
            fee_minor=self.fee_minor[:, part],
            paid_on=self.paid_on[:, part],
            paid_minor=self.paid_minor[:, part],
            penalty=(numerator[part], denominator[part], ends[part]),
        )


@dataclass(frozen=True, slots=True)
class Folded:
    """Where the loans stand, by instalment and loan; ``paid_minor`` by component before that.

    ``held_from`` and ``held_minor_days`` say since when the same amount bears penalty, as
    :class:`loanops.kernel.account.Instalment` does; ``credit_minor``, by loan, found no place.
    """

    paid_minor: Ints
    penalty_minor: Ints
    penal_minor_days: Ints
    held_from: Ints
    held_minor_days: Ints
    settled_on: Ints
    credit_minor: Ints


def fold_many(loans: PlainLoans, kind: Kind, on: date) -> Folded:
    """The loans at the end of a day.

    :raises PortfolioTooLarge: a product of an amount, days and rate would not fit 64 bits.
    """
    count = loans.due_on.shape[1]
    blocks = [
        _Block(loans.some(slice(start, start + _BLOCK)), kind).until(on)
        for start in range(0, max(count, 1), _BLOCK)
    ]
    return Folded(
        *(np.concatenate([getattr(b, item.name) for b in blocks], -1) for item in fields(Folded))
    )


class _Block:
    """Some loans while they are folded."""

    def __init__(self, loans: PlainLoans, kind: Kind) -> None:
        self.loans, self.kind = loans, kind
        shape = loans.due_on.shape
        self.left = np.zeros((len(PLACES), *shape), np.int64)
        self.left[PLACES[Component.PRINCIPAL]] = loans.principal_minor
        self.left[PLACES[Component.INTEREST]] = loans.interest_minor
        self.left[PLACES[Component.FEE]] = loans.fee_minor
        self.paid = np.zeros_like(self.left)
        self.penalty, self.minor_days, self.held_minor_days = np.zeros((3, *shape), np.int64)
        self.held_minor = np.full(shape, -1, np.int64)
        self.settled_on, self.held_from = np.zeros((2, *shape), np.int64)
        self.credit = np.zeros(shape[1], np.int64)
        rule = kind.penalty
        self.counted_to = _by_day(loans.due_on, lambda due: penalty_start(rule, due))

    def until(self, on: date) -> Folded:
        for day, amount_minor in zip(self.loans.paid_on, self.loans.paid_minor, strict=True):
            came = np.where(amount_minor > 0, day, NEVER)
            self._penalise(came)
            self._pay(came, amount_minor)
        self._penalise(np.full(self.loans.due_on.shape[1], on.toordinal(), np.int64))
        for place in range(len(self.loans.due_on)) if self.kind.penalty else ():
            self._hold(place, slice(None))
        return Folded(
            self.paid,
            self.penalty,
            self.minor_days,
            np.where(self.held_from > 0, self.held_from, self.counted_to),
            self.held_minor_days,
            self.settled_on,
            self.credit,
        )

    def _penalise(self, day: Ints) -> None:
        """Accrue penalty up to a day of each loan's own, once grace has passed."""
        rule = self.kind.penalty
        if rule is None:
            return
        due_on, numerator, denominator, ends = self.loans.due_on, *self.loans.penalty
        for place in range(len(due_on)):
            counted_to, until = self.counted_to[place], np.minimum(day, due_on[place] + ends)
            late = (due_on[place] < day - rule.grace_days) & (until > counted_to)
            late &= self.settled_on[place] == NEVER
            which = np.flatnonzero(late)
            if not len(which):
                continue
            self._hold(place, which)
            days = until[which] - counted_to[which]
            counted_to[which] = until[which]
            self.minor_days[place, which] += self.held_minor[place, which] * days
            accrued = _rounded(
                numerator[which],
                self.minor_days[place, which],
                denominator[which],
                self.kind.rounding,
            )
            grown = accrued - self.penalty[place, which]
            self.left[PLACES[Component.PENALTY], place, which] += grown
            self.penalty[place, which] = accrued

    def _hold(self, place: int, which: Ints | slice) -> None:
        """Note since when the amount that bears penalty is what it is."""
        rule = self.kind.penalty
        base = self.left[PLACES[Component.PRINCIPAL], place, which]
        if rule is not None and rule.base is PenaltyBase.PRINCIPAL_AND_INTEREST:
            base = base + self.left[PLACES[Component.INTEREST], place, which]
        differs = base != self.held_minor[place, which]
        for held, now in (
            (self.held_from, self.counted_to),
            (self.held_minor_days, self.minor_days),
        ):
            held[place, which] = np.where(differs, now[place, which], held[place, which])
        self.held_minor[place, which] = base

    def _pay(self, day: Ints, amount_minor: Ints) -> None:
        """Lay money of each loan's own day over what is due, and then ahead."""
        order, left_minor = self.kind.order, amount_minor.copy()
        touched = np.zeros(self.loans.due_on.shape, bool)
        for is_ahead, components in ((False, order.due), (True, order.in_advance)):
            for place, component in _queue(len(touched), components, order.sweep):
                if not left_minor.any():
                    break
                room = self.left[PLACES[component], place]
                reached = (self.loans.due_on[place] > day) == is_ahead
                taken = np.minimum(left_minor, np.where(reached, room, 0))
                room -= taken
                self.paid[PLACES[component], place] += taken
                left_minor -= taken
                touched[place] |= taken > 0
        self.credit += left_minor
        owes_nothing = ~self.left.any(0)
        self.settled_on = np.where(
            touched & owes_nothing & (self.settled_on == NEVER), day, self.settled_on
        )


def _queue(
    instalments: int, components: Sequence[Component], sweep: Sweep
) -> Iterator[tuple[int, Component]]:
    """The places and components in the order in which money fills them."""
    if sweep is Sweep.BY_INSTALMENT:
        return ((place, part) for place in range(instalments) for part in components)
    return ((place, part) for part in components for place in range(instalments))


def _by_day(days: Ints, rule: Callable[[date], date | None]) -> Ints:
    """What a rule says of each day; loans of a book share most of their days."""
    known, places = np.unique(days, return_inverse=True)
    said = [rule(date.fromordinal(int(day))) for day in known]
    table = np.array([NEVER if each is None else each.toordinal() for each in said], np.int64)
    return table[places].reshape(days.shape)


def _rounded(numerator: Ints, factor: Ints, denominator: Ints, rounding: Rounding) -> Ints:
    """The ratio of a product, none of it below zero, by the one way in which money is rounded.

    :raises PortfolioTooLarge:
    """
    largest = int(numerator.max()) * int(factor.max()) + int(denominator.max())
    if largest > _INT_MAX:
        raise PortfolioTooLarge
    shifted: Ints = numerator * factor + BEFORE_DIVISION[rounding](denominator)
    whole = shifted // denominator
    if rounding is Rounding.HALF_EVEN:
        # A tie leaves nothing after the shift by a half, which only an even denominator has.
        tie = (denominator % 2 == 0) & (whole * denominator == shifted)
        whole -= tie & (whole % 2 == 1)
    return whole
