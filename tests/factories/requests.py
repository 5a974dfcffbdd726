"""Requests for loans as borrowers send them, in a book that keeps identities."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from loanops.kernel.access import Actor
from loanops.origination.applications import operations
from loanops.origination.applications.operations import (
    Applicant,
    ApplicationRequest,
    Consent,
)
from loanops.origination.applications.queries import ApplicationCard
from tests.factories import people
from tests.factories.registry import AT, HOUSE, open_book, publish

PDF = b"%PDF-1.7 a paper"
GIVEN = (
    Consent("personal_information", "", "PI-1"),
    Consent("sensitive_information", "", "SI-1"),
)
COOLING_OFF_DAYS = 30


def desk(book: str = "cn") -> str:
    """A Chinese book with the product `steady`, which has a cooling-off period."""
    open_book(book)
    publish(book=book, cooling_off_days=COOLING_OFF_DAYS)
    return book


def person(serial: int = 1, **changes: Any) -> Applicant:
    """A made-up applicant of that serial."""
    said = people.person(serial)
    given: dict[str, Any] = {
        "name": said.name,
        "id_number": said.id_number,
        "mobile": said.mobile,
        "income_monthly_minor": 1_200_000,
    }
    return Applicant(**{**given, **changes})


def request(serial: int = 1, **changes: Any) -> ApplicationRequest:
    """What the person of that serial asks for: 10,000.00 for a year."""
    given: dict[str, Any] = {
        "key": f"K-{serial}",
        "product": "steady",
        "amount_minor": 1_000_000,
        "term_months": 12,
        "purpose": "daily",
        "applicant": person(serial),
        "consents": GIVEN,
    }
    return ApplicationRequest(**{**given, **changes})


def submit(
    serial: int = 1,
    *,
    book: str = "cn",
    source: str = "api:shop",
    actor: Actor = HOUSE,
    at: datetime = AT,
    **changes: Any,
) -> ApplicationCard:
    """Submit one request."""
    asked = request(serial, **changes)
    return operations.submit(
        book=book, source=source, key=asked.key, request=asked, actor=actor, at=at
    )


def draft(serial: int = 1, *, actor: Actor = HOUSE, **changes: Any) -> ApplicationCard:
    """Open one draft."""
    asked = request(serial, **changes)
    return operations.open_draft(book="cn", key=asked.key, request=asked, actor=actor, at=AT)


def approve(number: str, *, amount_minor: int = 1_000_000, actor: Actor = HOUSE) -> ApplicationCard:
    """Approve one application."""
    return operations.approve(
        number=number, offered_minor=amount_minor, reasons=(), actor=actor, at=AT
    )
