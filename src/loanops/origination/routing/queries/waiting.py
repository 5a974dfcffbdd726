"""Which exceptions wait for a person."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from loanops.origination.routing.models import ExceptionCase
from loanops.registry.team.ports import Waiting


def waiting_exceptions(*, subjects: Collection[str] | None) -> Iterator[Waiting]:
    """Exceptions that nobody has cleared up."""
    rows = ExceptionCase.objects.filter(closed_at__isnull=True)
    if subjects is not None:
        rows = rows.filter(number__in=list(subjects))
    for row in rows.order_by("id").iterator():
        yield Waiting(
            subject=row.number,
            book=row.book_id,
            since=row.opened_at,
            topic=row.kind,
            funder=row.funder,
        )
