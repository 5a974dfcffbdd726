"""Events: what can happen to a loan, each with the business day it counts for.

An event is never changed. A mistake is undone by :class:`Reversed`, and whatever arrives late is
an event of the day it counts for: the account is then folded again. On one day the order is that
of ``TURN``, whatever the order in which events arrived: what changes the loan comes before money.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Final

from loanops.kernel import wire
from loanops.kernel.account.base import Event
from loanops.kernel.account.entering import BroughtIn
from loanops.kernel.account.pausing import CountingPaused, CountingResumed
from loanops.kernel.allocation import Component
from loanops.kernel.guarantee import GuaranteeBase
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule.amending import Keep
from loanops.kernel.schedule.terms import ANNUAL_RATE_MAX, INSTALMENTS_MAX, Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Disbursed(Event):
    """The principal reached the borrower: interest runs from this day."""

    KIND: ClassVar[str] = "disbursed"

    amount_minor: int

    def __post_init__(self) -> None:
        """Hold that money moved; :raises BadField:."""
        _above_zero(self.amount_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn(Event):
    """A further tranche reached the borrower; the instalments left are solved again."""

    KIND: ClassVar[str] = "drawn"

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
class Prepaid(Repaid):
    """Money of which what is left after everything due repays principal early (部分提前还款)."""

    KIND: ClassVar[str] = "prepaid"

    keep: Keep

    def __post_init__(self) -> None:
        """Hold that money moved; :raises BadField:."""
        wire.settle_words(self)
        _above_zero(self.amount_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledEarly(Repaid):
    """Money that ends the loan (提前结清): what is left falls due on the day, with its fee."""

    KIND: ClassVar[str] = "settled_early"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded(Event):
    """Money of the payment ``of`` that found no place goes back to the borrower (退还溢缴款)."""

    KIND: ClassVar[str] = "refunded"

    of: str
    amount_minor: int

    def __post_init__(self) -> None:
        """Hold that money moves; :raises BadField:."""
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
        wire.settle_words(self)
        _above_zero(self.amount_minor)
        if self.component not in {Component.FEE, Component.PENALTY}:
            raise BadField(field="component", problem="must be fee or penalty")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waived(Event):
    """Interest, fees or penalty that are due and are given up (减免), the oldest first.

    Where less is open on the day, only that is given up.
    """

    KIND: ClassVar[str] = "waived"

    amount_minor: int
    component: Component

    def __post_init__(self) -> None:
        """Hold that something other than principal is given up; :raises BadField:."""
        wire.settle_words(self)
        _above_zero(self.amount_minor)
        if self.component is Component.PRINCIPAL:
            raise BadField(field="component", problem="must be interest, fee or penalty")


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChanged(Event):
    """From this day on interest runs at another annual rate; the instalments are solved again.

    ``index`` names the dated index that a floating rate was read from, empty for a fixed one.
    Penalty keeps the rate that the terms agree.
    """

    KIND: ClassVar[str] = "rate_changed"

    annual_rate: Decimal
    index: str = ""

    def __post_init__(self) -> None:
        """Hold that the rate is one a loan can have; :raises BadField:."""
        if not 0 <= self.annual_rate <= ANNUAL_RATE_MAX:
            raise BadField(field="annual_rate", problem="must be from 0 to 100 (0.12 is 12 %)")


@dataclass(frozen=True, slots=True, kw_only=True)
class DueMoved(Event):
    """The instalment due on ``due`` falls due on ``to``, and the later ones follow from it."""

    KIND: ClassVar[str] = "due_moved"

    due: date
    to: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred(Event):
    """A payment holiday (缓交): ``periods`` instalments from the one due on ``due`` are not asked.

    ``extends`` says whether the loan ends as much later, or still when agreed. ``interest_free``
    lets no interest run in the periods that are not asked.
    """

    KIND: ClassVar[str] = "deferred"

    due: date
    periods: int
    extends: bool = True
    interest_free: bool = False

    def __post_init__(self) -> None:
        """Hold that at least one instalment is put off; :raises BadField:."""
        _some(self.periods, "periods")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended(Event):
    """The loan ends ``periods`` instalments later (展期); the fee falls due on the day."""

    KIND: ClassVar[str] = "extended"

    periods: int
    fee_minor: int = 0

    def __post_init__(self) -> None:
        """Hold that the loan grows longer; :raises BadField:."""
        _some(self.periods, "periods")
        wire.not_negative(fee_minor=self.fee_minor)


class Treatment(StrEnum):
    """What a restructuring does with what is due and unpaid."""

    CAPITALISE = "capitalise"
    """It becomes principal."""
    CARRY = "carry"
    """It falls due with the first new instalment, without interest."""
    WAIVE = "waive"


class Overdue(StrEnum):
    """What a restructuring does with principal that is overdue."""

    SPREAD = "spread"
    """It is scheduled anew with all other principal."""
    CARRY = "carry"
    """It falls due with the first new instalment, without interest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restructured(Event):
    """What is left of the loan is agreed anew (重组): a new schedule of all unpaid principal.

    The treatments say what becomes of interest, fees and penalty that ran up to the day, and
    ``principal`` what becomes of the principal that is overdue. ``principal_waived_minor`` of the
    unpaid principal is given up, the oldest first. The agreed rate of a floating loan holds until
    its index is read next where it ``floats``, else for good.
    """

    KIND: ClassVar[str] = "restructured"
    LATER: ClassVar[frozenset[str]] = frozenset({"floats"})

    instalments: int
    annual_rate: Decimal
    method: Method
    first_due_date: date | None = None
    principal_grace: int = 0
    interest: Treatment = Treatment.CAPITALISE
    fee: Treatment = Treatment.CARRY
    penalty: Treatment = Treatment.CARRY
    principal: Overdue = Overdue.SPREAD
    principal_waived_minor: int = 0
    floats: bool | None = None

    def __post_init__(self) -> None:
        """Hold that the new schedule can be made; :raises BadField:."""
        wire.settle_words(self)
        _some(self.instalments, "instalments")
        wire.not_negative(principal_waived_minor=self.principal_waived_minor)
        if self.instalments > INSTALMENTS_MAX:
            raise BadField(field="instalments", problem="must be from 1 to 1200")
        if self.method in {Method.CUSTOM, Method.REVOLVING_DAILY}:
            raise BadField(field="method", problem="must be one that a schedule is computed by")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accelerated(Event):
    """Everything that is left falls due on the day (加速到期), interest up to it."""

    KIND: ClassVar[str] = "accelerated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPassed(Event):
    """The claim passes to another owner, wholly or of one instalment; what is owed stays."""

    KIND: ClassVar[str] = "claim_passed"

    owner: str
    price_minor: int
    number: int | None = None

    def __post_init__(self) -> None:
        """Hold that somebody owns it, for a price that can be; :raises BadField:."""
        if not self.owner:
            raise BadField(field="owner", problem="must be given")
        wire.not_negative(price_minor=self.price_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compensated(ClaimPassed):
    """The guarantor paid the owner of the claim (代偿), which passes to the guarantor.

    ``base`` says which components of what was owed by the day were paid for: of the others, what
    was owed stays with whose it was. Without it everything was paid for.
    """

    KIND: ClassVar[str] = "compensated"
    LATER: ClassVar[frozenset[str]] = frozenset({"base"})

    base: GuaranteeBase | None = None

    def __post_init__(self) -> None:
        """Hold that the guarantor owns it, for a price that can be; :raises BadField:."""
        wire.settle_words(self)
        ClaimPassed.__post_init__(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoughtBack(ClaimPassed):
    """The claim was bought back (回购)."""

    KIND: ClassVar[str] = "bought_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned(ClaimPassed):
    """The claim was sold (债权转让)."""

    KIND: ClassVar[str] = "assigned"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenOff(Event):
    """The claim leaves the books and is still pursued (账销案存): no interest, no penalty more."""

    KIND: ClassVar[str] = "written_off"


class Cause(StrEnum):
    """Why an event is undone."""

    CORRECTION = "correction"
    DEBIT_RETURNED = "debit_returned"
    """A bank took back what it had debited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversed(Event):
    """The event with key ``of`` never was: from this day the account is as if without it."""

    KIND: ClassVar[str] = "reversed"

    of: str
    cause: Cause = Cause.CORRECTION

    def __post_init__(self) -> None:
        """Turn words into members; :raises BadField:."""
        wire.settle_words(self)


TURN: Final[tuple[type[Event], ...]] = (
    Disbursed,
    BroughtIn,
    Drawn,
    RateChanged,
    DueMoved,
    Deferred,
    Extended,
    FeeCharged,
    Restructured,
    CountingResumed,
    CountingPaused,
    Compensated,
    BoughtBack,
    Assigned,
    Accelerated,
    Waived,
    Repaid,
    Prepaid,
    SettledEarly,
    Refunded,
    WrittenOff,
)
"""The order of a day: the loan and its terms, what is due, who owns it, and then money."""

_ALL: Final[tuple[type[Event], ...]] = (*TURN, Reversed)
KINDS: Final[Mapping[str, type[Event]]] = MappingProxyType({kind.KIND: kind for kind in _ALL})


def event_to_dict(event: Event) -> dict[str, Any]:
    """The event as plain JSON values, its kind among them."""
    row = {"kind": event.KIND, **wire.write_row(event)}
    return {n: value for n, value in row.items() if value is not None or n not in event.LATER}


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


def _some(count: int, field: str) -> None:
    if count < 1:
        raise BadField(field=field, problem="must be 1 or more")
