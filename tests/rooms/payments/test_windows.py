"""Several windows a day: what is still open is asked for again, as the policy says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loanops.kernel.access import Actor, Scopes
from loanops.kernel.refusals import BadField, MoveNotAllowed, NotFound, NotPermitted
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing import queries as loans
from loanops.loanbook.servicing import reactions as jobs
from loanops.money.payments import operations as payments
from loanops.money.payments import queries
from loanops.money.payments import reactions as money
from loanops.money.payments.invariants import CHECKS
from loanops.money.payments.ports import CHANNELS
from loanops.money.payments.queries import DebitPolicy
from loanops.platform.audit import queries as audit
from loanops.platform.jobs.models import Job
from tests.factories.loans import (
    AT,
    BANK,
    DAY,
    HOUSE,
    close_until,
    open_book,
    open_loan,
    repay,
    terms,
)
from tests.rooms.payments.bank import Bank, answer, deliver, file_of, orders_of

pytestmark = pytest.mark.django_db
DUE = date(2026, 12, 2)
INSTALMENT = 88_849


@pytest.fixture(autouse=True)
def bank(monkeypatch: pytest.MonkeyPatch) -> Bank:
    made = Bank()
    monkeypatch.setattr(CHANNELS, "_plugged", {"open_bank": made})
    return made


def policy(channel: str = BANK, **values: Any) -> queries.PolicyCard:
    given: dict[str, Any] = {"windows": ("09:00", "14:00", "19:30"), **values}
    return payments.set_debit_policy(
        book="cn",
        channel=channel,
        policy=DebitPolicy(**given),
        effective_from=DAY + timedelta(days=1),
        actor=HOUSE,
        at=AT,
    )


def due(**values: Any) -> str:
    """A loan with an instalment due today, debited under such a policy."""
    open_book()
    policy(**values)
    loan = open_loan()
    close_until(DUE)
    return loan


def order(window: int, channel: str = "") -> servicing.WindowOrdered:
    return servicing.order_window(book="cn", window=window, channel=channel, actor=HOUSE, at=AT)


def states(loan: str) -> list[tuple[int, int, str]]:
    return [(each.window, each.amount_minor, each.state) for each in orders_of(loan)]


def violations() -> list[str]:
    return [found.object for check in CHECKS for found in check.find()]


class TestALaterWindow:
    def test_asks_for_all_that_failed(self) -> None:
        loan = due()
        answer({loan: 0}, on=DUE)

        made = order(2)

        assert (made.orders, made.total_minor) == (1, INSTALMENT)
        assert states(loan) == [(1, INSTALMENT, "failed"), (2, INSTALMENT, "ordered")]
        assert violations() == []

    def test_asks_for_the_rest_of_a_part_and_pays_the_loan_with_both(self) -> None:
        loan = due()
        answer({loan: 50_000}, on=DUE)
        deliver()

        order(2)
        answer({loan: INSTALMENT - 50_000}, window=2, on=DUE)
        deliver()

        assert states(loan) == [(1, INSTALMENT, "partly"), (2, INSTALMENT - 50_000, "collected")]
        card = loans.get_loan(number=loan, viewer=HOUSE)
        assert (card.due_minor, card.paid_minor) == (0, INSTALMENT)
        assert violations() == []

    def test_does_not_ask_again_for_money_that_is_not_laid_on_the_loan_yet(self) -> None:
        loan = due()
        answer({loan: 50_000}, on=DUE)

        order(2)

        assert states(loan)[-1] == (2, INSTALMENT - 50_000, "ordered")

    def test_leaves_the_rest_alone_where_the_policy_says_so(self) -> None:
        loan = due(rest_in_next_window=False)
        answer({loan: 50_000}, on=DUE)
        deliver()

        assert order(2).orders == 0
        assert states(loan) == [(1, INSTALMENT, "partly")]

    def test_leaves_alone_who_is_not_answered_yet(self) -> None:
        loan = due()
        payments.send_debit_file(number=file_of().number, actor=HOUSE, at=AT)

        assert order(2).orders == 0
        assert states(loan) == [(1, INSTALMENT, "ordered")]

    def test_leaves_alone_who_paid_otherwise_since(self) -> None:
        loan = due()
        answer({loan: 0}, on=DUE)
        repay(loan, INSTALMENT)

        assert order(2).orders == 0

    def test_orders_nothing_twice(self) -> None:
        loan = due()
        answer({loan: 0}, on=DUE)
        order(2)

        assert order(2).orders == 0
        assert len(orders_of(loan)) == 2
        answer({loan: 0}, window=2, on=DUE)
        assert order(2).orders == 0
        assert order(3).orders == 1

    def test_is_refused_where_no_channel_has_it(self) -> None:
        due()

        for window in (0, 1, 4):
            with pytest.raises(BadField):
                order(window)
        with pytest.raises(BadField):
            order(2, "open_bank:nobody")

    def test_needs_the_grant_and_a_book(self) -> None:
        due()

        with pytest.raises(NotPermitted):
            servicing.order_window(
                book="cn", window=2, channel="", actor=Actor(person="li.lei"), at=AT
            )
        with pytest.raises(NotFound):
            servicing.order_window(
                book="us",
                window=2,
                channel="",
                actor=replace(HOUSE, scopes=Scopes(books=frozenset({"cn"}))),
                at=AT,
            )

    def test_costs_as_many_questions_for_many_loans_as_for_one(self) -> None:
        first = due(tries_per_month=9, tries_per_instalment=9)
        answer({first: 0}, on=DUE)
        with CaptureQueriesContext(connection) as one:
            order(2)
        many = [open_loan(agreed=terms(start_date=DUE)) for _ in range(5)]
        day = date(2027, 1, 2)
        close_until(day)
        answer(dict.fromkeys(many, 0), on=day)

        with CaptureQueriesContext(connection) as asked:
            made = order(2)

        assert made.orders == len(many)
        # The file of the day exists in neither case; nothing else depends on how many there are.
        assert len(asked) <= len(one)


class TestThePolicy:
    def test_limits_the_tries_of_an_instalment(self) -> None:
        loan = due(tries_per_instalment=2)
        answer({loan: 0}, on=DUE)
        order(2)
        answer({loan: 0}, window=2, on=DUE)

        assert order(3).orders == 0
        close_until(DUE + timedelta(days=1))
        assert len(orders_of(loan)) == 2

    def test_limits_the_tries_of_a_month(self) -> None:
        loan = due(tries_per_month=1, retry_dpd=(1, 29))
        answer({loan: 0}, on=DUE)

        close_until(date(2026, 12, 4))
        assert len(orders_of(loan)) == 1
        close_until(date(2027, 1, 2))
        assert len(orders_of(loan)) == 2

    def test_says_on_which_days_past_due_it_is_tried_again(self) -> None:
        loan = due(retry_dpd=(2,))
        answer({loan: 0}, on=DUE)

        close_until(DUE + timedelta(days=5))

        assert [each.due_on for each in orders_of(loan)] == [DUE, DUE + timedelta(days=2)]

    def test_gives_the_file_the_least_part(self, bank: Bank) -> None:
        due(part_min_minor=None)

        payments.send_debit_file(number=file_of().number, actor=HOUSE, at=AT)

        assert bank.files[0].part_min_minor is None

    def test_stops_who_paid_before_the_file_is_frozen_unless_it_says_otherwise(self) -> None:
        loan = due(stop_if_paid=False)

        repay(loan, INSTALMENT)

        assert states(loan) == [(1, INSTALMENT, "ordered")]

    def test_of_the_whole_book_holds_for_channels_without_their_own(self) -> None:
        open_book()
        policy("", windows=("08:00",))
        policy(windows=("07:00", "12:00"))

        found = queries.policies_on(book="cn", on=DUE)

        assert found.of(BANK).windows == ("07:00", "12:00")
        assert found.of("open_bank:other").windows == ("08:00",)
        assert queries.policies_on(book="cn", on=DAY).of(BANK) == DebitPolicy()

    def test_is_never_edited_but_followed_by_the_next_version(self) -> None:
        open_book()
        policy()
        policy(windows=("06:00",))

        listed = queries.list_policies(book="cn", viewer=HOUSE)

        assert [(card.number, card.policy.windows[0]) for card in listed] == [
            (2, "06:00"),
            (1, "09:00"),
        ]
        assert queries.policies_on(book="cn", on=DUE).of(BANK).windows == ("06:00",)

    def test_cannot_begin_on_a_day_whose_debits_are_ordered(self) -> None:
        open_book()

        with pytest.raises(BadField):
            payments.set_debit_policy(
                book="cn", channel="", policy=DebitPolicy(), effective_from=DAY, actor=HOUSE, at=AT
            )

    def test_needs_the_grant_and_a_book_of_the_actor(self) -> None:
        open_book()

        with pytest.raises(NotPermitted):
            payments.set_debit_policy(
                book="cn",
                channel="",
                policy=DebitPolicy(),
                effective_from=DUE,
                actor=Actor(person="li.lei"),
                at=AT,
            )

    @pytest.mark.parametrize(
        "values",
        [
            {"windows": ()},
            {"windows": ("9:00",)},
            {"windows": ("14:00", "09:00")},
            {"windows": ("09:00", "09:00")},
            {"retry_dpd": (0,)},
            {"retry_dpd": (31,)},
            {"tries_per_month": 0},
            {"tries_per_instalment": 0},
            {"part_min_minor": 0},
        ],
    )
    def test_refuses_what_no_channel_could_follow(self, values: dict[str, Any]) -> None:
        with pytest.raises(BadField) as refused:
            DebitPolicy(**values)

        assert refused.value.field == next(iter(values))

    def test_is_read_as_it_was_written(self) -> None:
        given = DebitPolicy(windows=("09:00", "17:45"), part_min_minor=None, tries_per_month=4)

        assert DebitPolicy.from_dict(given.to_dict()) == given


class TestTheFreeze:
    def test_asks_for_nothing_that_came_since_the_orders_were_made(self, bank: Bank) -> None:
        loan = due()
        repay(loan, 30_000, at=AT + timedelta(minutes=1))

        payments.send_debit_file(number=file_of().number, actor=HOUSE, at=AT)

        assert [line.amount_minor for line in bank.files[0].lines] == [INSTALMENT - 30_000]
        assert file_of().total_minor == INSTALMENT - 30_000
        assert violations() == []

    def test_stops_what_money_covers_that_is_not_laid_on_the_loan_yet(self, bank: Bank) -> None:
        loan = due()
        payments.receive(
            book="cn", channel=BANK, pay_no="late", amount_minor=INSTALMENT, on=DUE, loan=loan,
            actor=HOUSE, at=AT + timedelta(minutes=1),
        )  # fmt: skip

        payments.send_debit_file(number=file_of().number, actor=HOUSE, at=AT)

        assert states(loan) == [(1, INSTALMENT, "stopped")]
        assert violations() == []

    def test_keeps_a_file_back_in_which_nothing_is_left_and_says_so(self, bank: Bank) -> None:
        loan = due()
        repay(loan, INSTALMENT, at=AT + timedelta(minutes=1))
        number = file_of().number

        assert payments.send_debit_file(number=number, actor=HOUSE, at=AT) == ""

        assert bank.files == []
        assert file_of().state == "empty"
        [entry] = audit.timeline(subjects=(number,), viewer=HOUSE)
        assert entry.code == "payments.debit_file_empty"
        assert not Job.objects.filter(key__startswith="debit-results:").exists()
        money.send_debit_file({"file": number}, actor=HOUSE, at=AT)
        with pytest.raises(MoveNotAllowed):
            payments.send_debit_file(number=number, actor=HOUSE, at=AT)
        assert violations() == []


class TestTheJob:
    def run(self, hour: int, minute: int = 0) -> None:
        # The book keeps the time of Shanghai, eight hours ahead.
        at = AT.replace(year=DUE.year, month=DUE.month, day=DUE.day, hour=hour - 8, minute=minute)
        jobs.order_windows({}, actor=HOUSE, at=at)

    def test_orders_a_window_when_its_time_has_come(self) -> None:
        loan = due()
        answer({loan: 0}, on=DUE)

        self.run(13, 59)
        assert len(orders_of(loan)) == 1
        self.run(14)
        self.run(14, 1)
        assert [each.window for each in orders_of(loan)] == [1, 2]

    def test_passes_over_a_window_that_nobody_was_there_for(self) -> None:
        loan = due()
        answer({loan: 0}, on=DUE)

        self.run(20)

        assert [each.window for each in orders_of(loan)] == [1, 3]

    def test_leaves_a_book_alone_that_does_not_stand_at_today(self) -> None:
        loan = due()
        answer({loan: 0}, on=DUE)

        jobs.order_windows({}, actor=HOUSE, at=AT.replace(hour=12))

        assert len(orders_of(loan)) == 1
