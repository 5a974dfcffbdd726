"""Lists of loans as they stand on the business day: a page, how many there are, their totals.

A page reads its own loans and looks at so many others at most, however large the book is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from loanops.kernel.access import Viewer, require
from loanops.kernel.aging import BUCKET_LAST, WRITTEN_OFF_BUCKET, bucket_name, dpd
from loanops.kernel.refusals import BadField, NotFound
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.domain.classing import NORMAL, ORDER
from loanops.loanbook.servicing.domain.lifecycle import LIVE, LoanState
from loanops.loanbook.servicing.domain.rules import read_rules
from loanops.loanbook.servicing.models import Instalment, Loan, LoanClass
from loanops.loanbook.servicing.queries.loans import item_of_row, seen
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
from loanops.origination.applications import queries as applications
from loanops.platform.books import queries as books
from loanops.platform.db import between

_LIVE = [state.value for state in LIVE]
_CLASS_OF = Coalesce(
    Subquery(LoanClass.objects.filter(loan=OuterRef("pk")).values("tier")), Value(NORMAL)
)


@dataclass(frozen=True)
class LoanLine:
    """One loan in a list. ``overdue_minor`` was due before the business day and is unpaid, penalty
    included; ``tier`` is its class, empty where it is in none."""

    number: str
    book: str
    application: str
    funder: str
    product: str
    origin_channel: str
    principal_minor: int
    outstanding_minor: int
    overdue_minor: int
    disbursed_on: date
    oldest_due_on: date | None
    dpd: int
    bucket: int
    bucket_name: str
    tier: str
    state: str
    set_aside: bool


@dataclass(frozen=True, kw_only=True)
class LoanFilter(Narrowed):
    """Which loans a list of today shows.

    Those that were taken back are shown where their state or number is asked for. ``brief`` leaves
    out what is overdue (zero then). Without a book: those of an application or a party.
    """

    party: str = ""
    brief: bool = False

    @property
    def by_number(self) -> bool:
        """Whether the list is in the order of numbers, not of payouts."""
        return bool(self.number or self.application or not self.book)


@dataclass(frozen=True)
class LoanPage:
    """One page of loans, last paid out first; ``next`` is the ``before`` of the following page.

    Loans of a number, an application or a party: the newest number first.
    """

    lines: tuple[LoanLine, ...]
    next: str


def list_loans(*, wanted: LoanFilter, viewer: Viewer) -> LoanPage:
    """A page of loans within the viewer's books, funders and channels.

    A page that is narrowed may be short of its limit and have a next one.

    :raises NotPermitted: the viewer may not see loans.
    :raises BadField: something is asked for that there cannot be, or ``before`` is no place.
    """
    _check(wanted, viewer)
    rows = _walked(wanted, viewer)
    floor = None
    few = _few(wanted)
    if few is not None:
        rows = rows.filter(pk__in=few)
    if wanted.before:
        rows = rows.filter(_beyond(wanted.before, wanted))
    if few is None and _is_narrowed(wanted, viewer):
        floor = _floor(rows, wanted)
        rows = rows if floor is None else rows.filter(_down_to(floor, wanted))
    rows = _narrowed(rows, wanted, viewer).select_related("pool").annotate(tier=_CLASS_OF)
    found = list(rows[: wanted.limit + 1])
    page, following = found[: wanted.limit], floor or ""
    if len(found) > wanted.limit:
        following = _place(page[-1].disbursed_on, page[-1].number, wanted)
    return LoanPage(tuple(_lines(seen(page, viewer), brief=wanted.brief)), following)


def list_every_loan(*, wanted: LoanFilter, viewer: Viewer) -> list[LoanLine]:
    """All lines of a list, to be kept as a file.

    :raises NotPermitted: the viewer may not see loans.
    :raises BadField: something is asked for that there cannot be.
    :raises ListTooLong: it holds more than a file may, or more would have to be looked at.
    """

    def page(before: str) -> tuple[Sequence[LoanLine], str]:
        found = list_loans(wanted=replace(wanted, before=before, limit=PAGE), viewer=viewer)
        return found.lines, found.next

    return whole(page)


def count_loans(*, wanted: LoanFilter, viewer: Viewer) -> LoanCount | None:
    """How many loans a list has, or at least how many: so many are looked at and no more.

    None for who sees some channels.

    :raises NotPermitted: the viewer may not see loans.
    :raises BadField: something is asked for that there cannot be.
    """
    _check(wanted, viewer)
    if viewer.scopes.by_application:
        return None
    rows = _walked(wanted, viewer)
    few = _few(wanted)
    if few is not None:
        return LoanCount(_narrowed(rows.filter(pk__in=few), wanted, viewer).count(), more=False)
    floor = _floor(rows, wanted)
    rows = rows if floor is None else rows.filter(_down_to(floor, wanted))
    return LoanCount(_narrowed(rows, wanted, viewer).count(), more=floor is not None)


def find_totals(*, wanted: LoanFilter, viewer: Viewer) -> ListTotals | None:
    """What all loans of a list add up to on the business day, where a sum is kept of them.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is no such book for the viewer.
    :raises BadField: something is asked for that there cannot be.
    """
    _check(wanted, viewer)
    if wanted.by_number or wanted.party:
        return None
    if not viewer.sees_book(wanted.book):
        raise NotFound(kind="book", number=wanted.book)
    on = books.business_date(wanted.book)
    return totals_of(
        wanted.cut,
        book=wanted.book,
        on=on,
        open_on=on,
        news=(),
        recalculate=False,
        viewer=viewer,
    )


def _check(wanted: LoanFilter, viewer: Viewer) -> None:
    require(viewer, permissions.VIEW)
    check_cut(wanted.cut, book=wanted.book, number=wanted.number, viewer=viewer)


def _is_narrowed(wanted: LoanFilter, viewer: Viewer) -> bool:
    return wanted.cut.narrows or viewer.scopes.funders is not None


def _walked(wanted: LoanFilter, viewer: Viewer) -> QuerySet[Loan]:
    """The loans that are gone through in the order of the list, by one index."""
    rows = Loan.objects.all()
    if wanted.application:
        rows = rows.filter(application=wanted.application)
    if wanted.party:
        rows = rows.filter(pk__in=_of_person(wanted.party))
    if wanted.book:
        rows = rows.filter(book_id=wanted.book)
    if wanted.number:
        # By its bounds, for an index; by its beginning, for what a collation puts between them.
        rows = rows.filter(number__range=between(wanted.number), number__startswith=wanted.number)
    if viewer.scopes.books is not None:
        rows = rows.filter(book_id__in=viewer.scopes.books)
    order = ("-number",) if wanted.by_number else ("-disbursed_on", "-number")
    return rows.order_by(*order)


def _of_person(party: str) -> list[int]:
    """The ids of a person's loans: of applications, and those that came with a file.

    No index of all loans by person is kept: each repayment would have to write it.
    """
    asked = applications.numbers_of(parties=[party])
    made = Loan.objects.filter(application__in=asked, party=party)
    brought = Loan.objects.filter(party=party, application="").exclude(party="")
    return [id_ for rows in (made, brought) for id_ in rows.values_list("pk", flat=True)]


def _few(wanted: LoanFilter) -> list[int] | None:
    """The ids of those that stand so, where an index knows them and they are few."""
    if not wanted.book:
        return None
    found: QuerySet[Loan] | QuerySet[LoanClass]
    if wanted.cut.place:
        found = LoanClass.objects.filter(
            book_id=wanted.book, tier__gt=NORMAL, tier=wanted.cut.place
        )
    else:
        buckets = {
            LoanState.OVERDUE.value: (1, BUCKET_LAST),
            LoanState.WRITTEN_OFF.value: (WRITTEN_OFF_BUCKET, WRITTEN_OFF_BUCKET),
        }.get(wanted.state)
        reach = wanted.cut.reach
        if reach and reach[0]:
            buckets = (reach[0], reach[-1])
        if buckets is None:
            return None
        found = Loan.objects.filter(
            book_id=wanted.book, bucket__range=buckets, oldest_due_on__isnull=False
        )
    ids = list(found.values_list("pk", flat=True)[: EXAMINED_MAX + 1])
    return ids if len(ids) <= EXAMINED_MAX else None


def _narrowed(rows: QuerySet[Loan], wanted: LoanFilter, viewer: Viewer) -> QuerySet[Loan]:
    if not (wanted.state or wanted.number):
        rows = rows.exclude(state=LoanState.WITHDRAWN)
    for column in ("state", "funder", "product", "origin_channel"):
        if getattr(wanted, column):
            rows = rows.filter(**{column: getattr(wanted, column)})
    place = wanted.cut.place
    if place is not None:
        rows = rows.filter(state__in=_LIVE)
        classed = LoanClass.objects.filter(book_id=wanted.book, tier__gt=NORMAL)
        if place == NORMAL:
            rows = rows.exclude(pk__in=classed.values("loan_id"))
        else:
            rows = rows.filter(pk__in=classed.filter(tier=place).values("loan_id"))
    if wanted.bucket is not None or wanted.at_risk is not None:
        rows = rows.filter(bucket__in=wanted.cut.reach)
    if viewer.scopes.funders is not None:
        rows = rows.filter(funder__in=viewer.scopes.funders)
    if viewer.scopes.parties is not None:
        rows = rows.filter(party__in=viewer.scopes.parties)
    return rows


def _floor(rows: QuerySet[Loan], wanted: LoanFilter) -> str | None:
    """The place of the last loan that is looked at; none where the list ends before."""
    last = rows.values_list("disbursed_on", "number")[EXAMINED_MAX - 1 : EXAMINED_MAX + 1]
    found = list(last)
    return _place(*found[0], wanted) if len(found) > 1 else None


def _place(disbursed_on: date, number: str, wanted: LoanFilter) -> str:
    return number if wanted.by_number else f"{disbursed_on}.{number}"


def _beyond(place: str, wanted: LoanFilter) -> Q:
    """What comes after a place in the order of the list."""
    if wanted.by_number:
        return Q(number__lt=place)
    day, number = read_place(place)
    return Q(disbursed_on__lte=day) & (Q(disbursed_on__lt=day) | Q(number__lt=number))


def _down_to(place: str, wanted: LoanFilter) -> Q:
    """What comes up to a place in the order of the list, itself included."""
    if wanted.by_number:
        return Q(number__gte=place)
    day, number = read_place(place)
    return Q(disbursed_on__gte=day) & (Q(disbursed_on__gt=day) | Q(number__gte=number))


def read_place(before: str) -> tuple[date, str]:
    """A place in the order of payouts: the day and the number of a loan.

    :raises BadField: it is none.
    """
    day, _, number = before.partition(".")
    try:
        return date.fromisoformat(day), number
    except ValueError:
        raise BadField(field="before", problem="take it from the page before") from None


def _lines(rows: Sequence[Any], *, brief: bool) -> list[LoanLine]:
    dates = {book: books.business_date(book) for book in {row.book_id for row in rows}}
    overdue = {} if brief else _overdue(rows, dates)
    return [
        LoanLine(
            number=row.number,
            book=row.book_id,
            application=row.application,
            funder=row.funder,
            product=row.product,
            origin_channel=row.origin_channel,
            principal_minor=row.principal_minor,
            outstanding_minor=row.outstanding_minor,
            overdue_minor=overdue.get(row.pk, 0),
            disbursed_on=row.disbursed_on,
            oldest_due_on=row.oldest_due_on,
            dpd=dpd(row.oldest_due_on, dates[row.book_id]),
            bucket=row.bucket,
            bucket_name=bucket_name(row.bucket),
            tier=ORDER[row.tier].value if row.state in _LIVE else "",
            state=row.state,
            set_aside=row.set_aside,
        )
        for row in rows
    ]


def _overdue(rows: Sequence[Loan], dates: dict[str, date]) -> dict[int, int]:
    """Unpaid of what was due before the business day, penalty included, by loan."""
    loans = {row.pk: row for row in rows}
    found: dict[int, int] = defaultdict(int)
    late = Instalment.objects.filter(
        Q(open_minor__gt=0) | Q(penal_to__isnull=False) | ~Q(penalty_adjust_minor=0),
        loan_id__in=loans,
        due_on__lt=max(dates.values(), default=date.min),
    )
    for each in late:
        loan = loans[each.loan_id]
        on = dates[loan.book_id]
        if each.due_on < on:
            rules = read_rules(loan.pool.rules_json)
            found[loan.pk] += each.open_minor + item_of_row(each).penalty_open_minor(rules, on)
    return found
