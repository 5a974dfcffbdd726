"""A file of running loans read against its book: what it holds, and why it is not taken."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from loanops.kernel.access import Actor
from loanops.kernel.refusals import BadField, NotFound, NotPermitted, Refusal
from loanops.kernel.schedule import schedule
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.domain.importing import refusals
from loanops.loanbook.servicing.queries import read_book_map
from loanops.registry.parties import operations as parties
from loanops.surfaces.cli.opening import open_operation, read_toml, shipped
from tests.factories import people, registry
from tests.factories.moving import (
    CURRENT,
    MAP,
    book_map,
    csv_of,
    open_moving_book,
    reading,
)
from tests.factories.workbooks import workbook

pytestmark = pytest.mark.django_db

PERSONS = """
[person.name]
column = "name"
[person.id_number]
column = "id"
[person.mobile]
column = "mobile"
"""
SECOND = {**CURRENT, "no": "K-2"}
SCHEDULE = """
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


def described(serial: int) -> dict[str, str]:
    person = people.person(serial)
    return {"name": person.name, "id": person.id_number, "mobile": person.mobile}


class TestFile:
    def test_says_what_is_in_it(self) -> None:
        open_moving_book()

        found = reading([CURRENT, SECOND, {**CURRENT, "no": "K-3", "state": "C", "left": "0"}])

        assert found.refused == ()
        assert (found.rows, found.by_state) == (3, {"current": 2, "settled": 1})
        assert found.outstanding_minor == 2 * 617_902
        assert found.paid.principal_minor == 2 * 582_098 + 1_200_000
        assert found.loans[0].product_version.startswith("PV")

    def test_is_known_by_its_content_and_that_of_its_schedules(self) -> None:
        open_moving_book()

        digests = {
            reading([CURRENT]).digest,
            reading([CURRENT], name="other.csv").digest,
            reading([SECOND]).digest,
        }

        assert len(digests) == 2

    def test_reads_a_workbook_alike(self) -> None:
        open_moving_book()
        cells = workbook([list(CURRENT), [text or None for text in CURRENT.values()]])

        assert reading([], content=cells).loans == reading([CURRENT]).loans

    def test_leaves_settled_loans_out_where_the_map_says_so(self) -> None:
        open_moving_book()
        ended = {**CURRENT, "no": "K-2", "state": "C", "left": "0.00"}

        found = reading([CURRENT, ended], book_map=book_map(map={"settled": "skip"}))

        assert (found.rows, len(found.loans), found.skipped) == (2, 1, 1)

    def test_names_every_bad_row_with_its_column(self) -> None:
        open_moving_book()

        found = reading(
            [
                {**CURRENT, "rate": "twelve"},
                SECOND,
                {**CURRENT, "no": "K-2"},
                {**CURRENT, "no": "K-4", "left": "12000.01"},
            ]
        )

        assert [(each.line, each.column, each.code) for each in found.refused] == [
            (2, "rate", "applications_not_a_number"),
            (4, "no", "servicing_import_number_twice"),
            (5, "left", "servicing_import_above_whole"),
        ]

    def test_takes_terms_of_the_map_beside_those_of_the_product(self) -> None:
        open_moving_book()

        found = reading([CURRENT], book_map=book_map(terms={"residue": "refit_once"}))

        assert found.loans[0].terms.residue == "refit_once"
        assert found.loans[0].terms.penalty is not None

    def test_refuses_terms_that_there_are_not(self) -> None:
        open_moving_book()

        with pytest.raises(BadField, match=r"terms\."):
            reading([CURRENT], book_map=book_map(terms={"residue": "nobody"}))


class TestBorrowers:
    def test_are_described_in_a_book_that_keeps_identities(self) -> None:
        open_moving_book(without_identity=False)

        found = reading([{**CURRENT, **described(7)}], text=MAP + PERSONS)

        assert found.refused == ()
        assert found.loans[0].person["mobile"] == people.person(7).mobile

    def test_are_refused_by_the_column_that_is_wrong(self) -> None:
        open_moving_book(without_identity=False)

        found = reading([{**CURRENT, **described(7), "mobile": "12"}], text=MAP + PERSONS)

        assert [each.column for each in found.refused] == ["mobile"]

    def test_are_found_by_their_number_where_they_are_known(self) -> None:
        book = open_moving_book(without_identity=False)
        [number] = parties.register_many(
            book=book, people=[people.person(7)], actor=registry.HOUSE, at=registry.AT
        )
        text = MAP + '[loan.borrower]\ncolumn = "customer"\n'

        found = reading(
            [{**CURRENT, "customer": number}, {**SECOND, "customer": "PT-X"}], text=text
        )

        assert found.loans[0].borrower == number
        assert [(each.line, each.column) for each in found.refused] == [(3, "customer")]

    @pytest.mark.parametrize(("keeps", "more"), [(True, ""), (False, PERSONS)])
    def test_map_and_book_agree_whether_there_are_any(self, keeps: bool, more: str) -> None:
        open_moving_book(without_identity=not keeps)

        with pytest.raises(refusals.IdentityDiffers):
            reading([{**CURRENT, **described(7)}], text=MAP + more)


class TestTotals:
    @pytest.mark.parametrize("totals", [{"count": 2, "outstanding": "12358.04"}, {"count": 2}, {}])
    def test_that_agree_pass(self, totals: dict[str, Any]) -> None:
        open_moving_book()

        assert reading([CURRENT, SECOND], book_map=book_map(totals=totals)).refused == ()

    @pytest.mark.parametrize(
        ("totals", "said"),
        [({"count": 3}, "of loans is 3, but the file has 2"),
         ({"outstanding": "12358.05"}, "is 12358.05, but the file has 12358.04")],
    )  # fmt: skip
    def test_that_differ_refuse_the_file(self, totals: dict[str, Any], said: str) -> None:
        open_moving_book()

        with pytest.raises(refusals.TotalDiffers, match=said):
            reading([CURRENT, SECOND], book_map=book_map(totals=totals))
        with pytest.raises(refusals.TotalDiffers, match=said):
            reading([CURRENT, SECOND], **totals)


class TestSchedules:
    LINES = (
        {"no": "K-1", "due": "2026-07-20", "principal": "6000.00", "interest": "61.79"},
        {"no": "K-1", "due": "2026-08-20", "principal": "179.02", "interest": "1.79"},
    )

    def test_come_from_a_second_file(self) -> None:
        open_moving_book()

        found = reading([CURRENT], text=MAP + SCHEDULE, schedules=("rows.csv", csv_of(self.LINES)))

        assert found.refused == ()
        assert [row.total_minor for row in schedule(found.loans[0].terms).rows] == [606_179, 18_081]

    def test_of_nobody_are_refused(self) -> None:
        open_moving_book()
        stray = {**self.LINES[0], "no": "K-9"}

        found = reading(
            [CURRENT], text=MAP + SCHEDULE, schedules=("rows.csv", csv_of([*self.LINES, stray]))
        )

        assert [each.code for each in found.refused] == ["servicing_import_rows_of_nobody"]

    def test_without_their_part_of_the_map_are_refused_and_the_reverse(self) -> None:
        open_moving_book()

        with pytest.raises(refusals.ScheduleUnmapped):
            reading([CURRENT], schedules=("rows.csv", csv_of(self.LINES)))
        with pytest.raises(refusals.ScheduleUnmapped):
            reading([CURRENT], text=MAP + SCHEDULE)


class TestRefusals:
    def test_of_a_cut_off_that_nobody_named(self) -> None:
        open_moving_book()

        with pytest.raises(refusals.CutOffMissing):
            reading([CURRENT], text=MAP.replace("cut_off = 2026-06-30", ""))

    @pytest.mark.parametrize(
        ("viewer", "refusal"),
        [(registry.NOBODY, NotPermitted), (registry.stranger(permissions.IMPORT), NotFound)],
    )
    def test_of_a_wrong_viewer(self, viewer: Actor, refusal: type[Refusal]) -> None:
        open_moving_book()

        with pytest.raises(refusal):
            reading([CURRENT], viewer=viewer)

    def test_of_a_book_that_is_not_there(self) -> None:
        with pytest.raises(NotFound):
            reading([CURRENT])


@pytest.mark.realfile
def test_the_real_file_is_the_book_it_was(real_file: Path) -> None:
    day = date(2018, 6, 30)
    table = read_toml(shipped("us") or Path())
    open_operation(table, on=day, actor=registry.HOUSE, at=registry.AT)
    text = Path("examples/maps/lendingclub-book.toml").read_text(encoding="utf-8")
    lines = real_file.read_bytes().splitlines(keepends=True)[:2_001]
    found = replace(read_book_map(tomllib.loads(text)), count=None, outstanding=None)

    read = reading([], book_map=found, content=b"".join(lines))

    assert read.refused == ()
    assert sum(read.by_state.values()) == 2_000
    assert read.by_state["current"] > 1_800
    assert {each.due_date.day for loan in read.loans for each in loan.arrears} <= {1, 30}
    assert all(loan.arrears for loan in read.loans if loan.state == "overdue")
