"""Lists ask as many questions of many rows as of few."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loanops.loanbook.servicing import operations as servicing
from loanops.surfaces.api import keys
from tests.factories import contracts, loans
from tests.factories.registry import AT, HOUSE, TODAY
from tests.surfaces.api.conftest import Program

pytestmark = pytest.mark.django_db


class TestLists:
    @pytest.mark.parametrize("path", ["/applications", "/loans"])
    def test_ask_as_often_of_many_rows_as_of_few(
        self, path: str, program: Callable[..., Program], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # The limit of requests is read anew after some seconds, whatever is asked.
        monkeypatch.setattr(keys.RATES, "spend", lambda _caller: None)
        market = contracts.chinese_market()
        caller = program("manager")

        def furnish(first: int, count: int) -> None:
            contracts.approved(market, count, first=first)
            agreed = loans.terms(start_date=TODAY)
            payouts = [loans.disbursed(agreed) for _ in range(count)]
            servicing.open_loans(book="cn", disbursed=payouts, actor=HOUSE, at=AT)

        def asked() -> tuple[int, int]:
            with CaptureQueriesContext(connection) as questions:
                answer = caller.get(f"{path}?book=cn&limit=50")
            assert answer.status_code == 200, answer.content.decode()
            return len(answer.json()["items"]), len(questions)

        furnish(1, 2)
        asked()
        few, asked_few = asked()
        furnish(10, 20)
        many, asked_many = asked()

        assert (few, many) == (2, 22)
        assert asked_many == asked_few
