"""Questions about files that people took in for a channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from loanops.kernel.access import Viewer, require
from loanops.money.payments import permissions
from loanops.money.payments.models import AnswerFile


@dataclass(frozen=True)
class AnswerCard:
    """A file of a bank that was taken in."""

    number: str
    kind: str
    version: int
    name: str
    sha256: str
    rows: int
    total_minor: int
    taken_by: str
    at: datetime


def list_answer_files(*, file: str, viewer: Viewer) -> list[AnswerCard]:
    """The answers to a debit file that were taken by hand, newest first.

    :raises NotPermitted: the viewer may not see payments.
    """
    require(viewer, permissions.VIEW)
    rows = AnswerFile.objects.filter(file__number=file).order_by("-number")
    return [
        AnswerCard(
            number=row.number,
            kind=row.kind,
            version=row.version,
            name=row.name,
            sha256=row.sha256,
            rows=row.row_count,
            total_minor=row.total_minor,
            taken_by=row.taken_by,
            at=row.at,
        )
        for row in rows
        if viewer.sees_book(row.book_id)
    ]
