"""Numbers of people in running text: recognised, removed, or blurred for their sender."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.personal import blurred, scrubbed
from loanops.kernel.refusals import NotFound


class TestScrubbed:
    @pytest.mark.parametrize(
        "number",
        ["11010519491231002X", "11010519491231002x", "13800138000", "8613800138000",
         "6222021234567890123", "4111111111111111"],
    )  # fmt: skip
    def test_removes_the_numbers_of_people(self, number: str) -> None:
        for text in (number, f"+{number}", f"({number})", f"id={number},", f"号码{number}。"):
            assert number not in scrubbed(text)

    @pytest.mark.parametrize(
        "text",
        ["LN-1M6D363W0ESCKBHNZ", "2026-11-03", "1200000", "20261103", "12345678901", "¥12,000.00"],
    )
    def test_leaves_numbers_of_ours(self, text: str) -> None:
        assert scrubbed(text) == blurred(text) == text

    @given(st.text(max_size=60))
    def test_takes_any_text(self, text: str) -> None:
        assert scrubbed(scrubbed(text)) == scrubbed(text)


class TestBlurred:
    def test_leaves_enough_to_recognise_and_too_little_to_use(self) -> None:
        assert blurred("no 11010519491231002X here") == "no 110…2X here"

    def test_keeps_a_refusal_from_saying_a_number_back(self) -> None:
        refusal = NotFound(kind="application", number="13800138000")

        assert str(refusal) == "There is no application with the number 138…00."
