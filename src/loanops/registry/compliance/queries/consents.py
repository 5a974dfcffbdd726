"""Who consented to what; who has not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from loanops.kernel.access import Viewer, require
from loanops.registry.compliance import permissions
from loanops.registry.compliance.domain.refusals import ConsentMissing
from loanops.registry.compliance.models import Consent, Decision
from loanops.registry.compliance.queries.packs import law_of

_CHUNK = 5_000


@dataclass(frozen=True)
class ConsentCard:
    """One consent; ``withdrawn_at`` is None while it lives."""

    number: str
    book: str
    subject: str
    purpose: str
    recipient: str
    wording_version: str
    channel: str
    given_at: datetime
    given_on: date
    withdrawn_at: datetime | None
    withdrawn_on: date | None
    evidence: dict[str, Any]


@dataclass(frozen=True)
class DecisionCard:
    """A recorded decision of compliance."""

    number: str
    book: str
    topic: str
    partner: str
    reason: str
    document: str
    decided_by: str
    valid_from: date
    valid_to: date
    revoked_on: date | None


def consent_card(row: Consent) -> ConsentCard:
    """A row as a card."""
    return ConsentCard(
        number=row.number,
        book=row.book_id,
        subject=row.subject,
        purpose=row.purpose,
        recipient=row.recipient,
        wording_version=row.wording_version,
        channel=row.channel,
        given_at=row.given_at,
        given_on=row.given_on,
        withdrawn_at=row.withdrawn_at,
        withdrawn_on=row.withdrawn_on,
        evidence=row.evidence,
    )


def decision_card(row: Decision) -> DecisionCard:
    """A row as a card."""
    return DecisionCard(
        number=row.number,
        book=row.book_id,
        topic=row.topic,
        partner=row.partner,
        reason=row.reason,
        document=row.document,
        decided_by=row.decided_by,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        revoked_on=row.revoked_on,
    )


def has_consent(subject: str, purpose: str, recipient: str, on: date) -> bool:
    """Whether a consent of the person for this purpose and recipient lives on that day.

    A consent withdrawn on a day no longer holds on that day.
    """
    return bool(_live(on).filter(subject=subject, purpose=purpose, recipient=recipient).count())


def missing_consents(
    *, book: str, subjects: Iterable[str], act: str, recipient: str, on: date
) -> dict[str, tuple[str, ...]]:
    """Which consents are missing for an act (such as ``share_with_funder``), by subject.

    Subjects that lack none are not in the answer. What is needed is said by the book's pack: a
    pack that asks for no consent misses none.

    :raises NotFound: there is no such book or pack.
    """
    needed = law_of(book=book, on=on).consents_needed_for(act)
    wanted = sorted(set(subjects))
    if not needed or not wanted:
        return {}
    held: set[tuple[str, str, str]] = set()
    for start in range(0, len(wanted), _CHUNK):
        held.update(
            _live(on)
            .filter(
                subject__in=wanted[start : start + _CHUNK],
                purpose__in=[consent.purpose for consent in needed],
            )
            .values_list("subject", "purpose", "recipient")
        )
    missing = {
        subject: tuple(
            consent.purpose
            for consent in needed
            if (subject, consent.purpose, recipient if consent.per_recipient else "") not in held
        )
        for subject in wanted
    }
    return {subject: purposes for subject, purposes in missing.items() if purposes}


def require_consents(
    *, book: str, subjects: Iterable[str], act: str, recipient: str, on: date
) -> None:
    """Let an act pass only when every subject has given the consents it needs.

    Rooms ask this before they give data away.

    :raises ConsentMissing: naming the first subject that lacks one.
    :raises NotFound: there is no such book or pack.
    """
    missing = missing_consents(book=book, subjects=subjects, act=act, recipient=recipient, on=on)
    for subject, purposes in missing.items():
        raise ConsentMissing(subject=subject, purposes=", ".join(purposes), recipient=recipient)


def _live(on: date) -> Any:
    return Consent.objects.filter(
        Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=on), given_on__lte=on
    )


def list_consents(*, subjects: Sequence[str], viewer: Viewer) -> list[ConsentCard]:
    """Every consent of the subjects, newest first, within the viewer's books.

    :raises NotPermitted: the viewer may not read consents.
    """
    require(viewer, permissions.VIEW)
    rows = Consent.objects.filter(subject__in=list(subjects)).order_by("-id")
    return [
        consent_card(row)
        for row in rows
        if viewer.sees_book(row.book_id) and viewer.sees_party(row.subject)
    ]


def list_given(*, subjects: Sequence[str], viewer: Viewer) -> list[ConsentCard]:
    """The consents of subjects that live, newest first, for whoever gives consents for them.

    :raises NotPermitted: the viewer may not record consents.
    """
    require(viewer, permissions.CONSENT)
    rows = Consent.objects.filter(subject__in=list(subjects), withdrawn_at__isnull=True).order_by(
        "-id"
    )
    return [
        consent_card(row)
        for row in rows.order_by("-id")
        if viewer.sees_book(row.book_id) and viewer.sees_party(row.subject)
    ]


def list_decisions(*, book: str, viewer: Viewer) -> list[DecisionCard]:
    """Every recorded decision of a book, newest first.

    :raises NotPermitted: the viewer may not read decisions.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        return []
    rows = Decision.objects.filter(book_id=book).order_by("-id")
    return [decision_card(row) for row in rows]
