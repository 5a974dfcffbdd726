"""Bringing a book in: all of a file or none, balances as they were, and a life like any loan's."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import F

from loanops.kernel.access import Actor, Scopes, Viewer
from loanops.kernel.refusals import NotFound, NotPermitted, Refusal
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing import permissions, queries
from loanops.loanbook.servicing.invariants import CHECKS, figures, imports, replays
from loanops.loanbook.servicing.models import BookImport, Instalment, Loan, LoanEvent, Pool
from loanops.loanbook.servicing.operations import ImportCard, importing
from loanops.loanbook.servicing.operations.importing import (
    CutOffAhead,
    LoansKnown,
    NothingToImport,
    RowsRefused,
)
from loanops.money.ledger import invariants as ledger_checks
from loanops.money.ledger import queries as ledger
from loanops.money.ledger.models import Journal
from loanops.money.payments import invariants as payment_checks
from loanops.platform.audit.models import Entry as Witness
from loanops.platform.outbox.models import Message
from loanops.registry.parties import queries as parties
from tests.corruption import Find
from tests.factories import people, registry
from tests.factories.loans import AT, HOUSE, close_until, repay
from tests.factories.moving import CURRENT, CUT_OFF, MAP, book_map, open_moving_book, reading
from tests.rooms.servicing.moved import EVERYTHING, LATE, SETTLED

pytestmark = pytest.mark.django_db


def bring(*rows: Mapping[str, str], **values: Any) -> ImportCard:
    """Bring a file of these rows in."""
    given: dict[str, Any] = {"actor": HOUSE, "at": AT}
    mine = {name: values.pop(name) for name in ("actor", "at") if name in values}
    return servicing.import_book(read=reading(rows or EVERYTHING, **values), **{**given, **mine})


def loan_of(old: str) -> Loan:
    return Loan.objects.get(contract=f"old:{old}")


def balance(code: str) -> int:
    """What the accounts of a head hold, on their usual side."""
    found = ledger.balances_of(book="cn", heads=(code,), viewer=Viewer.house("tests"))
    return sum(found.values())


def found() -> list[str]:
    return [
        f"{violation.object}: {violation.expected} / {violation.found}"
        for check in (*ledger_checks.CHECKS, *payment_checks.CHECKS, *CHECKS)
        for violation in check.find()
    ]


class TestImport:
    def test_brings_every_loan_in_as_it_stood(self) -> None:
        open_moving_book()

        card = bring()

        assert (card.loans, card.again) == (4, False)
        assert card.outstanding_minor == 617_902 + 717_348
        assert {
            row.contract: (row.state, row.bucket, row.outstanding_minor, row.principal_minor)
            for row in Loan.objects.all()
        } == {
            "old:K-1": ("active", 0, 617_902, 1_200_000),
            "old:K-2": ("overdue", 1, 717_348, 1_200_000),
            "old:K-3": ("settled", 0, 0, 1_200_000),
            "old:K-4": ("written_off", 8, 900_000, 1_200_000),
        }
        assert found() == []

    @pytest.mark.parametrize("at_once", [1, 3])
    def test_enters_in_parts_as_it_would_at_once(
        self, monkeypatch: pytest.MonkeyPatch, at_once: int
    ) -> None:
        open_moving_book()
        monkeypatch.setattr(importing, "_AT_ONCE", at_once)

        card = bring()
        close_until(CUT_OFF + timedelta(days=1))

        rows = Loan.objects.order_by("number").values_list("contract", flat=True)
        assert list(rows) == ["old:K-1", "old:K-2", "old:K-3", "old:K-4"]
        assert Journal.objects.filter(subject=card.number).count() == Pool.objects.count()
        told = Message.objects.filter(name="servicing.brought_in_many")
        assert sum(len(json.loads(each.payload_json)["rows"]) for each in told) == 4
        assert found() == []

    def test_keeps_what_was_paid_before_as_information(self) -> None:
        open_moving_book()
        bring(CURRENT)

        [event] = LoanEvent.objects.all()

        assert '"interest_minor":57616' in event.content_json
        assert event.counts_on == CUT_OFF

    def test_stands_against_one_account_until_it_is_moved(self) -> None:
        open_moving_book()
        bring()

        close_until(CUT_OFF + timedelta(days=1))

        owed_before = 617_902 + 717_348 + 7_173 + 500 + 36_000
        run_up = (6_179 * 2) * 10 // 30
        assert balance("migration.opening") in {owed_before + run_up, owed_before + run_up - 1}
        assert balance("loans.written_off") == 900_000

    def test_earns_only_what_the_days_since_the_cut_off_earn(self) -> None:
        open_moving_book()
        bring(CURRENT)

        close_until(date(2026, 7, 20))

        assert balance("income.interest") == 6_179 - 6_179 * 10 // 30

    def test_is_witnessed_and_announced_with_the_digest_of_the_file(self) -> None:
        open_moving_book()

        card = bring()

        witness = Witness.objects.get(code="servicing.brought_in")
        assert card.digest in witness.values_json
        message = Message.objects.get(name="servicing.brought_in_many")
        assert '"contract":"old:K-4"' in message.payload_json

    def test_registers_the_borrowers_that_rows_describe(self) -> None:
        open_moving_book(without_identity=False)
        person = people.person(7)
        row = {**CURRENT, "name": person.name, "id": person.id_number, "mobile": person.mobile}
        text = MAP + "".join(
            f'\n[person.{field}]\ncolumn = "{column}"'
            for field, column in (("name", "name"), ("id_number", "id"), ("mobile", "mobile"))
        )

        bring(row, {**row, "no": "K-2"}, text=text)

        numbers = set(Loan.objects.values_list("party", flat=True))
        assert len(numbers) == 1
        assert parties.known_numbers(book="cn", numbers=numbers) == numbers

    def test_of_a_channel_are_its_own_and_seen_by_it_alone(self) -> None:
        open_moving_book()
        text = MAP + '\n[loan.origin_channel]\ncolumn = "brought by"'
        row = {**CURRENT, "brought by": "shop"}
        bring(row, {**row, "no": "K-2", "brought by": ""}, text=text)

        def listed(**values: Any) -> list[str]:
            viewer = Actor(person="key:one", grants=frozenset({permissions.VIEW}), **values)
            wanted = queries.LoanFilter(book="cn", origin_channel="shop")
            return [line.number for line in queries.list_loans(wanted=wanted, viewer=viewer).lines]

        assert listed() == [loan_of("K-1").number]
        assert listed(scopes=Scopes(channels=frozenset({"shop"}))) == [loan_of("K-1").number]
        assert listed(scopes=Scopes(channels=frozenset({"another"}))) == []
        assert found() == []

    def test_of_a_cut_off_days_ago_stands_where_the_days_since_led(self) -> None:
        open_moving_book(on=CUT_OFF + timedelta(days=25))

        bring()

        assert loan_of("K-1").bucket == 1
        assert loan_of("K-2").bucket == 2
        assert found() == []


class TestOnce:
    def test_the_same_file_answers_what_was_done(self) -> None:
        open_moving_book()
        first = bring(CURRENT)

        again = bring(CURRENT, name="renamed.csv")

        assert replace(again, again=False) == first
        assert again.again
        assert Loan.objects.count() == 1

    def test_a_corrected_file_replaces_nothing(self) -> None:
        open_moving_book()
        bring(CURRENT)

        with pytest.raises(LoansKnown, match=r"1 loans of old\.csv .* the first is old:K-1"):
            bring({**CURRENT, "left": "6179.03"}, {**CURRENT, "no": "K-9"})
        assert Loan.objects.count() == 1

    def test_what_was_forgotten_comes_with_a_file_of_its_own(self) -> None:
        open_moving_book()
        bring(CURRENT)
        close_until(CUT_OFF + timedelta(days=2))

        bring(LATE)

        close_until(CUT_OFF + timedelta(days=4))
        assert Loan.objects.count() == 2
        assert found() == []


class TestRefusals:
    def test_of_a_file_with_a_bad_row_leave_no_trace(self) -> None:
        open_moving_book()

        with pytest.raises(RowsRefused, match=r"1 rows of old\.csv .* row 3"):
            bring(CURRENT, {**LATE, "left": "x"})
        assert not Loan.objects.exists()
        assert not BookImport.objects.exists()

    def test_of_a_file_that_holds_nothing(self) -> None:
        open_moving_book()

        with pytest.raises(NothingToImport):
            bring(SETTLED, book_map=book_map(map={"settled": "skip"}))

    def test_of_balances_of_a_day_that_the_book_has_not_reached(self) -> None:
        open_moving_book()

        with pytest.raises(CutOffAhead, match="close its days"):
            bring(CURRENT, cut_off=CUT_OFF + timedelta(days=1))

    @pytest.mark.parametrize(
        ("actor", "refusal"),
        [(registry.NOBODY, NotPermitted), (registry.stranger(permissions.IMPORT), NotFound)],
    )
    def test_of_a_wrong_actor(self, actor: Actor, refusal: type[Refusal]) -> None:
        open_moving_book()

        with pytest.raises(refusal):
            bring(CURRENT, actor=actor)


class TestAfterwards:
    def test_days_close_and_money_is_laid_as_on_any_loan(self) -> None:
        open_moving_book()
        bring()
        close_until(CUT_OFF + timedelta(days=3))

        late = repay(loan_of("K-2").number, 994_46 + 71_73 + 5_00)
        repay(loan_of("K-1").number, 106_618)
        recovered = repay(loan_of("K-4").number, 10_000)
        close_until(date(2026, 8, 25))

        assert late.interest_minor == 7_173
        assert late.penalty_minor >= 500
        assert recovered.unapplied_minor == 0
        assert loan_of("K-2").state == "overdue"
        assert found() == []

    def test_penalty_runs_from_the_cut_off_on_what_is_overdue(self) -> None:
        open_moving_book()
        bring(LATE)
        close_until(CUT_OFF + timedelta(days=10))

        card = queries.as_of(
            number=loan_of("K-2").number, on=CUT_OFF + timedelta(days=10), viewer=HOUSE
        )

        daily = 99_446 * 18 * 10 // 36_000
        assert card.penalty_minor in {500 + daily, 500 + daily + 1}

    def test_a_payment_of_a_day_since_the_cut_off_is_booked_for_it(self) -> None:
        open_moving_book()
        bring()
        close_until(CUT_OFF + timedelta(days=9))

        repay(loan_of("K-2").number, 994_46, CUT_OFF + timedelta(days=2))

        assert found() == []

    def test_a_payment_before_the_cut_off_is_among_the_balances_already(self) -> None:
        open_moving_book()
        bring()

        with pytest.raises(Refusal):
            repay(loan_of("K-1").number, 100, CUT_OFF - timedelta(days=1))

    def test_on_the_day_before_the_cut_off_the_loan_was_not_here(self) -> None:
        open_moving_book()
        bring()
        number = loan_of("K-1").number

        before = queries.as_of(number=number, on=CUT_OFF - timedelta(days=1), viewer=HOUSE)
        then = queries.as_of(number=number, on=CUT_OFF, viewer=HOUSE)

        assert before.outstanding_minor == 0
        assert (before.is_here, then.is_here) == (False, True)
        assert then.outstanding_minor == 617_902


def _brought(_: str) -> None:
    Journal.objects.filter(once="brought_in:old:K-2").update(total_minor=F("total_minor") + 1)


def _event(loan: str) -> None:
    LoanEvent.objects.filter(loan__number=loan).update(values_json='{"import": "IM-X"}')


def _paid_out(loan: str) -> None:
    Loan.objects.filter(number=loan).update(intent="IN-1")


def _arrear(loan: str) -> None:
    Instalment.objects.filter(loan__number=loan, number=1).update(penalty_adjust_minor=499)


def _written(loan: str) -> None:
    row = Loan.objects.get(number=loan)
    Loan.objects.filter(pk=row.pk).update(outstanding_minor=row.outstanding_minor - 1)


CORRUPTIONS: list[tuple[Callable[[str], None], Find, str]] = [
    (_brought, imports.entries, "loan {loan}"),
    (_event, imports.wholes, "import IM-X"),
    (_event, imports.wholes, "import {origin}"),
    (_paid_out, imports.entries, "journal brought_in:old:K-2"),
    (_paid_out, figures.payouts, "loan {loan}"),
    (_arrear, replays.differing_loans, "loan {loan} instalment 1"),
    (_written, figures.principal, "loan {loan}"),
]


@pytest.mark.parametrize(("corrupt", "check", "named"), CORRUPTIONS)
def test_what_was_changed_behind_the_house_is_named(
    corrupt: Callable[[str], None], check: Find, named: str
) -> None:
    open_moving_book()
    origin = bring(LATE).number
    assert found() == []
    number = loan_of("K-2").number

    corrupt(number)

    objects = [violation.object for violation in check()]
    assert named.format(loan=number, origin=origin) in objects
