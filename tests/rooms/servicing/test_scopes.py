"""Who may order what of loans: the grant, and the books in which it holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from loanops.kernel.access import Actor
from loanops.kernel.refusals import NotFound, NotPermitted
from loanops.loanbook.servicing import operations, permissions, queries
from loanops.loanbook.servicing.models import Loan
from loanops.loanbook.servicing.operations import RepaymentIn
from loanops.loanbook.servicing.queries import LoanFilter
from loanops.money.payments import operations as payments
from loanops.money.payments import permissions as payment_grants
from loanops.money.payments import queries as payments_asked
from loanops.origination.applications.models import Application
from tests.factories import changes
from tests.factories import contracts as make
from tests.factories.loans import (
    AT,
    BANK,
    DAY,
    HOUSE,
    close_until,
    disbursed,
    open_book,
    open_loan,
    terms,
)  # fmt: skip
from tests.factories.plans import full_reads
from tests.factories.registry import stranger

pytestmark = pytest.mark.django_db
DUE = date(2026, 12, 2)
Order = Callable[[Actor], object]


@pytest.fixture
def loan() -> str:
    """A loan with an instalment due and its debit file, set aside by the close."""
    open_book()
    number = open_loan()
    close_until(DUE)
    Loan.objects.filter(number=number).update(set_aside=True)
    return number


def orders(loan: str) -> dict[str, tuple[str, Order]]:
    """Every order about loans and their money: the grant it needs, and how it is given."""
    [file] = payments_asked.list_files(book="cn", viewer=HOUSE)
    row = RepaymentIn(loan=loan, channel=BANK, pay_no="P-1", amount_minor=1, on=DUE)
    return {
        "repay": (
            permissions.REPAY,
            lambda actor: operations.repay(
                loan=loan, channel=BANK, pay_no="P-1", amount_minor=1, on=DUE, actor=actor, at=AT
            ),
        ),
        "repay_many": (
            permissions.REPAY,
            lambda actor: operations.repay_many(book="cn", rows=[row], actor=actor, at=AT),
        ),
        "allocate_receipts": (
            permissions.REPAY,
            lambda actor: operations.allocate_receipts(book="cn", numbers=[], actor=actor, at=AT),
        ),
        "open_loans": (
            permissions.OPEN,
            lambda actor: operations.open_loans(
                book="cn", disbursed=[disbursed(terms())], actor=actor, at=AT
            ),
        ),
        "close_day": (
            permissions.CLOSE_DAY,
            lambda actor: operations.close_day(book="cn", actor=actor, at=AT),
        ),
        "release": (
            permissions.RELEASE,
            lambda actor: operations.release(loan=loan, actor=actor, at=AT),
        ),
        "receive": (
            payment_grants.RECEIVE,
            lambda actor: payments.receive(
                book="cn", channel=BANK, pay_no="P-2", amount_minor=1, on=DUE, loan=loan,
                actor=actor, at=AT,
            ),
        ),
        "send_debit_file": (
            payment_grants.SEND_DEBITS,
            lambda actor: payments.send_debit_file(number=file.number, actor=actor, at=AT),
        ),
        "take_debit_results": (
            payment_grants.SEND_DEBITS,
            lambda actor: payments.take_debit_results(
                number=file.number, results=[], actor=actor, at=AT
            ),
        ),
    }  # fmt: skip


def test_every_order_is_refused_without_its_grant_and_outside_its_books(loan: str) -> None:
    before = Loan.objects.values().get()

    for grant, order in orders(loan).values():
        with pytest.raises(NotPermitted):
            order(Actor(person="wang.fang"))
        with pytest.raises(NotFound):
            order(stranger(grant))

    assert Loan.objects.values().get() == before


def test_a_funder_sees_the_restructurings_of_its_own_loans_alone() -> None:
    open_book()
    mine, other = (open_loan(funder=funder) for funder in ("harbour", "summit"))
    for loan in (mine, other):
        changes.order(
            loan, "restructured", DAY, instalments=6, annual_rate="0.08", method="equal_principal",
            principal="carry",
        )  # fmt: skip
    harbour = Actor(person="key:harbour", grants=frozenset({permissions.VIEW}))
    viewer = replace(harbour, scopes=replace(harbour.scopes, funders=frozenset({"harbour"})))

    [card] = queries.list_restructurings(number=mine, viewer=viewer)
    assert card.loan == mine
    with pytest.raises(NotFound):
        queries.list_restructurings(number=other, viewer=viewer)
    with pytest.raises(NotPermitted):
        queries.list_restructurings(number=mine, viewer=replace(viewer, grants=frozenset()))


def test_a_channel_sees_the_loans_of_its_own_applications_alone() -> None:
    market = make.chinese_market()
    [application] = make.approved(market)
    loan = open_loan(agreed=terms(start_date=DAY), application=application)
    channel = Application.objects.get().channel
    theirs = Actor(person="key:shop", grants=frozenset({permissions.VIEW}))

    for code, sees in ((channel, True), ("another", False)):
        viewer = replace(theirs, scopes=replace(theirs.scopes, channels=frozenset({code})))
        lines = queries.list_loans(wanted=LoanFilter(book="cn"), viewer=viewer).lines
        assert [line.number for line in lines] == ([loan] if sees else [])
        found = queries.find_loan_of(application=application, viewer=viewer)
        assert found == (loan if sees else None)
        if sees:
            assert queries.get_loan(number=loan, viewer=viewer).number == loan
        else:
            with pytest.raises(NotFound):
                queries.get_loan(number=loan, viewer=viewer)


def test_of_a_person_are_the_loans_of_applications_and_of_files_without_reading_others() -> None:
    [application] = make.approved(make.chinese_market())
    party = Application.objects.get().party_id or ""
    agreed = terms(start_date=DAY)
    made = open_loan(agreed=agreed, application=application, party=party)
    brought = open_loan(agreed=agreed, application="", party=party)
    open_loan(agreed=agreed, application="")

    with full_reads({"servicing_loan", "applications_application"}) as found:
        lines = queries.list_loans(wanted=LoanFilter(party=party), viewer=HOUSE).lines

    assert [line.number for line in lines] == sorted((made, brought), reverse=True)
    assert found == []
