"""Allocation: which open part a payment fills first, with the order as data.

What is due comes before what is in advance. Inside each, the order of components and the way of
sweeping (instalment by instalment, or component by component) are rows of a product, not code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple, Self

from loanops.kernel import wire
from loanops.kernel.refusals import BadField


class Component(StrEnum):
    """What a part of an instalment is owed for."""

    PRINCIPAL = "principal"
    INTEREST = "interest"
    FEE = "fee"
    PENALTY = "penalty"


class Sweep(StrEnum):
    """How a payment walks over several instalments."""

    BY_INSTALMENT = "by_instalment"
    """Horizontal (按期): every component of the oldest instalment, then the next instalment."""
    BY_COMPONENT = "by_component"
    """Vertical: the first component of every instalment, oldest first, then the next component."""


# In the order of the fields of Parts. A fold asks this for every piece of every payment.
PLACES: Final = {component: place for place, component in enumerate(Component)}


@dataclass(frozen=True, slots=True)
class Parts:
    """An amount by component, each in minor units."""

    principal_minor: int = 0
    interest_minor: int = 0
    fee_minor: int = 0
    penalty_minor: int = 0

    @property
    def total_minor(self) -> int:
        """The sum of the four."""
        return self.principal_minor + self.interest_minor + self.fee_minor + self.penalty_minor

    def of(self, component: Component) -> int:
        """The amount of one component."""
        if component is Component.PRINCIPAL:
            return self.principal_minor
        if component is Component.INTEREST:
            return self.interest_minor
        return self.fee_minor if component is Component.FEE else self.penalty_minor

    def plus(self, component: Component, amount_minor: int) -> Parts:
        """The same parts with one component raised."""
        amounts = [*self._amounts()]
        amounts[PLACES[component]] += amount_minor
        return Parts(*amounts)

    def _amounts(self) -> tuple[int, int, int, int]:
        return self.principal_minor, self.interest_minor, self.fee_minor, self.penalty_minor

    def __add__(self, other: Parts) -> Parts:
        """The sum by component."""
        return Parts(
            self.principal_minor + other.principal_minor,
            self.interest_minor + other.interest_minor,
            self.fee_minor + other.fee_minor,
            self.penalty_minor + other.penalty_minor,
        )

    def __sub__(self, other: Parts) -> Parts:
        """The difference by component."""
        return Parts(
            self.principal_minor - other.principal_minor,
            self.interest_minor - other.interest_minor,
            self.fee_minor - other.fee_minor,
            self.penalty_minor - other.penalty_minor,
        )


FIELD_ORDER = (Component.FEE, Component.PENALTY, Component.INTEREST, Component.PRINCIPAL)


@dataclass(frozen=True, slots=True)
class Order:
    """Who is paid first: components for what is due, and for what is paid in advance.

    An empty ``in_advance`` keeps money that is not yet owed as unapplied credit. The default is
    the field's: costs, penalty, interest, principal (Civil Code of China, article 561).
    """

    due: tuple[Component, ...] = FIELD_ORDER
    in_advance: tuple[Component, ...] = FIELD_ORDER
    sweep: Sweep = Sweep.BY_INSTALMENT

    def __post_init__(self) -> None:
        """Hold that no component is named twice.

        :raises BadField:
        """
        for field, components in (("due", self.due), ("in_advance", self.in_advance)):
            if len(set(components)) != len(components):
                raise BadField(field=field, problem="must name every component once")
        if set(self.due) != set(Component):
            raise BadField(field="due", problem="must name principal, interest, fee and penalty")

    def to_dict(self) -> dict[str, Any]:
        """The order as plain JSON values."""
        return wire.write_row(self)

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Self:
        """The order that :meth:`to_dict` wrote.

        :raises BadField: a component or sweep is unknown, or a component is named twice.
        """
        return wire.read(cls, row, "allocation")


DEFAULT_ORDER = Order()


class Stage(StrEnum):
    """Where a loan stands when money comes: each stage may have an order of its own."""

    NORMAL = "normal"
    OVERDUE = "overdue"
    NON_PERFORMING = "non_performing"
    SETTLEMENT = "settlement"
    """The money ends the loan before its time."""
    WRITTEN_OFF = "written_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageOrder:
    """The order in which money is laid in one stage."""

    stage: Stage
    order: Order

    def __post_init__(self) -> None:
        """Turn a plain word into its member; :raises BadField:."""
        wire.settle_words(self)


@dataclass(frozen=True, slots=True)
class Orders:
    """The orders of a loan: one for all stages, and those that differ by stage.

    A loan is non-performing when it is more than ``non_performing_dpd`` days past due.
    """

    usual: Order = DEFAULT_ORDER
    by_stage: tuple[StageOrder, ...] = ()
    non_performing_dpd: int = 90

    def stage(self, days_past_due: int, *, is_written_off: bool = False) -> Stage:
        """The stage of a loan that is not being settled early."""
        if is_written_off:
            return Stage.WRITTEN_OFF
        if days_past_due > self.non_performing_dpd:
            return Stage.NON_PERFORMING
        return Stage.OVERDUE if days_past_due > 0 else Stage.NORMAL

    def of(self, stage: Stage) -> Order:
        """The order in force in a stage."""
        return next((each.order for each in self.by_stage if each.stage is stage), self.usual)


class OpenPart(NamedTuple):
    """What an instalment still owes for one component, and from which day it is due."""

    number: int
    component: Component
    due_date: date
    open_minor: int


PartLeft = tuple[int, Component, date, int]
"""The fields of an :class:`OpenPart` without their names: a fold makes many for each payment."""


class Slice(NamedTuple):
    """What a payment put on one part of one instalment."""

    number: int
    component: Component
    due_date: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """Where a payment went, and what of it found no place."""

    slices: tuple[Slice, ...]
    unapplied_minor: int

    @property
    def parts(self) -> Parts:
        """The payment by component."""
        return parts_of(self.slices)


def parts_of(slices: Sequence[Slice]) -> Parts:
    """Slices summed by component."""
    amounts = [0] * len(PLACES)
    for piece in slices:
        amounts[PLACES[piece.component]] += piece.amount_minor
    return Parts(*amounts)


def allocate(
    amount_minor: int, open_parts: Sequence[OpenPart], order: Order, on: date
) -> Allocation:
    """Lay a payment of ``on`` over the open parts.

    Parts due on or before ``on`` come first, oldest instalment first; then parts in advance, the
    next instalment first. What is left is unapplied: it is never income.
    """
    due = [part for part in open_parts if part.due_date <= on]
    slices, left_minor = fill(amount_minor, due, order.due, order.sweep)
    if left_minor > 0:
        ahead = [part for part in open_parts if part.due_date > on]
        more, left_minor = fill(left_minor, ahead, order.in_advance, order.sweep)
        slices += more
    return Allocation(tuple(slices), left_minor)


def fill(
    amount_minor: int, parts: Sequence[PartLeft], components: tuple[Component, ...], sweep: Sweep
) -> tuple[list[Slice], int]:
    """What an amount puts on which parts, oldest first, and what is left of it.

    A component that is not named gets nothing.
    """
    rank = {component: place for place, component in enumerate(components)}
    by_instalment = sweep is Sweep.BY_INSTALMENT
    if by_instalment:
        queue = [(n, rank[c], due, c, minor) for n, c, due, minor in parts if c in rank]
    else:
        queue = [(rank[c], n, due, c, minor) for n, c, due, minor in parts if c in rank]
    queue.sort()
    slices: list[Slice] = []
    for first, second, due_date, component, open_minor in queue:
        if amount_minor <= 0:
            break
        if open_minor > 0:
            taken_minor = open_minor if open_minor < amount_minor else amount_minor
            number = first if by_instalment else second
            slices.append(Slice(number, component, due_date, taken_minor))
            amount_minor -= taken_minor
    return slices, amount_minor
