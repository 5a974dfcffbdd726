"""INV-14, from the rows' side: whatever says when it was written, the audit saw being written.

A unit of work commits a change with an entry of the same moment, book and business day. A row of
any other moment was written past it, or was changed since.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from django.db import models
from django.db.models.functions import Substr

from loanops.platform.audit.checks import Violation, named
from loanops.platform.audit.models import Entry
from loanops.platform.db import HEAD_LETTERS, fetch, is_of

_ENTRY = Entry._meta.db_table
_NAMED_MAX = 100


class Written(NamedTuple):
    """Rows of a source that say when they were written; all parts are SQL over that source.

    ``on`` is the business day of the writing, where the row keeps it.
    """

    source: str
    name: str
    at: str
    book: str
    on: str = ""


class Said(NamedTuple):
    """An entry of the audit: the book and its day, about what, and its values."""

    book: str
    on: date
    subject: str
    values: dict[str, Any]


def unwitnessed(rows: Iterable[Written]) -> Iterator[Violation]:
    """Rows of a moment and a day at which the audit saw nothing done in their book."""
    kept = list(rows)
    for has_day in (True, False):
        part = [each for each in kept if bool(each.on) == has_day]
        if part:
            yield from _unwitnessed(part)


def _unwitnessed(rows: list[Written]) -> Iterator[Violation]:
    days = [each.on for each in rows if each.on]
    union = " UNION ".join(
        f"SELECT {each.at}, {each.book}{', ' + each.on if each.on else ''} "  # noqa: S608
        f"FROM {each.source} WHERE {each.at} IS NOT NULL"
        for each in rows
    )
    columns = 'at, book, "on"' if days else "at, book"
    unseen = fetch(f"{union} EXCEPT SELECT {columns} FROM {_ENTRY}")  # noqa: S608
    for moment in unseen[:_NAMED_MAX]:
        for each in rows:
            where = f"{each.at} = %s AND {each.book} = %s" + (
                f" AND {each.on} = %s" if each.on else ""
            )
            found = fetch(
                f"SELECT {each.name} FROM {each.source} WHERE {where}",  # noqa: S608
                [_aware(moment[0]), *moment[1:]],
            )
            yield from named(
                "INV-14",
                "the row was written past the house, or its moment or day was changed",
                [(name, "an entry of the audit", " ".join(map(str, moment))) for (name,) in found],
            )


def _aware(at: datetime) -> datetime:
    """A moment as it is asked for: SQLite keeps UTC without saying so."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def misnumbered(
    rows: models.QuerySet[Any, Any], prefix: str, at: str = "at"
) -> Iterator[Violation]:
    """Rows whose number is not one of the moment at which they were written."""
    heads = rows.annotate(head=Substr("number", 1, len(prefix) + HEAD_LETTERS)).values_list(
        "head", at
    )
    for head, moment in heads.order_by().distinct().iterator():
        if not is_of(head, prefix, moment):
            strange = rows.filter(number__startswith=head, **{at: moment})
            yield from named(
                "INV-14",
                "the number carries its moment; one of them was changed",
                [
                    (f"{rows.model._meta.model_name} {number}", f"a number of {moment}", number)
                    for number in strange.values_list("number", flat=True)[:_NAMED_MAX]
                ],
            )


def said(code: str) -> Iterator[Said]:
    """What the audit kept under a code, oldest first; for checks of rooms."""
    rows = Entry.objects.filter(code=code).order_by("id")
    columns = ("book", "on", "subject", "values_json")
    for book, on, subject, values in rows.values_list(*columns).iterator():
        yield Said(book, on, subject, json.loads(values))
