"""Orders about consents: record, record many, withdraw."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound
from loanops.platform.books import queries as books
from loanops.platform.db import insert_many, new_numbers
from loanops.platform.work import unit_of_work
from loanops.registry.compliance import events, permissions, queries
from loanops.registry.compliance.domain.packs import Pack, Wording
from loanops.registry.compliance.domain.refusals import (
    ConsentWithdrawnAlready,
    RecipientMissing,
    RecipientNotExpected,
    UnknownConsent,
    UnknownWording,
)
from loanops.registry.compliance.models import Consent
from loanops.registry.compliance.queries.consents import ConsentCard, consent_card

_COLUMNS = (
    "number", "book_id", "subject", "purpose", "recipient", "wording_version", "wording_sha256",
    "channel", "evidence", "given_at", "given_on", "withdrawn_reason",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ConsentIn:
    """A consent as given: by whom (a party's number), for what, to whom, on which words.

    The evidence tells how (page, device, IP address) and holds no personal field.
    """

    subject: str
    purpose: str
    wording_version: str
    recipient: str = ""
    channel: str = "web"
    evidence: Mapping[str, Any] = field(default_factory=dict)


def record_consent(*, book: str, consent: ConsentIn, actor: Actor, at: datetime) -> ConsentCard:
    """Record a consent with the words that were shown.

    :raises NotPermitted: the actor may not record consents.
    :raises NotFound: the person is not in the actor's scope.
    :raises UnknownConsent, UnknownWording, RecipientMissing, RecipientNotExpected: bad input.
    """
    require(actor, permissions.CONSENT)
    _see(actor, consent.subject)
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        pack = queries.get_pack(books.get_book(book).pack)
        number = _insert(pack, [consent], book=book, at=at, on=work.on)[0]

        work.record(
            "compliance.consent_given",
            subject=consent.subject,
            consent=number,
            purpose=consent.purpose,
            recipient=consent.recipient,
            wording_version=consent.wording_version,
        )
    return consent_card(Consent.objects.get(number=number))


def record_consents_many(
    *, book: str, consents: Sequence[ConsentIn], actor: Actor, at: datetime
) -> list[str]:
    """Record many consents at once; returns their numbers in the order given.

    One that cannot be recorded refuses the batch, because each belongs to a request that does
    not stand without it.

    :raises NotPermitted: the actor may not record consents.
    :raises NotFound: the person is not in the actor's scope.
    :raises UnknownConsent, UnknownWording, RecipientMissing, RecipientNotExpected: bad input.
    """
    require(actor, permissions.CONSENT)
    if not consents:
        return []
    for consent in consents:
        _see(actor, consent.subject)
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        pack = queries.get_pack(books.get_book(book).pack)
        numbers = _insert(pack, consents, book=book, at=at, on=work.on)

        work.record_batch("compliance.consents_given", subjects=numbers)
    return numbers


def _see(actor: Actor, subject: str) -> None:
    if not actor.sees_party(subject):
        raise NotFound(kind="party", number=subject)


def _insert(
    pack: Pack, consents: Sequence[ConsentIn], *, book: str, at: datetime, on: date
) -> list[str]:
    digests = [_words_digest(_wording_of(pack, consent, on)) for consent in consents]
    numbers = new_numbers("CN", at, len(consents))
    insert_many(
        Consent._meta.db_table,
        _COLUMNS,
        [
            (
                number, book, consent.subject, consent.purpose, consent.recipient,
                consent.wording_version, digest, consent.channel, dict(consent.evidence), at, on,
                "",
            )
            for number, consent, digest in zip(numbers, consents, digests, strict=True)
        ],
    )  # fmt: skip
    return numbers


def _wording_of(pack: Pack, consent: ConsentIn, on: date) -> Wording:
    kind = pack.consent_type(consent.purpose, on)
    if kind is None:
        known = ", ".join(each.purpose for each in pack.consents) or "none"
        raise UnknownConsent(field="purpose", purpose=consent.purpose, known=known)
    if kind.per_recipient and not consent.recipient:
        raise RecipientMissing(field="recipient", purpose=consent.purpose)
    if consent.recipient and not kind.per_recipient:
        raise RecipientNotExpected(field="recipient", purpose=consent.purpose)
    wording = pack.wording(consent.purpose, consent.wording_version)
    if wording is None or wording.effective_from > on:
        raise UnknownWording(
            field="wording_version", version=consent.wording_version, purpose=consent.purpose
        )
    return wording


def _words_digest(wording: Wording) -> str:
    text = "\n".join(f"{language}:{words}" for language, words in sorted(wording.text.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def withdraw_consent(*, number: str, reason: str, actor: Actor, at: datetime) -> ConsentCard:
    """Withdraw a consent; from this business day on it holds no more.

    :raises NotPermitted: the actor may not record consents.
    :raises NotFound: there is no such consent.
    :raises ConsentWithdrawnAlready: it was withdrawn before.
    """
    require(actor, permissions.CONSENT)
    consent = Consent.objects.filter(number=number).first()
    if (
        consent is None
        or not actor.sees_book(consent.book_id)
        or not actor.sees_party(consent.subject)
    ):
        raise NotFound(kind="consent", number=number)
    on = books.business_date(consent.book_id)
    with unit_of_work(actor=actor, at=at, book=consent.book_id, on=on) as work:
        changed = Consent.objects.filter(pk=consent.pk, withdrawn_at__isnull=True).update(
            withdrawn_at=at, withdrawn_on=on, withdrawn_reason=reason[:200]
        )
        if not changed:
            raise ConsentWithdrawnAlready(number=number)

        work.record(
            "compliance.consent_withdrawn",
            subject=consent.subject,
            consent=number,
            purpose=consent.purpose,
            recipient=consent.recipient,
        )
        work.announce(
            events.ConsentWithdrawn(
                subject=consent.subject,
                consent=number,
                purpose=consent.purpose,
                recipient=consent.recipient,
            )
        )
    consent.refresh_from_db()
    return consent_card(consent)
