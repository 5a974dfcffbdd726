"""The reference data of the demo operation: books, partners, products, agreements, people.

Everything is entered through the rooms' operations, as staff would; a second run adds nothing.
"""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

from loanops.kernel.access import Actor
from loanops.platform.identity import operations as identity
from loanops.surfaces.cli import opening

PASSWORD = "LoanOps-demo-2026"  # noqa: S105 - published on purpose; production refuses demo logins
BRANCH = "branch"
_WORDINGS = {"share_with_funder": "SF-1", "share_with_guarantor": "SG-1"}
_TOLD_AS = {
    "bank": "share_with_funder",
    "consumer_finance": "share_with_funder",
    "guarantor": "share_with_guarantor",
}


def read(name: str) -> dict[str, Any]:
    """One of the demo's files."""
    path = Path(__file__).parent / "data" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def open_operation(name: str, *, on: date, at: datetime) -> bool:
    """Enter a book with its partners, products and agreements; returns whether it was new."""
    return opening.open_operation(read(name), on=on, actor=Actor.house("demo"), at=at)


def hire(*, on: date, at: datetime) -> None:
    """Enter the staff; who is there already is left alone."""
    identity.add_people_many(
        people=[
            identity.NewPerson(row["login"], row["name"], row["role"], "zh-hans")
            for row in read("staff")["people"]
        ],
        password=PASSWORD,
        is_demo=True,
        valid_from=on,
        actor=Actor.house("demo"),
        at=at,
    )


def market_products(name: str) -> list[dict[str, Any]]:
    """What borrowers may ask for, from the operation's own products; whole units of money."""
    return [
        {
            "code": row["code"],
            "share": row["share"],
            "amount_min": int(row["amount_min"].split(".")[0]),
            "amount_max": int(row["amount_max"].split(".")[0]),
            "terms_months": row["terms_months"],
        }
        for row in read(name)["products"]
    ]


def sharing_consents(name: str) -> list[dict[str, str]]:
    """The consents to be told about, one for each funder and guarantor of the operation."""
    return [
        {"purpose": purpose, "recipient": row["code"], "wording_version": _WORDINGS[purpose]}
        for row in read(name)["partners"]
        if (purpose := _TOLD_AS.get(row["kind"]))
    ]


def issue_keys(*, at: datetime) -> dict[str, str]:
    """API keys by channel: one for each partner that brings borrowers, one for the branch."""
    actor = Actor.house("demo")
    bringing = [row["code"] for row in read("cn")["partners"] if row["kind"] == "channel"]
    return {
        channel: identity.issue_key(
            name=f"demo {channel}",
            partner=channel if channel in bringing else "",
            role="channel",
            books=("cn",),
            actor=actor,
            at=at,
        )
        for channel in (*bringing, BRANCH)
    }
