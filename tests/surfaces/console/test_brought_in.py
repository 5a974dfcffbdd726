"""A loan that came from another system on its pages: without application, with its balances."""

from __future__ import annotations

from datetime import timedelta

import pytest

from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.models import Loan
from loanops.registry.products import queries as products
from tests.factories import desk, registry
from tests.factories.moving import CURRENT, MAP, reading
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter


@pytest.fixture
def brought(operation: desk.Operation) -> Loan:
    """A loan brought into the operation's own book, as one that names its customers."""
    known = Loan.objects.get(number=operation.loan)
    version = products.get_version_by_number(operation.product)
    cut_off = known.disbursed_on - timedelta(days=1)
    text = (
        MAP.replace('book = "cn"', f'book = "{known.book_id}"')
        .replace("cut_off = 2026-06-30", f"cut_off = {cut_off}")
        .replace("cash-12", version.product)
        .replace("harbour", operation.partner)
    )
    row = {**CURRENT, "paid out": f"{cut_off - timedelta(days=193)}", "customer": operation.party}
    read = reading([row], text=text + '[loan.borrower]\ncolumn = "customer"\n')
    assert read.refused == ()
    servicing.import_book(read=read, actor=registry.HOUSE, at=registry.AT)
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
