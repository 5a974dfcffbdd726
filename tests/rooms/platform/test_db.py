"""The set-based verbs: the same effect on both engines as the rows written one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loanops.platform import db
from loanops.platform.parameters.models import Parameter

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 2, 0, 0, 123456, tzinfo=UTC)
TABLE = Parameter._meta.db_table
COLUMNS = ("name", "value", "effective_from", "set_at", "set_by")
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60)
ROWS = st.lists(
    st.tuples(
        TEXTS, st.integers(-(2**63), 2**63 - 1), st.dates(date(1990, 1, 1), date(9999, 12, 31))
    ),
    max_size=12,
)
# PostgreSQL takes more than a few rows another way.
A_FEW_OR_MANY = st.sampled_from((1, 30))
MOMENTS = st.integers(0, 7_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
quick = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def rows_of(values: list[tuple[str, int, date]]) -> list[tuple[object, ...]]:
    return [(name, value, day, MONDAY, "tests") for name, value, day in values]


def stored() -> list[tuple[str, int, date]]:
    found = Parameter.objects.order_by("id").values_list("name", "value", "effective_from")
    return [(name, value, day) for name, value, day in found]


class TestInsertMany:
    @quick
    @given(ROWS, A_FEW_OR_MANY)
    def test_writes_what_the_models_read(
        self, some: list[tuple[str, int, date]], times: int
    ) -> None:
        Parameter.objects.all().delete()
        values = some * times

        count = db.insert_many(TABLE, COLUMNS, rows_of(values))

        assert count == len(values)
        assert stored() == values
        assert all(row.set_at == MONDAY for row in Parameter.objects.all())


class TestUpdateMany:
    @quick
    @given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 9), max_size=6), A_FEW_OR_MANY)
    def test_sets_the_rows_it_finds_and_no_other(self, some: dict[str, int], times: int) -> None:
        Parameter.objects.all().delete()
        changes = some | {f"absent-{place}": place for place in range(times)}
        db.insert_many(TABLE, COLUMNS, rows_of([(name, 100, MONDAY.date()) for name in "abc"]))

        hit = db.update_many(TABLE, ("name",), ("value",), list(changes.items()))

        expected = {name: changes.get(name, 100) for name in "abc"}
        assert hit == len(set(changes) & set("abc"))
        assert dict(Parameter.objects.values_list("name", "value")) == expected

    def test_finds_rows_by_several_columns(self) -> None:
        days = [date(2026, 11, day) for day in (1, 2)]
        db.insert_many(TABLE, COLUMNS, rows_of([("a", 1, day) for day in days]))

        hit = db.update_many(TABLE, ("name", "effective_from"), ("value",), [("a", days[1], 9)])

        assert hit == 1
        assert stored() == [("a", 1, days[0]), ("a", 9, days[1])]


class TestUpsertMany:
    COLUMNS = ("source", "key", "content_hash", "status", "answer_json", "at")

    def put(self, *pairs: tuple[str, int], update: tuple[str, ...] = ()) -> int:
        rows = [("tests", key, "", status, "{}", MONDAY) for key, status in pairs]
        return db.upsert_many(
            "inbox_answer", self.COLUMNS, rows, conflict=("source", "key"), update=update
        )

    def test_leaves_the_row_that_is_there(self) -> None:
        self.put(("a", 1))

        assert self.put(("a", 2), ("b", 2)) == 1
        assert db.fetch("SELECT key, status FROM inbox_answer ORDER BY key") == [("a", 1), ("b", 2)]

    def test_sets_the_columns_it_was_told_to(self) -> None:
        self.put(("a", 1))

        assert self.put(("a", 2), ("b", 2), update=("status",)) == 2
        assert db.fetch("SELECT key, status FROM inbox_answer ORDER BY key") == [("a", 2), ("b", 2)]

    def test_takes_more_rows_than_a_statement_has_variables(self) -> None:
        assert self.put(*((f"k{number}", 1) for number in range(6_000))) == 6_000


class TestInsertFrom:
    def test_copies_rows_without_their_leaving_the_database(self) -> None:
        db.insert_many(TABLE, COLUMNS, rows_of([("a", 1, MONDAY.date()), ("b", 2, MONDAY.date())]))

        count = db.insert_from(
            TABLE, COLUMNS,
            "SELECT name, value * 10, effective_from, set_at, set_by "
            "FROM parameters_parameter WHERE value > %s", (1,),
        )  # fmt: skip

        assert count == 1
        assert stored()[-1] == ("b", 20, MONDAY.date())


class TestNumbers:
    @given(MOMENTS, st.integers(1, 50))
    def test_are_unique_ascending_and_without_look_alikes(
        self, moment: datetime, count: int
    ) -> None:
        numbers = db.new_numbers("AP", moment, count)

        assert len(set(numbers)) == count
        assert numbers == sorted(numbers)
        assert all(len(number) == 20 and not set("ILOU") & set(number[3:]) for number in numbers)

    @given(MOMENTS, st.integers(1, 10**9))
    def test_of_a_later_millisecond_sort_later(self, moment: datetime, later_ms: int) -> None:
        later = moment + timedelta(milliseconds=later_ms)

        assert db.new_number("AP", moment) < db.new_number("AP", later)


class TestTogether:
    def test_writes_in_order_and_before_the_next_question(self) -> None:
        with db.together():
            db.insert_many(TABLE, COLUMNS, rows_of([("a", 1, MONDAY.date())]))
            db.update_many(TABLE, ("name",), ("value",), [("a", 2)])
            db.write(
                "UPDATE parameters_parameter SET set_by = %s WHERE name = %s", ["100 %; 'x'", "a"]
            )

            found = db.fetch("SELECT value, set_by FROM parameters_parameter")
            assert found == [(2, "100 %; 'x'")]
            db.insert_many(TABLE, COLUMNS, rows_of([("b", 3, MONDAY.date())]))

        assert stored() == [("a", 2, MONDAY.date()), ("b", 3, MONDAY.date())]

    def test_writes_nothing_of_what_fails(self) -> None:
        @transaction.atomic
        def work() -> None:
            with db.together():
                db.insert_many(TABLE, COLUMNS, rows_of([("a", 1, MONDAY.date())]))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            work()

        assert stored() == []

    def test_may_stand_in_another(self) -> None:
        with db.together():
            db.insert_many(TABLE, COLUMNS, rows_of([("a", 1, MONDAY.date())]))
            with db.together():
                db.insert_many(TABLE, COLUMNS, rows_of([("b", 2, MONDAY.date())]))

        assert [name for name, _, _ in stored()] == ["a", "b"]


class TestTakeIds:
    def test_gives_ids_that_rows_are_inserted_with_and_nobody_else_gets(self) -> None:
        Parameter.objects.create(name="a", value=1, effective_from=MONDAY.date(), set_at=MONDAY)
        ids = db.take_ids(TABLE, 3)
        rows = [
            (id_, *row)
            for id_, row in zip(ids, rows_of([("b", 2, MONDAY.date())] * 3), strict=True)
        ]

        db.insert_many(TABLE, ("id", *COLUMNS), rows)
        later = Parameter.objects.create(
            name="c", value=3, effective_from=MONDAY.date(), set_at=MONDAY
        )

        assert ids == sorted(set(ids))
        assert list(Parameter.objects.order_by("id").values_list("id", flat=True)[1:]) == [
            *ids,
            later.pk,
        ]
