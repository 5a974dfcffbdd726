"""A few random corruptions of single rows; `loanops soak --part corruptions` makes hundreds."""

from __future__ import annotations

import pytest

from loanops.loanbook.servicing.models import Instalment
from tests.corrupting import corrupt
from tests.factories import everything

pytestmark = pytest.mark.django_db


def test_of_a_book_in_which_much_happened_are_nearly_all_named_and_leave_nothing() -> None:
    everything.live(kinds=("rate_changed", "written_off"))
    before = list(Instalment.objects.order_by("id").values_list())

    came = corrupt(7, 20)

    assert came["count"] == 20
    assert came["named"] >= 15, came["silent"]
    assert list(Instalment.objects.order_by("id").values_list()) == before
