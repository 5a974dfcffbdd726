"""The unit of work that every operation runs in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

import structlog
from django.db import IntegrityError, transaction

from loanops.kernel.access import Actor
from loanops.platform.audit.models import Entry
from loanops.platform.db import insert_many, together, upsert_many
from loanops.platform.jobs.bell import BELL
from loanops.platform.jobs.models import Job
from loanops.platform.jobs.runner import JOB_COLUMNS, job_row
from loanops.platform.outbox import Event
from loanops.platform.outbox.models import Message

Came = TypeVar("Came")
_ENTRY_COLUMNS = ("at", "on", "book", "actor", "code", "subject", "values_json")
_MESSAGE_COLUMNS = ("name", "book", "subject", "payload_json", "at", "on")


class NoWitness(RuntimeError):
    """A unit of work was closed without a record: a bug of the operation, never of its caller."""


@dataclass
class _Pending:
    entries: list[tuple[Any, ...]] = field(default_factory=list)
    messages: list[tuple[Any, ...]] = field(default_factory=list)
    jobs: list[tuple[Any, ...]] = field(default_factory=list)

    def marks(self) -> tuple[int, int, int]:
        return len(self.entries), len(self.messages), len(self.jobs)

    def cut(self, marks: tuple[int, int, int]) -> None:
        del self.entries[marks[0] :]
        del self.messages[marks[1] :]
        del self.jobs[marks[2] :]

    def flush(self) -> None:
        with together():
            insert_many(Entry._meta.db_table, _ENTRY_COLUMNS, self.entries)
            insert_many(Message._meta.db_table, _MESSAGE_COLUMNS, self.messages)
        upsert_many(Job._meta.db_table, JOB_COLUMNS, self.jobs, conflict=("key",))
        if self.messages or self.jobs:
            transaction.on_commit(BELL.ring)


_current: ContextVar[_Pending | None] = ContextVar("loanops_unit_of_work", default=None)


def canonical(values: Mapping[str, Any]) -> str:
    """Values as canonical JSON: sorted keys, dates and decimals as text."""
    return json.dumps(
        values, default=_plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True
    )


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not a plain value")


@dataclass
class Work:
    """The open unit: what it records, announces and enqueues is written with the change."""

    actor: Actor
    at: datetime
    book: str
    on: date
    _pending: _Pending
    witnessed: bool = False

    def record(self, code: str, *, subject: str, **values: Any) -> None:
        """Witness one thing done; values are plain and never personal."""
        if not self.witnessed:
            # Log lines from here on say what they are about, those of the caller too.
            structlog.contextvars.bind_contextvars(
                actor=self.actor.person, book=self.book, subject=subject
            )
        self.witnessed = True
        entry = (self.at, self.on, self.book, self.actor.person, code, subject, canonical(values))
        self._pending.entries.append(entry)

    def record_batch(self, code: str, *, subjects: Sequence[str], **values: Any) -> None:
        """Witness the same thing done to many subjects with one entry and their digest."""
        digest = hashlib.sha256("\n".join(subjects).encode()).hexdigest()
        self.record(
            code, subject=f"batch:{digest[:24]}", count=len(subjects), digest=digest, **values
        )

    def announce(self, event: Event) -> None:
        """Announce a fact; reactions run after commit."""
        text = canonical(event.payload())
        message = (event.NAME, self.book, event.subject, text, self.at, self.on)
        self._pending.messages.append(message)

    def enqueue(
        self,
        job: str,
        *,
        key: str,
        payload: Mapping[str, Any],
        run_at: datetime | None = None,
        queue: str = "default",
    ) -> None:
        """Enqueue a job; a key that is queued already (or was ever) is enqueued once."""
        row = job_row(job, key=key, run_at=run_at or self.at, payload=payload, queue=queue)
        self._pending.jobs.append(row)

    def unchanged(self) -> None:
        """Say that nothing was changed, so that nothing needs a witness."""
        self.witnessed = True


@contextmanager
def unit_of_work(
    *, actor: Actor, at: datetime, book: str, on: date | Callable[[str], date]
) -> Iterator[Work]:
    """One transaction with its witnesses; an inner unit joins the one around it.

    ``on`` may be a question about the book, which is asked inside the transaction, before all else.

    :raises NoWitness: the unit changed something (or says nothing) and recorded nothing.
    """
    outer = _current.get()
    pending = _Pending() if outer is None else outer
    marks = pending.marks()
    token = _current.set(pending)
    try:
        with transaction.atomic():
            day = on if isinstance(on, date) else on(book)
            work = Work(actor=actor, at=at, book=book, on=day, _pending=pending)
            yield work
            if not work.witnessed:
                raise NoWitness("the unit of work closed without a record")
            if outer is None:
                pending.flush()
    except BaseException:
        pending.cut(marks)
        raise
    finally:
        _current.reset(token)


def once_more(unit: Callable[[], Came]) -> Came:
    """Run a unit, and run it again where others wrote the same at the same moment.

    The second time it finds what they wrote, and answers by it.

    :raises IntegrityError: something else than such a race is in the way.
    """
    try:
        return unit()
    except IntegrityError:
        return unit()
