"""`loanops book rebuild`: says what it wrote anew, and exits 1 where a loan cannot be replayed."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result
from django.utils import translation

from loanops.kernel.refusals import NotFound
from loanops.loanbook.servicing.models import Loan, LoanTerms
from loanops.surfaces.cli import book as verb
from tests.factories import requests, work
from tests.factories.loans import open_book, open_loan

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that runs the tests is started already."""
    monkeypatch.setattr(verb, "boot", lambda: None)
    monkeypatch.setattr(verb, "refuse_old_database", lambda: None)
    translation.activate("en")


def run(*words: str) -> Result:
    return CliRunner().invoke(verb.book, ["rebuild", *words])


class TestRebuild:
    def test_says_what_it_wrote_anew(self) -> None:
        open_book()
        loan = open_loan()
        Loan.objects.filter(number=loan).update(instalment_count=3)

        told = json.loads(run("cn", "--json").stdout)

        assert (told["loans"], told["changed"], told["stuck"]) == (1, 1, [])
        assert run("cn").stdout == ("Written anew: 0 of 1 loans, 0 periods, 0 sums of penalty.\n")

    def test_makes_the_work_items_that_are_missing(self) -> None:
        requests.desk()
        work.referred(1)

        assert run("cn").stdout.endswith("\n1 work items came or went.\n")
        assert json.loads(run("cn", "--json").stdout)["work_items"] == 0

    def test_exits_1_and_names_loans_that_cannot_be_replayed(self) -> None:
        open_book()
        loan = open_loan()
        LoanTerms.objects.update(terms_json="{}")

        done = run("cn")

        assert done.exit_code == 1
        assert done.stderr == f"Loan {loan} cannot be replayed.\n"

    def test_refuses_a_book_that_does_not_exist(self) -> None:
        assert isinstance(run("none").exception, NotFound)
