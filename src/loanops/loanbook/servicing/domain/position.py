"""Position: what a loan's instalments owe, moved on by time and payments.

The position is the projection of ``kernel.account.state`` kept so that a payment costs the open
instalments, not the history. Both ways lead to the same figures, which a property test holds.
Penalty is kept as minor units times days (``minor_days``), which is exact; it is rounded only
when it is shown or paid.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from loanops.kernel.aging import Pause, bucket, counted_dpd, counted_from, dpd
from loanops.kernel.allocation import Component, OpenPart, Order, Parts, Slice, Sweep, allocate
from loanops.loanbook.servicing.domain.rules import Rules

_FIRST_DAY = date(2000, 1, 1).toordinal()


class Item(NamedTuple):
    """One instalment: what is due, what is paid, and the penalty counted up to ``penal_to``.

    ``penal_to`` is empty until the grace of the instalment has passed unpaid; none is counted
    after ``penal_end``. ``penalty_adjust_minor`` was charged beside it, or below zero waived of it.
    ``late_fee_minor`` of the fees was charged for being late, by the first ``late_fee_count`` of
    the rules. ``penal_rate`` is the rate of the loan that penalty follows, empty for the agreed
    one; what ran at an earlier one is among ``penalty_adjust_minor``. From ``capped_on`` its cap
    leaves no more, where that rate changed. ``compounded_minor`` is what of its unpaid penalty
    bears penalty itself.
    """

    number: int
    due_on: date
    principal_minor: int
    interest_minor: int
    fee_minor: int
    paid_principal_minor: int = 0
    paid_interest_minor: int = 0
    paid_fee_minor: int = 0
    paid_penalty_minor: int = 0
    penal_to: date | None = None
    penal_minor_days: int = 0
    settled_on: date | None = None
    starts_on: date | None = None
    penalty_adjust_minor: int = 0
    penal_end: date | None = None
    owner: str = ""
    late_fee_minor: int = 0
    late_fee_count: int = 0
    penal_rate: str = ""
    compounded_minor: int = 0
    capped_on: date | None = None

    @property
    def open_minor(self) -> int:
        """Principal, interest and fees unpaid; penalty does not keep an instalment open."""
        return (
            self.principal_minor
            + self.interest_minor
            + self.fee_minor
            - self.paid_principal_minor
            - self.paid_interest_minor
            - self.paid_fee_minor
        )

    def base_minor(self, rules: Rules) -> int:
        """What bears penalty while the instalment is overdue."""
        base_minor = self.principal_minor - self.paid_principal_minor
        if rules.penalty_on_interest:
            base_minor += self.interest_minor - self.paid_interest_minor
        return base_minor + self.compounded_minor if base_minor else 0

    def rule_end(self, rules: Rules) -> date | None:
        """The day from which it bears no more penalty by the rule."""
        return self.capped_on or rules.penalty_end(self.due_on)

    def end_on(self, rules: Rules) -> date | None:
        """The day from which it bears no more penalty: by the rule, or with the loan's end."""
        by_rule = self.rule_end(rules)
        if by_rule is None or self.penal_end is None:
            return by_rule or self.penal_end
        return min(by_rule, self.penal_end)

    def minor_days(self, rules: Rules, on: date) -> int:
        """Minor units times days of penalty up to a day."""
        reached = reach(self, rules, on)
        return reached.penal_minor_days

    def penalty_minor(self, rules: Rules, on: date) -> int:
        """Penalty accrued up to a day, rounded, paid or not."""
        counted_minor = rules.penalty_minor(self.minor_days(rules, on), self.penal_rate)
        return counted_minor + self.penalty_adjust_minor

    def penalty_open_minor(self, rules: Rules, on: date) -> int:
        """Penalty accrued up to a day and not paid."""
        return self.penalty_minor(rules, on) - self.paid_penalty_minor

    @property
    def paid(self) -> Parts:
        """What is paid, by component."""
        return Parts(
            self.paid_principal_minor,
            self.paid_interest_minor,
            self.paid_fee_minor,
            self.paid_penalty_minor,
        )


def day_number(day: date) -> int:
    """A day as a number to count with; small, so that sums of amounts times days fit a column."""
    return day.toordinal() - _FIRST_DAY


class Penal(NamedTuple):
    """What overdue instalments at one rate add to the penalty of their pool, on a later day ``d``:

    ``daily × (base × d − base_days + frozen) + settled``, with ``d`` as :func:`day_number`. The
    first three are of instalments still running, the last is the rounded penalty of ended ones.
    """

    base_minor: int = 0
    base_days: int = 0
    frozen_minor_days: int = 0
    settled_minor: int = 0

    def plus(self, other: Penal) -> Penal:
        """The sum."""
        return Penal(*(mine + its for mine, its in zip(self, other, strict=True)))

    def minus(self, other: Penal) -> Penal:
        """The difference."""
        return Penal(*(mine - its for mine, its in zip(self, other, strict=True)))

    def minor_days(self, on: date) -> int:
        """Minor units times days of the running instalments up to a day."""
        return self.base_minor * day_number(on) - self.base_days + self.frozen_minor_days


NO_PENAL = Penal()


def bear(penals: dict[str, Penal], item: Item, rules: Rules, sign: int = 1) -> None:
    """Add what one instalment adds to the penalty of its pool, by rate; with -1 take it off."""
    mine, was = penal_of(item, rules), penals.get(item.penal_rate, NO_PENAL)
    penals[item.penal_rate] = was.plus(mine) if sign > 0 else was.minus(mine)


def penal_of(item: Item, rules: Rules) -> Penal:
    """What one instalment adds to the penalty of its pool."""
    if item.penal_to is None or rules.penalty is None:
        return Penal(settled_minor=item.penalty_adjust_minor)
    base_minor = item.base_minor(rules)
    adjust_minor = item.penalty_adjust_minor
    end = item.end_on(rules)
    if base_minor == 0 or (end is not None and item.penal_to >= end):
        settled_minor = rules.penalty_minor(item.penal_minor_days, item.penal_rate) + adjust_minor
        return Penal(settled_minor=settled_minor)
    base_days = base_minor * day_number(item.penal_to)
    return Penal(base_minor, base_days, item.penal_minor_days, adjust_minor)


def reach(item: Item, rules: Rules, day: date) -> Item:
    """The instalment after time has passed up to a day: penalty accrues once grace is over.

    Where nothing bears any, it stays where it was counted last, as a replay of its events has it.
    """
    since, rule_end = item.penal_to, item.rule_end(rules)
    if item.penal_end is not None:
        day = min(day, item.penal_end)
    if since is None:
        if day <= item.due_on + timedelta(days=rules.grace_days) or item.open_minor == 0:
            return item
        since = rules.penalty_from(item.due_on)
        item = item._replace(penal_to=since)
    if rule_end is not None:
        # A cap at a higher rate may be spent on the days of the grace alone.
        day = min(day, rule_end)
    if rules.compounds_days is not None:
        item = compounded(item, rules, day)
        since = item.penal_to or since
    if day <= since or rules.penalty is None or item.base_minor(rules) == 0:
        return item
    minor_days = item.penal_minor_days + item.base_minor(rules) * (day - since).days
    return item._replace(penal_to=day, penal_minor_days=minor_days)


def compounded(item: Item, rules: Rules, day: date) -> Item:
    """The instalment counted up to the last day, by a day, on which its penalty is taken in."""
    end = item.end_on(rules)
    if item.penal_to is None or item.base_minor(rules) == 0:
        return item
    until = day if end is None else min(day, end)
    for each in rules.compounding_days(item.due_on, item.penal_to, until):
        more = item.base_minor(rules) * (each - (item.penal_to or each)).days
        item = item._replace(penal_to=each, penal_minor_days=item.penal_minor_days + more)
        item = item._replace(compounded_minor=max(_penalty_open_minor(item, rules), 0))
    return item


def late(item: Item, rules: Rules, day: date) -> Item:
    """The instalment with every fee for being late that it has come to bear by a day."""
    if item.penal_end is not None:
        day = min(day, item.penal_end)
    unpaid_minor = item.principal_minor + item.interest_minor
    unpaid_minor -= item.paid_principal_minor + item.paid_interest_minor
    for fee in rules.late_fees[item.late_fee_count :]:
        if (day - item.due_on).days <= fee.overdue_days or not unpaid_minor:
            break
        charged_minor = fee.late_minor(unpaid_minor, rules.rounding)
        item = item._replace(
            fee_minor=item.fee_minor + charged_minor,
            late_fee_minor=item.late_fee_minor + charged_minor,
            late_fee_count=item.late_fee_count + 1,
        )
    return item


def stands_on(item: Item, rules: Rules, day: date) -> bool:
    """Whether an instalment as it is kept is what it was on a day, but for money of that day.

    It is not where grace, an end of penalty or a fee for being late has come since, or is missing;
    and where penalty bears penalty, only the history knows what of it was paid when.
    """
    if rules.compounds_days is not None and item.due_on < day:
        return False
    if item.late_fee_count:
        last = rules.late_fees[item.late_fee_count - 1]
        if (day - item.due_on).days <= last.overdue_days:
            return False
    if rules.late_fees and late(item, rules, day) != item:
        return False
    if item.penal_to is None:
        return True
    is_past_grace = not rules.grace_days or (day - item.due_on).days > rules.grace_days
    return is_past_grace and not is_past_end(item, rules, day)


def is_past_end(item: Item, rules: Rules, on: date) -> bool:
    """Whether penalty is counted to an end by the rule that lies after a day."""
    end = item.rule_end(rules)
    return end is not None and on < end and item.penal_to is not None and item.penal_to >= end


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment laid over a position: the instalments it changed, by component, and the rest."""

    items: dict[int, Item]
    parts: Parts
    unapplied_minor: int


def pay(items: Sequence[Item], rules: Rules, amount_minor: int, on: date) -> Paid:
    """Lay a payment of the day ``on`` over the open instalments, in the order of the rules."""
    reached = [reach(item, rules, on) for item in items]
    order = _order(reached, rules, on)
    wanted = _enough(reached, order, amount_minor, on)
    laid = allocate(amount_minor, _open_parts(wanted, rules), order, on)
    by_number = {item.number: item for item in reached}
    changed: dict[int, Item] = {}
    for piece in laid.slices:
        item = changed.get(piece.number, by_number[piece.number])
        changed[piece.number] = _paid(item, piece)
    before = {item.number: item for item in items}
    for number, item in changed.items():
        if item.open_minor == 0 and _penalty_open_minor(item, rules) == 0:
            changed[number] = item._replace(settled_on=on)
        changed[number] = _counted(changed[number], before[number], rules)
    return Paid(changed, laid.parts, laid.unapplied_minor)


def _counted(item: Item, before: Item, rules: Rules) -> Item:
    """The instalment with its penalty counted as far as a replay of its events counts it.

    That is up to the day since when the same amount bears it. One that ended without any is as if
    its grace had not passed.
    """
    if item.penal_end is not None:
        return item
    if item.open_minor == 0 and item.penal_minor_days == 0:
        return item._replace(penal_to=None)
    if item.base_minor(rules) != before.base_minor(rules):
        return item
    since = before.penal_to or (item.penal_to and rules.penalty_from(item.due_on))
    return item._replace(penal_to=since, penal_minor_days=before.penal_minor_days)


def _order(items: Sequence[Item], rules: Rules, on: date) -> Order:
    """The order of the stage in which a loan stands when money of a day comes."""
    orders = rules.orders
    if not orders.by_stage:
        return orders.usual
    oldest = min((item.due_on for item in items if item.open_minor > 0), default=None)
    return orders.of(orders.stage(dpd(oldest, on)))


def _enough(items: list[Item], order: Order, amount_minor: int, on: date) -> list[Item]:
    """The instalments a payment can reach: swept by instalment, it stops where money ends."""
    if order.sweep is not Sweep.BY_INSTALMENT:
        return items
    left_minor = amount_minor
    wanted = []
    for item in sorted(items, key=lambda item: item.number):
        if left_minor <= 0 and item.due_on > on:
            break
        wanted.append(item)
        left_minor -= item.open_minor
    return wanted


def _penalty_open_minor(item: Item, rules: Rules) -> int:
    """Penalty unpaid of an instalment that has reached its day."""
    counted_minor = rules.penalty_minor(item.penal_minor_days, item.penal_rate)
    return counted_minor + item.penalty_adjust_minor - item.paid_penalty_minor


def _open_parts(items: Iterable[Item], rules: Rules) -> list[OpenPart]:
    parts = []
    for item in items:
        penalty_minor = _penalty_open_minor(item, rules)
        for component, open_minor in (
            (Component.PRINCIPAL, item.principal_minor - item.paid_principal_minor),
            (Component.INTEREST, item.interest_minor - item.paid_interest_minor),
            (Component.FEE, item.fee_minor - item.paid_fee_minor),
            (Component.PENALTY, penalty_minor),
        ):
            if open_minor > 0:
                parts.append(OpenPart(item.number, component, item.due_on, open_minor))
    return parts


_PAID_FIELD = {component: f"paid_{component.value}_minor" for component in Component}


def _paid(item: Item, piece: Slice) -> Item:
    field = _PAID_FIELD[piece.component]
    return item._replace(**{field: getattr(item, field) + piece.amount_minor})


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a loan stands on a day, from its instalments."""

    oldest_due_on: date | None
    bucket: int
    is_settled: bool
    counted_from: date | None = None


def standing(
    items: Iterable[Item], rules: Rules, on: date, pauses: Sequence[Pause] = ()
) -> Standing:
    """Where a loan stands: ``items`` are all instalments that may still owe something."""
    oldest = min((item.due_on for item in items if item.open_minor > 0), default=None)
    owes = oldest is not None or any(
        item.penalty_open_minor(rules, on) > 0
        for item in items
        if item.penal_to is not None or item.penalty_adjust_minor
    )
    months = bucket(counted_dpd(oldest, on, pauses))
    return Standing(oldest, months, not owes, counted_from(oldest, pauses))
