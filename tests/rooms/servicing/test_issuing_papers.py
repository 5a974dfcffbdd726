"""Papers for the borrower: the full name with a trace, or the masked one that says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from loanops.kernel.access import Actor
from loanops.kernel.refusals import NotFound, NotPermitted
from loanops.loanbook.servicing import operations, permissions
from loanops.loanbook.servicing.queries import PaperDays
from loanops.origination.contracts.ports import PAGES, TYPESETTERS
from loanops.platform.audit.models import Entry
from loanops.platform.vault import permissions as vault
from loanops.registry.parties import operations as parties
from tests.factories.loans import AT, open_book, open_loan
from tests.factories.people import HOUSE, person, staff

pytestmark = pytest.mark.django_db
CLERK = staff("wang.fang", permissions.VIEW, vault.UNMASK)


class _Pages:
    """What a layout would be given, as bytes."""

    def render(self, *, template: str, data: Mapping[str, Any], dated: date) -> bytes:
        return json.dumps(data, ensure_ascii=False).encode()


@pytest.fixture
def loan() -> str:
    TYPESETTERS.plug(PAGES, _Pages())
    book = open_book()
    [party] = parties.register_many(book=book, people=[person(7)], actor=HOUSE, at=AT)
    return open_loan(party=party)


def issue(loan: str, paper: str, actor: Actor, form: str = "pdf") -> str:
    made = operations.issue_paper(
        number=loan, paper=paper, days=PaperDays(), form=form, chinese=True, actor=actor, at=AT
    )
    return made.content.decode()


def traces() -> int:
    return Entry.objects.filter(code="vault.unmasked").count()


@pytest.mark.parametrize("paper", ["payoff", "statement"])
def test_a_paper_names_the_borrower_in_full_and_leaves_a_trace(loan: str, paper: str) -> None:
    shown = issue(loan, paper, CLERK)

    assert person(7).name in shown
    assert "masked" not in shown
    assert "borrower_paper" in Entry.objects.get(code="vault.unmasked").values_json


@pytest.mark.parametrize("paper", ["payoff", "statement"])
def test_without_the_right_a_paper_shows_the_masked_name_and_says_so(loan: str, paper: str) -> None:
    shown = issue(loan, paper, staff("ann", permissions.VIEW))

    assert person(7).name not in shown
    assert "The borrower's name is masked" in shown
    assert traces() == 0


def test_a_table_and_a_calendar_name_nobody_and_leave_no_trace(loan: str) -> None:
    shown = issue(loan, "statement", CLERK, "csv") + issue(loan, "calendar", CLERK)

    assert person(7).name not in shown
    assert traces() == 0


def test_a_paper_that_is_refused_leaves_no_trace(loan: str) -> None:
    with pytest.raises(NotFound):
        issue(loan, "poem", CLERK)
    with pytest.raises(NotPermitted):
        issue(loan, "payoff", staff("ann", vault.UNMASK))

    assert traces() == 0
