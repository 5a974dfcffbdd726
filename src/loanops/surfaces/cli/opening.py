"""An operation from a file: a book with its partners, products and agreements, opened at once.

The same file opens the demo's books and a company's own: a TOML document with ``[book]`` and the
lists ``[[partners]]``, ``[[products]]`` and ``[[agreements]]``; ``strategy`` names the shipped one
that judges every product (docs/guides/intake.md).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.db import transaction

from loanops.kernel.access import Actor
from loanops.kernel.money import parse_amount
from loanops.kernel.refusals import BadField, Refusal
from loanops.origination.applications import operations as applications
from loanops.origination.decisioning import operations as decisioning
from loanops.origination.decisioning import queries as decisions
from loanops.platform.books import operations as books
from loanops.platform.books import queries as books_asked
from loanops.registry.partners import operations as partners
from loanops.registry.products import operations as products

SHIPPED = Path(__file__).parent / "demo" / "data"
_AGREED = timedelta(days=3 * 365)
_LISTED = timedelta(days=365)
_ROLES_LISTED = {
    "bank": "funder",
    "consumer_finance": "funder",
    "guarantor": "guarantor",
    "payment": "payment",
    "channel": "channel",
}
_BOOK = ("code", "name", "legal_entity", "currency", "zone", "pack", "without_identity")


class FileMissing(Refusal):
    """A file that was named is not there or cannot be read."""

    code = "cli_file_missing"
    sentence = "{file} cannot be read; check its name and that you may read it."
    status = 404


class NoToml(Refusal):
    """A file is not TOML."""

    code = "cli_no_toml"
    sentence = "{file} is no TOML file: {problem}."
    status = 400


def read_toml(path: Path) -> dict[str, Any]:
    """The table of a TOML file.

    :raises FileMissing: it is not there or may not be read.
    :raises NoToml: it is something else.
    """
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError:
        raise FileMissing(file=path) from None
    except UnicodeDecodeError:
        raise NoToml(file=path, problem="it is not written in UTF-8") from None
    except tomllib.TOMLDecodeError as fault:
        raise NoToml(file=path, problem=str(fault)) from None


def shipped(code: str) -> Path | None:
    """The operation that LoanOps ships under a book's code, if it does."""
    path = SHIPPED / f"{code}.toml"
    return path if path in SHIPPED.glob("*.toml") and "book" in read_toml(path) else None


def first_day(table: Mapping[str, Any], *, otherwise: date) -> date:
    """The first business day that the file names, or another.

    :raises BadField: it names something else.
    """
    found = _part(table, "book").get("opens_on", otherwise)
    if not isinstance(found, date) or isinstance(found, datetime):
        raise BadField(field="book.opens_on", problem="a day is expected, such as 2026-12-31")
    return found


def open_operation(table: Mapping[str, Any], *, on: date, actor: Actor, at: datetime) -> bool:
    """Enter a book with its partners, products and agreements, all or nothing; whether it was new.

    :raises BadField: an entry is missing or cannot be used.
    :raises Refusal: what the rooms say of an entry.
    """
    book = _part(table, "book")
    code = str(_needed(book, "code", "book"))
    if books_asked.find_book(code) is not None:
        return False
    with transaction.atomic():
        given = {key: _needed(book, key, "book") for key in _BOOK}
        books.open_book(**given, business_date=on, actor=actor, at=at)
        for place, row in enumerate(_rows(table, "partners")):
            _partner(row, f"partners[{place}]", book=code, on=on, actor=actor, at=at)
        for place, row in enumerate(_rows(table, "products")):
            currency = str(given["currency"])
            where = f"products[{place}]"
            _product(row, where, book=code, currency=currency, on=on, actor=actor, at=at)
        for place, row in enumerate(_rows(table, "agreements")):
            partners.sign_agreement(
                book=code,
                partner=_needed(row, "partner", f"agreements[{place}]"),
                terms=_needed(row, "terms", f"agreements[{place}]"),
                valid_from=on,
                valid_to=on + _AGREED,
                actor=actor,
                at=at,
            )
        if "strategy" in table:
            _strategy(str(table["strategy"]), book=code, on=on, actor=actor, at=at)
    return True


def _strategy(name: str, *, book: str, on: date, actor: Actor, at: datetime) -> None:
    document = decisions.shipped_strategies().get(name)
    if document is None:
        raise BadField(field="strategy", problem="no strategy of this name is shipped")
    card = decisioning.publish_strategy(document=document, actor=actor, at=at)
    decisioning.assign_strategy(
        book=book,
        product="",
        strategy=card.code,
        version=card.version,
        starts_on=on,
        actor=actor,
        at=at,
    )


def _part(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = table.get(key)
    if not isinstance(part, dict):
        raise BadField(field=key, problem="this part of the file is needed; write it as a table")
    return part


def _rows(table: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    rows = table.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadField(field=key, problem="a list of tables is expected")
    return rows


def _needed(row: Mapping[str, Any], key: str, where: str) -> Any:
    if key not in row:
        raise BadField(field=f"{where}.{key}", problem="this entry is needed")
    return row[key]


def _partner(
    row: Mapping[str, Any], where: str, *, book: str, on: date, actor: Actor, at: datetime
) -> None:
    kind = str(_needed(row, "kind", where))
    if kind not in _ROLES_LISTED:
        raise BadField(field=f"{where}.kind", problem="there is no such kind of partner")
    licence = str(row.get("licence_number", ""))
    partners.register_partner(
        book=book,
        code=_needed(row, "code", where),
        kind=kind,
        name=_needed(row, "name", where),
        legal_name=_needed(row, "legal_name", where),
        licence_number=licence,
        licence_expires_on=on + _AGREED if licence else None,
        contact=str(row.get("contact", "")),
        actor=actor,
        at=at,
    )
    partners.whitelist(
        book=book,
        partner=row["code"],
        role=_ROLES_LISTED[kind],
        valid_from=on,
        valid_to=on + _LISTED,
        source_url=str(row.get("listed_at", "https://example.com/partner-list")),
        actor=actor,
        at=at,
    )


def _product(
    row: Mapping[str, Any],
    where: str,
    *,
    book: str,
    currency: str,
    on: date,
    actor: Actor,
    at: datetime,
) -> None:
    products.publish_version(
        book=book,
        product=_needed(row, "code", where),
        name=_needed(row, "name", where),
        terms=_needed(row, "terms", where),
        amount_min_minor=parse_amount(str(_needed(row, "amount_min", where)), currency),
        amount_max_minor=parse_amount(str(_needed(row, "amount_max", where)), currency),
        terms_months=_needed(row, "terms_months", where),
        rate_annual=_rate(row, where),
        cooling_off_days=row.get("cooling_off_days", 0),
        effective_from=on,
        actor=actor,
        at=at,
    )
    asked = [
        applications.ItemIn(str(kind), mandatory)
        for key, mandatory in (("documents_needed", True), ("documents_wanted", False))
        for kind in row.get(key, ())
    ]
    if asked:
        applications.set_checklist(book=book, product=row["code"], items=asked, actor=actor, at=at)


def _rate(row: Mapping[str, Any], where: str) -> Decimal | None:
    if "rate_annual" not in row:
        return None
    try:
        return Decimal(str(row["rate_annual"]))
    except InvalidOperation:
        raise BadField(
            field=f"{where}.rate_annual", problem="a decimal text is expected, such as 0.1260"
        ) from None
