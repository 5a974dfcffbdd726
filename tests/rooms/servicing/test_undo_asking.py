"""An import is taken back by two people: one asks, another lets it, a job does what both saw."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from loanops.kernel.access import Actor
from loanops.kernel.refusals import BadField, NotFound, NotPermitted, Refusal
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing import permissions, queries
from loanops.loanbook.servicing.models import BookImport, ImportUndo, Loan
from loanops.loanbook.servicing.operations import (
    ImportCard,
    ImportUndone,
    LoansMovedOn,
    OwnRequest,
    RequestDecided,
    UndoDiffers,
    UndoUnderWay,
)
from loanops.loanbook.servicing.operations.undo_asking import JOB
from loanops.platform.jobs.models import Job
from tests.factories import registry
from tests.factories.changes import COLLEAGUE
from tests.factories.loans import AT, HOUSE, close_until, repay
from tests.factories.moving import CURRENT, CUT_OFF, ask_back, open_moving_book
from tests.rooms.servicing.moved import LATE, stands, undo
from tests.rooms.servicing.test_importing import bring, found, loan_of
from tests.rooms.servicing.test_importing_owners import OF_FUNDER, TOGETHER

pytestmark = pytest.mark.django_db


@pytest.fixture
def card() -> ImportCard:
    """A file of loans that came in."""
    open_moving_book()
    return bring()


def effect(card: ImportCard) -> str:
    return servicing.preview_undo(number=card.number, viewer=HOUSE).effect


def approve(card: ImportCard, **values: Any) -> None:
    given: dict[str, Any] = {"seen": effect(card), "actor": COLLEAGUE, "at": AT}
    servicing.approve_undo(number=card.number, **{**given, **values})


def work(request: str) -> None:
    """Let the job do it."""
    assert Job.objects.filter(name=JOB, key=f"{JOB}:{request}").exists()
    servicing.go_on_undoing(request=request, actor=HOUSE, at=AT)


def state(request: str) -> str:
    return str(ImportUndo.objects.get(number=request).state)


class TestTwoPeople:
    def test_take_an_import_back(self, card: ImportCard) -> None:
        request = ask_back(card.number)
        assert queries.count_undo_requests(book="cn", viewer=HOUSE) == 1
        approve(card)
        assert not Loan.objects.filter(state="withdrawn").exists()

        work(request)

        assert set(Loan.objects.values_list("state", flat=True)) == {"withdrawn"}
        assert stands() == {}
        kept = BookImport.objects.get()
        assert (kept.undone_by, kept.undone_reason) == (COLLEAGUE.person, "wrong rate column")
        [asked] = queries.list_undo_requests(number=card.number, viewer=HOUSE)
        assert (asked.state, asked.asked_by, asked.decided_by) == (
            "done", HOUSE.person, COLLEAGUE.person,
        )  # fmt: skip
        assert queries.count_undo_requests(book="cn", viewer=HOUSE) == 0
        assert found() == []

    def test_have_it_done_once_where_the_job_runs_twice(self, card: ImportCard) -> None:
        request = ask_back(card.number)
        approve(card)
        work(request)
        bring({**CURRENT, "rate": "10"})

        work(request)

        assert loan_of("K-1").state == "active"
        assert found() == []

    def test_are_two(self, card: ImportCard) -> None:
        ask_back(card.number)

        with pytest.raises(OwnRequest):
            approve(card, actor=HOUSE)
        with pytest.raises(UndoUnderWay, match="asked already"):
            ask_back(card.number)

    def test_decide_once(self, card: ImportCard) -> None:
        ask_back(card.number)
        approve(card)

        with pytest.raises(RequestDecided):
            approve(card)
        with pytest.raises(RequestDecided):
            servicing.refuse_undo(number=card.number, note="no", actor=COLLEAGUE, at=AT)

    def test_may_refuse_and_be_asked_again(self, card: ImportCard) -> None:
        first = ask_back(card.number)
        servicing.refuse_undo(number=card.number, note="it is right", actor=COLLEAGUE, at=AT)

        second = ask_back(card.number)

        assert (state(first), state(second)) == ("refused", "asked")
        [_, refused] = queries.list_undo_requests(number=card.number, viewer=HOUSE)
        assert (refused.note, refused.decided_by) == ("it is right", COLLEAGUE.person)
        assert found() == []


class TestWhatIsShown:
    def test_is_who_owns_what_goes_back(self) -> None:
        open_moving_book()
        registry.register("meridian", "bank")
        registry.sign("harbour", co_lending=TOGETHER)
        card = bring(CURRENT, LATE, text=OF_FUNDER)

        shown = servicing.preview_undo(number=card.number, viewer=HOUSE)

        owned = {each.owner: each.outstanding_minor for each in shown.owners}
        cards = [
            each
            for old in ("K-1", "K-2")
            for each in queries.get_owners(number=loan_of(old).number, viewer=HOUSE).owners
        ]
        assert owned == {
            name: sum(each.outstanding_minor for each in cards if each.owner == name)
            for name in ("harbour", "meridian")
        }
        assert sum(owned.values()) == shown.outstanding_minor

    def test_is_what_is_posted(self, card: ImportCard) -> None:
        shown = servicing.preview_undo(number=card.number, viewer=HOUSE)

        opening = [
            (1 if each.debit == "migration.opening" else -1) * each.amount_minor
            for each in shown.postings
            if "migration.opening" in (each.debit, each.credit)
        ]
        assert sum(opening) == shown.opening_minor
        assert sum(each.entries for each in shown.postings) >= len(shown.states)

    def test_is_what_is_approved(self, card: ImportCard) -> None:
        ask_back(card.number)

        with pytest.raises(UndoDiffers):
            approve(card, seen="0" * 64)


class TestMovedOn:
    def test_before_anybody_decided_is_refused(self, card: ImportCard) -> None:
        request = ask_back(card.number)
        repay(loan_of("K-2").number, 10_000)

        with pytest.raises(UndoDiffers):
            approve(card)
        with pytest.raises(LoansMovedOn, match=loan_of("K-2").number):
            approve(card, seen=ImportUndo.objects.get().effect)
        assert state(request) == "asked"

    def test_before_the_job_came_lapses(self, card: ImportCard) -> None:
        request = ask_back(card.number)
        approve(card)
        repay(loan_of("K-2").number, 10_000)

        work(request)

        assert state(request) == "lapsed"
        assert not Loan.objects.filter(state="withdrawn").exists()
        assert found() == []

    def test_with_the_day_lapses(self, card: ImportCard) -> None:
        request = ask_back(card.number)

        close_until(CUT_OFF + timedelta(days=1))

        assert state(request) == "lapsed"
        with pytest.raises(RequestDecided):
            approve(card)
        assert found() == []

    def test_where_the_house_took_it_back_lapses(self, card: ImportCard) -> None:
        request = ask_back(card.number)

        undo(card)

        assert state(request) == "lapsed"
        with pytest.raises(ImportUndone):
            ask_back(card.number)
        assert found() == []


class TestRefusals:
    @pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
    def test_of_no_reason_or_one_too_long(self, card: ImportCard, reason: str) -> None:
        with pytest.raises(BadField, match="reason"):
            servicing.ask_undo(
                number=card.number, seen=effect(card), reason=reason, actor=HOUSE, at=AT
            )

    @pytest.mark.parametrize(
        ("actor", "refusal"),
        [
            (registry.NOBODY, NotPermitted),
            (registry.stranger(permissions.ASK_UNDO_IMPORT), NotFound),
            (replace(registry.NOBODY, grants=frozenset({permissions.VIEW})), NotPermitted),
        ],
    )
    def test_of_a_wrong_actor(self, card: ImportCard, actor: Actor, refusal: type[Refusal]) -> None:
        with pytest.raises(refusal):
            ask_back(card.number, actor=actor)

    def test_of_who_may_not_approve(self, card: ImportCard) -> None:
        asks = replace(registry.NOBODY, grants=frozenset({permissions.ASK_UNDO_IMPORT}))
        ask_back(card.number)

        with pytest.raises(NotPermitted):
            approve(card, actor=asks)
        with pytest.raises(NotPermitted):
            servicing.refuse_undo(number=card.number, note="", actor=asks, at=AT)

    def test_of_what_nobody_asked(self, card: ImportCard) -> None:
        with pytest.raises(NotFound):
            approve(card)

    def test_of_an_import_that_is_not(self) -> None:
        with pytest.raises(NotFound):
            ask_back("IM-NONE")
