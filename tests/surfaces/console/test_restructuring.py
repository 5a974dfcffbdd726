"""Restructurings on the console: before and after, from the loan and from its timeline."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from loanops.kernel.schedule import Floating, Terms
from loanops.loanbook.servicing import queries
from loanops.loanbook.servicing.models import Loan, LoanTerms, RateReset
from tests.factories import desk
from tests.factories.changes import CASES, order
from tests.factories.loans import HOUSE
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter


@pytest.fixture
def loan(operation: desk.Operation) -> str:
    return operation.loan


@pytest.fixture
def client(loan: str, enter: Enter) -> Client:
    """Somebody with every role, in English."""
    entered = enter("everyone")
    entered.post(address("choose_language"), {"language": "en"})
    return entered


def page(client: Client, at: str, **asked: str) -> str:
    return " ".join(html.unescape(client.get(at, asked).content.decode()).split())


def let_float(loan: Loan) -> None:
    """Let a loan be one that floats, as if it had been agreed so."""
    row = LoanTerms.objects.get(loan=loan)
    terms = Terms.from_dict(json.loads(row.terms_json))
    floating = replace(terms, floating=Floating(index="lpr_1y"))
    LoanTerms.objects.filter(loan=loan).update(terms_json=json.dumps(floating.to_dict()))
    RateReset.objects.create(loan=loan, book_id=loan.book_id, reference="lpr_1y")


class TestRestructurings:
    def test_are_shown_before_and_after_from_the_loan_and_its_timeline(
        self, client: Client, loan: str
    ) -> None:
        at = address("restructurings", loan)
        assert at not in page(client, address("loan", loan))
        assert "never restructured" in page(client, at)
        on = queries.get_loan(number=loan, viewer=HOUSE).on
        agreed = CASES["restructured"](loan) | {"principal": "spread"}

        booked = order(loan, "restructured", on, **agreed)

        seen = page(client, address("loan", loan))
        assert f'href="{at}"' in seen
        assert f'href="{at}#{booked.key}"' in seen
        shown = page(client, at)
        assert "“as agreed”" in shown
        assert "500.00" in shown
        assert f'id="{booked.key}"' in shown

        order(loan, "reversed", on, of=booked.key)

        assert "It was undone later" in page(client, at)

    def test_say_of_a_floating_loan_whether_its_rate_floats_on(
        self, client: Client, loan: str
    ) -> None:
        at = reverse("console:change_loan", args=[loan, "restructured"])
        assert 'name="floats"' not in page(client, at)
        row = Loan.objects.get(number=loan)
        let_float(row)
        said = {
            "on": queries.get_loan(number=loan, viewer=HOUSE).on.isoformat(),
            "instalments": "6", "annual_rate": "8", "method": "equal_principal",
            "interest": "capitalise", "fee": "carry", "penalty": "waive", "principal": "spread",
        }  # fmt: skip

        assert 'name="floats"' in page(client, at)
        assert "The rate goes on floating" in page(client, at, floats="yes", **said)
        assert "The rate is fixed" in page(client, at, floats="no", **said)

        agreed = CASES["restructured"](loan) | {"principal": "spread", "floats": False}
        order(loan, "restructured", date.fromisoformat(said["on"]), **agreed)
        assert "the index is read no more" in page(client, address("loan", loan))
