"""Rules of a pool: what servicing needs of the terms, the same for every loan of the pool.

A pool holds the loans of one product, funder, rate and rules, whose accrual is posted together.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from loanops.kernel import wire
from loanops.kernel.account import compounding_days
from loanops.kernel.allocation import Order, Orders
from loanops.kernel.money import Rounding, to_minor
from loanops.kernel.schedule import (
    Fee,
    Method,
    Penalty,
    PenaltyBase,
    Terms,
    late_fees,
)
from loanops.kernel.sharing import ONE_LENDER, Sharing


@dataclass(frozen=True, slots=True)
class Rules:
    """Rate, rounding, allocation orders and penalty rule; ``annual_rate`` is a fraction a year.

    ``sharing`` says who lends together, of loans that have more than one lender.
    ``late_fees`` are charged for being late, in their order.
    ``is_line`` says that money ahead of its due date lowers what bears interest.
    ``penalty_daily`` is the penalty of one minor unit overdue for one day, unrounded, at the agreed
    rate; zero without a rule. ``penalty_days`` after its due date an instalment bears no more;
    nothing without an end. ``penalty_rounding`` is how penalty is rounded.
    """

    annual_rate: Decimal
    rounding: Rounding
    orders: Orders
    penalty: Penalty | None
    is_line: bool = False
    sharing: Sharing = ONE_LENDER
    late_fees: tuple[Fee, ...] = ()
    penalty_daily: Fraction = field(init=False, repr=False, compare=False)
    penalty_days: int | None = field(init=False, repr=False, compare=False)
    penalty_rounding: Rounding = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work the daily penalty out once: a close asks it of every overdue instalment."""
        rule = self.penalty
        daily = Fraction(0) if rule is None else rule.daily(self.annual_rate)
        object.__setattr__(self, "penalty_daily", daily)
        lasts = None if rule is None else rule.days_to_end(self.annual_rate)
        object.__setattr__(self, "penalty_days", lasts)
        rounding = self.rounding if rule is None else rule.rounding(self.rounding)
        object.__setattr__(self, "penalty_rounding", rounding)

    @property
    def grace_days(self) -> int:
        """Days after the due date within which a payment bears no penalty."""
        return self.penalty.grace_days if self.penalty else 0

    @property
    def penalty_on_interest(self) -> bool:
        """Whether unpaid interest bears penalty beside unpaid principal."""
        return self.penalty is not None and self.penalty.base is PenaltyBase.PRINCIPAL_AND_INTEREST

    def penalty_from(self, due_on: date) -> date:
        """The day from which the days of penalty of an instalment are counted."""
        return due_on if self.penalty is None else self.penalty.start(due_on)

    def days_to_end(self, rate: str) -> int | None:
        """The same at a rate of the loan that penalty follows, which is empty for the agreed."""
        if not rate or self.penalty is None or not self.penalty_follows:
            return self.penalty_days
        return self.penalty.days_to_end(Decimal(rate))

    def penalty_end(self, due_on: date) -> date | None:
        """The day from which an instalment bears no more penalty; nothing without an end."""
        return None if self.penalty_days is None else due_on + timedelta(days=self.penalty_days)

    @property
    def penalty_follows(self) -> bool:
        """Whether penalty follows the rate of the loan as it changes."""
        return self.penalty is not None and self.penalty.follows_rate

    @property
    def is_capped_by_rate(self) -> bool:
        """Whether where its cap ends penalty hangs on the rates that the loan comes to have."""
        return self.penalty_follows and self.penalty is not None and self.penalty.cap is not None

    @property
    def compounds_days(self) -> int | None:
        """Every how many days unpaid penalty begins to bear penalty; nothing where it never is."""
        return self.penalty.compounds_days if self.penalty else None

    def compounding_days(self, due_on: date, since: date, until: date) -> list[date]:
        """The days after one and up to another on which it begins to, of an instalment."""
        every = self.compounds_days
        if every is None:
            return []
        return compounding_days(self.penalty_from(due_on), every, since, until)

    def daily(self, rate: str) -> Fraction:
        """The penalty of one minor unit for one day at a rate of the loan, empty for the agreed."""
        if not rate or self.penalty is None:
            return self.penalty_daily
        return _daily(self.penalty, rate)

    def penalty_minor(self, minor_days: int, rate: str = "") -> int:
        """Penalty of so many minor units times days at such a rate, rounded as the terms say."""
        return to_minor(self.daily(rate) * minor_days, self.penalty_rounding)

    def text(self) -> str:
        """The rules as canonical JSON text."""
        row: dict[str, Any] = {
            "annual_rate": wire.write(self.annual_rate),
            "rounding": self.rounding.value,
            "allocation": self.orders.usual.to_dict(),
            "penalty": self.penalty.to_dict() if self.penalty else None,
        }
        if self.orders.by_stage:
            row["stages"] = wire.write_row(self.orders)
        if self.is_line:
            row["is_line"] = True
        if self.sharing:
            row["sharing"] = wire.write_row(self.sharing)
        if self.late_fees:
            row["late_fees"] = [fee.to_dict() for fee in self.late_fees]
        return json.dumps(row, separators=(",", ":"), sort_keys=True)


@lru_cache(maxsize=1024)
def _daily(rule: Penalty, rate: str) -> Fraction:
    """Loans of a book come to stand at few rates: a close asks each of many instalments."""
    return rule.daily(Decimal(rate))


def rate_text(rate: Decimal | None) -> str:
    """A rate that penalty follows as it is kept: empty for the agreed one."""
    return "" if rate is None else format(rate.normalize(), "f")


def rules_of(terms: Terms, sharing: Sharing = ONE_LENDER) -> Rules:
    """The rules among the terms of a loan, and who lends; the rate without trailing zeros."""
    rate = Decimal(format(terms.annual_rate.normalize(), "f"))
    is_line = terms.method is Method.REVOLVING_DAILY
    # Without orders by stage the day from which one would count says nothing, and is not kept.
    orders = terms.orders if terms.stage_orders else Orders(terms.allocation)
    late = late_fees(terms.fees)
    return Rules(rate, terms.rounding, orders, terms.penalty, is_line, sharing, late)


@lru_cache(maxsize=4096)
def read_rules(text: str) -> Rules:
    """The rules that :meth:`Rules.text` wrote.

    :raises BadField: the text was changed.
    """
    row: dict[str, Any] = json.loads(text)
    penalty = row["penalty"]
    return Rules(
        annual_rate=wire.decimal(row["annual_rate"], "annual_rate"),
        rounding=Rounding(row["rounding"]),
        orders=(
            wire.read(Orders, row["stages"], "stages")
            if "stages" in row
            else Orders(Order.from_dict(row["allocation"]))
        ),
        penalty=None if penalty is None else Penalty.from_dict(penalty),
        is_line=row.get("is_line", False),
        sharing=wire.read(Sharing, row.get("sharing", {}), "sharing"),
        late_fees=tuple(Fee.from_dict(fee) for fee in row.get("late_fees", ())),
    )


def pool_code(*, product: str, funder: str, rules: Rules, channel: str) -> str:
    """The name of a pool: readable, and different for every difference of its rules."""
    digest = hashlib.sha256(f"{rules.text()}|{channel}".encode()).hexdigest()[:8]
    return f"{product}/{funder}/{format(rules.annual_rate, 'f')}/{digest}"
