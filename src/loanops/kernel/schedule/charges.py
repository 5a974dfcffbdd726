"""Charges beside interest: fees by charging party, and penalty interest, as rules of the terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, Self

from loanops.kernel import wire
from loanops.kernel.money import Rounding, to_minor
from loanops.kernel.refusals import BadField


class FeeTiming(StrEnum):
    """When a fee is charged."""

    UPFRONT = "upfront"
    PER_INSTALMENT = "per_instalment"
    OVERDUE = "overdue"
    """Once for an instalment that is late (逾期费用): never in normal performance."""


class FeeBase(StrEnum):
    """What a fee's rate applies to."""

    PRINCIPAL = "principal"
    """The original principal."""
    BALANCE = "balance"
    """The principal outstanding at the start of the period."""
    INSTALMENT = "instalment"
    """Principal and interest of the instalment."""
    OVERDUE = "overdue"
    """Principal and interest of the instalment that are unpaid when its being late is charged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A charge beside interest: a fixed amount, or a rate on a base.

    ``annual`` says that the rate is per year and shared by period; otherwise it is per charge.
    ``instalments`` are the numbers of those that bear it; empty means every one. A fee for being
    late is charged once for an instalment of which principal or interest is unpaid more than
    ``overdue_days`` after its due date.
    """

    name: str
    charging_party: str
    timing: FeeTiming
    amount_minor: int | None = None
    rate: Decimal | None = None
    base: FeeBase = FeeBase.PRINCIPAL
    annual: bool = False
    instalments: tuple[int, ...] = ()
    overdue_days: int = 0

    def __post_init__(self) -> None:
        """Refuse a fee that is neither an amount nor a rate, or both, or falls due never.

        :raises BadField:
        """
        wire.settle_words(self)
        if (self.amount_minor is None) == (self.rate is None):
            raise BadField(field="amount_minor", problem="or a rate must be given, and not both")
        wire.not_negative(amount_minor=self.amount_minor, rate=self.rate)
        if self.instalments and self.timing is not FeeTiming.PER_INSTALMENT:
            raise BadField(field="instalments", problem="belong to fees that instalments bear")
        if any(number < 1 for number in self.instalments):
            raise BadField(field="instalments", problem="must be numbers from 1 on")
        self._check_late()

    def _check_late(self) -> None:
        """Hold that what is charged for being late says so throughout, and nothing else does."""
        is_late = self.timing is FeeTiming.OVERDUE
        if self.overdue_days and not is_late:
            raise BadField(field="overdue_days", problem="belong to fees with the timing overdue")
        if not 0 <= self.overdue_days <= OVERDUE_DAYS_MAX:
            raise BadField(field="overdue_days", problem="must be from 0 to 366")
        if self.rate is not None and is_late is not (self.base is FeeBase.OVERDUE):
            raise BadField(
                field="base", problem="is overdue for fees with the timing overdue, and no others"
            )
        if is_late and self.annual:
            raise BadField(field="annual", problem="does not go with the timing overdue")

    def late_minor(self, unpaid_minor: int, rounding: Rounding) -> int:
        """What is charged for an instalment of which so much principal and interest is unpaid."""
        if self.amount_minor is not None:
            return self.amount_minor
        return to_minor(unpaid_minor * Fraction(self.rate or 0), rounding)

    def falls_due_with(self, number: int) -> bool:
        """Whether the instalment of this number bears the fee."""
        if self.timing is not FeeTiming.PER_INSTALMENT:
            return False
        return not self.instalments or number in self.instalments

    def to_dict(self) -> dict[str, Any]:
        """The fee as plain JSON values; how late is left out where nothing is charged for it."""
        row = wire.write_row(self)
        if self.timing is not FeeTiming.OVERDUE:
            del row["overdue_days"]
        return row

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Self:
        """The fee that :meth:`to_dict` wrote.

        :raises BadField: a key is unknown or missing, or its value cannot be read.
        """
        return wire.read(cls, row, "fee")


def late_fees(fees: Iterable[Fee]) -> tuple[Fee, ...]:
    """The fees for being late, in the order in which an instalment comes to bear them."""
    late = [fee for fee in fees if fee.timing is FeeTiming.OVERDUE]
    return tuple(sorted(late, key=lambda fee: fee.overdue_days))


class PrepaymentBase(StrEnum):
    """What the fee for paying early is a share of."""

    PREPAID = "prepaid"
    """The principal that is paid before it is due."""
    ORIGINAL = "original"
    """The principal of the loan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepaymentTier:
    """The rate while at most so many instalments have fallen due; without a number, always."""

    rate: Decimal
    instalments_max: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepaymentFee:
    """The fee for paying early (提前还款违约金): the first tier that fits, free where none does."""

    tiers: tuple[PrepaymentTier, ...]
    base: PrepaymentBase = PrepaymentBase.PREPAID

    def __post_init__(self) -> None:
        """Refuse rates below zero.

        :raises BadField:
        """
        wire.settle_words(self)
        for tier in self.tiers:
            wire.not_negative(rate=tier.rate, instalments_max=tier.instalments_max)

    def fee(self, *, prepaid_minor: int, original_minor: int, instalments_due: int) -> Fraction:
        """The fee before rounding, in minor units."""
        base_minor = prepaid_minor if self.base is PrepaymentBase.PREPAID else original_minor
        for tier in self.tiers:
            if tier.instalments_max is None or instalments_due <= tier.instalments_max:
                return base_minor * Fraction(tier.rate)
        return Fraction(0)


OVERDUE_DAYS_MAX: Final = 366
STOP_DAYS_MAX: Final = 73_000
"""No penalty runs for longer than a loan may: two hundred years."""
CAP_MAX: Final = 10
"""The highest cap of penalty, as a share of what bears it: a slip of the pen is refused."""


class PenaltyBase(StrEnum):
    """What penalty interest runs on."""

    PRINCIPAL = "principal"
    PRINCIPAL_AND_INTEREST = "principal_and_interest"


class PenaltyStart(StrEnum):
    """From which day penalty runs once the days of grace have passed."""

    DUE_DATE = "due_date"
    GRACE_END = "grace_end"


class PenaltyFollows(StrEnum):
    """Which rate of the loan a multiple of it is taken of."""

    AGREED_RATE = "agreed_rate"
    """The rate agreed at the start, whatever becomes of it."""
    CURRENT_RATE = "current_rate"
    """The rate in force on each day (按执行利率): changes, resets and restructurings carry over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalty:
    """Penalty interest (罚息): a multiple of the contract rate, or a rate of its own.

    What is paid within ``grace_days`` of its due date bears none. Penalty bears no penalty, unless
    with ``compounds_days``: every so many days of it, what is unpaid of it begins to bear penalty
    too (复利). ``stop_days`` after the due date an instalment bears no more of it. ``cap`` is the
    most of it, as a share of the amount that bears it (0.5 is 50 %): what is overdue bears penalty
    for as many whole days as keep it within the cap. A write-off ends penalty of the whole loan;
    with ``stops_at_acceleration`` calling the loan in (提前到期) does so too.
    ``follows`` says which rate the multiple is of (银发〔2003〕251号: 在借款合同载明的
    贷款利率水平上加收). Where it is the current one, penalty of the days before a change stays,
    rounded, and that of the days from it on is counted beside it. With a cap beside it each day
    takes of the cap what its rate is, and all is rounded down: roundings never add up past it.
    """

    multiplier: Decimal | None = None
    annual_rate: Decimal | None = None
    follows: PenaltyFollows = PenaltyFollows.AGREED_RATE
    base: PenaltyBase = PenaltyBase.PRINCIPAL
    grace_days: int = 0
    runs_from: PenaltyStart = PenaltyStart.DUE_DATE
    days_in_year: int = 360
    stop_days: int | None = None
    cap: Decimal | None = None
    stops_at_acceleration: bool = False
    compounds_days: int | None = None

    def __post_init__(self) -> None:
        """Refuse a rule whose rate is not said once, or that stops before it begins.

        :raises BadField:
        """
        wire.settle_words(self)
        if (self.multiplier is None) == (self.annual_rate is None):
            raise BadField(
                field="multiplier", problem="or an annual_rate must be given, and not both"
            )
        wire.not_negative(
            multiplier=self.multiplier, annual_rate=self.annual_rate, grace_days=self.grace_days
        )
        if self.follows_rate and self.multiplier is None:
            raise BadField(field="follows", problem="current_rate needs a multiplier")
        if self.days_in_year not in {360, 364, 365, 366}:
            raise BadField(field="days_in_year", problem="must be 360, 364, 365 or 366")
        if self.stop_days is not None and self.stop_days <= self.grace_days:
            raise BadField(field="stop_days", problem="must be above grace_days")
        if self.stop_days is not None and self.stop_days > STOP_DAYS_MAX:
            raise BadField(field="stop_days", problem="must be at most 73000")
        if self.compounds_days is not None and not self.grace_days < self.compounds_days <= 366:
            raise BadField(field="compounds_days", problem="must be above grace_days, at most 366")
        if self.cap is not None and not 0 < self.cap <= CAP_MAX:
            raise BadField(field="cap", problem="must be above 0, at most 10 (1 is 100 %)")

    @property
    def follows_rate(self) -> bool:
        """Whether penalty runs at a multiple of the rate that is in force on each day."""
        return self.follows is PenaltyFollows.CURRENT_RATE

    def rounding(self, usual: Rounding) -> Rounding:
        """How penalty is rounded, where other amounts are rounded as is usual."""
        return Rounding.DOWN if self.follows_rate and self.cap is not None else usual

    def start(self, due: date) -> date:
        """The day from which the days of penalty of an instalment are counted."""
        if self.runs_from is PenaltyStart.GRACE_END:
            return due + timedelta(days=self.grace_days)
        return due

    def days_to_end(self, annual_rate: Decimal) -> int | None:
        """How many days after its due date an instalment bears no more; nothing without an end.

        It is ``stop_days``, or as many whole days as the cap leaves at a loan's annual rate.
        """
        daily = self.daily(annual_rate)
        if self.cap is None or not daily:
            return self.stop_days
        days = days_within(self.cap, ((0, daily),), self.compounds_days)
        if self.runs_from is PenaltyStart.GRACE_END:
            days += self.grace_days
        return min(days, STOP_DAYS_MAX if self.stop_days is None else self.stop_days)

    def capped_on(
        self, due: date, agreed: Decimal, changes: Sequence[tuple[date, Decimal]]
    ) -> date | None:
        """The day from which an instalment bears no more, where the rate that it follows changed.

        ``changes`` are the annual rates since their days, in the order of these, after the
        ``agreed`` one. Once a day does not fit within the cap any more, penalty has ended for good.
        Nothing where no change counts, or nothing is capped.
        """
        if self.cap is None or not self.follows_rate or not changes:
            return None
        start = self.start(due)
        steps = [(0, self.daily(agreed))]
        for since, rate in changes:
            day = max((since - start).days, 0)
            if steps[-1][0] == day:
                steps.pop()
            steps.append((day, self.daily(rate)))
        end = start + timedelta(days=days_within(self.cap, tuple(steps), self.compounds_days))
        return end if self.stop_days is None else min(end, due + timedelta(days=self.stop_days))

    def outlasts_grace(self, annual_rate: Decimal) -> bool:
        """Whether the cap leaves an instalment penalty once its grace has passed."""
        days = self.days_to_end(annual_rate)
        return days is None or days > self.grace_days

    def daily(self, annual_rate: Decimal) -> Fraction:
        """The penalty of one minor unit overdue for a day, unrounded, at a loan's annual rate."""
        rate = self.annual_rate
        if rate is None:
            rate = annual_rate * (self.multiplier or 0)
        return Fraction(rate) / self.days_in_year

    def to_dict(self) -> dict[str, Any]:
        """The rule as plain JSON values; later keys are left out where they say nothing."""
        row = wire.write_row(self)
        for name in ("stop_days", "cap", "stops_at_acceleration", "compounds_days"):
            if not row[name]:
                del row[name]
        if not self.follows_rate:
            del row["follows"]
        return row

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Self:
        """The rule that :meth:`to_dict` wrote.

        :raises BadField: a key is unknown or missing, or its value cannot be read.
        """
        return wire.read(cls, row, "penalty")


Steps = tuple[tuple[int, Fraction], ...]
"""What one minor unit bears a day, since so many days of penalty: the first since none."""


@lru_cache(maxsize=4096)
def days_within(cap: Decimal, steps: Steps, every: int | None) -> int:
    """How many whole days of penalty stay within a share of what bears it.

    With ``every`` so many days it compounds. Sixty digits are far more than money has.
    """
    if every is not None:
        return _days_compounded(cap, steps, every)
    day, left = 0, Fraction(cap)
    for place, (_, daily) in enumerate(steps):
        until = steps[place + 1][0] if place + 1 < len(steps) else STOP_DAYS_MAX
        days = int(left / daily) if daily else until - day
        if day + days < until:
            return day + days
        left -= daily * (until - day)
        day = until
    return day


def _days_compounded(cap: Decimal, steps: Steps, every: int) -> int:
    """The same where every so many days penalty begins to bear penalty."""
    with localcontext(prec=60):
        # What bears penalty of one unit, and the share of it that ran up since it last grew.
        day, grown, ran = 0, Decimal(1), Decimal(0)
        for place, (_, daily) in enumerate(steps):
            until = steps[place + 1][0] if place + 1 < len(steps) else STOP_DAYS_MAX
            if not daily:
                if until // every > day // every:
                    grown, ran = grown * (1 + ran), Decimal(0)
                day = until
            a_day = Decimal(daily.numerator) / daily.denominator
            while day < until:
                upto = min(until, (day // every + 1) * every)
                more = a_day * (upto - day)
                if grown * (1 + ran + more) - 1 > cap:
                    return day + int(((1 + cap) / grown - 1 - ran) / a_day)
                ran, day = ran + more, upto
                if not day % every:
                    grown, ran = grown * (1 + ran), Decimal(0)
        return day
