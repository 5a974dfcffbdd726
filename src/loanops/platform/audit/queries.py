"""Questions to the audit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from loanops.kernel.access import Viewer, require
from loanops.platform.audit import permissions
from loanops.platform.audit.models import Entry

PAGE = 50


@dataclass(frozen=True)
class EntryCard:
    """One thing done, as a person reads it."""

    id: int
    at: datetime
    on: date
    book: str
    actor: str
    code: str
    subject: str
    values: dict[str, Any]
    sealed: bool


@dataclass(frozen=True)
class Filter:
    """Which entries: by subject, code prefix, actor or book; ``before`` pages on by id."""

    subject: str = ""
    code: str = ""
    actor: str = ""
    book: str = ""
    before: int | None = None


def _card(entry: Entry) -> EntryCard:
    return EntryCard(
        id=entry.pk,
        at=entry.at,
        on=entry.on,
        book=entry.book,
        actor=entry.actor,
        code=entry.code,
        subject=entry.subject,
        values=json.loads(entry.values_json),
        sealed=entry.seal_id is not None,
    )


def timeline(*, subjects: tuple[str, ...], viewer: Viewer) -> list[EntryCard]:
    """Everything recorded of the subjects, oldest first, within the viewer's books."""
    entries = Entry.objects.filter(subject__in=subjects).order_by("id")
    return [_card(entry) for entry in entries[:500] if viewer.sees_book(entry.book)]


def list_entries(*, wanted: Filter, viewer: Viewer) -> list[EntryCard]:
    """One page of the audit, newest first.

    :raises NotPermitted: the viewer may not read the audit.
    """
    require(viewer, permissions.VIEW)
    entries = Entry.objects.order_by("-id")
    for column, value in (("subject", wanted.subject), ("actor", wanted.actor)):
        if value:
            entries = entries.filter(**{column: value})
    if wanted.code:
        entries = entries.filter(code__startswith=wanted.code)
    if wanted.book:
        entries = entries.filter(book=wanted.book)
    if viewer.scopes.books is not None:
        entries = entries.filter(book__in=viewer.scopes.books)
    if wanted.before:
        entries = entries.filter(id__lt=wanted.before)
    return [_card(entry) for entry in entries[:PAGE]]
