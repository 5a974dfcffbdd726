"""Reasons and notes: kept as they were given, or refused; never cut."""

from __future__ import annotations

import pytest

from loanops.kernel.refusals import BadField
from loanops.loanbook.servicing.domain.reasons import LENGTH_MAX, note_given, reason_given


class TestReasons:
    def test_are_kept_without_the_blanks_around_them(self) -> None:
        assert reason_given("  as agreed ") == "as agreed"
        assert note_given("  no proof ") == "no proof"

    def test_have_to_say_something_where_notes_need_not(self) -> None:
        assert note_given(" ") == ""
        with pytest.raises(BadField, match="say why"):
            reason_given(" ")

    @pytest.mark.parametrize("given", [reason_given, note_given])
    def test_too_long_are_refused_and_not_cut(self, given: object) -> None:
        assert callable(given)
        assert given("字" * LENGTH_MAX) == "字" * LENGTH_MAX
        with pytest.raises(BadField, match="at most 300 characters"):
            given("字" * (LENGTH_MAX + 1))
