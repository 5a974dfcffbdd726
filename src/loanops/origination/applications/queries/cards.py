"""Applications as cards: one, a page of them, or many by number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, QuerySet

from loanops.kernel.access import Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.origination.applications import permissions
from loanops.origination.applications.domain.lifecycle import LIFECYCLE, RIGHTS, Stage
from loanops.origination.applications.models import Application
from loanops.platform.db import between
from loanops.registry.parties import queries as parties

PAGE_MAX: Final = 200
_CHUNK: Final = 5_000


@dataclass(frozen=True)
class ApplicationCard:
    """One application. ``moves`` and ``rights`` are what its stage permits now.

    Amounts are minor units of the book's currency; ``annual_rate`` is a fraction of one and None
    where product and funder set it. ``facts`` are the frozen inputs of the decision.
    """

    number: str
    book: str
    source: str
    key: str
    product: str
    party: str | None
    applicant_masked: str
    amount_minor: int
    offered_minor: int | None
    term_months: int
    annual_rate: Decimal | None
    instalment_minor: int | None
    purpose: str
    region: str
    channel: str
    start_on: date | None
    stage: str
    reasons: tuple[str, ...]
    moves: tuple[str, ...]
    rights: tuple[str, ...]
    duplicate: dict[str, Any]
    facts: dict[str, Any]
    entered_by: str
    entered_at: datetime
    submitted_at: datetime | None
    submitted_on: date | None
    moved_on: date
    version: int


@dataclass(frozen=True)
class Filter:
    """Which applications a list shows; empty fields do not narrow it.

    ``text`` is how a number begins, or a name, mobile or identity number of the applicant.
    ``before`` is the cursor of the page before. Dates are business days, ``until`` exclusive.
    """

    book: str
    stages: tuple[str, ...] = ()
    product: str = ""
    channel: str = ""
    text: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None
    limit: int = 50


@dataclass(frozen=True)
class Page:
    """One page of cards; ``next_before`` is the cursor of the next one, None at the end."""

    cards: tuple[ApplicationCard, ...]
    next_before: int | None


def card_of(row: Application, applicant_masked: str) -> ApplicationCard:
    """A row as a card."""
    stage = Stage(row.stage)
    return ApplicationCard(
        number=row.number,
        book=row.book_id,
        source=row.source,
        key=row.key,
        product=row.product,
        party=row.party_id,
        applicant_masked=applicant_masked,
        amount_minor=row.amount_minor,
        offered_minor=row.offered_minor,
        term_months=row.term_months,
        annual_rate=row.annual_rate,
        instalment_minor=row.instalment_minor,
        purpose=row.purpose,
        region=row.region,
        channel=row.channel,
        start_on=row.start_on,
        stage=stage.value,
        reasons=tuple(row.reasons),
        moves=tuple(move.value for move in LIFECYCLE.moves(stage)),
        rights=tuple(sorted(right.value for right in RIGHTS[stage])),
        duplicate=row.duplicate,
        facts=row.facts,
        entered_by=row.entered_by,
        entered_at=row.entered_at,
        submitted_at=row.submitted_at,
        submitted_on=row.submitted_on,
        moved_on=row.moved_on,
        version=row.version,
    )


def get_application(number: str, *, viewer: Viewer) -> ApplicationCard:
    """The application with this number.

    :raises NotPermitted: the viewer may not see applications.
    :raises NotFound: there is none in the viewer's scope.
    """
    require(viewer, permissions.VIEW)
    row = find_row(number, viewer)
    return card_of(row, _masked([row]).get(row.party_id or "", ""))


def find_row(number: str, viewer: Viewer) -> Application:
    """The row behind a number, for the rooms' own use.

    :raises NotFound: there is none in the viewer's scope.
    """
    # PostgreSQL refuses a NUL, so what cannot be a number never reaches it.
    row = Application.objects.filter(number=number).first() if number.isprintable() else None
    if row is None or not sees(row, viewer):
        raise NotFound(kind="application", number=number)
    return row


def sees(row: Application, viewer: Viewer) -> bool:
    """Whether a row is in the viewer's scope, for the room's own use."""
    return (
        viewer.sees_book(row.book_id)
        and viewer.sees_channel(row.channel)
        and viewer.sees_party(row.party_id or "")
    )


def list_applications(asked: Filter, *, viewer: Viewer) -> Page:
    """A page of applications, newest first.

    :raises NotPermitted: the viewer may not see applications.
    :raises NotFound: the book is not in the viewer's scope.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(asked.book):
        raise NotFound(kind="book", number=asked.book)
    limit = max(1, min(asked.limit, PAGE_MAX))
    found = _narrowed(asked, viewer)
    rows = list(found.order_by("-id")[: limit + 1])
    shown = rows[:limit]
    names = _masked(shown)
    return Page(
        cards=tuple(card_of(row, names.get(row.party_id or "", "")) for row in shown),
        next_before=shown[-1].pk if len(rows) > limit else None,
    )


def _scoped(found: QuerySet[Application], viewer: Viewer) -> QuerySet[Application]:
    if viewer.scopes.channels is not None:
        found = found.filter(channel__in=viewer.scopes.channels)
    if viewer.scopes.parties is not None:
        found = found.filter(party_id__in=viewer.scopes.parties)
    return found


def _narrowed(asked: Filter, viewer: Viewer) -> QuerySet[Application]:
    found = _scoped(Application.objects.filter(book_id=asked.book), viewer)
    if asked.stages:
        found = found.filter(stage__in=asked.stages)
    if asked.product:
        found = found.filter(product=asked.product)
    if asked.channel:
        found = found.filter(channel=asked.channel)
    if asked.since is not None:
        found = found.filter(submitted_on__gte=asked.since)
    if asked.until is not None:
        found = found.filter(submitted_on__lt=asked.until)
    if asked.before is not None:
        found = found.filter(pk__lt=asked.before)
    text = asked.text.replace("\x00", "").strip()
    number = text[:32].upper()
    if number.startswith("AP-"):
        found = found.filter(number__range=between(number), number__startswith=number)
    elif text:
        people = parties.search(book=asked.book, text=text, viewer=Viewer.house("applications"))
        found = found.filter(party_id__in=[person.number for person in people])
    return found


def count_by_stage(*, book: str, viewer: Viewer) -> dict[str, int]:
    """How many applications of a book stand where; every stage is there.

    :raises NotPermitted: the viewer may not see applications.
    :raises NotFound: the book is not in the viewer's scope.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        raise NotFound(kind="book", number=book)
    found = _scoped(Application.objects.filter(book_id=book), viewer)
    counted = dict(found.values_list("stage").annotate(Count("id")).order_by())
    return {stage.value: counted.get(stage.value, 0) for stage in Stage}


def cards_of(numbers: Iterable[str]) -> dict[str, ApplicationCard]:
    """Applications by number, for rooms that handle many; names are not unsealed."""
    return {row.number: card_of(row, "") for row in _rows(sorted(set(numbers)))}


def stages_of(numbers: Iterable[str]) -> dict[str, str]:
    """The stage of each application that exists."""
    found: dict[str, str] = {}
    for chunk in _chunks(sorted(set(numbers))):
        found |= dict(Application.objects.filter(number__in=chunk).values_list("number", "stage"))
    return found


def channels_of(numbers: Iterable[str]) -> dict[str, str]:
    """The channel by which each application that exists came."""
    found: dict[str, str] = {}
    for chunk in _chunks(sorted(set(numbers))):
        found |= dict(Application.objects.filter(number__in=chunk).values_list("number", "channel"))
    return found


def parties_of(numbers: Iterable[str]) -> dict[str, str]:
    """Who asked, of each application that exists."""
    found: dict[str, str] = {}
    for chunk in _chunks(sorted(set(numbers))):
        for row in Application.objects.filter(number__in=chunk).only("number", "party_id"):
            found[row.number] = row.party_id or ""
    return found


def numbers_of(*, parties: Iterable[str]) -> list[str]:
    """Every application of these persons."""
    rows = Application.objects.filter(party_id__in=sorted(set(parties)))
    return list(rows.values_list("number", flat=True))


def outcomes_of(numbers: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What a file says became of old loans; kept apart from the facts and for reports alone."""
    found: dict[str, dict[str, Any]] = {}
    for chunk in _chunks(sorted(set(numbers))):
        found |= dict(Application.objects.filter(number__in=chunk).values_list("number", "outcome"))
    return found


def _rows(numbers: Sequence[str]) -> Iterator[Application]:
    for chunk in _chunks(numbers):
        yield from Application.objects.filter(number__in=chunk).order_by("id")


def _chunks(numbers: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(numbers), _CHUNK):
        yield numbers[start : start + _CHUNK]


def _masked(rows: Iterable[Application]) -> dict[str, str]:
    return parties.masked_names(row.party_id for row in rows if row.party_id)
