"""Every invariant of classes names the row that was changed behind the house's back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.models import F

from loanops.loanbook.servicing import operations
from loanops.loanbook.servicing.invariants import CHECKS, classing, cohorts
from loanops.loanbook.servicing.models import (
    ClassChange,
    ClassOrder,
    ClassSum,
    LoanClass,
    PeriodCohort,
)
from tests.corruption import Find
from tests.factories.loans import AT, HOUSE, close_until, open_book, open_loan

pytestmark = pytest.mark.django_db
DUE = date(2026, 12, 2)
LAST = DUE + timedelta(days=33)


@pytest.fixture
def loan() -> str:
    """A loan in special mention, beside one judged to be a loss and paused."""
    open_book()
    late, judged = open_loan(), open_loan()
    close_until(LAST)
    order = {"loan": judged, "reason": "fraud", "until": None, "actor": HOUSE, "at": AT}
    operations.reclassify(tier="loss", **order)  # type: ignore[arg-type]
    operations.pause_ageing(**order)  # type: ignore[arg-type]
    close_until(LAST + timedelta(days=1))
    return late


def _tier(loan: str) -> None:
    LoanClass.objects.filter(loan__number=loan).update(tier=2, days_tier=2)


def _forgotten(loan: str) -> None:
    LoanClass.objects.filter(loan__number=loan).delete()


def _from(loan: str) -> None:
    ClassChange.objects.filter(loan__number=loan).update(from_tier=2)


def _order(_: str) -> None:
    ClassOrder.objects.filter(kind="pause").update(ended_on=LAST)


def _judgement(_: str) -> None:
    ClassOrder.objects.filter(kind="judgement").update(tier=3)


def _sum(_: str) -> None:
    ClassSum.objects.filter(closed_on=LAST - timedelta(days=5), tier=0).update(
        outstanding_minor=F("outstanding_minor") + 1
    )


def _provision(_: str) -> None:
    ClassSum.objects.filter(closed_on=LAST, tier=4).update(provision_minor=0)


def _swapped(_: str) -> None:
    ClassSum.objects.filter(closed_on=LAST, tier=1).update(outstanding_minor=0)
    ClassSum.objects.filter(closed_on=LAST, tier=4).update(outstanding_minor=2_000_000)


def _cohort(_: str) -> None:
    newest = PeriodCohort.objects.latest("due_on")
    PeriodCohort.objects.filter(pk=newest.pk).update(principal_minor=F("principal_minor") - 1)


CORRUPTIONS: list[tuple[Callable[[str], None], Find, str]] = [
    (_tier, classing.history, "loan {loan}"),
    (_from, classing.history, "loan {loan} class change"),
    (_forgotten, classing.standing, "loan {loan}"),
    (_order, classing.standing, "loan LN-"),
    (_judgement, classing.standing, "loan LN-"),
    (_sum, classing.sums, "classes of cash-12/harbour"),
    (_provision, classing.sums, "classes of cash-12/harbour"),
    (_swapped, classing.newest_sums, "class loss of cash-12/harbour"),
    (_cohort, cohorts.cohorts, "cohort of cash-12/harbour"),
]


def test_names_what_was_changed(loan: str) -> None:
    assert [violation.object for check in CHECKS for violation in check.find()] == []

    unnamed = [
        f"{check.__name__} after {corrupt.__name__}"
        for corrupt, check, wanted in CORRUPTIONS
        if not is_named(corrupt, check, wanted.format(loan=loan), loan)
    ]

    assert unnamed == []


def is_named(corrupt: Callable[[str], None], check: Find, wanted: str, loan: str) -> bool:
    """Whether the check names the row; the corruption is undone."""
    saved = transaction.savepoint()
    try:
        corrupt(loan)
        return any(violation.object.startswith(wanted) for violation in check())
    finally:
        transaction.savepoint_rollback(saved)
