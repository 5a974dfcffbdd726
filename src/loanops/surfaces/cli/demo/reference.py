"""The reference data of the demo operation: books, partners, products, agreements, people.

Everything is entered through the rooms' operations, as staff would; a second run adds nothing.
"""

from __future__ import annotations

import secrets
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from loanops.kernel.access import Actor, Viewer
from loanops.kernel.money import parse_amount
from loanops.origination.decisioning import operations as decisioning
from loanops.origination.decisioning import queries as decisions
from loanops.platform.books import operations as books
from loanops.platform.books import queries as books_asked
from loanops.platform.identity import operations as identity
from loanops.platform.identity import queries as identity_asked
from loanops.registry.partners import operations as partners
from loanops.registry.products import operations as products

PASSWORD = "LoanOps-demo-2026"  # noqa: S105 - published on purpose; production refuses demo logins
_VALID = timedelta(days=3 * 365)
_ROLES_LISTED = {
    "bank": "funder",
    "consumer_finance": "funder",
    "guarantor": "guarantor",
    "payment": "payment",
    "channel": "channel",
}


@dataclass(frozen=True)
class Login:
    """One login that the demo prints."""

    login: str
    name: str
    role: str


def read(name: str) -> dict[str, Any]:
    """One of the demo's files."""
    path = Path(__file__).parent / "data" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def open_operation(name: str, *, on: date, at: datetime) -> bool:
    """Enter a book with its partners, products and agreements; returns whether it was new."""
    table = read(name)
    if books_asked.find_book(table["book"]["code"]) is not None:
        return False
    actor = Actor.house("demo")
    books.open_book(**table["book"], business_date=on, actor=actor, at=at)
    code = table["book"]["code"]
    for row in table["partners"]:
        _partner(row, book=code, on=on, actor=actor, at=at)
    for row in table["products"]:
        _product(row, book=code, currency=table["book"]["currency"], on=on, actor=actor, at=at)
    for row in table["agreements"]:
        partners.sign_agreement(
            book=code,
            partner=row["partner"],
            terms=row["terms"],
            valid_from=on,
            valid_to=on + _VALID,
            actor=actor,
            at=at,
        )
    _strategy(table["strategy"], book=code, on=on, actor=actor, at=at)
    return True


def _strategy(shipped: str, *, book: str, on: date, actor: Actor, at: datetime) -> None:
    document = decisions.shipped_strategies()[shipped]
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


def _partner(row: dict[str, Any], *, book: str, on: date, actor: Actor, at: datetime) -> None:
    partners.register_partner(
        **row,
        book=book,
        licence_expires_on=on + _VALID if row["licence_number"] else None,
        contact="",
        actor=actor,
        at=at,
    )
    partners.whitelist(
        book=book,
        partner=row["code"],
        role=_ROLES_LISTED[row["kind"]],
        valid_from=on,
        valid_to=on + timedelta(days=365),
        source_url="https://example.com/partner-list",
        actor=actor,
        at=at,
    )


def _product(
    row: dict[str, Any], *, book: str, currency: str, on: date, actor: Actor, at: datetime
) -> None:
    rate = row.get("rate_annual")
    products.publish_version(
        book=book,
        product=row["code"],
        name=row["name"],
        terms=row["terms"],
        amount_min_minor=parse_amount(row["amount_min"], currency),
        amount_max_minor=parse_amount(row["amount_max"], currency),
        terms_months=row["terms_months"],
        rate_annual=None if rate is None else Decimal(rate),
        cooling_off_days=row["cooling_off_days"],
        effective_from=on,
        actor=actor,
        at=at,
    )


def hire(*, on: date, at: datetime) -> list[Login]:
    """Enter the staff; returns one login per role, the ones that demo prints."""
    actor = Actor.house("demo")
    people = read("staff")["people"]
    known = {each.login for each in identity_asked.list_people(on=on, viewer=Viewer.house())}
    for row in people:
        if row["login"] in known:
            continue
        identity.add_person(
            login=row["login"],
            name=row["name"],
            password=PASSWORD,
            is_demo=True,
            language="zh-hans",
            actor=actor,
            at=at,
        )
        identity.grant_role(
            login=row["login"], role=row["role"], books=(), valid_from=on, actor=actor, at=at
        )
    shown: dict[str, Login] = {}
    for row in people:
        shown.setdefault(row["role"], Login(row["login"], row["name"], row["role"]))
    return list(shown.values())


def issue_keys(*, at: datetime) -> dict[str, str]:
    """API keys for the market: one for the channels' applications, one for payments."""
    actor = Actor.house("demo")
    return {
        role: identity.issue_key(
            name=f"demo {role} {secrets.token_hex(2)}",
            partner="",
            role=role,
            books=("cn",),
            actor=actor,
            at=at,
        )
        for role in ("channel", "payment_company")
    }
