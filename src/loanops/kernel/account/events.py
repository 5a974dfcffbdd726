"""Events: what can happen to a loan, each with the business day it counts for.

An event is never changed. A mistake is undone by :class:`Reversed`, and money that arrives late
is an event of the day it counts for: the account is then folded again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, ClassVar, Final

from loanops.kernel import wire
from loanops.kernel.allocation import Component
from loanops.kernel.refusals import BadField


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened; ``key`` names it once and for all within its loan."""

    KIND: ClassVar[str] = "event"

    key: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Disbursed(Event):
    """The principal reached the borrower: interest runs from this day."""

    KIND: ClassVar[str] = "disbursed"

    amount_minor: int

    def __post_init__(self) -> None:
        """Hold that money moved; :raises BadField:."""
        _above_zero(self.amount_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaid(Event):
    """Money of the borrower counts for this loan on this day."""

    KIND: ClassVar[str] = "repaid"

    amount_minor: int

    def __post_init__(self) -> None:
        """Hold that money moved; :raises BadField:."""
        _above_zero(self.amount_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeCharged(Event):
    """A charge that is not in the schedule; it joins the first instalment due on or after it."""

    KIND: ClassVar[str] = "fee_charged"

    amount_minor: int
    component: Component = Component.FEE
    name: str = ""

    def __post_init__(self) -> None:
        """Hold that something is charged, as fee or penalty; :raises BadField:."""
        _above_zero(self.amount_minor)
        if self.component not in {Component.FEE, Component.PENALTY}:
            raise BadField(field="component", problem="must be fee or penalty")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversed(Event):
    """The event with key ``of`` never was: from this day the account is as if without it."""

    KIND: ClassVar[str] = "reversed"

    of: str


KINDS: Final[Mapping[str, type[Event]]] = MappingProxyType(
    {kind.KIND: kind for kind in (Disbursed, Repaid, FeeCharged, Reversed)}
)


def event_to_dict(event: Event) -> dict[str, Any]:
    """The event as plain JSON values, its kind among them."""
    return {"kind": event.KIND, **wire.write_row(event)}


def event_from_dict(row: Mapping[str, Any]) -> Event:
    """The event that :func:`event_to_dict` wrote.

    :raises BadField: the kind is unknown, or a value cannot be read.
    """
    kind = KINDS.get(row.get("kind", ""))
    if kind is None:
        raise BadField(field="kind", problem="must be one of {known}", known=", ".join(KINDS))
    values = {name: value for name, value in row.items() if name != "kind"}
    return wire.read(kind, values, kind.KIND)


def _above_zero(amount_minor: int) -> None:
    if amount_minor <= 0:
        raise BadField(field="amount_minor", problem="must be above zero")
