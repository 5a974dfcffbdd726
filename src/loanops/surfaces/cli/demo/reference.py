"""The reference data of the demo operation: books, partners, products, agreements, people.

Everything is entered through the rooms' operations, as staff would; a second run adds nothing.
"""

from __future__ import annotations

import secrets
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from loanops.kernel.access import Actor, Viewer
from loanops.platform.identity import operations as identity
from loanops.platform.identity import queries as identity_asked
from loanops.surfaces.cli import opening

PASSWORD = "LoanOps-demo-2026"  # noqa: S105 - published on purpose; production refuses demo logins


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
    return opening.open_operation(read(name), on=on, actor=Actor.house("demo"), at=at)


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
