"""What is written down of every word of a funder: observations, and exceptions for a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from loanops.origination.routing import events
from loanops.origination.routing.domain.judging import Source, Trouble
from loanops.origination.routing.models import ExceptionCase, Observation
from loanops.origination.routing.ports import Outcome
from loanops.platform.db import insert_many, new_numbers
from loanops.platform.work import Work

OWNER: Final = "role:operations"
"""Who looks after an exception until somebody gives it to a person."""

_OBSERVATION = (
    "serial", "request_number", "source", "standing", "code", "reason", "problem", "evidence",
    "heard_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer about one serial."""

    serial: str
    source: Source
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An exception about to be opened."""

    kind: Trouble
    serial: str
    application: str
    funder: str
    detail: dict[str, Any] = field(default_factory=dict)


def observe(heard: Iterable[Heard], at: datetime) -> None:
    """Keep what was heard; append-only."""
    rows = [
        (
            each.serial,
            each.outcome.request_number,
            each.source.value,
            each.outcome.standing.value,
            each.outcome.code,
            each.outcome.reason,
            each.outcome.problem,
            each.outcome.evidence,
            at,
        )
        for each in heard
    ]
    insert_many(Observation._meta.db_table, _OBSERVATION, rows)


def open_exceptions(work: Work, openings: Sequence[Opening]) -> None:
    """Open exceptions, one for each serial and kind; an open one is not opened twice."""
    known = set(
        ExceptionCase.objects.filter(
            serial__in=[each.serial for each in openings], closed_at__isnull=True
        ).values_list("serial", "kind")
    )
    fresh = {
        (each.serial, each.kind.value): each
        for each in openings
        if (each.serial, each.kind.value) not in known
    }
    numbers = new_numbers("EX", work.at, len(fresh))
    for number, each in zip(numbers, fresh.values(), strict=True):
        ExceptionCase.objects.create(
            number=number,
            book_id=work.book,
            kind=each.kind.value,
            serial=each.serial,
            application=each.application,
            funder=each.funder,
            detail=each.detail,
            owner=OWNER,
            opened_at=work.at,
            opened_on=work.on,
        )
        work.record(
            "routing.exception_opened",
            subject=each.application or each.serial,
            exception=number,
            kind=each.kind.value,
            serial=each.serial,
        )
    if numbers:
        told = tuple(
            {
                "exception": number,
                "application": each.application,
                "funder": each.funder,
                "kind": each.kind.value,
            }
            for number, each in zip(numbers, fresh.values(), strict=True)
        )
        work.announce(events.ExceptionsOpened(subject=numbers[0], rows=told))
