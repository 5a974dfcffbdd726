"""The map of a migration: what it may say, and how it is refused where it says something else."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from loanops.kernel.refusals import Refusal
from loanops.loanbook.servicing.domain.importing.deriving import derived
from loanops.loanbook.servicing.domain.importing.mapping import parse_book_map
from loanops.loanbook.servicing.domain.importing.reading import read_rows, read_schedules
from loanops.loanbook.servicing.domain.importing.refusals import ColumnNotMapped
from loanops.platform.sheets.opening import open_sheet
from loanops.platform.sheets.refusals import ColumnMissing, MapWrong
from tests.factories.moving import CURRENT, MAP, book_map, csv_of
from tests.factories.workbooks import workbook


def values_of(text: str, content: bytes) -> list[dict[str, Any]]:
    sheet = open_sheet(file="x", content=content)
    return [dict(row.values) for row in read_rows(book_map(text).loan, sheet)]


class TestParse:
    def test_takes_every_kind_of_entry(self) -> None:
        found = book_map()

        assert found.cut_off == date(2026, 6, 30)
        assert found.loan.constants == {"product": "cash-12", "funder": "harbour"}
        assert set(found.loan.derived) == {"paid_principal"}
        assert found.loan.column_of("disbursed_on") == "paid out"

    @pytest.mark.parametrize(
        ("said", "instead", "place"),
        [
            ('name = "old"', 'name = "Old Books"', "map.name"),
            ('book = "cn"', "", "map.book"),
            ("cut_off = 2026-06-30", 'cut_off = "2026-06-30"', "map.cut_off"),
            ('book = "cn"', 'book = "cn"\narrears = "guessed"', "map.arrears"),
            ("[loan.rate]", "[loan.interest_rate]", "loan.interest_rate"),
            ('[loan.rate]\ncolumn = "rate"\nunit = "percent"', "", "loan.rate"),
            ('unit = "percent"', 'unit = "per cent"', "loan.rate.unit"),
            ('A = "current"', 'A = "fine"', "loan.state.choices"),
            ("principal - outstanding", "principal * 2", "loan.paid_principal"),
            ("principal - outstanding", "principal - rate", "loan.paid_principal"),
            ("principal - outstanding", "principal - 3 days", "loan.paid_principal"),
            ('value = "cash-12"', 'value = "cash-12"\nmax = 3', "loan.product"),
            ("[loan.number]", "[totals]\ncount = 1.5\n[loan.number]", "totals.count"),
            ("[loan.number]", "[more]\nx = 1\n[loan.number]", "the top.more"),
        ],
    )  # fmt: skip
    def test_names_the_place_that_is_wrong(self, said: str, instead: str, place: str) -> None:
        assert said in MAP

        with pytest.raises(Refusal, match=re.escape(place)):
            book_map(MAP.replace(said, instead))

    def test_a_state_of_our_own_may_be_a_constant(self) -> None:
        text = MAP.replace('column = "state"', 'value = "current"\n#').replace("choices", "#")

        assert book_map(text).loan.constants["state"] == "current"


class TestDerived:
    def test_adds_and_takes_away_from_left_to_right(self) -> None:
        known = dict.fromkeys(("lent", "back", "fee"), "money")

        sum_ = derived("lent - back + fee", "loan.x", known=known, kind="money")

        assert sum_.of({"lent": 100, "back": 30, "fee": 5}) == 75
        assert sum_.of({"lent": 100, "back": None, "fee": 5}) is None

    def test_moves_days_by_months_and_days(self) -> None:
        moved = derived("begun + 1 months - 2 days", "loan.x", known={"begun": "date"}, kind="date")

        assert moved.of({"begun": date(2026, 1, 31)}) == date(2026, 2, 26)

    @pytest.mark.parametrize("text", ["", "lent -", "- lent", "lent - 3 weeks", "lent back"])
    def test_refuses_what_is_no_sum(self, text: str) -> None:
        with pytest.raises(MapWrong, match=r"loan\.x"):
            derived(text, "loan.x", known={"lent": "money", "back": "money"}, kind="money")


class TestRows:
    def test_are_read_in_the_units_of_the_map(self) -> None:
        [values] = values_of(MAP, csv_of([CURRENT]))

        assert values["principal"] == 1_200_000
        assert values["paid_principal"] == 1_200_000 - 617_902
        assert values["state"] == "current"
        assert values["disbursed_on"] == date(2025, 12, 20)
        assert values["overdue_principal"] is None

    def test_of_a_workbook_read_as_those_of_a_text(self) -> None:
        book = workbook([list(CURRENT), [text or None for text in CURRENT.values()]])

        assert values_of(MAP, book) == values_of(MAP, csv_of([CURRENT]))

    def test_are_numbered_where_the_file_numbers_nothing(self) -> None:
        text = MAP.replace('[loan.number]\ncolumn = "no"', '[loan.number]\nrow = "K-"')
        rows = [{name: cell for name, cell in CURRENT.items() if name != "no"}] * 2

        assert [values["number"] for values in values_of(text, csv_of(rows))] == ["K-1", "K-2"]

    def test_name_every_cell_that_cannot_be_read(self) -> None:
        bad = {**CURRENT, "rate": "12%", "state": "X", "left": "", "late since": "30/06/2026"}
        sheet = open_sheet(file="x", content=csv_of([bad]))

        [row] = read_rows(book_map().loan, sheet)

        assert {refusal.column: refusal.reason for refusal in row.refusals} == {
            "rate": "rate: 12% is not a plain number; write digits with at most one point.",
            "state": "state: X is not one of A, B, C, D.",
            "left": "left is empty and is needed; fill it in.",
            "late since": "late since: 30/06/2026 is not a date of the form %Y-%m-%d.",
        }

    def test_refuse_a_column_that_nobody_mentions(self) -> None:
        with pytest.raises(ColumnNotMapped, match="column branch that the map does not name"):
            values_of(MAP, csv_of([{**CURRENT, "branch": "7"}]))

    @pytest.mark.parametrize("ignore", [["branch"], ["*"]])
    def test_leave_out_what_the_map_ignores(self, ignore: list[str]) -> None:
        found = book_map(map={"ignore": ignore})

        sheet = open_sheet(file="x", content=csv_of([{**CURRENT, "branch": "7"}]))

        assert len(list(read_rows(found.loan, sheet))) == 1

    def test_refuse_a_file_without_a_column_that_the_map_names(self) -> None:
        with pytest.raises(ColumnMissing, match=r"no column no, .* at loan\.number"):
            values_of(MAP, csv_of([{"lent": "1"}]))


class TestSchedules:
    TEXT = (
        MAP
        + """
[schedule.number]
column = "no"
[schedule.due_on]
column = "due"
format = "%Y-%m-%d"
[schedule.principal]
column = "principal"
unit = "major"
[schedule.interest]
column = "interest"
unit = "major"
"""
    )

    def test_are_gathered_by_loan_in_the_order_of_days(self) -> None:
        found = book_map(self.TEXT)
        assert found.schedule is not None
        lines = [
            {"no": "K-1", "due": "2026-08-20", "principal": "2.00", "interest": "0.20"},
            {"no": "K-2", "due": "2026-07-01", "principal": "3.00", "interest": "0.30"},
            {"no": "K-1", "due": "2026-07-20", "principal": "1.00", "interest": "x"},
            {"no": "K-1", "due": "2026-07-20", "principal": "1.00", "interest": "0.10"},
        ]

        rows, refused = read_schedules(found.schedule, open_sheet(file="x", content=csv_of(lines)))

        assert [row.due_on for row in rows["K-1"]] == [date(2026, 7, 20), date(2026, 8, 20)]
        assert [row.principal_minor for row in rows["K-2"]] == [300]
        assert [(each.line, each.column) for each in refused] == [(4, "interest")]


def test_the_shipped_map_is_one() -> None:
    text = Path("examples/maps/lendingclub-book.toml").read_text(encoding="utf-8")

    found = parse_book_map(tomllib.loads(text))

    assert found.count == 10_000
    assert found.arrears_agreed
