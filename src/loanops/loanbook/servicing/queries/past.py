"""Loans of a book as they stood at the end of a past day: a page, and what all of them add up to.

A page replays its own loans and no other, so it costs the same however large the book is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import OuterRef, Q, Subquery, Value

from loanops.kernel.access import Viewer, require
from loanops.kernel.account import AccountState, state
from loanops.kernel.aging import WRITTEN_OFF_BUCKET, bucket_name
from loanops.kernel.refusals import BadField, NotFound
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.domain.turn import bucket_of, state_of
from loanops.loanbook.servicing.models import Change, Loan
from loanops.loanbook.servicing.queries.board import Reading, pools_of, read_cells
from loanops.loanbook.servicing.queries.board_news import Difference, differences
from loanops.loanbook.servicing.queries.histories import Told, told_of
from loanops.loanbook.servicing.queries.loans import seen
from loanops.platform.books import queries as books

EXAMINED_MAX = 5_000
"""Loans that one page looks at where it is narrowed: a page may be short and have a next one."""


@dataclass(frozen=True)
class PastFilter:
    """Which loans of a book, at the end of which day, with which knowledge.

    Empty fields do not narrow; ``bucket`` is of the day and reading; ``before`` pages on.
    """

    book: str
    on: date
    reading: Reading = Reading.THEN
    bucket: int | None = None
    funder: str = ""
    product: str = ""
    application: str = ""
    number: str = ""
    before: str = ""
    limit: int = 20


@dataclass(frozen=True)
class PastLine:
    """One loan at the end of a day. Amounts are minor units of the book's currency.

    ``differs`` says that the other reading has other figures of the same day.
    """

    number: str
    application: str
    funder: str
    product: str
    principal_minor: int
    outstanding_minor: int
    overdue_minor: int
    disbursed_on: date
    dpd: int
    bucket_name: str
    state: str
    differs: bool


@dataclass(frozen=True)
class PastTotals:
    """All loans that are asked for: unpaid principal without what is written off, and what of it
    is past due. ``recalculated`` counts the loans whose figures of the day are others by now."""

    outstanding_minor: int
    late_minor: int
    recalculated: int


@dataclass(frozen=True)
class PastPage:
    """A page of loans as of a day, last paid out first; ``next`` is the ``before`` of the next.

    No totals where a single application or number is asked for, and for who sees some channels.
    """

    on: date
    reading: str
    lines: tuple[PastLine, ...]
    next: str
    totals: PastTotals | None


def list_past_loans(*, wanted: PastFilter, viewer: Viewer) -> PastPage:
    """A page of loans at the end of a past day, as known then or as recalculated now.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is no such book for the viewer.
    :raises BadField: the day has not come, or ``before`` is no place in this list.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(wanted.book):
        raise NotFound(kind="book", number=wanted.book)
    open_on = books.business_date(wanted.book)
    if wanted.on > open_on:
        raise BadField(field="on", problem="the book stands at {day}", day=open_on)
    news = _news(wanted, open_on)
    ids, following = _page(wanted, viewer, news)
    rows = {row.pk: row for row in seen(Loan.objects.filter(pk__in=ids), viewer)}
    histories = told_of(rows)
    lines = [_line(rows[id_], histories[id_], wanted) for id_ in ids if id_ in rows]
    return PastPage(
        on=wanted.on,
        reading=wanted.reading.value,
        lines=tuple(line for line in lines if line is not None),
        next=following,
        totals=_totals(wanted, open_on, news, viewer),
    )


def _news(wanted: PastFilter, open_on: date) -> list[Difference]:
    """Loans whose figures of the day are others by now: none of the day that is still open."""
    if wanted.on >= open_on:
        return []
    return differences(book=wanted.book, on=wanted.on)


class _Walked(NamedTuple):
    id: int
    number: str
    disbursed_on: date
    funder: str
    product: str
    bucket: int | None

    @property
    def place(self) -> str:
        """Where the list goes on after this loan."""
        return f"{self.disbursed_on}.{self.number}"


def _page(wanted: PastFilter, viewer: Viewer, news: Sequence[Difference]) -> tuple[list[int], str]:
    """The loans of a page, and the place after its last one where more may follow."""
    now = {each.loan_id: each.now.bucket for each in news if wanted.reading is Reading.NOW}
    walked, is_last = _walk(wanted, viewer)
    ids: list[int] = []
    for index, row in enumerate(walked):
        if len(ids) == wanted.limit:
            return ids, walked[index - 1].place
        if (
            wanted.funder in {"", row.funder}
            and wanted.product in {"", row.product}
            and viewer.sees_funder(row.funder)
            and wanted.bucket in {None, now.get(row.id, row.bucket or 0)}
        ):
            ids.append(row.id)
    return ids, "" if is_last or not walked else walked[-1].place


def _walk(wanted: PastFilter, viewer: Viewer) -> tuple[list[_Walked], bool]:
    """Loans in the order of the list, from its place on, and whether the list ends with them.

    Read by the index of payouts alone; what narrows further is looked at for those read.
    """
    narrowed = wanted.bucket is not None or bool(wanted.funder or wanted.product)
    most = EXAMINED_MAX if narrowed or viewer.scopes.funders is not None else wanted.limit + 1
    rows = Loan.objects.filter(book_id=wanted.book, disbursed_on__lte=wanted.on)
    if wanted.before:
        day, number = _read_place(wanted.before)
        rows = rows.filter(disbursed_on__lte=day)
        rows = rows.filter(Q(disbursed_on__lt=day) | Q(number__lt=number))
    if wanted.application:
        rows = rows.filter(application=wanted.application)
    if wanted.number:
        rows = rows.filter(number__startswith=wanted.number)
    then: Any = Value(0)
    if wanted.bucket is not None:
        logged = Change.objects.filter(loan=OuterRef("pk"), changed_on__lte=wanted.on)
        then = Subquery(logged.order_by("-id").values("to_bucket")[:1])
    found = rows.order_by("-disbursed_on", "-number").values_list(
        "id", "number", "disbursed_on", "funder", "product", then
    )
    walked = [_Walked(*row) for row in found[:most]]
    return walked, len(walked) < most


def _read_place(before: str) -> tuple[date, str]:
    day, _, number = before.partition(".")
    try:
        return date.fromisoformat(day), number
    except ValueError:
        raise BadField(field="before", problem="take it from the page before") from None


def _line(row: Loan, told: Told, wanted: PastFilter) -> PastLine | None:
    """A loan at the end of the day; nothing where it was in no book then by this reading."""
    on = wanted.on
    read = state(told.terms, told.known(on) if wanted.reading is Reading.THEN else told.events, on)
    other = read
    if told.is_news(on):
        other_events = told.events if wanted.reading is Reading.THEN else told.known(on)
        other = state(told.terms, other_events, on)
    if not read.instalments:
        return None
    loan_state, number = _stood(read)
    return PastLine(
        number=row.number,
        application=row.application,
        funder=row.funder,
        product=row.product,
        principal_minor=row.principal_minor,
        outstanding_minor=read.principal_outstanding_minor,
        overdue_minor=read.overdue.total_minor,
        disbursed_on=row.disbursed_on,
        dpd=read.dpd,
        bucket_name=bucket_name(number),
        state=loan_state,
        differs=_figures(read) != _figures(other),
    )


def _stood(account: AccountState) -> tuple[str, int]:
    is_off = account.written_off_on is not None
    return (
        state_of(account.is_settled, is_off, account.bucket).value,
        bucket_of(account.is_settled, is_off, account.bucket),
    )


def _figures(account: AccountState) -> tuple[object, ...]:
    if not account.instalments:
        return ()
    return (
        account.principal_outstanding_minor,
        account.overdue.total_minor,
        account.dpd,
        *_stood(account),
    )


def _totals(
    wanted: PastFilter, open_on: date, news: Sequence[Difference], viewer: Viewer
) -> PastTotals | None:
    """What the ledger and late news say of all loans asked for; no loan is read for it."""
    if wanted.number or wanted.application or viewer.scopes.channels is not None:
        return None
    if wanted.bucket == WRITTEN_OFF_BUCKET:
        return None
    pools = [
        pool
        for pool in pools_of(wanted.book, viewer)
        if wanted.funder in {"", pool.funder} and wanted.product in {"", pool.product}
    ]
    mine = {pool.id for pool in pools}
    late = [each for each in news if each.pool in mine]
    cells = read_cells(
        wanted.book, wanted.on, open_on, pools, late if wanted.reading is Reading.NOW else ()
    )
    among = [wanted.bucket] if wanted.bucket is not None else range(WRITTEN_OFF_BUCKET)
    amounts = {number: cells.in_bucket(number) for number in among}
    return PastTotals(
        outstanding_minor=sum(amounts.values()),
        late_minor=sum(minor for number, minor in amounts.items() if number),
        recalculated=len(late),
    )
