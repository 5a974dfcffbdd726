"""What may be agreed about a loan and what may happen to it, drawn by chance for the kernel."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from loanops.kernel import account as ev
from loanops.kernel.account import AccountState, Event
from loanops.kernel.allocation import Component, Order, Stage, StageOrder, Sweep
from loanops.kernel.calendar import Frequency, MonthEnd, Roll, Unit
from loanops.kernel.daycount import DayCount
from loanops.kernel.money import Rounding
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule import (
    CustomRow,
    Fee,
    FeeBase,
    FeeTiming,
    Floating,
    InterestRounding,
    InterestUntil,
    LevelBasis,
    Method,
    Penalty,
    PenaltyBase,
    PenaltyFollows,
    PenaltyStart,
    PrepaymentBase,
    PrepaymentFee,
    PrepaymentTier,
    Reset,
    Residue,
    Stub,
    Terms,
)
from loanops.kernel.schedule.amending import Keep

FUNDERS: Final = ("guarantor", "fund", "buyer")
SCHEDULED: Final = tuple(m for m in Method if m not in {Method.CUSTOM, Method.REVOLVING_DAILY})
_UNINDEXED: Final = frozenset({Method.CUSTOM, Method.FLAT})


INDEX: Final = "lpr_1y"


def agreed(chance: random.Random, *, start: date | None = None) -> Terms:
    """Terms of any method, from a day on that is drawn where none is given."""
    instalments = chance.randint(1, 24)
    start = start or date(2019, 1, 1) + timedelta(days=chance.randint(0, 4_000))
    first = chance.choice((None, None, chance.randint(1, 70)))
    terms = Terms(
        method=chance.choice((*SCHEDULED, Method.REVOLVING_DAILY)),
        principal_minor=chance.choice((chance.randint(1, 5_000), chance.randint(1, 20_000_000))),
        currency="CNY",
        annual_rate=Decimal(chance.randint(0, 480_000)).scaleb(-6),
        instalments=instalments,
        start_date=start,
        frequency=chance.choice(
            (
                Frequency(),
                Frequency(),
                Frequency(3),
                Frequency(2, Unit.WEEKS),
                Frequency(10, Unit.DAYS),
            )
        ),
        first_due_date=None if first is None else start + timedelta(days=first),
        due_day=chance.choice((None, chance.randint(1, 31))) if first is None else None,
        month_end=chance.choice(list(MonthEnd)),
        day_count=chance.choice(list(DayCount)),
        rounding=chance.choice(list(Rounding)),
        instalment_rounding=chance.choice((None, *Rounding)),
        instalment_multiple_minor=chance.choice((1, 1, 100)),
        residue=chance.choice(list(Residue)),
        stub=chance.choice(list(Stub)),
        level_basis=chance.choice(list(LevelBasis)),
        interest_rounding=chance.choice(list(InterestRounding)),
        principal_grace=chance.choice((0, 0, chance.randrange(instalments))),
        interest_grace=chance.choice((0, 0, chance.randrange(instalments))),
        fees=tuple(_fee(chance) for _ in range(chance.randint(0, 2))),
        allocation=_order(chance),
        stage_orders=tuple(
            StageOrder(stage=stage, order=_order(chance))
            for stage in Stage
            if chance.random() < 0.3
        ),
        non_performing_dpd=chance.choice((30, 90)),
        penalty=chance.choice((None, _penalty(chance))),
        prepayment_fee=chance.choice((None, _prepayment_fee(chance))),
        settlement_interest=chance.choice(list(InterestUntil)),
    )
    return _besides(chance, terms)


def _besides(chance: random.Random, terms: Terms) -> Terms:
    """Now and then the terms roll their due days, follow an index, or are given row by row."""
    if chance.random() < 0.15:
        terms = _row_by_row(chance, terms)
    if chance.random() < 0.3 and terms.frequency.unit is not Unit.DAYS:
        days = chance.sample(range(1, 800), 40)
        closed = tuple(sorted(terms.start_date + timedelta(days=each) for each in days[:30]))
        exchanged = tuple(sorted(terms.start_date + timedelta(days=each) for each in days[30:]))
        with suppress(BadField):  # rows a day apart may be moved onto one day, which is refused
            terms = replace(
                terms, calendar="cn", roll=chance.choice(list(Roll)), closed_days=closed,
                exchanged_days=exchanged,
            )  # fmt: skip
    if chance.random() < 0.2 and terms.method not in _UNINDEXED:
        terms = replace(terms, floating=_floating(chance))
    return terms


def _row_by_row(chance: random.Random, terms: Terms) -> Terms:
    due, left_minor, rows = terms.start_date, terms.principal_minor, []
    for left in range(chance.randint(1, 12), 0, -1):
        due += timedelta(days=chance.randint(1, 45))
        minor = left_minor if left == 1 else chance.randint(0, left_minor)
        left_minor -= minor
        rows.append(
            CustomRow(
                due_date=due, principal_minor=minor, interest_minor=chance.randint(0, 5_000),
                fees_minor=chance.choice((0, 0, 700)),
            )
        )  # fmt: skip
    return replace(
        terms, method=Method.CUSTOM, rows=tuple(rows), instalments=len(rows), principal_grace=0,
        interest_grace=0, first_due_date=None, due_day=None,
    )  # fmt: skip


def _floating(chance: random.Random) -> Floating:
    return Floating(
        index=INDEX,
        spread_bp=chance.choice((None, Decimal(chance.randint(-50, 300)))),
        reset=chance.choice(list(Reset)),
        month=chance.randint(1, 12),
        day=chance.randint(1, 28),
        floor=chance.choice((None, Decimal("0.02"))),
        cap=chance.choice((None, Decimal("0.2"))),
    )


def brought(chance: random.Random, terms: Terms) -> ev.BroughtIn:
    """The loan comes from elsewhere on its first day, with what it owed there unpaid."""
    due, arrears = terms.start_date - timedelta(days=chance.randint(60, 200)), []
    for _ in range(chance.randint(0, 3)):
        start, due = due, due + timedelta(days=chance.randint(1, 20))
        arrears.append(
            ev.Arrear(
                start_date=start, due_date=due, principal_minor=chance.randint(0, 50_000),
                interest_minor=chance.randint(0, 5_000), fee_minor=chance.choice((0, 300)),
                penalty_minor=chance.choice((0, 77)),
            )
        )  # fmt: skip
    return ev.BroughtIn(
        key="in",
        on=terms.start_date,
        amount_minor=terms.principal_minor + sum(each.principal_minor for each in arrears),
        arrears=tuple(arrears),
    )


def _fee(chance: random.Random) -> Fee:
    by_rate = chance.random() < 0.5
    timing = chance.choice(list(FeeTiming))
    is_late = timing is FeeTiming.OVERDUE
    named = timing is FeeTiming.PER_INSTALMENT and chance.random() < 0.3
    planned = [base for base in FeeBase if base is not FeeBase.OVERDUE]
    return Fee(
        name=chance.choice(("guarantee", "service")),
        charging_party=chance.choice(("guarantor", "platform", "funder")),
        timing=timing,
        amount_minor=None if by_rate else chance.randint(0, 5_000),
        rate=Decimal(chance.randint(0, 2_000)).scaleb(-5) if by_rate else None,
        base=FeeBase.OVERDUE if is_late else chance.choice(planned),
        annual=not is_late and chance.random() < 0.5,
        instalments=tuple(sorted(chance.sample(range(1, 9), 2))) if named else (),
        overdue_days=chance.randint(0, 20) if is_late else 0,
    )


def _order(chance: random.Random) -> Order:
    return Order(
        due=tuple(chance.sample(list(Component), 4)),
        in_advance=chance.choice(((), tuple(chance.sample(list(Component), 4)))),
        sweep=chance.choice(list(Sweep)),
    )


def _penalty(chance: random.Random) -> Penalty:
    by_rate = chance.random() < 0.5
    follows = PenaltyFollows.AGREED_RATE if by_rate else chance.choice(list(PenaltyFollows))
    return Penalty(
        multiplier=None if by_rate else Decimal("1.5"),
        annual_rate=Decimal("0.24") if by_rate else None,
        follows=follows,
        base=chance.choice(list(PenaltyBase)),
        grace_days=chance.randint(0, 5),
        runs_from=chance.choice(list(PenaltyStart)),
        days_in_year=chance.choice((360, 365)),
        stop_days=chance.choice((None, None, 20, 60)),
        cap=chance.choice((None, None, Decimal("0.05"), Decimal("0.2"))),
        stops_at_acceleration=chance.random() < 0.5,
        compounds_days=chance.choice((None, None, 6, 30)),
    )


def _prepayment_fee(chance: random.Random) -> PrepaymentFee:
    tiers = (
        PrepaymentTier(rate=Decimal("0.03"), instalments_max=3),
        PrepaymentTier(rate=Decimal("0.01"), instalments_max=chance.choice((None, 6))),
    )
    return PrepaymentFee(tiers=tiers, base=chance.choice(list(PrepaymentBase)))


Draw = Callable[[random.Random, AccountState], dict[str, object]]


def event(chance: random.Random, key: str, on: date, account: AccountState) -> Event:
    """Something that happens on a day, of any kind, not always possible."""
    kinds = list(HAPPENINGS)
    [kind] = chance.choices(kinds, [HAPPENINGS[each][0] for each in kinds])
    return kind(key=key, on=on, **HAPPENINGS[kind][1](chance, account))


def money(chance: random.Random, account: AccountState) -> int:
    """What is owed to the unit, or a bit of it, or anything."""
    owed = account.owed.total_minor
    all_open = (account.due - account.paid).total_minor
    choices = (owed, owed // 2, owed + 1, all_open, chance.randint(1, all_open + 1_000))
    return max(1, chance.choice(choices))


def _some_due(chance: random.Random, account: AccountState) -> date:
    dues = [item.due_date for item in account.instalments] or [account.on]
    return chance.choice(dues)


def _treated(chance: random.Random) -> ev.Treatment:
    return chance.choice(list(ev.Treatment))


def _restructured(chance: random.Random, account: AccountState) -> dict[str, object]:
    del account
    instalments = chance.randint(1, 18)
    return {
        "instalments": instalments,
        "annual_rate": Decimal(chance.randint(0, 240)).scaleb(-3),
        "method": chance.choice(SCHEDULED),
        "principal_grace": chance.choice((0, chance.randrange(instalments))),
        "interest": _treated(chance),
        "fee": _treated(chance),
        "penalty": _treated(chance),
        "principal": chance.choice(list(ev.Overdue)),
        "principal_waived_minor": chance.choice((0, 0, chance.randint(1, 5_000))),
    }


def _passed(chance: random.Random, account: AccountState) -> dict[str, object]:
    number = chance.choice((None, chance.randint(1, len(account.instalments) + 1)))
    return {
        "owner": chance.choice(FUNDERS),
        "price_minor": chance.randint(0, account.advanced_minor),
        "number": number,
    }


def _refunded(chance: random.Random, account: AccountState) -> dict[str, object]:
    paid = chance.choice(account.repayments) if account.repayments else None
    return {
        "of": paid.key if paid else "nothing",
        "amount_minor": max(1, (paid.unapplied_minor if paid else 0) // chance.choice((1, 2))),
    }


HAPPENINGS: Final[Mapping[type[Event], tuple[int, Draw]]] = MappingProxyType(
    {
        ev.Repaid: (40, lambda c, a: {"amount_minor": money(c, a)}),
        ev.Prepaid: (8, lambda c, a: {"amount_minor": money(c, a), "keep": c.choice(list(Keep))}),
        ev.SettledEarly: (2, lambda c, a: {"amount_minor": money(c, a)}),
        ev.Refunded: (3, _refunded),
        ev.Drawn: (3, lambda c, a: {"amount_minor": c.randint(1, 100_000)}),
        ev.FeeCharged: (
            6,
            lambda c, a: {
                "amount_minor": c.randint(1, 3_000),
                "component": c.choice((Component.FEE, Component.PENALTY)),
            },
        ),
        ev.Waived: (
            6,
            lambda c, a: {
                "amount_minor": c.randint(1, 20_000),
                "component": c.choice((Component.INTEREST, Component.FEE, Component.PENALTY)),
            },
        ),
        ev.RateChanged: (4, lambda c, a: {"annual_rate": Decimal(c.randint(0, 300)).scaleb(-3)}),
        ev.DueMoved: (
            4,
            lambda c, a: {
                "due": (due := _some_due(c, a)),
                "to": due + timedelta(days=c.randint(-10, 20)),
            },
        ),
        ev.Deferred: (
            4,
            lambda c, a: {
                "due": _some_due(c, a),
                "periods": c.randint(1, 3),
                "extends": c.random() < 0.5,
                "interest_free": c.random() < 0.3,
            },
        ),
        ev.Extended: (
            4,
            lambda c, a: {"periods": c.randint(1, 4), "fee_minor": c.choice((0, 5_000))},
        ),
        ev.Restructured: (3, _restructured),
        ev.CountingPaused: (
            3,
            lambda c, a: {
                "cause": c.choice(list(ev.PauseCause)),
                "until": c.choice((None, a.on + timedelta(days=c.randint(1, 60)))),
            },
        ),
        ev.CountingResumed: (2, lambda c, a: {}),
        ev.Accelerated: (1, lambda c, a: {}),
        ev.Compensated: (3, _passed),
        ev.BoughtBack: (2, _passed),
        ev.Assigned: (2, _passed),
        ev.WrittenOff: (1, lambda c, a: {}),
    }
)
"""Every kind of event with its weight, and how its values are drawn."""
