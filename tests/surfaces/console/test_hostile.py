"""Bad input: every address and every form of the console answers it, and none with a 5xx."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.urls.converters import IntConverter

from loanops.surfaces.console.urls import urlpatterns
from tests.factories import desk
from tests.surfaces.console.addresses import DETAILS, ORDERS, PAGES, about, address
from tests.surfaces.console.conftest import Enter

NUMBERS = ("\x00", "AP-\x00-1", "9" * 40, "x" * 600, "' OR 1=1 --😀%00")
HUGE = (0, 1, 2**31, 2**63, 10**40)
TURNS = range(0, 13, 4)
VALUES = (
    "\x00",
    "9" * 40,
    "-1",
    "0",
    "1e400",
    "NaN",
    "0000-00-00",
    "9999-12-31",
    "99999-01-01",
    "x" * 3_000,
    "😀",
    "１２",
    "[]",
)
ASKED = (
    "before", "copy", "desk", "kind", "next", "on", "pack", "stage", "state", "since", "until",
    "text", "product", "channel", "room", "subject", "code", "actor", "role", "q",
)  # fmt: skip
TYPED = (
    "address", "amount_minor", "annual_rate", "as", "book", "books", "channel", "code", "consent",
    "contact", "debt_monthly_minor", "document", "effective_from", "income_monthly_minor",
    "industry", "instalments", "key", "kind", "language", "legal_name", "lender_kind",
    "licence_expires_on", "licence_number", "login", "mobile", "name", "name_en", "name_zh",
    "next", "note", "id_number", "on", "outcome", "owner", "partner", "password", "pay_no",
    "product", "purpose", "q", "reason", "reasons", "region", "role", "since", "source_url",
    "stage", "term_months", "topic", "until", "valid_from", "valid_to", "value", "version",
    "offered_minor", "strategy", "starts_on",
)  # fmt: skip


@pytest.fixture
def client(operation: desk.Operation, enter: Enter) -> Client:
    """Somebody who may do everything, whose browser shows a 5xx instead of raising it."""
    desk.plug_banks()
    found = enter("everyone")
    found.raise_request_exception = False
    return found


def hostile_addresses() -> Iterator[str]:
    """Every address that takes a number, with each hostile one."""
    for pattern in urlpatterns:
        named = pattern.pattern.converters
        for turn in range(len(NUMBERS) if named else 0):
            values = {
                name: (HUGE if isinstance(kind, IntConverter) else NUMBERS)[turn]
                for name, kind in named.items()
            }
            yield reverse(f"console:{pattern.name}", kwargs=values)


def broken(client: Client, method: str, where: str, **given: object) -> str | None:
    """What was asked, where the answer is a 5xx."""
    answer = getattr(client, method)(where, **given)
    return f"{answer.status_code} {method} {where[:90]}" if answer.status_code >= 500 else None


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_number_that_cannot_be_is_answered_without_a_fault(client: Client, method: str) -> None:
    asked = list(hostile_addresses())

    faults = [found for where in asked if (found := broken(client, method, where))]

    assert len(asked) > 200
    assert not faults, "\n".join(faults)


def mixed(names: Sequence[str], turn: int) -> dict[str, str]:
    """A hostile value for each name, another one at each turn."""
    return {name: VALUES[(place + turn) % len(VALUES)] for place, name in enumerate(names)}


@pytest.mark.parametrize("turn", TURNS)
def test_a_question_that_cannot_be_read_narrows_nothing_and_breaks_nothing(
    client: Client, operation: desk.Operation, turn: int
) -> None:
    pages = [address(name) for name in PAGES]
    pages += [address(name, about(operation, field)) for name, (_, field) in DETAILS.items()]

    faults = [
        found for where in pages if (found := broken(client, "get", where, data=mixed(ASKED, turn)))
    ]

    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("turn", TURNS)
def test_a_form_that_cannot_be_read_is_refused_without_a_fault(
    client: Client, operation: desk.Operation, turn: int
) -> None:
    orders = [address(name, about(operation, field)) for name, (_, field) in ORDERS.items()]

    faults = [
        found
        for where in orders
        if (found := broken(client, "post", where, data=mixed(TYPED, turn)))
    ]

    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("order", sorted(ORDERS))
def test_an_empty_form_and_a_strange_body_are_answered(
    client: Client, operation: desk.Operation, order: str
) -> None:
    where = address(order, about(operation, ORDERS[order][1]))

    faults = [
        broken(client, "post", where, data=b"\xff\xfe\x00", content_type=kind)
        for kind in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
    ]

    assert faults == [None, None, None]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("", b""),
        ("a.exe", b"MZ"),
        ("a.pdf", b""),
        ("../../a.pdf", b"%PDF"),
        ("\x00.png", b"\x89PNG"),
    ],
)
def test_a_file_that_is_none_is_refused(
    client: Client, operation: desk.Operation, name: str, content: bytes
) -> None:
    given = {"kind": "income_proof", "file": SimpleUploadedFile(name or "x", content)}

    found = broken(client, "post", address("add_document", operation.in_review), data=given)

    assert found is None


def test_a_form_of_yesterday_leads_to_the_sign_in(operation: desk.Operation) -> None:
    answers = {
        name: Client().post(address(name, about(operation, ORDERS[name][1]))) for name in ORDERS
    }

    assert {answer.status_code for answer in answers.values()} == {302}
    assert all("/console/sign-in" in answer["Location"] for answer in answers.values())


def test_a_page_that_is_none_is_a_404(client: Client) -> None:
    assert client.get("/console/nothing-here").status_code == 404
    assert client.get("/console/applications/AP-NONE").status_code == 404
