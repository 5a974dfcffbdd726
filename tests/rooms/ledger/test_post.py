"""Posting: both legs in one row, once where it must be once, carried by the close."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from loanops.kernel.access import Actor, Scopes
from loanops.kernel.refusals import NotPermitted, Refusal
from loanops.money.ledger import operations as ledger
from loanops.money.ledger import queries
from loanops.money.ledger.domain.journal import (
    AccountUnknown,
    EntryNotPositive,
    EntryWithinAccount,
    JournalEmpty,
)
from loanops.money.ledger.models import Balance, Entry, Unfolded
from loanops.money.ledger.operations import AccountKey, EntryIn, JournalIn
from loanops.platform.work import Work, unit_of_work
from tests.factories.loans import AT, DAY, HOUSE, open_book

pytestmark = pytest.mark.django_db
CASH, UNAPPLIED = AccountKey("cash.clearing:bank"), AccountKey("unapplied")
LOANS = AccountKey("loans.principal", "cash/M0")


@contextmanager
def work() -> Iterator[Work]:
    with unit_of_work(actor=HOUSE, at=AT, book="cn", on=DAY) as opened:
        opened.unchanged()
        yield opened


def journal(*entries: EntryIn, once: str | None = None) -> JournalIn:
    return JournalIn(kind="test.moved", subject="LN-1", entries=entries, once=once)


def balances() -> dict[str, int]:
    rows = queries.trial_balance(book="cn", viewer=HOUSE).rows
    return {f"{row.code} {row.dimension}".strip(): row.balance_minor for row in rows}


class TestPost:
    def test_moves_an_amount_between_two_accounts(self) -> None:
        open_book()

        with work() as opened:
            ledger.post(work=opened, on=DAY, journal=journal(EntryIn(CASH, UNAPPLIED, 500)))

        assert balances() == {"cash.clearing:bank": 500, "unapplied": 500}

    def test_keeps_the_trial_balance_at_zero(self) -> None:
        open_book()

        with work() as opened:
            ledger.post(
                work=opened,
                on=DAY,
                journal=journal(EntryIn(CASH, UNAPPLIED, 500), EntryIn(UNAPPLIED, LOANS, 300)),
            )

        sums = queries.trial_balance(book="cn", viewer=HOUSE)
        assert sums.debit_minor == sums.credit_minor == 800

    @pytest.mark.parametrize(
        ("entries", "refusal"),
        [
            ((), JournalEmpty),
            ((EntryIn(CASH, UNAPPLIED, 0),), EntryNotPositive),
            ((EntryIn(CASH, UNAPPLIED, -1),), EntryNotPositive),
            ((EntryIn(CASH, CASH, 1),), EntryWithinAccount),
            ((EntryIn(CASH, AccountKey("pocket"), 1),), AccountUnknown),
        ],
    )
    def test_refuses_what_cannot_stand(
        self, entries: tuple[EntryIn, ...], refusal: type[Refusal]
    ) -> None:
        open_book()

        with pytest.raises(refusal), work() as opened:
            ledger.post(work=opened, on=DAY, journal=journal(*entries))

        assert not Entry.objects.exists()

    def test_stands_once_under_its_key(self) -> None:
        open_book()
        once = journal(EntryIn(CASH, UNAPPLIED, 1), once="payout:1")
        with work() as opened:
            ledger.post(work=opened, on=DAY, journal=once)

        with pytest.raises(IntegrityError), transaction.atomic(), work() as opened:
            ledger.post(work=opened, on=DAY, journal=once)

    def test_is_refused_by_the_table_where_the_code_is_wrong(self) -> None:
        open_book()
        with work() as opened:
            ledger.post(work=opened, on=DAY, journal=journal(EntryIn(CASH, UNAPPLIED, 1)))

        with pytest.raises(IntegrityError), transaction.atomic():
            Entry.objects.update(amount_minor=0)


class TestPostMany:
    def test_posts_what_single_posts_post(self) -> None:
        open_book("one"), open_book()
        journals = [
            journal(EntryIn(CASH, UNAPPLIED, n), EntryIn(UNAPPLIED, LOANS, n)) for n in (1, 2)
        ]
        with unit_of_work(actor=HOUSE, at=AT, book="one", on=DAY) as opened:
            opened.unchanged()
            for each in journals:
                ledger.post(work=opened, on=DAY, journal=each)

        with work() as opened:
            numbers = ledger.post_many(work=opened, on=DAY, journals=journals)

        one = queries.trial_balance(book="one", viewer=HOUSE).rows
        assert [(r.code, r.balance_minor) for r in one] == [
            (r.code, r.balance_minor) for r in queries.trial_balance(book="cn", viewer=HOUSE).rows
        ]
        assert len(set(numbers)) == 2


class TestFold:
    def test_carries_balances_and_leaves_later_days_out(self) -> None:
        open_book()
        later = DAY + timedelta(days=1)
        with work() as opened:
            ledger.post(work=opened, on=DAY, journal=journal(EntryIn(CASH, UNAPPLIED, 500)))
            ledger.post(work=opened, on=later, journal=journal(EntryIn(CASH, UNAPPLIED, 70)))

        with work() as opened:
            ledger.fold(work=opened, on=DAY)

        then = queries.trial_balance(book="cn", on=DAY, viewer=HOUSE)
        assert {row.balance_minor for row in then.rows} == {500}
        assert balances()["unapplied"] == 570
        assert Unfolded.objects.count() == 1

    def test_adds_to_the_balance_before(self) -> None:
        open_book()
        for day, amount in ((DAY, 500), (DAY + timedelta(days=1), 70)):
            with work() as opened:
                ledger.post(work=opened, on=day, journal=journal(EntryIn(CASH, UNAPPLIED, amount)))
                ledger.fold(work=opened, on=day)

        newest = Balance.objects.filter(account__code="unapplied").latest("folded_on")
        assert newest.credit_minor == 570
        assert not Unfolded.objects.exists()


class TestTrialBalance:
    def test_needs_the_grant_and_shows_no_foreign_book(self) -> None:
        open_book()
        with work() as opened:
            ledger.post(work=opened, on=DAY, journal=journal(EntryIn(CASH, UNAPPLIED, 500)))

        with pytest.raises(NotPermitted):
            queries.trial_balance(book="cn", viewer=Actor(person="li.lei"))
        other = Actor(
            person="li.lei",
            grants=frozenset({"ledger.view"}),
            scopes=Scopes(books=frozenset({"us"})),
        )
        assert queries.trial_balance(book="cn", viewer=other).rows == ()
