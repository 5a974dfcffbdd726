"""Loans to test with: one plain loan, and any loan the terms allow."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from loanops.kernel.calendar import Frequency, MonthEnd, Roll, Unit
from loanops.kernel.daycount import DayCount
from loanops.kernel.money import Rounding
from loanops.kernel.schedule import (
    Fee,
    FeeBase,
    FeeTiming,
    InterestRounding,
    LevelBasis,
    Method,
    Penalty,
    PenaltyBase,
    PenaltyFollows,
    PenaltyStart,
    Residue,
    Stub,
    Terms,
)

JANUARY_15 = date(2026, 1, 15)


def plain(**changed: Any) -> Terms:
    """10,000.00 yuan at 12 % over twelve equal months."""
    agreed: dict[str, Any] = {
        "method": Method.EQUAL_INSTALMENT,
        "principal_minor": 1_000_000,
        "currency": "CNY",
        "annual_rate": Decimal("0.12"),
        "instalments": 12,
        "start_date": JANUARY_15,
    }
    return Terms(**{**agreed, **changed})


RATES = st.decimals("0", "0.48", places=6)
STARTS = st.dates(date(2019, 1, 1), date(2030, 12, 31))


@st.composite
def fees(draw: st.DrawFn) -> Fee:
    by_rate = draw(st.booleans())
    return Fee(
        name=draw(st.sampled_from(["guarantee", "service", "insurance"])),
        charging_party=draw(st.sampled_from(["guarantor", "platform", "insurer"])),
        timing=draw(st.sampled_from([FeeTiming.UPFRONT, FeeTiming.PER_INSTALMENT])),
        amount_minor=None if by_rate else draw(st.integers(0, 5000)),
        rate=draw(st.decimals("0", "0.02", places=5)) if by_rate else None,
        base=draw(st.sampled_from([base for base in FeeBase if base is not FeeBase.OVERDUE])),
        annual=draw(st.booleans()),
    )


@st.composite
def late_fees(draw: st.DrawFn) -> Fee:
    """What an instalment comes to bear by being late."""
    by_rate = draw(st.booleans())
    return Fee(
        name=draw(st.sampled_from(["reminder", "handling"])),
        charging_party=draw(st.sampled_from(["funder", "guarantor", "platform"])),
        timing=FeeTiming.OVERDUE,
        amount_minor=None if by_rate else draw(st.integers(0, 5000)),
        rate=draw(st.decimals("0", "0.05", places=4)) if by_rate else None,
        base=FeeBase.OVERDUE,
        overdue_days=draw(st.integers(0, 40)),
    )


@st.composite
def penalties(draw: st.DrawFn) -> Penalty:
    by_rate = draw(st.booleans())
    follows = PenaltyFollows.AGREED_RATE if by_rate else draw(st.sampled_from(PenaltyFollows))
    return Penalty(
        multiplier=None if by_rate else Decimal("1.5"),
        annual_rate=Decimal("0.24") if by_rate else None,
        follows=follows,
        base=draw(st.sampled_from(PenaltyBase)),
        grace_days=draw(st.integers(0, 5)),
        runs_from=draw(st.sampled_from(PenaltyStart)),
        days_in_year=draw(st.sampled_from([360, 365])),
        stop_days=draw(st.none() | st.integers(6, 90)),
        cap=draw(st.none() | st.decimals("0.05", "0.5", places=3)),
        stops_at_acceleration=draw(st.booleans()),
        compounds_days=draw(st.none() | st.integers(6, 40)),
    )


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    """Any loan of a method that is not given row by row."""
    instalments = draw(st.integers(1, 24))
    start = draw(STARTS)
    frequency = draw(
        st.sampled_from(
            [Frequency(), Frequency(3), Frequency(2, Unit.WEEKS), Frequency(10, Unit.DAYS)]
        )
    )
    first = draw(st.one_of(st.none(), st.integers(1, 70)))
    is_short = frequency.days is not None and frequency.days < 14
    roll = Roll.NONE if is_short else draw(st.sampled_from(Roll))
    closed = draw(st.sets(st.integers(0, 900), max_size=12)) if roll is not Roll.NONE else set()
    return Terms(
        method=draw(st.sampled_from([m for m in Method if m is not Method.CUSTOM])),
        principal_minor=draw(st.integers(1, 20_000_000)),
        currency="CNY",
        annual_rate=draw(RATES),
        instalments=instalments,
        start_date=start,
        frequency=frequency,
        first_due_date=None if first is None else start + timedelta(days=first),
        due_day=draw(st.one_of(st.none(), st.integers(1, 31))) if first is None else None,
        month_end=draw(st.sampled_from(MonthEnd)),
        day_count=draw(st.sampled_from(DayCount)),
        rounding=draw(st.sampled_from(Rounding)),
        instalment_rounding=draw(st.one_of(st.none(), st.sampled_from(Rounding))),
        instalment_multiple_minor=draw(st.sampled_from([1, 100])),
        residue=draw(st.sampled_from(Residue)),
        stub=draw(st.sampled_from(Stub)),
        level_basis=draw(st.sampled_from(LevelBasis)),
        interest_rounding=draw(st.sampled_from(InterestRounding)),
        principal_grace=draw(st.integers(0, instalments - 1)),
        interest_grace=draw(st.integers(0, instalments - 1)),
        fees=tuple(draw(st.lists(fees(), max_size=2))),
        penalty=draw(st.one_of(st.none(), penalties())),
        roll=roll,
        calendar="CN" if roll is not Roll.NONE else "",
        closed_days=tuple(start + timedelta(days=each) for each in sorted(closed)),
    )
