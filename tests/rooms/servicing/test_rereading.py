"""Rereading: what a late figure comes to is worked out and shown, and decided by two people."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from unittest.mock import DEFAULT, Mock

import pytest

from loanops.config.wiring import JOBS
from loanops.kernel.access import Actor, Scopes
from loanops.kernel.refusals import BadField, NotFound, NotPermitted
from loanops.kernel.schedule import Reset
from loanops.loanbook.servicing import operations, queries
from loanops.loanbook.servicing.models import LoanEvent
from loanops.loanbook.servicing.operations import OwnRequest, RequestDecided
from loanops.loanbook.servicing.operations.rereading import asking
from loanops.platform.jobs.models import Job
from tests.factories import loans
from tests.factories.changes import order
from tests.factories.loans import AT, HOUSE
from tests.factories.plans import full_reads
from tests.factories.rereading import (
    COLLEAGUE,
    DECEMBER,
    NEW_YEAR,
    approve,
    ask,
    card,
    floating_loan,
    go_on,
    open_book_of_rates,
    planned,
    published,
    rate,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def book() -> None:
    open_book_of_rates()


class TestWorkingOut:
    def test_finds_who_read_an_older_figure_and_what_the_right_one_makes(self) -> None:
        loan, _fixed = floating_loan(), loans.open_loan()
        floating_loan(index="lpr_5y")
        floating_loan(reset=Reset.ANNIVERSARY)
        loans.close_until(NEW_YEAR + timedelta(days=20))
        published("0.025", DECEMBER)

        run = planned()

        found = card(run)
        assert (found.state, found.found, found.left, found.aside) == ("asked", 1, 0, 0)
        assert [(each.product, each.funder, each.loans) for each in found.groups] == [
            ("cash-12", "harbour", 1)
        ]
        [one] = told(run)
        assert (one.loan, one.rate_before, one.rate_after) == (
            loan,
            Decimal("0.12"),
            Decimal("0.115"),
        )
        assert one.reads == (queries.ReadRate(NEW_YEAR, Decimal("0.115")),)
        assert one.instalment_before_minor > one.instalment_after_minor
        assert one.saving_minor == found.saving_minor > 0
        assert rate(loan) == Decimal("0.12")
        assert not LoanEvent.objects.filter(kind="rate_changed").exists()

    def test_shows_of_a_loan_what_a_change_by_hand_would(self) -> None:
        loan, fixed = floating_loan(), loans.open_loan()
        loans.close_until(NEW_YEAR + timedelta(days=20))
        published("0.025", DECEMBER)

        [one] = told(planned())

        shown = order(fixed, "rate_changed", NEW_YEAR, annual_rate="0.115")
        assert one.loan == loan
        assert one.saving_minor == shown.saving_minor
        assert one.instalment_after_minor == shown.after.next_due_minor

    def test_ends_at_once_where_every_loan_read_right(self) -> None:
        floating_loan()
        published("0.025", DECEMBER)
        loans.close_until(NEW_YEAR + timedelta(days=3))

        found = card(planned())

        assert (found.state, found.found, found.saving_minor) == ("done", 0, 0)

    def test_leaves_what_ended_and_keeps_what_people_agreed(self) -> None:
        settled, agreed, anew = floating_loan(), floating_loan(), floating_loan()
        order(floating_loan(), "settled_early", amount_minor=1_000_000)
        loans.close_until(NEW_YEAR)
        order(agreed, "rate_changed", NEW_YEAR, annual_rate="0.09")
        plan = {"instalments": 18, "annual_rate": "0.08", "method": "equal_principal"}
        order(anew, "restructured", NEW_YEAR, floats=False, **plan)
        loans.close_until(NEW_YEAR + timedelta(days=5))
        on = NEW_YEAR + timedelta(days=5)
        payoff_minor = queries.payoff_minor(number=settled, on=on, viewer=HOUSE)
        order(settled, "settled_early", on, amount_minor=payoff_minor)
        published("0.025", DECEMBER)

        run = planned()

        assert [(each.loan, each.standing, each.problem) for each in told(run)] == [
            (settled, "left", "ended")
        ]

    def test_reads_no_loan_that_could_not_have_read(self) -> None:
        floating_loan()
        loans.close_until(NEW_YEAR + timedelta(days=3))
        floating_loan(reset=Reset.ANNIVERSARY)
        published("0.025", DECEMBER)
        run = ask()

        with full_reads({"servicing_loan", "servicing_loanevent", "servicing_ratereset"}) as found:
            go_on(run)

        assert not found
        assert card(run).found == 1


class TestAsking:
    def test_needs_a_figure_of_that_day_a_reason_and_no_other_open_run(self) -> None:
        floating_loan()
        loans.close_until(NEW_YEAR + timedelta(days=3))

        with pytest.raises(operations.FigureMissing, match="lpr_1y has no figure"):
            ask()
        published("0.025", DECEMBER)
        with pytest.raises(BadField):
            ask(reason=" ")
        published("0.025", NEW_YEAR + timedelta(days=9))
        with pytest.raises(BadField, match="business date"):
            ask(NEW_YEAR + timedelta(days=9))
        run = ask()
        with pytest.raises(operations.RereadUnderWay, match=run):
            ask()

    def test_says_so_to_the_second_of_two_who_ask_at_the_same_moment(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        loans.close_until(NEW_YEAR)
        published("0.025", DECEMBER)
        run = ask()
        sees_late = Mock(wraps=asking._refuse_open, side_effect=[None, DEFAULT])
        monkeypatch.setattr(asking, "_refuse_open", sees_late)

        with pytest.raises(operations.RereadUnderWay, match=run):
            ask()

    def test_is_for_those_who_may_and_see_the_whole_book(self) -> None:
        published("0.025", DECEMBER)
        loans.close_until(NEW_YEAR)
        nobody = Actor(person="nobody")
        with pytest.raises(NotPermitted):
            ask(actor=nobody)
        with pytest.raises(NotFound):
            ask(actor=replace(HOUSE, scopes=Scopes(funders=frozenset({"harbour"}))))
        run = planned()
        partial = replace(HOUSE, scopes=Scopes(funders=frozenset({"harbour"})))
        with pytest.raises(NotFound):
            queries.get_reread(run=run, viewer=partial)
        assert queries.list_rereads(book="cn", viewer=partial) == []
        with pytest.raises(NotFound):
            operations.refuse_reread(run=run, note="", actor=partial, at=AT)

    def test_is_approved_by_another_person_once_it_is_worked_out(self) -> None:
        floating_loan()
        loans.close_until(NEW_YEAR + timedelta(days=3))
        published("0.025", DECEMBER)
        run = ask()
        with pytest.raises(RequestDecided):
            approve(run)
        go_on(run)

        with pytest.raises(OwnRequest):
            operations.approve_reread(run=run, actor=HOUSE, at=AT)

        approve(run)
        with pytest.raises(RequestDecided):
            operations.refuse_reread(run=run, note="", actor=COLLEAGUE, at=AT)

    def test_is_not_approved_when_the_figures_changed_again(self) -> None:
        floating_loan()
        loans.close_until(NEW_YEAR + timedelta(days=3))
        published("0.025", DECEMBER)
        run = planned()
        published("0.026", DECEMBER)

        with pytest.raises(operations.FiguresMoved):
            approve(run)

        operations.refuse_reread(run=run, note="another figure", actor=HOUSE, at=AT)
        assert card(run).state == "refused"
        assert ask() != run

    def test_leaves_its_work_to_a_job(self) -> None:
        floating_loan()
        loans.close_until(NEW_YEAR + timedelta(days=3))
        published("0.025", DECEMBER)

        run = ask()

        job = Job.objects.get(name="servicing.reread")
        assert job.key == f"servicing.reread:{run}:plan"
        JOBS[job.name]({"run": run}, actor=HOUSE, at=AT)
        approve(run)
        JOBS[job.name]({"run": run}, actor=HOUSE, at=AT)
        assert card(run).state == "done"
