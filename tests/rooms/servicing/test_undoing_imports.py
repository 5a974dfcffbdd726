"""A file of loans taken back: all of it or nothing, by reversals, and its numbers free again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from loanops.kernel.access import Actor, Viewer
from loanops.kernel.refusals import BadField, NotFound, NotPermitted, Refusal
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing import permissions, queries
from loanops.loanbook.servicing.models import (
    BookImport,
    Change,
    Instalment,
    Loan,
    LoanEvent,
)
from loanops.loanbook.servicing.operations import LoansMovedOn, UndoDiffers
from loanops.money.ledger import queries as ledger
from tests.factories import registry
from tests.factories.loans import AT, HOUSE, close_until, repay
from tests.factories.moving import CURRENT, CUT_OFF, open_moving_book
from tests.rooms.servicing.moved import LATE, WHY, stands, undo
from tests.rooms.servicing.test_importing import balance, bring, found, loan_of

pytestmark = pytest.mark.django_db


class TestUndoing:
    def test_takes_back_every_loan_and_all_that_was_posted(self) -> None:
        open_moving_book()
        card = bring()
        owed = balance("migration.opening")

        done = undo(card)

        assert (done.loans, done.events, done.again) == (4, 5, False)
        assert done.opening_minor == owed
        assert done.outstanding_minor == 617_902 + 717_348 + 900_000
        assert set(Loan.objects.values_list("state", "bucket", "outstanding_minor")) == {
            ("withdrawn", 0, 0)
        }
        assert not Instalment.objects.exists()
        assert stands() == {}
        assert found() == []

    def test_leaves_entry_and_reversal_to_be_read(self) -> None:
        open_moving_book()
        card = bring(CURRENT)
        loan = loan_of("K-1").number
        undo(card)

        posted = ledger.entries_of(subject=loan, viewer=Viewer.house("tests"))
        assert [(each.kind, each.amount_minor) for each in posted] == [
            ("servicing.brought_in", 617_902),
            ("servicing.reversed", 617_902),
        ]
        assert posted[0].debit == posted[1].credit == "loans.principal"
        kinds = LoanEvent.objects.order_by("id").values_list("kind", "booked_on")
        assert list(kinds) == [("brought_in", CUT_OFF), ("reversed", CUT_OFF)]
        assert list(Change.objects.values_list("move", "from_state", "to_state")) == [
            ("withdraw", "active", "withdrawn")
        ]
        kept = BookImport.objects.get()
        assert (kept.undone_on, kept.undone_by, kept.undone_reason) == (
            CUT_OFF, HOUSE.person, WHY,
        )  # fmt: skip

    def test_after_closes_takes_what_they_accrued_with_the_next(self) -> None:
        open_moving_book()
        card = bring()
        close_until(CUT_OFF + timedelta(days=27))
        assert loan_of("K-1").bucket == 1

        undo(card)

        assert found() == []
        close_until(CUT_OFF + timedelta(days=28))
        assert stands() == {}
        assert found() == []
        close_until(date(2026, 8, 2))
        assert found() == []

    def test_of_a_month_that_was_summed_leaves_the_sum_and_comes_out_of_the_next(self) -> None:
        open_moving_book()
        card = bring()
        close_until(date(2026, 8, 1))
        undo(card)
        close_until(date(2026, 9, 1))

        summed = queries.static_pool(book="cn", product="", viewer=HOUSE)

        assert summed
        assert found() == []

    def test_beside_other_loans_of_the_same_pool_leaves_theirs(self) -> None:
        open_moving_book()
        bring({**CURRENT, "no": "K-8"}, {**LATE, "no": "K-9"})
        close_until(CUT_OFF + timedelta(days=3))
        before = stands()
        card = bring()
        close_until(CUT_OFF + timedelta(days=4))

        undo(card)
        close_until(CUT_OFF + timedelta(days=5))

        assert found() == []
        assert loan_of("K-8").outstanding_minor == 617_902
        assert set(stands()) >= {name for name in before if "principal" in name}


class TestAgain:
    def test_the_corrected_file_comes_in_under_the_same_numbers(self) -> None:
        open_moving_book()
        undo(bring())
        close_until(CUT_OFF + timedelta(days=1))

        bring({**CURRENT, "rate": "10"}, LATE)

        assert loan_of("K-1").state == "active"
        assert loan_of("K-1").intent == "brought_in:old:K-1~2"
        assert Loan.objects.get(contract="old:K-1~1").state == "withdrawn"
        close_until(CUT_OFF + timedelta(days=3))
        assert found() == []

    def test_the_same_file_may_come_for_the_mistake_may_have_been_the_maps(self) -> None:
        open_moving_book()
        first = bring()
        undo(first)

        second = bring()
        undo(second)
        third = bring()

        assert len({first.number, second.number, third.number}) == 3
        assert not third.again
        assert loan_of("K-1").intent == "brought_in:old:K-1~3"
        assert found() == []

    def test_twice_answers_what_was_done(self) -> None:
        open_moving_book()
        card = bring(CURRENT)
        first = undo(card)

        again = undo(card, reason="once more")

        assert again.again
        assert (again.undone_on, again.undone_by, again.reason) == (
            first.undone_on, first.undone_by, WHY,
        )  # fmt: skip
        assert LoanEvent.objects.count() == 2


class TestHappened:
    def test_money_since_is_in_the_way(self) -> None:
        open_moving_book()
        card = bring()
        repay(loan_of("K-2").number, 10_000)
        shown = servicing.preview_undo(number=card.number, viewer=HOUSE)

        assert [(each.loan, each.what) for each in shown.happened] == [
            (loan_of("K-2").number, "repaid")
        ]
        with pytest.raises(LoansMovedOn, match=rf"1 of its loans, such as {loan_of('K-2').number}"):
            undo(card)
        assert not Loan.objects.filter(state="withdrawn").exists()

    def test_what_was_undone_itself_is_not(self) -> None:
        open_moving_book()
        card = bring()
        loan = loan_of("K-2").number
        change(loan, "fee_charged", amount_minor=500, component="fee")
        event = LoanEvent.objects.get(kind="fee_charged")
        change(loan, "reversed", of=event.key)

        undo(card)

        assert found() == []

    def test_a_class_judged_by_people_is_in_the_way(self) -> None:
        open_moving_book()
        card = bring()
        servicing.reclassify(
            loan=loan_of("K-2").number, tier="substandard", reason="ill", until=None,
            actor=HOUSE, at=AT,
        )  # fmt: skip

        with pytest.raises(LoansMovedOn):
            undo(card)

    def test_another_effect_than_was_shown_is_refused(self) -> None:
        open_moving_book()
        card = bring()
        seen = servicing.preview_undo(number=card.number, viewer=HOUSE).effect
        close_until(CUT_OFF + timedelta(days=27))

        with pytest.raises(UndoDiffers):
            undo(card, seen=seen)


class TestRefusals:
    @pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
    def test_of_no_reason_or_one_too_long(self, reason: str) -> None:
        open_moving_book()
        card = bring(CURRENT)

        with pytest.raises(BadField, match="reason"):
            undo(card, reason=reason)

    @pytest.mark.parametrize(
        ("actor", "refusal"),
        [(registry.NOBODY, NotPermitted), (registry.stranger(permissions.UNDO_IMPORT), NotFound)],
    )
    def test_of_a_wrong_actor(self, actor: Actor, refusal: type[Refusal]) -> None:
        open_moving_book()
        card = bring(CURRENT)

        with pytest.raises(refusal):
            undo(card, actor=actor)

    def test_of_money_for_a_loan_that_was_taken_back(self) -> None:
        open_moving_book()
        card = bring(CURRENT)
        loan = loan_of("K-1").number
        undo(card)

        with pytest.raises(Refusal, match="withdrawn"):
            repay(loan, 100)
        assert found() == []

    def test_of_changes_of_a_loan_that_was_taken_back(self) -> None:
        open_moving_book()
        card = bring(CURRENT)
        loan = loan_of("K-1").number
        undo(card)

        with pytest.raises(Refusal, match="withdrawn"):
            change(loan, "reversed", of="reversed-2")


class TestReading:
    def test_lists_show_what_was_taken_back_where_it_is_asked_for(self) -> None:
        open_moving_book()
        undo(bring())

        assert lines() == []
        assert len(lines(state="withdrawn")) == 4

    def test_a_past_day_shows_the_loans_as_they_were_then(self) -> None:
        open_moving_book()
        card = bring(CURRENT)
        loan = loan_of("K-1").number
        close_until(CUT_OFF + timedelta(days=3))
        undo(card)

        then = queries.as_of(number=loan, on=CUT_OFF + timedelta(days=2), viewer=HOUSE)
        now = queries.as_of(number=loan, on=CUT_OFF + timedelta(days=3), viewer=HOUSE)

        assert (then.is_here, then.outstanding_minor) == (True, 617_902)
        assert (now.is_here, now.outstanding_minor) == (False, 0)

    def test_finds_an_import_by_its_digest_or_number(self) -> None:
        open_moving_book()
        card = bring(CURRENT)

        by_digest = queries.search_import(digest=card.digest[:12], viewer=HOUSE)
        assert by_digest.number == card.number
        assert by_digest.by == HOUSE.person
        assert queries.list_imports(book="cn", viewer=HOUSE) == [by_digest]


def lines(**values: Any) -> list[queries.LoanLine]:
    wanted = queries.LoanFilter(book="cn", **values)
    return list(queries.list_loans(wanted=wanted, viewer=HOUSE).lines)


def change(loan: str, kind: str, **values: Any) -> None:
    asked = servicing.ChangeIn(loan=loan, kind=kind, on=CUT_OFF, values=values)
    seen = servicing.preview_change(asked=asked, viewer=HOUSE).digest
    servicing.change(asked=asked, seen=seen, reason="so", actor=HOUSE, at=AT)
