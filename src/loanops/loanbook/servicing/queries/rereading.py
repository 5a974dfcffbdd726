"""Runs in which floating loans read their index again: what was found, booked, left and failed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Sum

from loanops.kernel.access import Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.domain.rereading import Standing
from loanops.loanbook.servicing.models import Reread, RereadLoan

LOANS_A_PAGE = 100
_STANDINGS = tuple(standing.value for standing in Standing)


@dataclass(frozen=True)
class RereadGroup:
    """The loans of one product and funder whose rate changes, and what they pay less in all."""

    product: str
    funder: str
    loans: int
    saving_minor: int


@dataclass(frozen=True)
class RereadCard:
    """A run: what it found, and what became of it.

    Of all loans that read otherwise, ``found`` wait, ``booked`` are changed, ``left`` cannot be
    and ``aside`` failed. ``saving_minor`` is how much less the borrowers of those that wait or are
    booked pay in all; below zero they pay more.
    """

    number: str
    book: str
    index: str
    since: date
    reason: str
    state: str
    asked_on: date
    asked_by: str
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None
    note: str
    finished_at: datetime | None
    found: int
    booked: int
    left: int
    aside: int
    saving_minor: int
    groups: tuple[RereadGroup, ...]


@dataclass(frozen=True)
class ReadRate:
    """A rate that is read for a day, as a fraction a year."""

    on: date
    rate_annual: Decimal


@dataclass(frozen=True)
class RereadLoanCard:
    """A loan of a run, as worked out, or as booked once it is.

    The instalments are those that fall due next. ``problem`` says why nothing is booked.
    """

    place: int
    loan: str
    product: str
    funder: str
    standing: str
    reads: tuple[ReadRate, ...]
    rate_before: Decimal | None
    rate_after: Decimal | None
    instalment_before_minor: int
    instalment_after_minor: int
    saving_minor: int
    problem: str


def list_rereads(*, book: str, viewer: Viewer, limit: int = 50) -> list[RereadCard]:
    """The runs of a book, the newest first; none to who sees a part of its loans.

    :raises NotPermitted: the viewer may not see loans.
    """
    require(viewer, permissions.VIEW)
    if not sees_whole(viewer, book):
        return []
    return _cards(Reread.objects.filter(book_id=book).order_by("-id")[:limit])


def get_reread(*, run: str, viewer: Viewer) -> RereadCard:
    """One run.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none in a book that the viewer sees as a whole.
    """
    [card] = _cards([_row(run, viewer)])
    return card


def list_reread_loans(
    *, run: str, viewer: Viewer, standing: str = "", after: int = 0, limit: int = LOANS_A_PAGE
) -> list[RereadLoanCard]:
    """Loans of a run in their order, those after a ``place``; of one standing, or of all.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none in a book that the viewer sees as a whole.
    """
    rows = RereadLoan.objects.filter(run=_row(run, viewer), id__gt=after).select_related("loan")
    if standing:
        rows = rows.filter(standing=standing)
    return [
        RereadLoanCard(
            place=row.pk,
            loan=row.loan.number,
            product=row.product,
            funder=row.funder,
            standing=row.standing,
            reads=tuple(
                ReadRate(date.fromisoformat(on), Decimal(rate))
                for on, rate in json.loads(row.reads_json)
            ),
            rate_before=_plain(row.rate_before),
            rate_after=_plain(row.rate_after),
            instalment_before_minor=row.instalment_before_minor,
            instalment_after_minor=row.instalment_after_minor,
            saving_minor=row.saving_minor,
            problem=row.problem,
        )
        for row in rows.order_by("id")[:limit]
    ]


def _plain(rate: Decimal | None) -> Decimal | None:
    return None if rate is None else rate.normalize()


def sees_whole(viewer: Viewer, book: str) -> bool:
    """Whether a viewer sees all loans of a book: a run treats and shows them together."""
    scopes = viewer.scopes
    return viewer.sees_book(book) and scopes.funders is None and not scopes.by_application


def _row(number: str, viewer: Viewer) -> Reread:
    require(viewer, permissions.VIEW)
    row = Reread.objects.filter(number=number).first()
    if row is None or not sees_whole(viewer, row.book_id):
        raise NotFound(kind="run", number=number)
    return row


def _cards(rows: Iterable[Reread]) -> list[RereadCard]:
    found = list(rows)
    counts: dict[int, dict[str, int]] = {row.pk: dict.fromkeys(_STANDINGS, 0) for row in found}
    groups: dict[int, dict[tuple[str, str], RereadGroup]] = {row.pk: {} for row in found}
    summed = (
        RereadLoan.objects.filter(run__in=found)
        .values_list("run_id", "product", "funder", "standing")
        .annotate(Count("id"), Sum("saving_minor"))
        .order_by("run_id", "product", "funder", "standing")
    )
    for run_id, product, funder, standing, loans, saving_minor in summed:
        counts[run_id][standing] += loans
        if standing in {Standing.FOUND.value, Standing.BOOKED.value}:
            was = groups[run_id].get((product, funder), RereadGroup(product, funder, 0, 0))
            groups[run_id][product, funder] = RereadGroup(
                product, funder, was.loans + loans, was.saving_minor + saving_minor
            )
    return [_card(row, counts[row.pk], groups[row.pk]) for row in found]


def _card(
    row: Reread, counts: Mapping[str, int], groups: Mapping[tuple[str, str], RereadGroup]
) -> RereadCard:
    return RereadCard(
        number=row.number,
        book=row.book_id,
        index=row.reference,
        since=row.since,
        reason=row.reason,
        state=row.state,
        asked_on=row.asked_on,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        note=row.note,
        finished_at=row.finished_at,
        found=counts[Standing.FOUND.value],
        booked=counts[Standing.BOOKED.value],
        left=counts[Standing.LEFT.value],
        aside=counts[Standing.ASIDE.value],
        saving_minor=sum(group.saving_minor for group in groups.values()),
        groups=tuple(groups.values()),
    )
