"""Debit policies: set from a day on, never edited."""

from __future__ import annotations

import json
from datetime import date, datetime

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, NotFound
from loanops.money.payments import permissions
from loanops.money.payments.domain.policy import DebitPolicy, digest
from loanops.money.payments.models import DebitPolicy as PolicyRow
from loanops.money.payments.queries.policies import PolicyCard, policy_card
from loanops.platform.books import queries as books
from loanops.platform.work import unit_of_work


def set_debit_policy(
    *,
    book: str,
    channel: str,
    policy: DebitPolicy,
    effective_from: date,
    actor: Actor,
    at: datetime,
) -> PolicyCard:
    """Set how a channel debits from a day on; an empty channel means all without their own.

    :raises NotPermitted: the actor may not set debit policies.
    :raises NotFound: there is no such book in the actor's scope.
    :raises BadField: the first day is over; its debits went out under the policy before.
    """
    require(actor, permissions.SET_POLICY)
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    open_on = books.business_date(book)
    if effective_from <= open_on:
        raise BadField(
            field="effective_from",
            problem="must be after {business_date}, whose debits are ordered already",
            business_date=open_on,
        )
    with unit_of_work(actor=actor, at=at, book=book, on=open_on) as work:
        before = PolicyRow.objects.filter(book_id=book, channel=channel).order_by("-number").first()
        row = PolicyRow.objects.create(
            book_id=book,
            channel=channel,
            number=before.number + 1 if before else 1,
            effective_from=effective_from,
            policy_json=json.dumps(policy.to_dict()),
            set_at=at,
            set_by=actor.person,
        )

        work.record(
            "payments.debit_policy_set",
            subject=channel or book,
            number=row.number,
            effective_from=effective_from,
            windows=", ".join(policy.windows),
            sha256=digest(row.policy_json),
        )
    return policy_card(row)
