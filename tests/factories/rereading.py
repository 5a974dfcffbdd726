"""Rates read again, for tests: figures, floating loans and runs by the room's own orders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from loanops.kernel.access import Actor
from loanops.kernel.schedule import Floating
from loanops.loanbook.servicing import invariants, operations, queries
from loanops.platform.audit import Violation
from loanops.registry.compliance import operations as compliance
from tests.factories import loans
from tests.factories.loans import AT, HOUSE

NEW_YEAR = date(2027, 1, 1)
DECEMBER = date(2026, 12, 21)
COLLEAGUE = Actor.house("colleague")


def published(rate: str, since: date, *, key: str = "lpr_1y") -> None:
    """A figure of an index, recorded from a day on."""
    compliance.record_reference_rate(
        book="cn", key=key, rate_annual=Decimal(rate), effective_from=since, document="notice",
        actor=HOUSE, at=AT,
    )  # fmt: skip


def open_book_of_rates() -> None:
    """A book whose index stands at three per cent since the year before."""
    loans.open_book()
    published("0.03", date(2025, 5, 20))


def floating_loan(*, funder: str = "harbour", **values: Any) -> str:
    """A loan that follows an index."""
    agreed = loans.terms(floating=Floating(**{"index": "lpr_1y", **values}))
    return loans.open_loan(agreed=agreed, funder=funder)


def ask(since: date = DECEMBER, **values: Any) -> str:
    """A run that was asked for."""
    given = {"book": "cn", "index": "lpr_1y", "reason": "late notice", "actor": HOUSE, "at": AT}
    return operations.ask_reread(since=since, **{**given, **values})


def go_on(run: str, at_once: int = 200) -> None:
    """Let a run go on as its job does."""
    operations.go_on_rereading(run=run, actor=HOUSE, at=AT, at_once=at_once)


def planned(since: date = DECEMBER) -> str:
    """A run that was worked out."""
    run = ask(since)
    go_on(run)
    return run


def approve(run: str) -> None:
    """Let a colleague approve a run."""
    operations.approve_reread(run=run, actor=COLLEAGUE, at=AT)


def reread(since: date = DECEMBER) -> queries.RereadCard:
    """A run from its beginning to its end."""
    run = planned(since)
    approve(run)
    go_on(run)
    return card(run)


def card(run: str) -> queries.RereadCard:
    """A run as it stands."""
    return queries.get_reread(run=run, viewer=HOUSE)


def told(run: str) -> list[queries.RereadLoanCard]:
    """The loans of a run."""
    return queries.list_reread_loans(run=run, viewer=HOUSE)


def rate(loan: str) -> Decimal:
    """The rate of a loan today."""
    found = queries.find_floating(number=loan, viewer=HOUSE)
    assert found is not None
    return found.rate_annual


def schedule(loan: str) -> list[tuple[Any, ...]]:
    """What a loan asks for, instalment by instalment."""
    return [
        (row.due_on, row.principal_minor, row.interest_minor, row.open_minor)
        for row in queries.get_schedule(number=loan, viewer=HOUSE)
    ]


def violations() -> Iterator[Violation]:
    """What verify finds about loans."""
    for check in invariants.CHECKS:
        yield from check.find()
