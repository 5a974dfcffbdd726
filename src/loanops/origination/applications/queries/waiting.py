"""Which applications wait for a person: for a review, a judgement of documents, or a document."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db.models import Max, Min, QuerySet

from loanops.origination.applications.domain.documents import DocumentState, missing_kinds
from loanops.origination.applications.domain.lifecycle import RIGHTS, Right, Stage
from loanops.origination.applications.models import Application, ChecklistItem, Document, Passage
from loanops.registry.team.ports import Waiting

_JUDGEABLE = [stage.value for stage, rights in RIGHTS.items() if Right.JUDGE_DOCUMENTS in rights]
_DECIDABLE = [stage.value for stage, rights in RIGHTS.items() if Right.DECIDE in rights]


def waiting_reviews(*, subjects: Collection[str] | None) -> Iterator[Waiting]:
    """Applications that a strategy referred to a person; not for whoever entered them."""
    rows = _named(Application.objects.filter(stage=Stage.IN_REVIEW.value), subjects)
    referred = dict(
        Passage.objects.filter(application__in=rows.values("id"), to_stage=Stage.IN_REVIEW.value)
        .values_list("application_id")
        .annotate(Max("at"))
    )
    for row in rows.order_by("id").iterator():
        yield _waiting(row, since=referred[row.pk], by=row.entered_by)


def waiting_documents(*, subjects: Collection[str] | None) -> Iterator[Waiting]:
    """Applications with a document that nobody has judged."""
    received = Document.objects.filter(
        state=DocumentState.RECEIVED.value, application__stage__in=_JUDGEABLE
    )
    if subjects is not None:
        received = received.filter(application__number__in=list(subjects))
    first = dict(received.values_list("application_id").annotate(Min("added_at")))
    yield from _since(first)


def waiting_supplements(*, subjects: Collection[str] | None) -> Iterator[Waiting]:
    """Applications whose applicant still has to bring a document.

    One that the checklist of the product asks for before a decision, or one that was sent back.
    """
    mandatory: dict[tuple[str, str], set[str]] = {}
    for book, product, kind in ChecklistItem.objects.filter(mandatory=True).values_list(
        "book_id", "product", "kind"
    ):
        mandatory.setdefault((book, product), set()).add(kind)
    moments: dict[int, datetime] = {}
    wanted: dict[int, set[str]] = {}
    products = {product for _, product in mandatory}
    # Where no checklist asks for anything, an empty set asks the database nothing.
    decidable = Application.objects.filter(stage__in=_DECIDABLE, product__in=products)
    for row in _named(decidable, subjects).only(
        "id", "book_id", "product", "submitted_at", "entered_at"
    ):
        if (row.book_id, row.product) in mandatory:
            wanted[row.pk] = set(mandatory[row.book_id, row.product])
            moments[row.pk] = row.submitted_at or row.entered_at
    back = Document.objects.filter(
        state=DocumentState.SENT_BACK.value, application__stage__in=_JUDGEABLE
    )
    if subjects is not None:
        back = back.filter(application__number__in=list(subjects))
    for document in back.only("application_id", "kind", "judged_at", "added_at"):
        pk, at = document.application_id, document.judged_at or document.added_at
        wanted.setdefault(pk, set()).add(document.kind)
        moments[pk] = max(moments.get(pk, at), at)
    there: dict[int, list[tuple[str, DocumentState]]] = {}
    for pk, kind, state in Document.objects.filter(application__in=list(wanted)).values_list(
        "application_id", "kind", "state"
    ):
        there.setdefault(pk, []).append((kind, DocumentState(state)))
    yield from _since(
        {
            pk: moments[pk]
            for pk, kinds in wanted.items()
            if missing_kinds(sorted(kinds), there.get(pk, ()))
        }
    )


def _named(rows: QuerySet[Application], subjects: Collection[str] | None) -> QuerySet[Application]:
    return rows if subjects is None else rows.filter(number__in=list(subjects))


def _since(moments: dict[int, datetime]) -> Iterator[Waiting]:
    found = Application.objects.filter(id__in=list(moments)).order_by("id")
    for row in found.iterator():
        yield _waiting(row, since=moments[row.pk])


def _waiting(row: Application, *, since: datetime, by: str = "") -> Waiting:
    return Waiting(
        subject=row.number,
        book=row.book_id,
        since=since,
        topic=row.product,
        amount_minor=row.amount_minor,
        not_by=frozenset({by}) if by else frozenset(),
        channel=row.channel,
    )
