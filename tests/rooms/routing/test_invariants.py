"""Each invariant of routing names the row that was changed behind the house's back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction

from loanops.money.limits.models import Hold
from loanops.origination.routing import invariants, operations
from loanops.origination.routing.models import (
    Attempt,
    Decision,
    ExceptionCase,
    Observation,
    PayoutIntent,
)
from loanops.registry.compliance.models import Consent
from loanops.registry.partners.models import WhitelistEntry
from tests.corruption import Find
from tests.factories import routing as make
from tests.factories.registry import AT, HOUSE, TODAY
from tests.factories.sandbox import Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.processes]

PAID = PayoutIntent.objects.filter(state="success")
OPEN = PayoutIntent.objects.exclude(state="success")


@contextmanager
def unconstrained(table: str, constraint: str) -> Iterator[None]:
    """Take a constraint away, as in a database that was restored by hand."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
            yield
        else:
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            yield
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


def _second_payout() -> None:
    # The table itself forbids it, so its index goes first.
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX routing_payout_one_live")
    PAID.update(contract=OPEN.get().contract)


def _no_answer() -> None:
    Observation.objects.filter(serial=PAID.get().serial).delete()


def _another_answer() -> None:
    PAID.update(evidence="f" * 64)


def _forgotten() -> None:
    OPEN.update(submitted_at=AT - timedelta(days=9))


def _no_owner() -> None:
    with unconstrained("routing_exceptioncase", "routing_exceptioncase_owner"):
        ExceptionCase.objects.create(
            number="EX-1", book_id="us", kind="contradiction", serial="S", application="A",
            funder="prairieford", detail={}, owner="", opened_at=AT, opened_on=TODAY,
        )  # fmt: skip


def _off_the_list() -> None:
    WhitelistEntry.objects.filter(book_id="us").update(valid_to=TODAY)


def _no_decision() -> None:
    Decision.objects.filter(application=PAID.get().application).delete()


def _another_amount() -> None:
    PAID.update(amount_minor=1)


def _another_credit() -> None:
    PAID.update(attempt_id=OPEN.get().attempt_id)


def _hold() -> None:
    Hold.objects.filter(key=f"{PAID.get().attempt.number}:funder").update(state="released")


def _hold_of_none() -> None:
    Hold.objects.filter(key=f"{PAID.get().attempt.number}:funder").update(key="RA-0:funder")


def _consent() -> None:
    Consent.objects.filter(purpose="share_with_funder").update(given_at=AT + timedelta(days=1))


CORRUPTIONS: list[tuple[Callable[[], None], Find, Callable[[], str]]] = [
    (_second_payout, invariants.doubled_payouts, lambda: f"contract {OPEN.get().contract}"),
    (_no_answer, invariants.unproven_payouts, lambda: PAID.get().serial),
    (_another_answer, invariants.unproven_payouts, lambda: PAID.get().serial),
    (_forgotten, invariants.forgotten_payouts, lambda: OPEN.get().serial),
    (_no_owner, invariants.unowned_exceptions, lambda: "EX-1"),
    (_off_the_list, invariants.unlisted_choices, lambda: "prairieford on"),
    (_no_decision, invariants.unchosen_attempts, lambda: PAID.get().attempt.number),
    (_another_amount, invariants.strayed_payouts, lambda: PAID.get().serial),
    (_another_credit, invariants.strayed_payouts, lambda: PAID.get().serial),
    (_hold, invariants.untrue_holds, lambda: PAID.get().attempt.number),
    (_hold_of_none, invariants.strayed_holds, lambda: "hold RA-0:funder"),
    (
        _consent,
        invariants.shared_without_consent,
        lambda: Attempt.objects.exclude(party="").get().number,
    ),
]


@pytest.fixture
def operation(banks: Sandbox) -> None:
    """A loan that was paid, one whose payout nobody knows about, and a person's credit."""
    dollars = make.dollars()
    first, second = make.signed(dollars, 2)
    operations.draw_down(contract=first, actor=HOUSE, at=AT + timedelta(hours=1))
    banks.misbehave("system_error", operation="drawdown", args={"settle_seconds": 3600.0})
    operations.draw_down(contract=second, actor=HOUSE, at=AT + timedelta(hours=1))
    make.routed(make.yuan())


def found() -> list[str]:
    return [each.object for check in invariants.CHECKS for each in check.find()]


def test_name_what_was_changed(operation: None) -> None:
    assert found() == []

    unnamed = [
        f"{check.__name__} after {corrupt.__name__}"
        for corrupt, check, wanted in CORRUPTIONS
        if not is_named(corrupt, check, wanted)
    ]

    assert unnamed == []


def is_named(corrupt: Callable[[], None], check: Find, wanted: Callable[[], str]) -> bool:
    """Whether the check names the row; the corruption is undone."""
    saved = transaction.savepoint()
    try:
        name = wanted()
        corrupt()
        return any(each.object.startswith(name) for each in check())
    finally:
        transaction.savepoint_rollback(saved)
