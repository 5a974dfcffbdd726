"""Parameters: a value from a day on, within its range, with a witness."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from loanops.kernel.access import Actor
from loanops.kernel.refusals import BadField, NotFound, NotPermitted
from loanops.platform.audit.models import Entry
from loanops.platform.parameters import operations, queries
from loanops.platform.parameters.catalogue import CATALOGUE

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NAME = "contracts.offer_valid_days"


def set_to(value: int, since: date, *, name: str = NAME, actor: Actor | None = None) -> None:
    operations.set_parameter(
        name=name, value=value, effective_from=since, actor=actor or Actor.house(), at=MONDAY
    )


class TestSetParameter:
    def test_counts_from_its_day_on_and_the_latest_word_counts(self) -> None:
        set_to(10, date(2026, 12, 1))
        set_to(20, date(2027, 1, 1))
        set_to(12, date(2026, 12, 1))

        days = [date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 1)]
        assert [queries.value_on(NAME, day) for day in days] == [
            CATALOGUE[NAME].default,
            12,
            12,
            20,
        ]

    def test_is_witnessed(self) -> None:
        set_to(10, date(2026, 12, 1))

        entry = Entry.objects.get()
        assert (entry.code, entry.subject) == ("parameters.set", NAME)

    @pytest.mark.parametrize("value", [0, 91, -1])
    def test_refuses_a_value_out_of_its_range(self, value: int) -> None:
        with pytest.raises(BadField) as refused:
            set_to(value, date(2026, 12, 1))

        assert str(refused.value) == "value: enter a whole number from 1 to 90"

    def test_refuses_what_is_no_parameter(self) -> None:
        with pytest.raises(NotFound):
            set_to(1, date(2026, 12, 1), name="tests.none")

    def test_needs_the_grant(self) -> None:
        with pytest.raises(NotPermitted):
            set_to(1, date(2026, 12, 1), actor=Actor("zhao.min"))


class TestCatalogue:
    @pytest.mark.parametrize("name", CATALOGUE)
    def test_has_a_default_within_its_range(self, name: str) -> None:
        definition = CATALOGUE[name]

        assert definition.minimum <= definition.default <= definition.maximum
        assert queries.value_on(name, MONDAY.date()) == definition.default

    def test_is_listed_whole(self) -> None:
        assert [card.name for card in queries.list_parameters(on=MONDAY.date())] == list(CATALOGUE)
