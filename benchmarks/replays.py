"""A loan derived again from its events: a payment dated long ago, and a book folded anew.

The peer steps through every day of the loan, as a nightly job does that counts penalty day by day
and lays each payment when its day comes. Both end with the same principal and the same penalty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np

from benchmarks.figure import Figure, seconds
from loanops.kernel.account import AccountState, Disbursed, Event, Repaid, state
from loanops.kernel.account.many import Folded, Kind, PlainLoans, fold_many, penalty_of
from loanops.kernel.alike import asked_alike
from loanops.kernel.money import to_minor
from loanops.kernel.schedule import Method, Penalty, PenaltyBase, Row, Terms, schedule

TITLE = "Loans derived again"
BEGINS = date(2019, 1, 15)
DEEP_DAYS, DEEP_MOST_MS = 2_400, 50.0
EVENTS, FOLDS_WANTED = 24, 100_000
TIMES = 2.0
MANY_TIMES = 10.0


def measure(*, quick: bool) -> Iterator[Figure]:
    """One deep replay, then loans of 24 events."""
    yield _deep(quick=quick)
    yield _shallow(quick=quick)
    yield _many(quick=quick)


def _deep(*, quick: bool) -> Figure:
    terms = _terms(instalments=120)
    rows = schedule(terms).rows
    paid = [row for row in rows if (row.due_date - BEGINS).days <= DEEP_DAYS]
    late = _paid(rows, len(paid))
    back = Repaid(key="back", on=BEGINS + timedelta(days=33), amount_minor=5_000)
    events, on = [*late, back], BEGINS + timedelta(days=DEEP_DAYS + 33)
    taken = seconds(lambda: state(terms, events, on), times=3 if quick else 15)
    stepped = seconds(lambda: _step(terms, rows, events, on), times=1 if quick else 5)
    same = _same(state(terms, events, on), _step(terms, rows, events, on))
    milliseconds = 1000 * taken
    return Figure(
        f"a payment {DEEP_DAYS:,} days back, {len(events)} events and 120 instalments",
        milliseconds,
        "ms",
        "faster than stepping through the days",
        stepped / taken,
        f"under {DEEP_MOST_MS:g} ms, {TIMES:g} times",
        None if quick else same and milliseconds < DEEP_MOST_MS and stepped / taken >= TIMES,
        "the same principal and penalty" if same else "void: the two differ",
    )


def _shallow(*, quick: bool) -> Figure:
    terms = _terms(instalments=EVENTS)
    rows = schedule(terms).rows
    events = _paid(rows, EVENTS - 1)
    on = events[-1].on
    count = 50 if quick else 1_000

    def fold() -> None:
        for _ in range(count):
            state(terms, events, on)

    taken = seconds(fold) / count
    stepped = seconds(lambda: _step(terms, rows, events, on), times=3 if quick else 15)
    same = _same(state(terms, events, on), _step(terms, rows, events, on))
    per_minute = 60 / taken
    return Figure(
        f"loans of {EVENTS} events folded anew, one core",
        per_minute,
        "a minute",
        "faster than stepping through the days",
        stepped / taken,
        f"{FOLDS_WANTED:,} a minute",
        None if quick else same and per_minute >= FOLDS_WANTED,
        "the same principal and penalty" if same else "void: the two differ",
    )


def _many(*, quick: bool) -> Figure:
    """Loans that differ in principal and payments, folded together and one by one."""
    count, alone = (200, 20) if quick else (20_000, 300)
    agreed = _terms(instalments=EVENTS)
    principals = [5_000_000 + 7_919 * place for place in range(count)]
    numerator, denominator, ends = penalty_of(agreed)
    template = _paid(schedule(agreed).rows, EVENTS - 1)
    days = np.array([event.on.toordinal() for event in template[1:]], np.int64)
    on = template[-1].on

    def together() -> Folded:
        asked = asked_alike(agreed, principals)
        assert asked is not None
        due_on = np.array([day.toordinal() for day in asked.due_dates], np.int64)
        loans = PlainLoans(
            due_on=np.repeat(due_on[:, None], count, axis=1),
            principal_minor=asked.principal_minor,
            interest_minor=asked.interest_minor,
            fee_minor=asked.fee_minor,
            paid_on=np.repeat(days[:, None], count, axis=1),
            paid_minor=(asked.principal_minor + asked.interest_minor)[: EVENTS - 1],
            penalty=(np.full(count, numerator), np.full(count, denominator), np.full(count, ends)),
        )
        return fold_many(loans, Kind.of(agreed), on)

    def one(principal_minor: int) -> AccountState:
        mine = replace(agreed, principal_minor=principal_minor)
        rows = schedule(mine).rows[: EVENTS - 1]
        events: list[Event] = [Disbursed(key="out", on=BEGINS, amount_minor=principal_minor)]
        for event, row in zip(template[1:], rows, strict=True):
            events.append(Repaid(key=event.key, on=event.on, amount_minor=row.total_minor))
        return state(mine, events, on)

    taken = seconds(together) / count
    each = seconds(lambda: [one(minor) for minor in principals[:alone]]) / alone
    folded = together()
    same = all(
        [item.accrued_penalty_minor for item in one(principals[place]).instalments]
        == folded.penalty_minor[:, place].tolist()
        for place in range(0, count, count // alone)
    )
    return Figure(
        f"loans of {EVENTS} events folded anew together by arrays, one core",
        60 / taken,
        "a minute",
        "faster than the fold of each alone, schedule and events made for each",
        each / taken,
        f"{MANY_TIMES:g} times",
        None if quick else same and each / taken >= MANY_TIMES,
        "the same penalty to the fen" if same else "void: the two differ",
    )


def _terms(*, instalments: int) -> Terms:
    return Terms(
        method=Method.EQUAL_INSTALMENT,
        principal_minor=10_000_000,
        currency="CNY",
        annual_rate=Decimal("0.12"),
        instalments=instalments,
        start_date=BEGINS,
        penalty=Penalty(multiplier=Decimal("1.5"), base=PenaltyBase.PRINCIPAL_AND_INTEREST),
    )


def _paid(rows: Sequence[Row], count: int) -> list[Event]:
    """The payout, and as many instalments paid, two of five some days late."""
    events: list[Event] = [Disbursed(key="payout", on=BEGINS, amount_minor=10_000_000)]
    for row in rows[:count]:
        on = row.due_date + timedelta(days=(0, 0, 0, 3, 9)[row.number % 5])
        events.append(Repaid(key=f"paid-{row.number}", on=on, amount_minor=row.total_minor))
    return events


def _step(
    terms: Terms, rows: Sequence[Row], events: Sequence[Event], until: date
) -> tuple[int, int]:
    """Principal outstanding and penalty accrued, by a walk over every day of the loan."""
    assert terms.penalty is not None
    rate = Fraction(terms.annual_rate) * Fraction(terms.penalty.multiplier or 0)
    daily = rate / terms.penalty.days_in_year
    left = [
        {"penalty": 0, "interest": r.interest_minor, "principal": r.principal_minor} for r in rows
    ]
    days, accrued = [0] * len(rows), [0] * len(rows)
    money = dict.fromkeys((event.on for event in events), 0)
    for event in events:
        if isinstance(event, Repaid):
            money[event.on] += event.amount_minor
    today = BEGINS
    while today <= until:
        for place, row in enumerate(rows):
            base = left[place]["principal"] + left[place]["interest"]
            if row.due_date < today and base:
                days[place] += base
                now = to_minor(daily * days[place], terms.rounding)
                left[place]["penalty"] += now - accrued[place]
                accrued[place] = now
        _lay(rows, left, money.get(today, 0), today)
        today += timedelta(days=1)
    return sum(each["principal"] for each in left), sum(accrued)


def _lay(
    rows: Sequence[Row], left: Sequence[dict[str, int]], amount_minor: int, today: date
) -> None:
    """Lay money over what is due, oldest first, and then ahead."""
    for is_ahead in (False, True):
        for row, parts in zip(rows, left, strict=True):
            if not amount_minor:
                return
            if (row.due_date > today) is is_ahead:
                for name in ("penalty", "interest", "principal"):
                    taken = min(amount_minor, parts[name])
                    parts[name] -= taken
                    amount_minor -= taken


def _same(account: AccountState, stepped: tuple[int, int]) -> bool:
    penalty_minor = sum(item.accrued_penalty_minor for item in account.instalments)
    return (account.principal_outstanding_minor, penalty_minor) == stepped
