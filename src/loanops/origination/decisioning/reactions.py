"""What decisioning does when applications were submitted, and the jobs it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from loanops.kernel.access import Actor
from loanops.origination.applications import queries as applications
from loanops.origination.decisioning import operations
from loanops.platform.outbox import Announced
from loanops.platform.work import unit_of_work


def decide_submitted(announced: Announced, *, actor: Actor, at: datetime) -> None:
    """After ``applications.submitted`` and ``applications.documents_complete``: it is judged."""
    _enqueue(announced, [announced.subject], actor, at)


def decide_submitted_many(announced: Announced, *, actor: Actor, at: datetime) -> None:
    """After ``applications.submitted_many``: they are judged in one job."""
    _enqueue(announced, [str(row["application"]) for row in announced.payload["rows"]], actor, at)


def _enqueue(announced: Announced, numbers: list[str], actor: Actor, at: datetime) -> None:
    with unit_of_work(actor=actor, at=at, book=announced.book, on=announced.on) as work:
        work.unchanged()
        work.enqueue(
            "decisioning.decide",
            key=f"decisioning.decide:{announced.id}",
            payload={"book": announced.book, "applications": numbers},
        )


def decide(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """The job ``decisioning.decide``: judge those that are submitted and complete.

    One that was decided meanwhile or still lacks a document is left alone; the last document
    announces itself.
    """
    numbers = payload["applications"]
    if len(numbers) == 1:
        number = numbers[0]
        waits = applications.stages_of(numbers).get(number) == "submitted"
        if waits and not applications.lacking_documents(numbers):
            operations.decide(number=number, actor=actor, at=at)
        return
    operations.decide_many(book=payload["book"], numbers=numbers, actor=actor, at=at)


def decide_waiting(payloads: Sequence[Mapping[str, Any]], *, actor: Actor, at: datetime) -> None:
    """Many jobs ``decisioning.decide`` at once."""
    by_book: dict[str, list[str]] = {}
    for each in payloads:
        by_book.setdefault(each["book"], []).extend(each["applications"])
    for book, numbers in by_book.items():
        operations.decide_many(book=book, numbers=numbers, actor=actor, at=at)
