"""A loan that came from another system on its pages: without application, with its balances."""

from __future__ import annotations

from datetime import timedelta

import pytest

from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing import queries as loans
from loanops.loanbook.servicing.models import Loan
from loanops.registry.products import queries as products
from tests.factories import desk, registry
from tests.factories.moving import bring_one
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter


@pytest.fixture
def brought(operation: desk.Operation) -> Loan:
    """A loan brought into the operation's own book, as one that names its customers."""
    known = Loan.objects.get(number=operation.loan)
    version = products.get_version_by_number(operation.product)
    bring_one(
        book=known.book_id,
        product=version.product,
        funder=operation.partner,
        party=operation.party,
        cut_off=known.disbursed_on - timedelta(days=1),
    )
    return Loan.objects.get(contract="old:K-1")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_its_page_says_where_it_came_from(brought: Loan, enter: Enter, language: str) -> None:
    client = enter("operations")
    client.post(address("choose_language"), {"language": language})

    shown = client.get(address("loan", brought.number)).content.decode()

    assert "old:K-1" in shown
    assert {"zh-hans": "从其他系统迁入", "en": "Brought in from another system"}[language] in shown


def test_it_stands_in_the_list_of_loans(brought: Loan, enter: Enter) -> None:
    assert brought.number in enter("operations").get(address("loans")).content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_of_imports_says_what_came_and_what_was_taken_back(
    brought: Loan, enter: Enter, language: str
) -> None:
    client = enter("finance")
    client.post(address("choose_language"), {"language": language})
    words = {"zh-hans": ("在账", "已撤回"), "en": ("In the book", "Taken back")}[language]
    before = client.get(address("imports")).content.decode()
    [card] = loans.list_imports(book=brought.book_id, viewer=registry.HOUSE)
    seen = servicing.preview_undo(number=card.number, viewer=registry.HOUSE).effect
    servicing.undo_import(
        number=card.number, seen=seen, reason="wrong file", actor=registry.HOUSE, at=registry.AT
    )

    after = client.get(address("imports")).content.decode()

    assert card.number in before
    assert card.digest in before
    assert words[0] in before
    assert words[1] in after
    assert "wrong file" in after


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("place", ["loan", "changes", "papers", "loan_class", "past_loan"])
def test_a_loan_that_was_taken_back_can_still_be_read(
    brought: Loan, enter: Enter, language: str, place: str
) -> None:
    [card] = loans.list_imports(book=brought.book_id, viewer=registry.HOUSE)
    seen = servicing.preview_undo(number=card.number, viewer=registry.HOUSE).effect
    servicing.undo_import(
        number=card.number, seen=seen, reason="wrong file", actor=registry.HOUSE, at=registry.AT
    )
    client = enter("operations")
    client.post(address("choose_language"), {"language": language})

    shown = client.get(address(place, brought.number))

    assert shown.status_code == 200
    if place == "loan":
        assert {"zh-hans": "已撤回", "en": "Taken back"}[language] in shown.content.decode()
        assert brought.number not in client.get(address("loans")).content.decode()
