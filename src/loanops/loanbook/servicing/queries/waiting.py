"""What waits for a person in the loan book: a second one, or somebody who mends a loan."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from loanops.loanbook.servicing.domain.asking import AskState
from loanops.loanbook.servicing.domain.importing.undoing import UndoState
from loanops.loanbook.servicing.domain.rereading import RereadState
from loanops.loanbook.servicing.models import ChangeRequest, ImportUndo, Reread, SetAside
from loanops.origination.applications import queries as applications
from loanops.registry.team.ports import Waiting


def waiting_changes(*, subjects: Collection[str] | None) -> Iterator[Waiting]:
    """Changes of loans that a colleague asked for."""
    rows = ChangeRequest.objects.filter(state=AskState.ASKED.value).select_related("loan")
    if subjects is not None:
        rows = rows.filter(number__in=list(subjects))
    found = list(rows.order_by("id"))
    channels = applications.channels_of(row.loan.application for row in found)
    for row in found:
        yield Waiting(
            subject=row.number,
            book=row.book_id,
            since=row.asked_at,
            topic=row.kind,
            amount_minor=row.loan.outstanding_minor,
            not_by=frozenset({row.asked_by}),
            channel=channels.get(row.loan.application, row.loan.origin_channel),
            funder=row.loan.funder,
        )


def waiting_rereads(*, subjects: Collection[str] | None) -> Iterator[Waiting]:
    """Runs of rereading that are worked out and not let go."""
    rows = Reread.objects.filter(state=RereadState.ASKED.value)
    if subjects is not None:
        rows = rows.filter(number__in=list(subjects))
    for row in rows.order_by("id").iterator():
        yield Waiting(
            subject=row.number,
            book=row.book_id,
            since=row.asked_at,
            topic=row.reference,
            not_by=frozenset({row.asked_by}),
        )


def waiting_undos(*, subjects: Collection[str] | None) -> Iterator[Waiting]:
    """Imports that somebody asked to be taken back, by the number of the import."""
    rows = ImportUndo.objects.filter(state=UndoState.ASKED.value).select_related("brought")
    if subjects is not None:
        rows = rows.filter(brought__number__in=list(subjects))
    for row in rows.order_by("id").iterator():
        yield Waiting(
            subject=row.brought.number,
            book=row.brought.book_id,
            since=row.asked_at,
            topic=row.brought.source,
            amount_minor=row.brought.outstanding_minor,
            not_by=frozenset({row.asked_by}),
        )


def waiting_aside(*, subjects: Collection[str] | None) -> Iterator[Waiting]:
    """Loans that a step of the close could not treat."""
    rows = SetAside.objects.filter(released_at__isnull=True).select_related("loan")
    if subjects is not None:
        rows = rows.filter(loan__number__in=list(subjects))
    found = list(rows.order_by("id"))
    channels = applications.channels_of(row.loan.application for row in found)
    for row in found:
        yield Waiting(
            subject=row.loan.number,
            book=row.book_id,
            since=row.at,
            topic=row.step,
            amount_minor=row.loan.outstanding_minor,
            channel=channels.get(row.loan.application, row.loan.origin_channel),
            funder=row.loan.funder,
        )
