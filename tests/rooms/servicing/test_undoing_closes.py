"""What closes did to loans by themselves is taken back with their file, and checked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.invariants import history, imports
from loanops.loanbook.servicing.models import (
    BookImport,
    Loan,
    LoanClass,
    LoanEvent,
    RateReset,
    SetAside,
)
from loanops.money.payments.models import DebitFile, DebitOrder
from loanops.registry.compliance import operations as compliance
from tests.corruption import Find
from tests.factories.loans import AT, BANK, HOUSE, close_until
from tests.factories.moving import CURRENT, CUT_OFF, MAP, book_map, open_moving_book
from tests.rooms.servicing.moved import LATE, stands, undo
from tests.rooms.servicing.test_importing import bring, found, loan_of

pytestmark = pytest.mark.django_db


class TestCloses:
    """What a close does by itself is taken back with the rest."""

    def test_a_rate_read_anew_is(self) -> None:
        open_moving_book()
        index = {"index": "lpr_1y", "reset": "each_change"}
        for rate, since in (("0.03", date(2025, 5, 20)), ("0.025", CUT_OFF + timedelta(days=2))):
            compliance.record_reference_rate(
                book="cn", key="lpr_1y", rate_annual=Decimal(rate), effective_from=since,
                document="notice", actor=HOUSE, at=AT,
            )  # fmt: skip
        card = bring(CURRENT, book_map=book_map(terms={"floating": index}))
        close_until(CUT_OFF + timedelta(days=4))
        assert LoanEvent.objects.filter(kind="rate_changed").exists()

        undo(card)

        assert not RateReset.objects.exists()
        assert found() == []
        close_until(CUT_OFF + timedelta(days=6))
        assert stands() == {}
        assert found() == []

    def test_a_debit_that_waits_is_stopped_and_one_that_went_out_is_in_the_way(self) -> None:
        open_moving_book()
        text = MAP + f'[loan.channel]\nvalue = "{BANK}"\n'
        card = bring(CURRENT, text=text)
        close_until(date(2026, 7, 20))
        order = DebitOrder.objects.get()
        DebitFile.objects.update(state="sent")
        shown = servicing.preview_undo(number=card.number, viewer=HOUSE)
        assert [each.what for each in shown.happened] == ["debit_out"]

        DebitFile.objects.update(state="made")
        assert undo(card).debits == 1

        order.refresh_from_db()
        assert (order.state, order.reason) == ("stopped", "withdrawn")
        close_until(date(2026, 7, 22))
        assert found() == []

    def test_a_loan_set_aside_is_released(self) -> None:
        open_moving_book()
        card = bring()
        loan = loan_of("K-2")
        Loan.objects.filter(pk=loan.pk).update(set_aside=True)
        SetAside.objects.create(
            loan=loan, book_id="cn", closed_on=CUT_OFF, step="ageing", reason="odd", at=AT
        )

        undo(card)

        assert not SetAside.objects.filter(released_at__isnull=True).exists()
        assert found() == []

    def test_classes_that_days_made_end_with_the_next_close(self) -> None:
        open_moving_book()
        card = bring()
        close_until(CUT_OFF + timedelta(days=90))
        assert LoanClass.objects.filter(tier__gt=0).exists()

        undo(card)
        close_until(CUT_OFF + timedelta(days=91))

        assert not LoanClass.objects.filter(tier__gt=0).exists()
        assert stands() == {}
        assert found() == []

    def test_costs_no_statement_more_for_more_loans(
        self, django_assert_max_num_queries: Any
    ) -> None:
        open_moving_book()
        few = bring(CURRENT, LATE)
        many = bring(*({**LATE, "no": f"M-{place}"} for place in range(60)))
        with CaptureQueriesContext(connection) as small:
            undo(few)

        with django_assert_max_num_queries(len(small)):
            undo(many)


def _stands(_: str) -> None:
    BookImport.objects.update(undone_at=None, undone_on=None)


def _came_back(loan: str) -> None:
    Loan.objects.filter(number=loan).update(state="settled")


CORRUPTIONS: list[tuple[Callable[[str], None], Find, str]] = [
    (_stands, imports.withdrawn, "import {origin}"),
    (_came_back, imports.withdrawn, "import {origin}"),
    (_came_back, history.illegal_changes, "loan {loan}"),
]


@pytest.mark.parametrize(("corrupt", "check", "named"), CORRUPTIONS)
def test_what_was_changed_behind_the_house_is_named(
    corrupt: Callable[[str], None], check: Find, named: str
) -> None:
    open_moving_book()
    card = bring(CURRENT, LATE)
    number = loan_of("K-2").number
    undo(card)
    assert list(check()) == []

    corrupt(number)

    objects = [violation.object for violation in check()]
    assert named.format(loan=number, origin=card.number) in objects
