"""Every page of the loan book, walked by somebody who may do everything, of one partner alone.

Nobody of the staff is scoped to a partner today; programs are. The pages hold all the same, so that
a portal for partners can stand on them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from loanops.kernel.access import Scopes
from loanops.loanbook.servicing import operations
from loanops.loanbook.servicing.models import Loan
from loanops.loanbook.servicing.operations import ChangeIn
from loanops.origination.applications.models import Application
from loanops.platform.books import queries as books
from loanops.surfaces.console.pages import shell
from tests.factories import desk
from tests.factories.loans import AT, HOUSE, open_loan, terms
from tests.surfaces.console.addresses import DETAILS, PAGES, address
from tests.surfaces.console.conftest import Enter

LISTS = [name for name, grants in PAGES.items() if grants == ("servicing.view",)]
ABOUT = [name for name, (grant, field) in DETAILS.items() if field == "loan"]
SCOPES = {
    "funder": Scopes(funders=frozenset({"harbour"})),
    "channel": Scopes(channels=frozenset({"acorn"})),
}


@pytest.fixture
def foreign(operation: desk.Operation) -> str:
    """A loan of another funder and of no application, set aside, with a request that waits."""
    book = books.get_book("cn")
    agreed = terms(start_date=book.business_date)
    number = open_loan("cn", agreed=agreed, funder="strange", product="odd", contract="CT-ODD")
    asked = ChangeIn(loan=number, kind="extended", on=book.business_date, values={"periods": 1})
    shown = operations.preview_change(asked=asked, viewer=HOUSE)
    operations.ask_change(asked=asked, seen=shown.digest, reason="odd", actor=HOUSE, at=AT)
    Loan.objects.filter(number=number).update(set_aside=True)
    return number


@pytest.fixture(params=sorted(SCOPES))
def scoped(request: Any, foreign: str, enter: Enter, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Somebody with every role who sees one funder or one channel, at the book."""
    Application.objects.update(channel="acorn")
    whole = shell.identity.actor_of
    monkeypatch.setattr(
        shell.identity,
        "actor_of",
        lambda *args, **kwargs: replace(whole(*args, **kwargs), scopes=SCOPES[request.param]),
    )
    entered = enter("everyone")
    entered.post(address("choose_book"), {"book": "cn"})
    entered.post(address("choose_language"), {"language": "en"})
    return entered


def told(client: Client, path: str, **asked: str) -> tuple[int, str]:
    answer = client.get(path, asked)
    return answer.status_code, answer.content.decode()


def strange(text: str, number: str) -> list[str]:
    """What of the foreign loan a page lets out."""
    return re.findall(rf"{number}|CT-ODD|strange", text)


def test_lists_and_boards_tell_nothing_foreign(scoped: Client, foreign: str) -> None:
    day = books.get_book("cn").business_date.isoformat()
    leaks = {}
    for name in [*LISTS, "static_pool", "export_portfolio", "export_loans"]:
        for asked in ({}, {"on": day}, {"funder": "strange"}, {"product": "odd"}):
            status, text = told(scoped, address(name), **asked)
            # Sums of a book are not cut to channels: refused, not told. A foreign funder or
            # product is unknown like a missing one.
            assert status in ({200, 403} if asked.keys() <= {"on"} else {200, 403, 422})
            # What was asked is said back in filters and in the addresses of files and pages.
            untold = re.sub(r'<form.*?</form>|href="[^"]*[?][^"]*"', "", text, flags=re.S)
            if found := strange(untold, foreign):
                leaks[(name, *asked)] = found

    assert not leaks


@pytest.mark.parametrize("name", ABOUT)
def test_a_foreign_loan_answers_like_none(scoped: Client, foreign: str, name: str) -> None:
    status, text = told(scoped, address(name, foreign))
    none, other = told(scoped, address(name, "LN-NONE"))

    assert (status, none) == (404, 404)
    assert "strange" not in text
    assert text.count("Traceback") == other.count("Traceback") == 0


def test_own_loans_are_there(scoped: Client, operation: desk.Operation, foreign: str) -> None:
    status, text = told(scoped, address("loans"))

    assert (status, operation.loan in text, foreign in text) == (200, True, False)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("reclassify", {"tier": "loss", "reason": "no"}),
        ("pause_ageing", {"reason": "no"}),
        ("release_loan", {}),
    ],
)
def test_nothing_is_ordered_of_a_foreign_loan(
    scoped: Client, foreign: str, name: str, typed: dict[str, str]
) -> None:
    before = Loan.objects.values().get(number=foreign)

    answer = scoped.post(address(name, foreign), typed)

    assert answer.status_code == 404
    assert Loan.objects.values().get(number=foreign) == before
