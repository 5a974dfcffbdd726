"""Loans agreed alike: their rows together are the rows of each of them alone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.alike import asked_alike
from loanops.kernel.schedule import Terms, schedule
from tests.domain.kernel.loans import plain, terms

PRINCIPALS = st.lists(st.integers(1, 20_000_000), min_size=1, max_size=4)


def assert_alike(agreed: Terms, principals: list[int]) -> None:
    asked = asked_alike(agreed, principals)
    rows = [schedule(replace(agreed, principal_minor=each)).rows for each in principals]
    if asked is None:
        days = {tuple((row.start_date, row.due_date) for row in each) for each in rows}
        assert len(days) > 1
        return
    for place, each in enumerate(rows):
        assert [(row.start_date, row.due_date) for row in each] == list(
            zip(asked.start_dates, asked.due_dates, strict=True)
        )
        assert [row.principal_minor for row in each] == asked.principal_minor[:, place].tolist()
        assert [row.interest_minor for row in each] == asked.interest_minor[:, place].tolist()
        assert [row.fees_minor for row in each] == asked.fee_minor[:, place].tolist()


class TestAskedAlike:
    @given(terms(), PRINCIPALS)
    def test_is_what_each_loan_asks_alone(self, agreed: Terms, principals: list[int]) -> None:
        assert_alike(agreed, principals)

    @given(st.integers(1, 36), st.integers(0, 480_000), PRINCIPALS)
    def test_of_level_instalments_is_too(
        self, instalments: int, ppm: int, principals: list[int]
    ) -> None:
        rate = Decimal(ppm) / 1_000_000
        assert_alike(plain(annual_rate=rate, instalments=instalments), principals)

    def test_of_a_rate_finer_than_the_arrays_know_is_too(self) -> None:
        assert_alike(plain(annual_rate=Decimal("0.1234567")), [1_000_000, 3])

    @pytest.mark.parametrize("principal_minor", [1, 5, 11])
    def test_is_nothing_where_a_loan_ends_before_the_others(self, principal_minor: int) -> None:
        assert_alike(plain(), [1_000_000, principal_minor])
