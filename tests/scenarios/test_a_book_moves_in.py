"""A public book of 2018 moves in: every row as it stood, and the days go on from there."""

from __future__ import annotations

import csv
import io
import tomllib
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from loanops.config import wiring
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.models import Instalment, Loan
from loanops.loanbook.servicing.operations import STEPS
from loanops.loanbook.servicing.ports import CLOSE
from loanops.loanbook.servicing.queries import read_book, read_book_map
from loanops.surfaces.cli.opening import open_operation, read_toml, shipped
from tests.factories import registry

pytestmark = [pytest.mark.django_db, pytest.mark.realfile]
CUT_OFF = date(2018, 6, 30)
MAP = Path("examples/maps/lendingclub-book.toml")
# All of the rare states, and enough of the common ones for a test that people wait for.
KEPT = {"Current": 120, "Fully Paid": 40, "In Grace Period": 40}
STANDS = {
    "Current": {"active", "settled"},
    "In Grace Period": {"overdue"},
    "Late (16-30 days)": {"overdue"},
    "Late (31-120 days)": {"overdue"},
    "Fully Paid": {"settled"},
    "Charged Off": {"written_off"},
}


def sample(real_file: Path) -> list[dict[str, str]]:
    """Rows of every state, the rare states whole."""
    seen: Counter[str] = Counter()
    rows = []
    with real_file.open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            state = row["loan_status"]
            seen[state] += 1
            if seen[state] <= KEPT.get(state, 200):
                rows.append(row)
    assert set(seen) == set(STANDS)
    return rows


def written(rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def minor(text: str) -> int:
    return int(Decimal(text) * 100)


def left(row: dict[str, str]) -> int:
    """What is still claimed: the file drops what was charged off, and the claim goes on."""
    if row["loan_status"] == "Charged Off":
        return minor(row["loan_amount"]) - minor(row["paid_principal"])
    return minor(row["balance"])


def violations() -> list[str]:
    found = (each for check in wiring.invariants() for each in check.find())
    return [f"{each.code} {each.object}: {each.expected} / {each.found}" for each in found]


def test_every_loan_stands_as_the_file_says_and_the_days_go_on(real_file: Path) -> None:
    rows = sample(real_file)
    open_operation(
        read_toml(shipped("us") or Path()), on=CUT_OFF, actor=registry.HOUSE, at=registry.AT
    )
    CLOSE.plug(STEPS)
    book_map = read_book_map(tomllib.loads(MAP.read_text(encoding="utf-8")))
    read = read_book(
        book_map=replace(book_map, count=None, outstanding=None),
        name="book.csv",
        content=written(rows),
        viewer=registry.HOUSE,
    )
    assert read.refused == ()

    # Saturday 30 June 2018: the loans come in with their balances, paid totals and states.
    servicing.import_book(read=read, actor=registry.HOUSE, at=registry.AT)

    loans = Loan.objects.order_by("id")
    assert len(loans) == len(rows)
    for loan, row in zip(loans, rows, strict=True):
        said = row["loan_status"], row["balance"], row["paid_principal"]
        assert loan.state in STANDS[row["loan_status"]], said
        assert loan.outstanding_minor == left(row), said
        assert loan.principal_minor == minor(row["loan_amount"]), said
    on_the_books = [loan for loan in loans if loan.state != "written_off"]
    assert sum(loan.outstanding_minor for loan in on_the_books) == sum(
        minor(row["balance"]) for row in rows
    )
    assert violations() == []

    # The whole of July is closed: instalments fall due on the first, and nobody pays.
    servicing.close_day(book="us", until=date(2018, 8, 2), actor=registry.HOUSE, at=registry.AT)

    late = Loan.objects.filter(state="overdue")
    due = Instalment.objects.filter(due_on=date(2018, 7, 1), open_minor__gt=0)
    assert set(due.values_list("loan_id", flat=True)) <= set(late.values_list("id", flat=True))
    assert late.count() > Loan.objects.filter(state="active").count()
    assert violations() == []
