"""Questions about debits: files, their orders, and what is still open of a day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Sum

from loanops.kernel.access import Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.money.payments import permissions
from loanops.money.payments.domain.debits import UNPAID, FileState, OrderState
from loanops.money.payments.models import DebitFile, DebitOrder
from loanops.platform.db import fetch


@dataclass(frozen=True)
class OrderCard:
    """One debit order; ``sent`` says that its file went out."""

    number: str
    book: str
    file: str
    channel: str
    subject: str
    due_on: date
    window: int
    amount_minor: int
    collected_minor: int
    state: str
    reason: str


@dataclass(frozen=True)
class FileCard:
    """One debit file."""

    number: str
    book: str
    channel: str
    due_on: date
    window: int
    state: str
    orders: int
    total_minor: int
    partner_reference: str
    at: datetime


@dataclass(frozen=True)
class OrderFilter:
    """Which debit orders: of a subject, a file or a state; ``before`` pages on by number."""

    subject: str = ""
    file: str = ""
    state: str = ""
    before: str = ""
    limit: int = 50


def list_orders(*, wanted: OrderFilter, viewer: Viewer) -> list[OrderCard]:
    """Debit orders, newest first.

    :raises NotPermitted: the viewer may not see payments.
    """
    require(viewer, permissions.VIEW)
    rows = DebitOrder.objects.select_related("file").order_by("-number")
    if wanted.subject:
        rows = rows.filter(subject=wanted.subject)
    if wanted.file:
        rows = rows.filter(file__number=wanted.file)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.before:
        rows = rows.filter(number__lt=wanted.before)
    if viewer.scopes.books is not None:
        rows = rows.filter(book_id__in=viewer.scopes.books)
    return [_order_card(row) for row in rows[: wanted.limit]]


def get_file(*, number: str, viewer: Viewer) -> FileCard:
    """One debit file.

    :raises NotPermitted: the viewer may not see payments.
    :raises NotFound: there is none that the viewer may see.
    """
    require(viewer, permissions.VIEW)
    row = DebitFile.objects.filter(number=number).first()
    if row is None or not viewer.sees_book(row.book_id):
        raise NotFound(kind="debit file", number=number)
    return _file_card(row)


@dataclass(frozen=True)
class FileFilter:
    """Which debit files of a book: by day, channel or state; ``before`` pages on by number."""

    book: str
    on: date | None = None
    channel: str = ""
    state: str = ""
    before: str = ""
    limit: int = 30


def list_files(*, book: str, viewer: Viewer, limit: int = 30) -> list[FileCard]:
    """The newest debit files of a book.

    :raises NotPermitted: the viewer may not see payments.
    """
    return find_files(wanted=FileFilter(book=book, limit=limit), viewer=viewer)


def find_files(*, wanted: FileFilter, viewer: Viewer) -> list[FileCard]:
    """Debit files of a book, newest first.

    :raises NotPermitted: the viewer may not see payments.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(wanted.book):
        return []
    rows = DebitFile.objects.filter(book_id=wanted.book).order_by("-number")
    if wanted.on is not None:
        rows = rows.filter(due_on=wanted.on)
    for column, value in (("channel", wanted.channel), ("state", wanted.state)):
        if value:
            rows = rows.filter(**{column: value})
    if wanted.before:
        rows = rows.filter(number__lt=wanted.before)
    return [_file_card(row) for row in rows[: wanted.limit]]


@dataclass(frozen=True)
class FileFigures:
    """What became of the orders of a file; ``reasons`` are of what did not come, most first."""

    collected_minor: int = 0
    states: Mapping[str, int] = field(default_factory=dict)
    reasons: tuple[tuple[str, int], ...] = ()


def figures_of(*, files: Collection[str]) -> dict[str, FileFigures]:
    """What became of the orders of files, by the number of the file."""
    states: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    collected: Counter[str] = Counter()
    rows = (
        DebitOrder.objects.filter(file__number__in=sorted(set(files)))
        .values_list("file__number", "state", "reason")
        .annotate(orders=Count("id"), minor=Sum("collected_minor"))
    )
    for number, state, reason, orders, minor in rows:
        states[number][state] += orders
        if state != OrderState.RETURNED:
            collected[number] += minor
        if reason and state in {*UNPAID, OrderState.STOPPED}:
            reasons[number][reason] += orders
    return {
        number: FileFigures(collected[number], dict(counts), tuple(reasons[number].most_common(5)))
        for number, counts in states.items()
    }


def channels_debited(*, book: str) -> list[str]:
    """The channels that a book has made debit files for."""
    files = DebitFile.objects.filter(book_id=book).values_list("channel", flat=True).distinct()
    return sorted(files)


def _order_card(row: DebitOrder) -> OrderCard:
    return OrderCard(
        number=row.number,
        book=row.book_id,
        file=row.file.number,
        channel=row.channel,
        subject=row.subject,
        due_on=row.due_on,
        window=row.window,
        amount_minor=row.amount_minor,
        collected_minor=row.collected_minor,
        state=row.state,
        reason=row.reason,
    )


def _file_card(row: DebitFile) -> FileCard:
    return FileCard(
        number=row.number,
        book=row.book_id,
        channel=row.channel,
        due_on=row.due_on,
        window=row.window,
        state=row.state,
        orders=row.order_count,
        total_minor=row.total_minor,
        partner_reference=row.partner_reference,
        at=row.at,
    )


@dataclass(frozen=True, slots=True)
class UnpaidCard:
    """A subject that a try of the day did not bring all of the money of."""

    subject: str
    channel: str
    partly: bool


def unpaid_today(*, book: str, on: date, before: int) -> list[UnpaidCard]:
    """What windows before this one asked for and did not get; for rooms that order debits.

    A subject with an order that is not answered yet is not among them.
    """
    rows = fetch(
        f"""
        SELECT o.subject, o.channel, o.state, o."window" FROM {_ORDER} o
        WHERE o.state IN ({_UNPAID}) AND o.book_id = %s AND o.due_on = %s AND o."window" < %s
        ORDER BY o.subject, o."window"
        """,  # noqa: S608 - names and states come from the code
        [book, on, before],
    )
    newest = {
        subject: UnpaidCard(subject, channel, partly=state == OrderState.PARTLY)
        for subject, channel, state, _ in rows
        if state != OrderState.RETURNED
    }
    return list(newest.values())


def ordered_windows(*, book: str, on: date) -> frozenset[tuple[str, int]]:
    """The channels and windows of a day that have a file; for rooms that order debits."""
    rows = DebitFile.objects.filter(book_id=book, due_on=on)
    return frozenset(rows.values_list("channel", "window"))


def tries_of(*, book: str, since: date, on: date) -> Mapping[str, Mapping[date, int]]:
    """The tries without full success of every subject, by day."""
    tries: dict[str, dict[date, int]] = {}
    for subject, day, count in fetch(
        f"""
        SELECT o.subject, o.due_on, COUNT(*) FROM {_ORDER} o
        WHERE o.state IN ({_UNPAID}) AND o.book_id = %s AND o.due_on BETWEEN %s AND %s
        GROUP BY o.subject, o.due_on
        """,  # noqa: S608 - names and states come from the code
        [book, since, on],
    ):
        known = day if isinstance(day, date) else date.fromisoformat(day)
        tries.setdefault(subject, {})[known] = count
    return tries


_CHUNK = 5_000
_ORDER = DebitOrder._meta.db_table
_UNPAID = ", ".join(f"'{state.value}'" for state in UNPAID)


def debtors() -> Iterator[tuple[str, str]]:
    """Subjects and how their channel knows the debtor, of all orders; for checks of rooms."""
    rows = DebitOrder.objects.values_list("subject", "account").order_by("subject").distinct()
    yield from rows.iterator()


def open_debits(*, subjects: Sequence[str]) -> dict[str, bool]:
    """Subjects with an order that is not answered, and whether it has gone out; for rooms."""
    found: dict[str, bool] = {}
    for start in range(0, len(subjects), _CHUNK):
        part = subjects[start : start + _CHUNK]
        rows = DebitOrder.objects.filter(subject__in=part, state=OrderState.ORDERED)
        for subject, state in rows.values_list("subject", "file__state"):
            found[subject] = found.get(subject, False) or state != FileState.MADE
    return found
