"""What can be derived of loans is derived again, to the last byte, from terms and events."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F

from loanops.config import wiring
from loanops.kernel.access import Actor, Viewer
from loanops.kernel.account import KINDS
from loanops.kernel.refusals import NotFound, NotPermitted
from loanops.kernel.schedule import Fee, FeeTiming, Penalty
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.models import (
    Instalment,
    Loan,
    LoanEvent,
    LoanTerms,
    PenalMove,
    PeriodCohort,
    PeriodMove,
)
from loanops.loanbook.servicing.operations import STEPS, CloseUnderWay, Rebuilt
from loanops.loanbook.servicing.ports import CLOSE
from loanops.platform.books import queries as books
from tests.factories import everything
from tests.factories.loans import AT, HOUSE, close_until, open_book, open_loan, repay, terms

pytestmark = pytest.mark.django_db
# What a payout says once and for all; everything else of a loan follows from terms and events.
GIVEN = {
    "id", "number", "book", "pool", "application", "contract", "intent", "serial", "party",
    "funder", "guarantor", "product", "product_version", "principal_minor", "disbursed_on",
    "set_aside",
}  # fmt: skip


def dump() -> str:
    """Everything derived, in one order: rows without the ids under which they happen to stand."""
    told: dict[str, Any] = {}
    for model in (Loan, Instalment):
        names = [f.attname for f in model._meta.concrete_fields if f.attname != "id"]
        keys = ["number"] if model is Loan else ["loan_id", "number"]
        told[model.__name__] = list(model._base_manager.order_by(*keys).values(*names))
    period = ("pool_id", "starts_on", "due_on")
    sums: dict[str, list[int]] = {}
    for part in (PeriodCohort, PeriodMove):
        for *key, principal, interest, fee in part._base_manager.values_list(
            *period, "principal_minor", "interest_minor", "fee_minor"
        ):
            kept = sums.setdefault(str([str(each) for each in key]), [0, 0, 0])
            for place, minor in enumerate((principal, interest, fee)):
                kept[place] += minor
    told["periods"] = sorted((key, each) for key, each in sums.items() if any(each))
    return json.dumps(told, default=str, sort_keys=True, indent=1)


def drop() -> None:
    """Nothing derived is left but what a column cannot be without."""
    Instalment.objects.all().delete()
    PeriodCohort.objects.all().delete()
    PeriodMove.objects.all().delete()
    PenalMove.objects.all().delete()
    Loan.objects.update(
        advanced_minor=F("principal_minor"), instalment_count=0, changed_on=None, claim_owner="",
        state="active", bucket=0, outstanding_minor=0, oldest_due_on=None, credit_minor=0,
        last_event_on=F("disbursed_on"),
    )  # fmt: skip


def rebuild(book: str = "cn", **values: Any) -> Rebuilt:
    given: dict[str, Any] = {"book": book, "actor": HOUSE, "at": AT}
    return servicing.rebuild(**{**given, **values})


def violations() -> list[str]:
    return [
        f"{found.code} {found.object}: {found.expected} / {found.found}"
        for check in wiring.invariants()
        if check.code in {f"INV-{n:02d}" for n in (1, 2, 3, 4, 5, 8, 9, 10)}
        for found in check.find()
    ]


class TestRebuild:
    def test_makes_the_same_bytes_of_a_book_in_which_everything_happened(self) -> None:
        on = everything.live()
        assert set(LoanEvent.objects.values_list("kind", flat=True)) == set(KINDS)
        assert violations() == []
        before, ledger = dump(), posted()

        drop()
        assert dump() != before
        done = rebuild()

        assert dump() == before
        assert posted() == ledger
        assert (done.stuck, done.changed) == ((), Loan.objects.count())
        assert violations() == []
        close_until(on + timedelta(days=2))
        assert violations() == []

    def test_finds_nothing_to_do_in_a_book_that_is_right(self) -> None:
        everything.live(kinds=("rate_changed", "written_off"))
        before = dump()

        done = rebuild()

        assert (done.changed, done.periods, done.pools, done.stuck) == (0, 0, 0, ())
        assert dump() == before

    def test_finds_nothing_to_do_where_penalty_still_runs_to_its_end_and_fees_came_late(
        self,
    ) -> None:
        # ``soak --part book``, seed 9: penalty with an end was taken as ended, and its pool broken.
        open_book()
        fee = Fee(
            name="reminder", charging_party="funder", timing=FeeTiming.OVERDUE, amount_minor=2_000
        )
        rule = Penalty(multiplier=Decimal("1.5"), stop_days=60, cap=Decimal("0.2"))
        open_loan(agreed=terms(penalty=rule, fees=(fee,)))
        close_until(date(2026, 12, 20))
        before = dump()

        done = rebuild()

        assert (done.changed, done.periods, done.pools, done.stuck) == (0, 0, 0, ())
        assert dump() == before

    def test_writes_the_loan_that_differs_and_no_other(self) -> None:
        open_book()
        wrong, _ = open_loan(), open_loan()
        before = dump()
        Instalment.objects.filter(loan__number=wrong, number=3).update(
            interest_minor=F("interest_minor") + 5, open_minor=F("open_minor") + 5
        )

        done = rebuild()

        assert (done.loans, done.changed) == (2, 1)
        assert dump() == before
        assert rebuild().changed == 0

    def test_puts_what_pools_bear_right(self) -> None:
        open_book()
        loan = open_loan(agreed=terms())
        close_until(everything.DAY + timedelta(days=40))
        repay(loan, 50_000)
        PenalMove.objects.update(settled_minor=F("settled_minor") + 3)
        PeriodCohort.objects.update(interest_minor=F("interest_minor") + 7)
        assert violations() != []

        done = rebuild()

        assert (done.changed, done.pools) == (0, 1)
        assert done.periods == PeriodCohort.objects.count()
        assert [row for row in violations() if "income" not in row] == []
        close_until(everything.DAY + timedelta(days=41))
        assert violations() == []

    def test_names_loans_whose_events_cannot_be_replayed_and_leaves_them(self) -> None:
        open_book()
        stuck, wrong = open_loan(), open_loan()
        LoanTerms.objects.filter(loan__number=stuck).update(terms_json="{}")
        Loan.objects.filter(number=wrong).update(instalment_count=3)

        done = rebuild()

        assert (done.stuck, done.changed) == ((stuck,), 1)


class TestRefuses:
    def test_who_may_not_close_a_day_and_books_that_are_not_theirs(self) -> None:
        open_book()

        with pytest.raises(NotPermitted):
            rebuild(actor=Actor(person="li.lei"))
        with pytest.raises(NotFound):
            rebuild("none")

    def test_between_two_steps_of_a_close(self) -> None:
        open_book()
        open_loan()
        CLOSE.plug(STEPS[:3])
        close_until(everything.DAY + timedelta(days=1))
        CLOSE.plug(STEPS)

        with pytest.raises(CloseUnderWay):
            rebuild()


def posted() -> str:
    from loanops.money.ledger import queries as ledger

    house = Viewer.house("tests")
    return str(
        [ledger.trial_balance(book=b.code, viewer=house) for b in books.list_books(viewer=house)]
    )
