"""Terms: everything that decides a schedule, as one frozen value.

Repayment methods, rounding, residue and stub rules are fields here, never classes or branches
elsewhere. Terms are stored as JSON by :meth:`Terms.to_dict`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, Self

from loanops.kernel import wire
from loanops.kernel.allocation import DEFAULT_ORDER, Order, Orders, StageOrder
from loanops.kernel.calendar import MONTHLY, Frequency, MonthEnd, Roll, WorkingDays
from loanops.kernel.daycount import DayCount
from loanops.kernel.money import Rounding, currency
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule.charges import Fee, Penalty, PrepaymentFee
from loanops.kernel.schedule.floating import Floating


class Method(StrEnum):
    """How principal comes back (还款方式)."""

    EQUAL_INSTALMENT = "equal_instalment"
    """等额本息: level instalments."""
    EQUAL_PRINCIPAL = "equal_principal"
    """等额本金: level principal, falling interest."""
    INTEREST_ONLY = "interest_only"
    """先息后本: interest every period, principal at the end."""
    BULLET = "bullet"
    """利随本清: principal and interest at the end."""
    FLAT = "flat"
    """等本等息: interest on the original principal every period."""
    REVOLVING_DAILY = "revolving_daily"
    """随借随还: interest by the day on the balance used; the plan assumes no early payment."""
    CUSTOM = "custom"
    """按计划还款: rows given by the funder, which are authoritative."""


class Residue(StrEnum):
    """Who takes the minor units that rounding leaves over."""

    LAST = "last"
    """The last instalment."""
    REFIT_ONCE = "refit_once"
    """The last instalment, after one try to spread the residue over all of them."""


class Stub(StrEnum):
    """What a first period of another length does to a level instalment."""

    EXACT = "exact"
    """The level is solved over the real periods."""
    REGULAR = "regular"
    """The level is that of equal periods; the last instalment takes the difference."""
    ADDED = "added"
    """As regular, and the interest of the extra days is added to the first instalment."""


class LevelBasis(StrEnum):
    """Which period rates a level instalment is solved from."""

    ALL_PERIODS = "all_periods"
    FIRST_PERIOD = "first_period"
    """The annuity formula with the rate of the first period, kept for later solutions."""


class InterestRounding(StrEnum):
    """What is rounded when the balance changes inside a period."""

    PER_PERIOD = "per_period"
    PER_STRETCH = "per_stretch"
    """Every stretch of constant balance by itself."""


class InterestUntil(StrEnum):
    """How far interest runs when a loan is paid off inside a period."""

    PAYOFF_DATE = "payoff_date"
    PERIOD_END = "period_end"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomRow:
    """One instalment of a schedule that the funder gave."""

    due_date: date
    principal_minor: int
    interest_minor: int
    fees_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What was agreed about a loan's money.

    ``annual_rate`` is a fraction per year (0.12 for twelve per cent); for the flat method it is
    charged on the original principal. ``first_due_date`` or ``due_day`` make a stub; with a
    ``due_day`` alone the first period has at least ``first_period_days_min`` days. The level is
    rounded to ``instalment_multiple_minor`` by ``instalment_rounding`` (by ``rounding`` where it
    is not given); a given ``instalment_minor`` replaces it. ``principal_grace`` counts first
    periods without principal, ``interest_grace`` first periods whose interest is collected later.
    ``stage_orders`` replace ``allocation`` in the stages they name; ``settlement_interest`` says
    how far interest runs when the loan is settled early, ``extensions_max`` how often the loan
    may be extended. With ``floating`` the rate follows an index after it began as agreed.
    With a ``calendar`` due dates are moved by ``roll`` off weekends and ``closed_days``, and onto
    weekends worked in exchange: as known when the loan was agreed, so that no later notice moves
    what was agreed.
    """

    method: Method
    principal_minor: int
    currency: str
    annual_rate: Decimal
    instalments: int
    start_date: date
    frequency: Frequency = MONTHLY
    first_due_date: date | None = None
    due_day: int | None = None
    first_period_days_min: int = 15
    month_end: MonthEnd = MonthEnd.LAST_DAY
    roll: Roll = Roll.NONE
    day_count: DayCount = DayCount.MONTHS_30_360
    rounding: Rounding = Rounding.HALF_UP
    instalment_rounding: Rounding | None = None
    instalment_multiple_minor: int = 1
    instalment_minor: int | None = None
    residue: Residue = Residue.LAST
    stub: Stub = Stub.EXACT
    level_basis: LevelBasis = LevelBasis.ALL_PERIODS
    interest_rounding: InterestRounding = InterestRounding.PER_PERIOD
    principal_grace: int = 0
    interest_grace: int = 0
    down_payment_rate: Decimal = Decimal(0)
    fees: tuple[Fee, ...] = ()
    allocation: Order = DEFAULT_ORDER
    stage_orders: tuple[StageOrder, ...] = ()
    non_performing_dpd: int = 90
    penalty: Penalty | None = None
    prepayment_fee: PrepaymentFee | None = None
    settlement_interest: InterestUntil = InterestUntil.PAYOFF_DATE
    extensions_max: int | None = None
    floating: Floating | None = None
    calendar: str = ""
    closed_days: tuple[date, ...] = ()
    exchanged_days: tuple[date, ...] = ()
    rows: tuple[CustomRow, ...] = ()

    def __post_init__(self) -> None:
        """Refuse terms that no schedule can be made of.

        :raises BadField:
        """
        wire.settle_words(self)
        check_terms(self)

    @property
    def orders(self) -> Orders:
        """The orders in which money is laid, by stage."""
        return Orders(self.allocation, self.stage_orders, self.non_performing_dpd)

    @property
    def working_days(self) -> WorkingDays | None:
        """The days that due dates are moved onto; nothing where none is moved."""
        if not self.calendar or self.roll is Roll.NONE:
            return None
        return _working_days(self.closed_days, self.exchanged_days)

    def to_dict(self) -> dict[str, Any]:
        """The terms as plain JSON values: decimals and dates as strings, amounts as integers."""
        return wire.write_row(self)

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Self:
        """The terms that :meth:`to_dict` wrote; absent keys take their defaults.

        :raises BadField: a key is unknown or missing, or its value cannot be read.
        """
        return wire.read(cls, row, "")


@lru_cache(maxsize=1024)
def _working_days(closed: tuple[date, ...], exchanged: tuple[date, ...]) -> WorkingDays:
    """Loans of one day are agreed with the same days: a book asks for the same table often."""
    return WorkingDays(frozenset(closed), frozenset(exchanged))


INSTALMENTS_MAX: Final = 1200
ANNUAL_RATE_MAX: Final = 100
EVERY_MAX: Final = 366
LOAN_YEARS_MAX: Final = 200
YEARS: Final = range(1900, 2401)


def check_terms(terms: Terms) -> None:
    """Hold the limits that every method shares.

    :raises BadField: naming the first field that is out of its range.
    """
    for holds, refusal in _LIMITS:
        if not holds(terms):
            raise BadField(field=refusal.field, **refusal.values)
    currency(terms.currency)
    if terms.method is Method.CUSTOM:
        _check_rows(terms)


def _in_reach(terms: Terms) -> bool:
    return terms.first_due_date is None or terms.first_due_date.year in YEARS


def _years(terms: Terms) -> Fraction:
    """About how long the loan runs."""
    days = terms.frequency.days
    each = Fraction(terms.frequency.every, 12) if days is None else Fraction(days, 365)
    return each * terms.instalments


def _check_rows(terms: Terms) -> None:
    dues = [row.due_date for row in terms.rows]
    if len(dues) != terms.instalments:
        raise BadField(field="rows", problem="must be as many as instalments")
    if sum(row.principal_minor for row in terms.rows) != terms.principal_minor:
        raise BadField(field="rows", problem="must have principal that adds up to principal_minor")
    if dues != sorted(set(dues)) or dues[0] <= terms.start_date:
        raise BadField(field="rows", problem="must have due dates that rise and follow start_date")
    if (days := terms.working_days) is not None:
        starts = (terms.start_date, *dues)
        moved = [days.due_day(d, terms.roll, start=s) for s, d in zip(starts, dues, strict=False)]
        if moved != sorted(set(moved)):
            raise BadField(
                field="rows",
                problem="must have due dates that still rise once roll has moved them off holidays",
            )
    if any(min(row.principal_minor, row.interest_minor, row.fees_minor) < 0 for row in terms.rows):
        raise BadField(field="rows", problem="must have amounts of zero or more")


_LIMITS: Final[tuple[tuple[Callable[[Terms], bool], BadField], ...]] = (
    (
        lambda terms: terms.principal_minor > 0,
        BadField(field="principal_minor", problem="must be above zero"),
    ),
    (
        lambda terms: 1 <= terms.instalments <= INSTALMENTS_MAX,
        BadField(field="instalments", problem="must be from 1 to 1200"),
    ),
    (
        lambda terms: 0 <= terms.annual_rate <= ANNUAL_RATE_MAX,
        BadField(field="annual_rate", problem="must be from 0 to 100 (0.12 is 12 %)"),
    ),
    (
        lambda terms: 1 <= terms.frequency.every <= EVERY_MAX,
        BadField(field="frequency.every", problem="must be from 1 to 366"),
    ),
    (
        lambda terms: _years(terms) <= LOAN_YEARS_MAX,
        BadField(field="frequency.every", problem="makes a loan of more than 200 years"),
    ),
    (
        lambda terms: terms.start_date.year in YEARS,
        BadField(field="start_date", problem="must be a year from 1900 to 2400"),
    ),
    (
        lambda terms: terms.start_date < (terms.first_due_date or date.max) and _in_reach(terms),
        BadField(field="first_due_date", problem="must follow start_date"),
    ),
    (
        lambda terms: terms.due_day is None or 1 <= terms.due_day <= 31,
        BadField(field="due_day", problem="must be from 1 to 31"),
    ),
    (
        lambda terms: 0 <= terms.first_period_days_min <= EVERY_MAX,
        BadField(field="first_period_days_min", problem="must be from 0 to 366"),
    ),
    (
        lambda terms: terms.principal_grace in range(terms.instalments),
        BadField(field="principal_grace", problem="must be below instalments"),
    ),
    (
        lambda terms: terms.interest_grace in range(terms.instalments),
        BadField(field="interest_grace", problem="must be below instalments"),
    ),
    (
        lambda terms: 0 <= terms.down_payment_rate < 1,
        BadField(field="down_payment_rate", problem="must be from 0 to below 1"),
    ),
    (
        lambda terms: terms.instalment_multiple_minor >= 1,
        BadField(field="instalment_multiple_minor", problem="must be 1 or more"),
    ),
    (
        lambda terms: terms.instalment_minor is None or terms.instalment_minor > 0,
        BadField(field="instalment_minor", problem="must be above zero"),
    ),
    (
        lambda terms: terms.working_days is None or (terms.frequency.days or EVERY_MAX) >= 14,
        BadField(field="roll", problem="needs periods of 14 days or more"),
    ),
    (
        lambda terms: terms.penalty is None or terms.penalty.outlasts_grace(terms.annual_rate),
        BadField(
            field="penalty.cap",
            problem="must leave penalty more whole days than grace_days; raise it, or lower these",
        ),
    ),
    (
        lambda terms: not terms.rows or terms.method is Method.CUSTOM,
        BadField(field="rows", problem="belong to the method custom only"),
    ),
)
"""Every limit with what is said where it does not hold; literal, so that it is translated."""
