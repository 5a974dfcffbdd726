"""Loans replayed together: found to be their replay only where every column says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F, Model

from loanops.kernel.allocation import Order
from loanops.loanbook.servicing.invariants.plain import replayed_alike
from loanops.loanbook.servicing.invariants.replays import differing_loans
from loanops.loanbook.servicing.models import Instalment, Loan, LoanEvent, LoanTerms
from tests.factories.loans import DAY, close_until, open_book, open_loan, repay, terms

pytestmark = pytest.mark.django_db
SEEN_ON = date(2027, 1, 8)
COLUMNS: dict[type[Model], list[dict[str, Any]]] = {
    Instalment: [
        {"principal_minor": F("principal_minor") + 1, "open_minor": F("open_minor") + 1},
        {"interest_minor": F("interest_minor") + 1, "open_minor": F("open_minor") + 1},
        {"fee_minor": F("fee_minor") + 1, "open_minor": F("open_minor") + 1},
        {"paid_principal_minor": 1, "open_minor": F("open_minor") - 1},
        {"paid_interest_minor": 1, "open_minor": F("open_minor") - 1},
        {"fee_minor": 1, "paid_fee_minor": 1},
        {"paid_penalty_minor": 1},
        {"penal_minor_days": 7},
        {"penal_to": date(2026, 12, 5)},
        {"penalty_adjust_minor": 1},
        {"penal_end": date(2026, 12, 30)},
        {"starts_on": date(2026, 11, 3)},
        {"due_on": date(2026, 12, 3)},
        {"settled_on": date(2026, 12, 4)},
        {"owner": "somebody"},
    ],
    Loan: [
        {"outstanding_minor": 1},
        {"credit_minor": 1},
        {"advanced_minor": F("advanced_minor") + 1},
        {"claim_owner": "somebody"},
        {"oldest_due_on": date(2026, 12, 3)},
        {"settled_on": date(2026, 12, 3)},
        {"disbursed_on": date(2026, 11, 3)},
        {"last_event_on": date(2026, 11, 3)},
        {"changed_on": date(2026, 11, 3)},
    ],
}


@contextmanager
def undone() -> Iterator[None]:
    """What is changed inside was never done."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def found() -> set[str]:
    loans = list(Loan.objects.order_by("id"))
    alike = replayed_alike(loans, SEEN_ON)
    return {loan.number for loan in loans if loan.pk in alike}


def book() -> list[str]:
    """Loans that are unpaid, late and paid, of two kinds and several rates and amounts."""
    open_book()
    agreed = [
        terms(),
        terms(principal_minor=770_077),
        terms(annual_rate=Decimal("0.18"), principal_minor=500_000),
        terms(instalments=3, penalty=None),
    ]
    loans = [open_loan(agreed=each) for each in agreed for _ in range(2)]
    close_until(date(2026, 12, 9))
    for number in loans[::2]:
        repay(number, 60_000)
    repay(loans[-1], 1_100_000)
    close_until(SEEN_ON)
    repay(loans[0], 90_000, SEEN_ON - timedelta(days=12))
    return loans


class TestPlainLoans:
    def test_are_found_to_be_their_replay(self) -> None:
        loans = book()

        assert found() == set(loans)
        assert list(differing_loans()) == []

    def test_of_another_kind_are_left_to_their_own_replay(self) -> None:
        open_book()
        plain, kept = open_loan(), open_loan(agreed=terms(allocation=Order(in_advance=())))

        alike = replayed_alike(list(Loan.objects.all()), DAY)

        assert Loan.objects.get(number=plain).pk in alike
        assert Loan.objects.get(number=kept).pk not in alike

    @pytest.mark.parametrize("model", COLUMNS, ids=lambda model: model.__name__)
    def test_differ_by_any_column(self, model: type[Model]) -> None:
        loans = book()
        rows: dict[type[Model], dict[str, Any]] = {
            Instalment: {"loan__number": loans[1], "number": 1},
            Loan: {"number": loans[1]},
        }
        for values in COLUMNS[model]:
            with undone():
                model._default_manager.filter(**rows[model]).update(**values)

                assert found() == {*loans} - {loans[1]}, values
                assert {each.object.split()[1] for each in differing_loans()} <= {loans[1]}

    def test_differ_where_terms_or_events_say_otherwise(self) -> None:
        loans = book()
        mine = LoanTerms.objects.get(loan__number=loans[1])
        mine.terms_json = mine.terms_json.replace('"instalments":12', '"instalments":11')
        mine.save()
        LoanEvent.objects.filter(loan__number=loans[2], kind="repaid").update(amount_minor=59_999)
        LoanEvent.objects.filter(loan__number=loans[4], kind="disbursed").update(amount_minor=1)

        assert found() == {*loans} - {loans[1], loans[2], loans[4]}
