"""Restructurings are kept before and after, as they were shown, and verify holds them to events."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from loanops.kernel.access import Actor
from loanops.kernel.refusals import NotFound, NotPermitted
from loanops.loanbook.servicing import permissions, queries
from loanops.loanbook.servicing.domain.effects import EffectCard
from loanops.loanbook.servicing.domain.restructuring import KEPT
from loanops.loanbook.servicing.invariants import restructuring, rows, written
from loanops.loanbook.servicing.models import Instalment, LoanEvent, Restructuring
from loanops.loanbook.servicing.queries import RestructuringCard
from tests.corruption import names
from tests.factories.changes import CASES, dues, order
from tests.factories.loans import HOUSE, close_until, open_book, open_loan, repay
from tests.factories.registry import stranger

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def loan(once: None) -> str:
    """A loan of which one instalment was paid and the next is twelve days late."""
    open_book()
    number = open_loan()
    days = dues(number)
    close_until(days[0])
    repay(number, Instalment.objects.get(loan__number=number, number=1).open_minor, days[0])
    close_until(days[1] + timedelta(days=12))
    return number


def today(loan: str) -> date:
    return queries.get_loan(number=loan, viewer=HOUSE).on


def agree(loan: str, on: date | None = None, **said: Any) -> EffectCard:
    agreed = {"interest": "capitalise", "penalty": "waive", **said}
    return order(loan, "restructured", on or today(loan), **CASES["restructured"](loan) | agreed)


def cards(loan: str) -> list[RestructuringCard]:
    return queries.list_restructurings(number=loan, viewer=HOUSE)


def unmark(loan: str) -> None:
    """Let a restructuring be one of before both sides were kept."""
    Restructuring.objects.all().delete()
    row = LoanEvent.objects.get(loan__number=loan, kind="restructured")
    values = json.loads(row.values_json)
    del values[KEPT]
    LoanEvent.objects.filter(pk=row.pk).update(values_json=json.dumps(values))


class TestKeeping:
    def test_keeps_both_sides_as_they_were_shown(self, loan: str) -> None:
        shown = agree(loan)

        [card] = cards(loan)

        assert (card.key, card.on, card.booked_on) == (shown.key, shown.on, today(loan))
        assert card.before.schedule == shown.schedule_before
        assert card.after.schedule == shown.schedule_after
        assert card.before.unpaid.total_minor == shown.before.to_pay_minor
        assert card.after.unpaid.total_minor == shown.after.to_pay_minor
        assert card.before.owed.total_minor == shown.before.owed_minor
        assert card.reason == "as agreed"
        assert not list(restructuring.kept())

    def test_says_what_became_of_what_was_owed_part_by_part(self, loan: str) -> None:
        shown = agree(loan)

        [card] = cards(loan)

        owed = card.before.owed
        assert card.waived.principal_minor == 50_000
        assert card.carried.principal_minor == owed.principal_minor - 50_000
        # Interest that ran up to the day is among what became principal.
        assert card.capitalised.interest_minor > owed.interest_minor > 0
        assert card.waived.penalty_minor == owed.penalty_minor
        assert shown.after.outstanding_minor == (
            shown.before.outstanding_minor + card.capitalised.total_minor - 50_000
        )

    def test_writes_nothing_when_it_is_shown_or_of_another_change(self, loan: str) -> None:
        order(loan, "extended", today(loan), periods=2)

        assert not Restructuring.objects.exists()
        assert cards(loan) == []

    def test_stands_as_known_then_when_money_is_booked_for_a_day_before(self, loan: str) -> None:
        agree(loan)
        [before] = cards(loan)
        close_until(today(loan) + timedelta(days=3))
        repay(loan, 40_000, before.on - timedelta(days=5))

        [after] = cards(loan)

        assert (after.is_recalculated, before.is_recalculated) == (True, False)
        assert (after.before, after.after) == (before.before, before.after)
        assert not list(restructuring.kept())

    def test_stands_when_it_is_undone_and_when_the_undoing_is(self, loan: str) -> None:
        shown = agree(loan)
        undone = order(loan, "reversed", shown.on, of=shown.key)

        assert [card.is_undone for card in cards(loan)] == [True]
        order(loan, "reversed", shown.on, of=undone.key)

        assert [card.is_undone for card in cards(loan)] == [False]
        assert not list(restructuring.kept())

    def test_keeps_each_of_two_and_one_for_an_earlier_day(self, loan: str) -> None:
        first = agree(loan)
        close_until(first.on + timedelta(days=20))
        second = agree(loan, on=first.on + timedelta(days=4), principal_waived_minor=0)

        found = cards(loan)

        assert [(card.key, card.on) for card in found] == [
            (first.key, first.on), (second.key, first.on + timedelta(days=4)),
        ]  # fmt: skip
        assert found[1].booked_on == first.on + timedelta(days=20)
        assert not list(restructuring.kept())


class TestOfBefore:
    def test_is_worked_out_from_its_events_and_nothing_is_asked_of_it(self, loan: str) -> None:
        agree(loan)
        told = cards(loan)
        unmark(loan)

        assert cards(loan) == told
        assert not list(restructuring.kept())


class TestScope:
    def test_is_for_who_may_see_the_loan(self, loan: str) -> None:
        agree(loan)

        with pytest.raises(NotPermitted):
            queries.list_restructurings(number=loan, viewer=Actor(person="wang.fang"))
        with pytest.raises(NotFound):
            queries.list_restructurings(number=loan, viewer=stranger(permissions.VIEW))


class TestVerify:
    @pytest.mark.parametrize("side", ["before", "after", "treated"])
    def test_names_a_side_that_was_changed(self, loan: str, side: str) -> None:
        shown = agree(loan)
        row = Restructuring.objects.get()
        said = json.loads(getattr(row, f"{side}_json"))
        part = said["waived"] if side == "treated" else said["schedule"][2]
        part["principal_minor"] += 1
        Restructuring.objects.update(
            **{f"{side}_json": json.dumps(said, separators=(",", ":"), sort_keys=True)}
        )

        names(restructuring.kept, f"loan {loan} restructuring {shown.key} {side}")

    def test_names_one_that_is_missing(self, loan: str) -> None:
        shown = agree(loan)
        Restructuring.objects.all().delete()

        names(restructuring.kept, f"loan {loan} restructuring {shown.key}")

    def test_names_one_too_many(self, loan: str) -> None:
        agree(loan)
        row = Restructuring.objects.get()
        row.pk, row.event = None, "restructured-99"
        row.save()

        names(restructuring.kept, f"loan {loan} restructuring restructured-99")

    def test_names_one_of_another_day_and_digest(self, loan: str) -> None:
        shown = agree(loan)
        Restructuring.objects.update(counts_on=shown.on - timedelta(days=1))
        names(restructuring.kept, f"loan {loan} restructuring {shown.key}")
        Restructuring.objects.update(counts_on=shown.on)
        row = LoanEvent.objects.get(kind="restructured")
        values = json.loads(row.values_json) | {KEPT: "0" * 64}
        LoanEvent.objects.filter(pk=row.pk).update(values_json=json.dumps(values))

        names(restructuring.kept, f"loan {loan} restructuring {shown.key} digest")

    def test_holds_one_of_an_earlier_fold_to_its_name_and_not_to_what_is_made_now(
        self, loan: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shown = agree(loan)
        derived = restructuring.derived

        def otherwise(*given: Any) -> Any:
            made = derived(*given)
            owed = replace(made.after.owed, interest_minor=made.after.owed.interest_minor + 1)
            return replace(made, after=replace(made.after, owed=owed))

        monkeypatch.setattr(restructuring, "derived", otherwise)
        assert list(restructuring.kept())
        monkeypatch.setattr(restructuring, "FOLD", 2)

        assert Restructuring.objects.get().fold == 1
        assert not list(restructuring.kept())
        Restructuring.objects.update(treated_json="{}")
        names(restructuring.kept, f"loan {loan} restructuring {shown.key} digest")

    def test_names_one_of_another_book_and_of_a_moment_that_nobody_saw(self, loan: str) -> None:
        agree(loan)
        open_book("other")
        at = Restructuring.objects.get().at
        Restructuring.objects.update(book_id="other", at=at + timedelta(hours=1))

        names(rows.strayed_rows, f"loan {loan} in servicing_restructuring")
        assert any(found.object.startswith(f"loan {loan}") for found in written.unwitnessed())
