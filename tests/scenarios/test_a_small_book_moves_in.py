"""Rows in the format of the public book of 2018, made up here, come in by the map that is shipped.

The whole file is only where the shared data are; this runs everywhere.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from loanops.config import wiring
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.domain.importing.refusals import TotalDiffers
from loanops.loanbook.servicing.models import Loan
from loanops.loanbook.servicing.queries import BookFile, read_book, read_book_map
from loanops.surfaces.cli.opening import open_operation, read_toml, shipped
from tests.factories import registry

pytestmark = pytest.mark.django_db
MAP = Path("examples/maps/lendingclub-book.toml")
HEAD = (
    "emp_title,loan_amount,term,interest_rate,installment,issue_month,loan_status,"
    "balance,paid_total,paid_principal,paid_interest,paid_late_fees"
)
# 12,000 over 36 months at 12 % are 398.57 a month; three instalments fell due by the cut-off.
AGREED = "clerk,12000,36,12.00,398.57,Mar-18"
ROWS = {
    "Current": (f"{AGREED},Current,11155.90,1195.71,844.10,351.61,0", "active", 1_115_590),
    "In Grace Period": (
        f"{AGREED},In Grace Period,11440.07,797.14,559.93,237.21,0",
        "overdue",
        1_144_007,
    ),
    "Late": (f"{AGREED},Late (31-120 days),11721.43,398.57,278.57,120,0", "overdue", 1_172_143),
    "Fully Paid": (f"{AGREED},Fully Paid,0,12120,12000,120,0", "settled", 0),
    "Charged Off": (f"{AGREED},Charged Off,0,398.57,278.57,120,0", "written_off", 1_172_143),
}


def read(*lines: str, count: int | None = None) -> BookFile:
    found = read_book_map(tomllib.loads(MAP.read_text(encoding="utf-8")))
    return read_book(
        book_map=replace(found, count=count, outstanding=None),
        name="book.csv",
        content="\n".join((HEAD, *lines)).encode(),
        viewer=registry.HOUSE,
    )


@pytest.fixture(autouse=True)
def _operation() -> None:
    open_operation(
        read_toml(shipped("us") or Path()),
        on=date(2018, 6, 30),
        actor=registry.HOUSE,
        at=registry.AT,
    )


def test_every_state_comes_in_with_its_balance_and_the_book_adds_up() -> None:
    found = read(*(row for row, _, _ in ROWS.values()))
    assert found.refused == ()

    servicing.import_book(read=found, actor=registry.HOUSE, at=registry.AT)

    stands = [(loan.state, loan.outstanding_minor) for loan in Loan.objects.order_by("id")]
    assert stands == [(state, outstanding) for _, state, outstanding in ROWS.values()]
    assert [each.code for check in wiring.invariants() for each in check.find()] == []


def test_a_row_with_a_state_that_the_map_does_not_know_is_refused_by_its_column() -> None:
    found = read(ROWS["Current"][0], ROWS["Current"][0].replace("Current", "Default"))

    assert [(each.line, each.column) for each in found.refused] == [(3, "loan_status")]


def test_the_control_total_of_the_map_holds_the_file() -> None:
    with pytest.raises(TotalDiffers):
        read(ROWS["Current"][0], count=2)
