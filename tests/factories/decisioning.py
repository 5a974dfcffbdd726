"""Strategies in force, and applications with the facts that they see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from loanops.origination.applications import operations as applications
from loanops.origination.applications.operations import ApplicationRequest, Consent
from loanops.origination.decisioning import operations, queries
from loanops.origination.decisioning.models import Assignment
from tests.factories import people
from tests.factories.registry import AT, HOUSE, TODAY
from tests.factories.routing import PURPOSES

STEADY: dict[str, int | str | None] = {
    "debt_monthly_minor": 100_000,
    "overdue_24m": 0,
    "inquiries_3m": 1,
    "open_loans": 1,
    "employment_months": 40,
    "mobile_months": 60,
    "housing_fund_months": 30,
    "card_use_pct": 25,
}
"""The facts of a borrower whom the Chinese strategy approves."""
STEADY_DOLLARS: dict[str, int | str | None] = {
    "income_annual_minor": 9_000_000,
    "debt_to_income_bp": 1_500,
    "revolving_limit_minor": 3_000_000,
    "cards_total": 12,
    "inquiries_12m": 0,
    "collections_12m": 0,
    "accounts_delinquent_now": 0,
    "income_proof": "none",
}
"""The same for the American strategy."""
OVERDUE = {**STEADY, "overdue_24m": 9}
UNKNOWN = {**STEADY, "overdue_24m": None}


def shipped(code: str = "cn-consumer", **changes: Any) -> dict[str, Any]:
    """A shipped strategy as a document of one's own."""
    return {**deepcopy(dict(queries.shipped_strategies()[code])), **changes}


def in_force(book: str = "cn", code: str = "cn-consumer") -> queries.StrategyCard:
    """A shipped strategy, published and judging every product of a book."""
    card = operations.publish_strategy(document=shipped(code), actor=HOUSE, at=AT)
    operations.assign_strategy(
        book=book, product="", strategy=code, version=card.version, starts_on=TODAY,
        actor=HOUSE, at=AT,
    )  # fmt: skip
    return card


def request(
    place: int, *, facts: Mapping[str, Any] | None = None, **changes: Any
) -> ApplicationRequest:
    """A request of one made-up person, with consents."""
    said = people.person(place)
    given: dict[str, Any] = {
        "key": f"D-{place}",
        "product": "steady",
        "amount_minor": 1_000_000,
        "term_months": 12,
        "purpose": "renovation",
        "region": "330106",
        "applicant": applications.Applicant(
            name=said.name,
            id_number=said.id_number,
            mobile=said.mobile,
            income_monthly_minor=1_200_000,
        ),
        "consents": (
            *(Consent(purpose, "", version) for purpose, version in PURPOSES),
            Consent("automated_decision", "", "AD-1"),
            Consent("credit_query", "", "CQ-1"),
            *(Consent("share_with_funder", code, "SF-1") for code in ("jianglan", "yunting")),
        ),
        "facts": dict(STEADY if facts is None else facts),
    }
    return ApplicationRequest(**{**given, **changes})


def submitted(*facts: Mapping[str, Any], first: int = 1, book: str = "cn") -> list[str]:
    """Submitted applications, one for each set of facts."""
    outcome = applications.submit_many(
        book=book,
        source="test",
        requests=[request(place, facts=each) for place, each in enumerate(facts, start=first)],
        actor=HOUSE,
        at=AT,
    )
    assert not outcome.refused, outcome.refused[0].refusals
    return list(outcome.created)


def unassign() -> None:
    """Take every assignment away, as if none had ever been made."""
    Assignment.objects.all().delete()


def reviewed(number: str, **changes: Any) -> queries.VerdictCard:
    """A review by wang.fang, an approval of 5,000.00 unless said otherwise."""
    given: dict[str, Any] = {
        "outcome": "approve",
        "reasons": ("REVIEW_CAPACITY_GOOD",),
        "offered_minor": 500_000,
        "note": "Called the employer; salary confirmed.",
        "actor": people.staff("wang.fang", "decisioning.review"),
    }
    return operations.review(number=number, **{**given, **changes}, at=AT)


@contextmanager
def counted() -> Iterator[list[Any]]:
    """The statements that reach the database within the block."""
    with CaptureQueriesContext(connection) as captured:
        statements: list[Any] = []
        yield statements
    statements += captured.captured_queries
