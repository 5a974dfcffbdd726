"""Orders about recorded decisions and reference rates."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, NotFound
from loanops.platform.books import queries as books
from loanops.platform.db import new_number
from loanops.platform.work import unit_of_work
from loanops.registry.compliance import permissions, queries
from loanops.registry.compliance.domain.refusals import (
    DecisionRevokedAlready,
    PeriodEmpty,
    RateRecordedAlready,
)
from loanops.registry.compliance.models import Decision, ReferenceRate
from loanops.registry.compliance.queries.consents import DecisionCard, decision_card


def record_decision(
    *,
    book: str,
    topic: str,
    partner: str,
    reason: str,
    document: str,
    valid_from: date,
    valid_to: date,
    actor: Actor,
    at: datetime,
) -> DecisionCard:
    """Record that compliance decided on a topic (``signing.ours``) for a partner, with dates.

    ``document`` names the paper the decision stands in; ``valid_to`` is exclusive.

    :raises NotPermitted: the actor may not decide for compliance.
    :raises BadField: topic, reason or document is empty.
    :raises PeriodEmpty: the period ends before it begins.
    """
    require(actor, permissions.DECIDE)
    for name, text in (("topic", topic), ("reason", reason), ("document", document)):
        if not text.strip():
            raise BadField(field=name, problem="write it down; a decision without it is none")
    if valid_to <= valid_from:
        raise PeriodEmpty(field="valid_to", valid_from=valid_from, valid_to=valid_to)
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        decision = Decision.objects.create(
            number=new_number("CD", at),
            book_id=book,
            topic=topic,
            partner=partner,
            reason=reason,
            document=document,
            decided_by=actor.person,
            decided_at=at,
            valid_from=valid_from,
            valid_to=valid_to,
        )

        work.record(
            "compliance.decided",
            subject=decision.number,
            topic=topic,
            partner=partner,
            valid_from=valid_from,
            valid_to=valid_to,
        )
    return decision_card(decision)


def revoke_decision(*, number: str, actor: Actor, at: datetime) -> DecisionCard:
    """Revoke a decision; from this business day on it covers nothing.

    :raises NotPermitted: the actor may not decide for compliance.
    :raises NotFound: there is no such decision.
    :raises DecisionRevokedAlready: it was revoked before.
    """
    require(actor, permissions.DECIDE)
    decision = Decision.objects.filter(number=number).first()
    if decision is None or not actor.sees_book(decision.book_id):
        raise NotFound(kind="decision", number=number)
    on = books.business_date(decision.book_id)
    with unit_of_work(actor=actor, at=at, book=decision.book_id, on=on) as work:
        revoked = Decision.objects.filter(pk=decision.pk, revoked_on__isnull=True)
        if not revoked.update(revoked_on=on):
            raise DecisionRevokedAlready(number=number)

        work.record("compliance.decision_revoked", subject=number, topic=decision.topic)
    decision.refresh_from_db()
    return decision_card(decision)


def record_reference_rate(
    *,
    book: str,
    key: str,
    rate_annual: Decimal,
    effective_from: date,
    document: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Record a published rate (``lpr_1y``) for the pack of a book, with the paper it stands in.

    The day may lie behind or ahead. Another figure for a day corrects the one before, which is
    kept; what was booked with it stays as it was booked.

    :raises NotPermitted: the actor may not record rates.
    :raises BadField: the rate is not between 0 and 1, it has no name, or no document is named.
    :raises RateRecordedAlready: this figure is recorded for that day.
    """
    require(actor, permissions.SET_RATE)
    if not 0 <= rate_annual < 1:
        raise BadField(field="rate_annual", problem="write a fraction below 1, such as 0.030")
    if not document.strip():
        raise BadField(field="document", problem="name the publication")
    if not key.strip():
        raise BadField(field="key", problem="must be given")
    pack = queries.get_pack(books.get_book(book).pack)
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        known = ReferenceRate.objects.filter(pack=pack.code, key=key, effective_from=effective_from)
        last = known.order_by("-id").first()
        if last is not None and last.rate_annual == rate_annual:
            raise RateRecordedAlready(key=key, effective_from=effective_from)
        ReferenceRate.objects.create(
            pack=pack.code,
            key=key,
            rate_annual=rate_annual,
            effective_from=effective_from,
            document=document,
            recorded_at=at,
            recorded_by=actor.person,
        )

        work.record(
            "compliance.rate_recorded",
            subject=key,
            rate_annual=rate_annual,
            effective_from=effective_from,
            document=document,
        )
