"""Migrations for tests: maps as people write them, and what rows are checked against."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from loanops.kernel.access import Actor
from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import Method, Penalty, Terms
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.domain.importing.building import incoming
from loanops.loanbook.servicing.domain.importing.checking import Given, faults_of
from loanops.loanbook.servicing.domain.importing.loans import Incoming, Product, Row, Setting
from loanops.loanbook.servicing.domain.importing.mapping import BookMap, parse_book_map
from loanops.loanbook.servicing.operations import STEPS
from loanops.loanbook.servicing.ports import CLOSE
from loanops.loanbook.servicing.queries import BookFile, read_book
from tests.factories import registry

CUT_OFF = date(2026, 6, 30)

MAP = """
[map]
name = "old"
book = "cn"
cut_off = 2026-06-30

[loan.number]
column = "no"
[loan.product]
value = "cash-12"
[loan.funder]
value = "harbour"
[loan.principal]
column = "lent"
unit = "major"
[loan.outstanding]
column = "left"
unit = "major"
[loan.rate]
column = "rate"
unit = "percent"
[loan.term]
column = "months"
unit = "months"
[loan.disbursed_on]
column = "paid out"
format = "%Y-%m-%d"
[loan.state]
column = "state"
choices = { A = "current", B = "overdue", C = "settled", D = "written_off" }
[loan.overdue_principal]
column = "late principal"
unit = "major"
[loan.overdue_interest]
column = "late interest"
unit = "major"
[loan.overdue_penalty]
column = "late penalty"
unit = "major"
[loan.overdue_since]
column = "late since"
format = "%Y-%m-%d"
[loan.paid_principal]
from = "principal - outstanding"
[loan.paid_interest]
column = "interest so far"
unit = "major"
"""
"""A map of a file with a number, amounts overdue with their oldest day, and totals paid."""

CURRENT = {
    "no": "K-1", "lent": "12000.00", "left": "6179.02", "rate": "12", "months": "12",
    "paid out": "2025-12-20", "state": "A", "late principal": "", "late interest": "",
    "late penalty": "", "late since": "", "interest so far": "576.16",
}  # fmt: skip
"""Twelve instalments of 12,000.00, six of them paid."""


def book_map(text: str = MAP, **parts: Mapping[str, Any]) -> BookMap:
    """A map; ``parts`` are laid over its tables, entry by entry."""
    document: dict[str, Any] = tomllib.loads(text)
    for part, entries in parts.items():
        document[part] = {**document.get(part, {}), **entries}
    return parse_book_map(document)


def csv_of(rows: Sequence[Mapping[str, str]]) -> bytes:
    """A file of these rows."""
    kept = io.StringIO()
    writer = csv.DictWriter(kept, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return kept.getvalue().encode()


def template(**values: Any) -> Terms:
    """A product's terms before any loan names its own."""
    given: dict[str, Any] = {
        "method": Method.EQUAL_INSTALMENT,
        "principal_minor": 1,
        "currency": "CNY",
        "annual_rate": Decimal(0),
        "instalments": 1,
        "start_date": CUT_OFF,
        "penalty": Penalty(multiplier=Decimal("1.5")),
    }
    return Terms(**{**given, **values})


def setting(**values: Any) -> Setting:
    """A book that knows one product, one bank and one guarantor."""
    product = Product("PV-1", values.pop("template", template()), lambda months: months)
    given: dict[str, Any] = {
        "book": "cn",
        "currency": "CNY",
        "cut_off": CUT_OFF,
        "find_product": {"cash-12": product}.get,
        "funders": frozenset({"harbour"}),
        "guarantors": frozenset({"shield"}),
        "borrowers": None,
    }
    return Setting(**{**given, **values})


VALUES: dict[str, Any] = {
    "number": "K-1",
    "product": "cash-12",
    "funder": "harbour",
    "principal": 1_200_000,
    "outstanding": 617_902,
    "rate": Decimal("0.12"),
    "term": 12,
    "disbursed_on": date(2025, 12, 20),
    "state": "current",
}
"""What the row of :data:`CURRENT` says, read."""


def loan_of(around: Setting | None = None, **values: Any) -> Incoming:
    """The loan of a row that holds; ``values`` replace those of :data:`VALUES`."""
    given = Given({**VALUES, **values}, around or setting())
    assert faults_of(given) == []
    return incoming(given, 2)


def faults(around: Setting | None = None, **values: Any) -> list[Refusal]:
    """What is wrong with a row."""
    return faults_of(Given({**VALUES, **values}, around or setting()))


def rows(*given: tuple[date, int, int]) -> list[Row]:
    """Rows of a file of schedules: due date, principal, interest."""
    return [Row(line, due, principal, interest, 0, 0) for line, (due, principal, interest)
            in enumerate(given, start=2)]  # fmt: skip


def open_moving_book(*, without_identity: bool = True, on: date = CUT_OFF) -> str:
    """A book that knows the product, the bank and the guarantor of the maps."""
    CLOSE.plug(STEPS)
    registry.open_book(pack="open", business_date=on, without_identity=without_identity)
    registry.register("harbour", "bank")
    registry.register("shield", "guarantor")
    registry.publish("cash-12")
    return "cn"


def reading(
    lines: Sequence[Mapping[str, str]], *, text: str = MAP, content: bytes = b"", **values: Any
) -> BookFile:
    """A file of these rows, read under a map."""
    given: dict[str, Any] = {
        "book_map": book_map(text),
        "name": "old.csv",
        "content": content or csv_of(lines),
        "viewer": registry.HOUSE,
    }
    return read_book(**{**given, **values})


def bring_one(*, book: str, product: str, funder: str, party: str, cut_off: date) -> str:
    """The loan of :data:`CURRENT` brought into a book that keeps identities, with its customer.

    Returns the number of the import.
    """
    text = (
        MAP.replace('book = "cn"', f'book = "{book}"')
        .replace("cut_off = 2026-06-30", f"cut_off = {cut_off}")
        .replace("cash-12", product)
        .replace("harbour", funder)
    )
    row = {**CURRENT, "paid out": f"{cut_off - timedelta(days=193)}", "customer": party}
    read = reading([row], text=text + '[loan.borrower]\ncolumn = "customer"\n')
    assert read.refused == ()
    return servicing.import_book(read=read, actor=registry.HOUSE, at=registry.AT).number


def ask_back(number: str, *, actor: Actor = registry.HOUSE) -> str:
    """Ask that an import be taken back as it is shown; the number of the request."""
    seen = servicing.preview_undo(number=number, viewer=actor).effect
    return servicing.ask_undo(
        number=number, seen=seen, reason="wrong rate column", actor=actor, at=registry.AT
    )
