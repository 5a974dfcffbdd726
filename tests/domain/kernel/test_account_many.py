"""Many accounts at once: whatever the terms and payments, equal to the fold of each to the fen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.account import AccountState, Disbursed, Event, Repaid, state
from loanops.kernel.account.many import (
    NEVER,
    Folded,
    Kind,
    PlainLoans,
    fold_many,
    is_plain,
    penalty_of,
)
from loanops.kernel.allocation import Component, Order, Stage, StageOrder, Sweep
from loanops.kernel.money import Rounding
from loanops.kernel.portfolio import PortfolioTooLarge
from loanops.kernel.schedule import Method, Penalty, PenaltyFollows, Terms, schedule
from tests.domain.kernel.loans import JANUARY_15, penalties, plain, terms

FINE = Penalty(multiplier=Decimal("1.5"))
Payments = Sequence[tuple[date, int]]


def gathered(agreed: Sequence[Terms], came: Sequence[Payments]) -> PlainLoans:
    """Loans with the same number of instalments as arrays."""
    rows = [schedule(each).rows for each in agreed]
    longest = max(len(each) for each in came)
    padded = [[*each, *[(date.min, 0)] * (longest - len(each))] for each in came]
    numerators, denominators, ends = (
        np.array(each, np.int64) for each in zip(*map(penalty_of, agreed), strict=True)
    )

    def table(each: list[list[int]]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        return np.array(each, np.int64).reshape(len(agreed), -1).T

    return PlainLoans(
        due_on=table([[row.due_date.toordinal() for row in each] for each in rows]),
        principal_minor=table([[row.principal_minor for row in each] for each in rows]),
        interest_minor=table([[row.interest_minor for row in each] for each in rows]),
        fee_minor=table([[row.fees_minor for row in each] for each in rows]),
        paid_on=table([[on.toordinal() for on, _ in each] for each in padded]),
        paid_minor=table([[minor for _, minor in each] for each in padded]),
        penalty=(numerators, denominators, ends),
    )


def alone(agreed: Terms, came: Payments, on: date) -> AccountState:
    out = Disbursed(key="out", on=agreed.start_date, amount_minor=agreed.principal_minor)
    events: list[Event] = [out]
    for place, (day, amount_minor) in enumerate(came):
        events.append(Repaid(key=f"in-{place}", on=day, amount_minor=amount_minor))
    return state(agreed, events, on)


def said(folded: Folded, loan: int) -> tuple[object, ...]:
    return (
        folded.paid_minor[:, :, loan].T.tolist(),
        folded.penalty_minor[:, loan].tolist(),
        folded.penal_minor_days[:, loan].tolist(),
        folded.held_from[:, loan].tolist(),
        folded.held_minor_days[:, loan].tolist(),
        folded.settled_on[:, loan].tolist(),
        int(folded.credit_minor[loan]),
    )


def known(account: AccountState) -> tuple[object, ...]:
    items = account.instalments
    return (
        [[item.paid.of(component) for component in Component] for item in items],
        [item.accrued_penalty_minor for item in items],
        [item.penal_minor_days for item in items],
        [item.held_from.toordinal() if item.held_from else NEVER for item in items],
        [item.held_minor_days for item in items],
        [item.settled_on.toordinal() if item.settled_on else NEVER for item in items],
        account.unapplied_minor,
    )


def counted(rule: Penalty) -> Penalty:
    """A rule without what makes a loan not plain."""
    return replace(rule, stops_at_acceleration=False, compounds_days=None)


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[Terms], list[Payments], date]:
    """A few loans of one kind, each with payments of its own, and a day to look at them."""
    order = Order(
        due=tuple(draw(st.permutations(list(Component)))),
        in_advance=tuple(draw(st.permutations(list(Component)))),
        sweep=draw(st.sampled_from(Sweep)),
    )
    penalty = draw(st.none() | penalties().map(counted))
    first = replace(draw(terms().filter(is_plain)), allocation=order, penalty=penalty)
    count = len(schedule(first).rows)
    amounts = st.integers(first.principal_minor // 2 + 1, 2 * first.principal_minor)
    agreed = [first]
    for minor in draw(st.lists(amounts, max_size=2)):
        other = replace(first, principal_minor=minor)
        # An instalment of nothing at the end is left out, so that loans may differ in their number.
        agreed += [other] if len(schedule(other).rows) == count else []
    last = schedule(first).rows[-1].due_date
    days = st.dates(first.start_date, last + timedelta(days=120))
    one = st.tuples(days, st.integers(1, first.principal_minor))
    came: list[Payments] = [
        sorted(draw(st.lists(one, max_size=8)), key=lambda each: each[0]) for _ in agreed
    ]
    newest = max((each[-1][0] for each in came if each), default=first.start_date)
    return agreed, came, max(draw(days), newest)


class TestManyLoans:
    @given(lives())
    def test_are_folded_as_each_of_them_alone(
        self, life: tuple[list[Terms], list[Payments], date]
    ) -> None:
        agreed, came, on = life

        folded = fold_many(gathered(agreed, came), Kind.of(agreed[0]), on)

        for place, (each, payments) in enumerate(zip(agreed, came, strict=True)):
            assert said(folded, place) == known(alone(each, payments, on))

    def test_are_folded_in_blocks_as_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        late = JANUARY_15 + timedelta(days=200)
        agreed = [plain(principal_minor=100_000 + n, penalty=FINE) for n in range(7)]
        came = [[(JANUARY_15 + timedelta(days=40 + n), 50_000)] for n in range(7)]
        monkeypatch.setattr("loanops.kernel.account.many._BLOCK", 3)

        folded = fold_many(gathered(agreed, came), Kind.of(agreed[0]), late)

        for place in range(7):
            assert said(folded, place) == known(alone(agreed[place], came[place], late))

    @pytest.mark.parametrize("rounding", Rounding)
    def test_round_a_half_of_penalty_as_the_terms_say(self, rounding: Rounding) -> None:
        # Every odd day late of an instalment of 5.00 costs a half at a thousandth a day.
        fine = Penalty(annual_rate=Decimal("0.36"))
        agreed = [
            plain(
                principal_minor=12 * minor, annual_rate=Decimal(0), rounding=rounding, penalty=fine
            )
            for minor in (500, 1_500, 2_500)
        ]
        for days in range(32, 37):
            on = JANUARY_15 + timedelta(days=days)

            folded = fold_many(gathered(agreed, [[]] * 3), Kind.of(agreed[0]), on)

            for place, each in enumerate(agreed):
                assert said(folded, place) == known(alone(each, [], on))

    @pytest.mark.parametrize("follows", PenaltyFollows)
    def test_end_their_penalty_each_where_the_cap_does_at_its_rate(
        self, follows: PenaltyFollows
    ) -> None:
        rule = replace(FINE, cap=Decimal("0.0125"), follows=follows)
        agreed = [
            plain(annual_rate=Decimal(rate), penalty=rule, method=Method.EQUAL_PRINCIPAL)
            for rate in ("0", "0.07", "0.12", "0.24")
        ]
        came = [[(JANUARY_15 + timedelta(days=43), 20_000)]] * 4
        for days in (43, 46, 57, 73, 200):
            on = JANUARY_15 + timedelta(days=days)

            folded = fold_many(gathered(agreed, came), Kind.of(agreed[0]), on)

            for place, each in enumerate(agreed):
                assert said(folded, place) == known(alone(each, came[place], on))

    def test_too_large_to_be_counted_in_64_bits_are_refused(self) -> None:
        odd = plain(principal_minor=10**16, penalty=Penalty(annual_rate=Decimal("0.123457")))

        with pytest.raises(PortfolioTooLarge):
            fold_many(gathered([odd], [[]]), Kind.of(odd), JANUARY_15 + timedelta(days=900))


class TestAPlainLoan:
    @pytest.mark.parametrize(
        "other",
        [
            {"method": Method.REVOLVING_DAILY},
            {"stage_orders": (StageOrder(stage=Stage.OVERDUE, order=Order()),)},
            {"allocation": Order(in_advance=())},
        ],
    )
    def test_knows_one_order_and_keeps_no_credit_back(self, other: dict[str, Any]) -> None:
        assert is_plain(plain(penalty=FINE))
        assert not is_plain(plain(**other))
