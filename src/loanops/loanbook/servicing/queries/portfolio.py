"""The book as a whole: ageing, what falls due, what waits for a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F

from loanops.kernel.access import Viewer, require
from loanops.kernel.aging import BUCKET_LAST, bucket_name
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.models import Change, Instalment, Loan, SetAside
from loanops.loanbook.servicing.queries.board import PortfolioNotByChannel
from loanops.loanbook.servicing.queries.loans import seen
from loanops.platform.db import fetch

_CHUNK = 5_000


@dataclass(frozen=True)
class BucketLine:
    """Loans with principal or interest unpaid in one bucket of days past due."""

    bucket: int
    name: str
    loans: int
    outstanding_minor: int


@dataclass(frozen=True)
class DueLine:
    """One instalment that falls due on a day."""

    loan: str
    number: int
    due_on: date
    open_minor: int
    outstanding_minor: int
    bucket: int


@dataclass(frozen=True)
class SetAsideCard:
    """A loan that a step of the close could not treat."""

    loan: str
    closed_on: date
    step: str
    reason: str
    at: datetime


def list_ageing(*, book: str, viewer: Viewer) -> list[BucketLine]:
    """Every bucket of a book with its loans and their principal outstanding, M0 first.

    :raises NotPermitted: the viewer may not see loans.
    :raises PortfolioNotByChannel: the viewer sees only loans of some channels.
    """
    require(viewer, permissions.VIEW)
    _refuse_channels(viewer)
    counted: dict[int, tuple[int, int]] = {}
    if viewer.sees_book(book):
        scope, values = "", []
        if viewer.scopes.funders is not None:
            funders = sorted(viewer.scopes.funders) or [""]
            scope = f"AND funder IN ({', '.join(['%s'] * len(funders))})"
            values = funders
        counted = {
            bucket: (loans, int(outstanding))
            for bucket, loans, outstanding in fetch(
                f"""
                SELECT bucket, COUNT(*), SUM(outstanding_minor) FROM {Loan._meta.db_table}
                WHERE book_id = %s AND oldest_due_on IS NOT NULL {scope} GROUP BY bucket
                """,  # noqa: S608 - names come from the models
                [book, *values],
            )
        }
    return [
        BucketLine(bucket, bucket_name(bucket), *counted.get(bucket, (0, 0)))
        for bucket in range(BUCKET_LAST + 1)
    ]


def count_moves(*, book: str, viewer: Viewer) -> dict[str, int]:
    """How often loans of a book fell overdue, aged, were cured and were settled, over all time.

    :raises NotPermitted: the viewer may not see loans.
    :raises PortfolioNotByChannel: the viewer sees only loans of some channels.
    """
    require(viewer, permissions.VIEW)
    _refuse_channels(viewer)
    rows = Change.objects.filter(loan__book_id=book)
    if viewer.scopes.books is not None:
        rows = rows.filter(loan__book_id__in=viewer.scopes.books)
    if viewer.scopes.funders is not None:
        rows = rows.filter(loan__funder__in=viewer.scopes.funders)
    return dict(rows.values_list("move").annotate(Count("id")))


def list_dues(
    *, book: str, due_on: date, viewer: Viewer, after: int = 0, limit: int = 1000
) -> tuple[list[DueLine], int]:
    """A page of what falls due on a day and is unpaid, and the ``after`` of the next (0: none).

    :raises NotPermitted: the viewer may not see loans.
    """
    require(viewer, permissions.VIEW)
    rows = Instalment.objects.filter(
        due_on=due_on, loan__book_id=book, open_minor__gt=0, loan_id__gt=after
    ).select_related("loan")
    if viewer.scopes.books is not None:
        rows = rows.filter(loan__book_id__in=viewer.scopes.books)
    if viewer.scopes.funders is not None:
        rows = rows.filter(loan__funder__in=viewer.scopes.funders)
    page = list(rows.order_by("loan_id")[: limit + 1])
    mine = {loan.pk for loan in seen((row.loan for row in page[:limit]), viewer)}
    lines = [
        DueLine(
            loan=row.loan.number,
            number=row.number,
            due_on=row.due_on,
            open_minor=row.open_minor,
            outstanding_minor=row.loan.outstanding_minor,
            bucket=row.loan.bucket,
        )
        for row in page[:limit]
        if row.loan_id in mine
    ]
    return lines, page[limit - 1].loan_id if len(page) > limit else 0


def first_dues_of(applications: Iterable[str]) -> dict[str, int]:
    """What the first instalment asks, by the application that became the loan, in minor units."""
    found: dict[str, int] = {}
    wanted = sorted(set(applications))
    for start in range(0, len(wanted), _CHUNK):
        rows = Instalment.objects.filter(
            number=1, loan__application__in=wanted[start : start + _CHUNK]
        )
        found |= dict(
            rows.values_list(
                "loan__application", F("principal_minor") + F("interest_minor") + F("fee_minor")
            )
        )
    return found


def list_set_aside(*, book: str, viewer: Viewer) -> list[SetAsideCard]:
    """The loans of a book that wait for a person, oldest first.

    :raises NotPermitted: the viewer may not see loans.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        return []
    rows = SetAside.objects.filter(book_id=book, released_at__isnull=True).select_related("loan")
    found = list(rows.order_by("id"))
    mine = {loan.pk for loan in seen((row.loan for row in found), viewer)}
    return [
        SetAsideCard(row.loan.number, row.closed_on, row.step, row.reason, row.at)
        for row in found
        if row.loan_id in mine
    ]


def _refuse_channels(viewer: Viewer) -> None:
    """Hold that a sum of the book is not told to who sees only loans of some channels.

    :raises PortfolioNotByChannel:
    """
    if viewer.scopes.by_application:
        raise PortfolioNotByChannel
