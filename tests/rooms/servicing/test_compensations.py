"""What guarantors are to pay for today: found by lateness, told by the agreement, cut by viewer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loanops.kernel.access import NotPermitted, Scopes, Viewer
from loanops.loanbook.servicing import queries
from loanops.loanbook.servicing.models import Loan, LoanTerms
from loanops.loanbook.servicing.queries import CompensationPage, CompensationsDue
from loanops.loanbook.servicing.queries.board import PortfolioNotByChannel
from loanops.loanbook.servicing.queries.compensations import compensations_falling_due
from loanops.platform.outbox.models import Message
from tests.factories.changes import order
from tests.factories.loans import HOUSE, close_until, open_loan, repay
from tests.factories.plans import full_reads
from tests.rooms.servicing.test_compensating import DUE, another, guaranteed, late

pytestmark = pytest.mark.django_db
TABLES = {"servicing_loan", "servicing_loanterms", "servicing_instalment"}


def due(viewer: Viewer = HOUSE, **wanted: object) -> CompensationPage:
    asked = replace(CompensationsDue(book="cn"), **wanted)  # type: ignore[arg-type]
    return queries.list_compensations_due(wanted=asked, viewer=viewer)


def announced() -> list[tuple[str, list[dict[str, Any]]]]:
    """What the close said of compensations: day and rows of each message."""
    told = Message.objects.filter(name="servicing.compensations_due_many").order_by("id")
    said = [json.loads(each.payload_json) for each in told]
    return [(each["on"], each["rows"]) for each in said]


def agreement_of(loan: str) -> str:
    return LoanTerms.objects.get(loan__number=loan).agreement


class TestList:
    def test_holds_what_has_reached_its_day_with_what_a_preview_would_pay(self) -> None:
        loan = guaranteed(scope="instalment", base="with_penalty")
        late(9)
        assert due().lines == ()

        on = late(10)
        [line] = due().lines
        assert (line.loan, line.number, line.dpd, line.first_on) == (loan, 1, 10, on)
        booked = order(loan, "compensated", on)
        assert booked.postings[-1].amount_minor == line.price_minor
        assert due().lines == ()

    def test_holds_a_whole_loan_once(self) -> None:
        loan = guaranteed(scope="loan")
        late(45)
        [line] = due().lines
        assert (line.loan, line.number, line.principal_minor) == (loan, None, 1_000_000)

    def test_holds_every_late_instalment_until_it_is_paid_for_or_paid(self) -> None:
        loan = guaranteed(scope="instalment")
        on = late(45)
        assert [line.number for line in due().lines] == [1, 2]
        order(loan, "compensated", on, number=2)
        assert [line.number for line in due().lines] == [1]
        repay(loan, 100_000)
        close_until(on + timedelta(days=1))
        assert due().lines == ()

    def test_leaves_out_loans_that_nobody_guarantees_or_that_people_agree_on(self) -> None:
        loan = guaranteed()
        open_loan()
        open_loan(guarantor="anchor")
        late(45)
        assert due().lines == ()
        assert queries.get_guarantee(number=loan, viewer=HOUSE).claims == ()

    def test_is_read_a_page_of_loans_at_a_time(self) -> None:
        first = guaranteed(scope="instalment")
        loans = sorted([first, *(another(agreement_of(first)) for _ in range(4))])
        late(45)
        page, seen = due(limit=2), list[str]()
        while True:
            seen += [line.loan for line in page.lines]
            if not page.next:
                break
            page = due(limit=2, after=page.next)
        assert seen == [loan for loan in loans for _ in range(2)]

    def test_asks_as_often_for_many_loans_as_for_one(self) -> None:
        first = guaranteed(scope="instalment")
        late(10)
        with CaptureQueriesContext(connection) as one:
            assert len(due().lines) == 1
        for _ in range(5):
            another(agreement_of(first))
        late(11)
        with CaptureQueriesContext(connection) as many:
            assert len(due().lines) == 6
        assert len(one) == len(many)

    def test_finds_loans_by_the_index_of_late_ones(self) -> None:
        guaranteed(scope="instalment")
        late(10)
        with CaptureQueriesContext(connection) as asked:
            due()
        [sql] = [each["sql"] for each in asked if "EXISTS" in each["sql"]]
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
                plan = " ".join(str(row[3]) for row in cursor.fetchall())
            assert "servicing_loan_ageing" in plan
            assert "SCAN l" not in plan


class TestTheClose:
    def test_tells_once_of_each_claim_on_the_day_it_falls_due(self) -> None:
        loan = guaranteed(scope="instalment", base="with_penalty")
        late(9)
        assert announced() == []

        on = late(10)
        [line] = due().lines
        late(12)

        [(told_on, rows)] = announced()
        assert told_on == on.isoformat()
        assert rows == [
            {
                "loan": loan, "number": 1, "guarantor": "anchor", "funder": "harbour",
                "agreement": agreement_of(loan), "due_on": DUE.isoformat(),
                "principal_minor": line.principal_minor, "interest_minor": line.interest_minor,
                "fee_minor": 0, "penalty_minor": line.penalty_minor,
                "price_minor": line.price_minor,
            }
        ]  # fmt: skip
        late(41)
        assert [(on, [row["number"] for row in rows]) for on, rows in announced()[1:]] == [
            (late(41).isoformat(), [2])
        ]

    def test_tells_of_a_whole_loan_once_however_many_instalments_are_late(self) -> None:
        guaranteed(scope="loan")
        late(45)

        [(_, [row])] = announced()
        assert (row["number"], row["principal_minor"]) == (None, 1_000_000)

    def test_tells_nothing_of_what_was_paid_or_set_aside_or_is_not_guaranteed(self) -> None:
        paid = guaranteed(scope="instalment")
        aside = another(agreement_of(paid))
        open_loan()
        late(9)
        repay(paid, 100_000)
        Loan.objects.filter(number=aside).update(set_aside=True)

        late(11)

        assert announced() == []

    def test_reads_no_table_of_loans_whole(self) -> None:
        guaranteed(scope="instalment")
        on = late(9)
        with full_reads(TABLES) as found:
            compensations_falling_due(book="cn", on=on + timedelta(days=1))

        assert found == []


class TestLooking:
    def test_is_cut_to_the_funders_and_books_of_who_looks(self) -> None:
        guaranteed(scope="instalment")
        late(10)
        for scopes, count in (
            (Scopes(funders=frozenset({"harbour"})), 1),
            (Scopes(funders=frozenset({"meridian"})), 0),
            (Scopes(books=frozenset({"us"})), 0),
        ):
            assert len(due(replace(HOUSE, scopes=scopes)).lines) == count
        assert len(due(funder="harbour", guarantor="anchor").lines) == 1
        assert due(guarantor="other").lines == ()

    def test_is_refused_without_the_grant_and_to_channels(self) -> None:
        guaranteed(scope="instalment")
        with pytest.raises(NotPermitted):
            due(Viewer(person="nobody"))
        with pytest.raises(PortfolioNotByChannel):
            due(replace(HOUSE, scopes=Scopes(channels=frozenset({"app"}))))
