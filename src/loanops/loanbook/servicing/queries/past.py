"""Loans of a book as they stood at the end of a past day: a page, and what all of them add up to.

A page replays its own loans and no other, so it costs the same however large the book is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from loanops.kernel.access import Viewer, require
from loanops.kernel.account import AccountState, BroughtIn, Disbursed, state
from loanops.kernel.aging import bucket_name
from loanops.kernel.refusals import BadField, NotFound
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.domain.classing import NORMAL, ORDER
from loanops.loanbook.servicing.domain.lifecycle import LIVE, LoanState
from loanops.loanbook.servicing.domain.turn import stands
from loanops.loanbook.servicing.models import Change, ClassChange, Loan, LoanEvent
from loanops.loanbook.servicing.queries.board import Reading
from loanops.loanbook.servicing.queries.board_news import Difference, Side, differences
from loanops.loanbook.servicing.queries.histories import Told, told_of
from loanops.loanbook.servicing.queries.lists import read_place
from loanops.loanbook.servicing.queries.loans import seen
from loanops.loanbook.servicing.queries.narrowing import (
    EXAMINED_MAX,
    PAGE,
    ListTotals,
    LoanCount,
    Narrowed,
    check_cut,
    totals_of,
    whole,
)
from loanops.platform.books import queries as books
from loanops.platform.db import between

_BEGINS: Final = (Disbursed.KIND, BroughtIn.KIND)
_LIVE: Final = frozenset(state.value for state in LIVE)


@dataclass(frozen=True, kw_only=True)
class PastFilter(Narrowed):
    """Which loans of a book, at the end of which day, with which knowledge.

    Bucket, state and class are of the day and reading.
    """

    on: date
    reading: Reading = Reading.THEN


@dataclass(frozen=True)
class PastLine:
    """One loan at the end of a day. Amounts are minor units of the book's currency.

    ``tier`` is its class, empty where it is in none; ``differs`` says that the other reading has
    other figures of the same day.
    """

    number: str
    application: str
    funder: str
    product: str
    origin_channel: str
    principal_minor: int
    outstanding_minor: int
    overdue_minor: int
    disbursed_on: date
    dpd: int
    counted_dpd: int
    bucket_name: str
    tier: str
    state: str
    differs: bool


@dataclass(frozen=True)
class PastPage:
    """A page of loans as of a day, last paid out first; ``next`` is the ``before`` of the next.

    No totals where a single application or number is asked for, nor where none are kept; neither
    they nor a count for who sees some channels.
    """

    on: date
    reading: str
    lines: tuple[PastLine, ...]
    next: str
    count: LoanCount | None
    totals: ListTotals | None


def list_past_loans(*, wanted: PastFilter, viewer: Viewer) -> PastPage:
    """A page of loans at the end of a past day, as known then or as recalculated now.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is no such book for the viewer.
    :raises BadField: the day has not come, ``before`` is no place in this list, or something is
        asked for that there cannot be.
    """
    open_on, news = _news(wanted, viewer)
    now = _now(wanted, news)
    lines, following = _lines(wanted, now, viewer)
    return PastPage(
        on=wanted.on,
        reading=wanted.reading.value,
        lines=lines,
        next=following,
        count=_count(wanted, now, viewer),
        totals=_totals(wanted, open_on, news, viewer),
    )


def list_every_past_loan(*, wanted: PastFilter, viewer: Viewer) -> list[PastLine]:
    """All lines of a list of a past day, to be kept as a file.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is no such book for the viewer.
    :raises BadField: something is asked for that there cannot be.
    :raises ListTooLong: it holds more than a file may, or more would have to be looked at.
    """
    _, news = _news(wanted, viewer)
    now = _now(wanted, news)

    def page(before: str) -> tuple[Sequence[PastLine], str]:
        return _lines(replace(wanted, before=before, limit=PAGE), now, viewer)

    return whole(page)


def _news(wanted: PastFilter, viewer: Viewer) -> tuple[date, list[Difference]]:
    """The open business day, and the loans whose figures of the day asked for are others by now."""
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(wanted.book):
        raise NotFound(kind="book", number=wanted.book)
    open_on = books.business_date(wanted.book)
    if wanted.on > open_on:
        raise BadField(field="on", problem="the book stands at {day}", day=open_on)
    check_cut(wanted.cut, book=wanted.book, number=wanted.number, viewer=viewer)
    is_past = wanted.on < open_on
    return open_on, differences(book=wanted.book, on=wanted.on) if is_past else []


def _now(wanted: PastFilter, news: Sequence[Difference]) -> dict[int, Side]:
    """Where those loans stood by what is known now, where that is the reading."""
    return {each.loan_id: each.now for each in news if wanted.reading is Reading.NOW}


def _lines(
    wanted: PastFilter, now: Mapping[int, Side], viewer: Viewer
) -> tuple[tuple[PastLine, ...], str]:
    """The lines of a page, and the place after its last one where more may follow."""
    walked, is_last = _walk(wanted, viewer, wanted.before)
    fitting = _fitting(walked, now, wanted, viewer)
    page, following = fitting[: wanted.limit], "" if is_last else walked[-1].place
    if len(fitting) > wanted.limit:
        following = page[-1].place
    loans = Loan.objects.filter(pk__in=[each.id for each in page])
    rows = {row.pk: row for row in seen(loans, viewer)}
    histories = told_of(rows)
    lines = tuple(
        _line(rows[each.id], each, histories[each.id], wanted) for each in page if each.id in rows
    )
    return lines, following


class _Walked(NamedTuple):
    """A loan as it is gone through, and how it stood by the logs at the end of the day."""

    id: int
    number: str
    disbursed_on: date
    funder: str
    product: str
    origin_channel: str
    state: str
    bucket: int
    tier: int

    @property
    def place(self) -> str:
        """Where the list goes on after this loan."""
        return f"{self.disbursed_on}.{self.number}"

    def recalculated(self, side: Side | None) -> _Walked:
        """How it stood by what is known now, where that is something else."""
        if side is None:
            return self
        return self._replace(state=side.state, bucket=side.bucket, tier=side.tier)

    def fits(self, wanted: PastFilter) -> bool:
        """Whether the list is to show it."""
        return (
            wanted.funder in {"", self.funder}
            and wanted.product in {"", self.product}
            and wanted.origin_channel in {"", self.origin_channel}
            and wanted.state in {"", self.state}
            and self.bucket in wanted.cut.reach
            and (wanted.cut.place is None or self.tier == wanted.cut.place)
            and (wanted.cut.place is None or self.state in _LIVE)
        )


def _fitting(
    walked: Iterable[_Walked], now: Mapping[int, Side], wanted: PastFilter, viewer: Viewer
) -> list[_Walked]:
    """Those that the list shows, as they stood by its reading."""
    stood = (each.recalculated(now.get(each.id)) for each in walked)
    return [each for each in stood if viewer.sees_funder(each.funder) and each.fits(wanted)]


def _count(wanted: PastFilter, now: Mapping[int, Side], viewer: Viewer) -> LoanCount | None:
    """How many loans the list has from its beginning on, among those that are looked at."""
    if viewer.scopes.by_application:
        return None
    if wanted.cut.narrows:
        walked, is_last = _walk(wanted, viewer, "")
        return LoanCount(len(_fitting(walked, now, wanted, viewer)), more=not is_last)
    rows = _there(wanted)
    if viewer.scopes.funders is not None:
        rows = rows.filter(funder__in=viewer.scopes.funders)
    count = rows.order_by()[: EXAMINED_MAX + 1].count()
    return LoanCount(min(count, EXAMINED_MAX), more=count > EXAMINED_MAX)


def _there(wanted: PastFilter) -> QuerySet[Loan]:
    """The loans that were in the book at the end of the day by the reading, in their order."""
    began: dict[str, Any] = {"counts_on__lte": wanted.on}
    if wanted.reading is Reading.THEN:
        began["booked_on__lte"] = wanted.on
    events = LoanEvent.objects.filter(loan=OuterRef("pk"), key__in=_BEGINS, **began)
    rows = Loan.objects.filter(Exists(events), book_id=wanted.book, disbursed_on__lte=wanted.on)
    if not (wanted.state or wanted.number):
        # The last that happened to a loan that was taken back is that it was.
        rows = rows.exclude(state=LoanState.WITHDRAWN, last_event_on__lte=wanted.on)
    if wanted.application:
        rows = rows.filter(application=wanted.application)
    if wanted.number:
        rows = rows.filter(number__range=between(wanted.number), number__startswith=wanted.number)
    return rows.order_by("-disbursed_on", "-number")


def _walk(wanted: PastFilter, viewer: Viewer, before: str) -> tuple[list[_Walked], bool]:
    """Loans in the order of the list, from a place on, and whether the list ends with them.

    Read by the index of payouts alone; what narrows further is looked at for those read.
    """
    narrowed = wanted.cut.narrows or viewer.scopes.funders is not None
    most = EXAMINED_MAX if narrowed else wanted.limit + 1
    rows = _there(wanted)
    if before:
        day, number = read_place(before)
        rows = rows.filter(disbursed_on__lte=day)
        rows = rows.filter(Q(disbursed_on__lt=day) | Q(number__lt=number))
    logged = Change.objects.filter(loan=OuterRef("pk"), changed_on__lte=wanted.on).order_by("-id")
    classed = ClassChange.objects.filter(loan=OuterRef("pk"), changed_on__lte=wanted.on)
    found = rows.values_list(
        "id",
        "number",
        "disbursed_on",
        "funder",
        "product",
        "origin_channel",
        Coalesce(Subquery(logged.values("to_state")[:1]), Value(LoanState.ACTIVE.value)),
        Coalesce(Subquery(logged.values("to_bucket")[:1]), Value(0)),
        Coalesce(Subquery(classed.order_by("-id").values("to_tier")[:1]), Value(NORMAL)),
    )
    walked = [_Walked(*row) for row in found[:most]]
    return walked, len(walked) < most


def _line(row: Loan, stood: _Walked, told: Told, wanted: PastFilter) -> PastLine:
    """A loan at the end of the day by the reading."""
    on = wanted.on
    read = state(told.terms, told.known(on) if wanted.reading is Reading.THEN else told.events, on)
    other = read
    if told.is_news(on):
        other_events = told.events if wanted.reading is Reading.THEN else told.known(on)
        other = state(told.terms, other_events, on)
    loan_state, number = stands(read)
    return PastLine(
        number=row.number,
        application=row.application,
        funder=row.funder,
        product=row.product,
        origin_channel=row.origin_channel,
        principal_minor=row.principal_minor,
        outstanding_minor=read.principal_outstanding_minor,
        overdue_minor=read.overdue.total_minor,
        disbursed_on=row.disbursed_on,
        dpd=read.dpd,
        counted_dpd=read.counted_dpd,
        bucket_name=bucket_name(number),
        tier=ORDER[stood.tier].value if loan_state in _LIVE else "",
        state=loan_state.value,
        differs=_figures(read) != _figures(other),
    )


def _figures(account: AccountState) -> tuple[object, ...]:
    if not account.instalments:
        return ()
    return (
        account.principal_outstanding_minor,
        account.overdue.total_minor,
        account.dpd,
        account.counted_dpd,
        *stands(account),
    )


def _totals(
    wanted: PastFilter, open_on: date, news: Sequence[Difference], viewer: Viewer
) -> ListTotals | None:
    if wanted.number or wanted.application:
        return None
    return totals_of(
        wanted.cut,
        book=wanted.book,
        on=wanted.on,
        open_on=open_on,
        news=news,
        recalculate=wanted.reading is Reading.NOW,
        viewer=viewer,
    )
