"""Questions about debit policies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from loanops.kernel.access import Viewer, require
from loanops.money.payments import permissions
from loanops.money.payments.domain.policy import DEFAULT, DebitPolicy, Policies
from loanops.money.payments.models import DebitPolicy as PolicyRow
from loanops.platform.db import fetch


@dataclass(frozen=True)
class PolicyCard:
    """One version of a channel's policy; an empty channel is every one without its own."""

    book: str
    channel: str
    number: int
    effective_from: date
    policy: DebitPolicy
    set_by: str
    set_at: datetime


def policy_card(row: PolicyRow) -> PolicyCard:
    """A policy as a card."""
    return PolicyCard(
        book=row.book_id,
        channel=row.channel,
        number=row.number,
        effective_from=row.effective_from,
        policy=DebitPolicy.from_dict(json.loads(row.policy_json)),
        set_by=row.set_by,
        set_at=row.set_at,
    )


def policies_on(*, book: str, on: date) -> Policies:
    """The policies in force on a day; for rooms that order debits."""
    found: dict[str, DebitPolicy] = {}
    # Without the ORM: every close asks, and a query set costs more than the answer.
    for channel, text in fetch(
        f"SELECT channel, policy_json FROM {PolicyRow._meta.db_table} "  # noqa: S608
        "WHERE book_id = %s AND effective_from <= %s ORDER BY effective_from, number",
        [book, on],
    ):
        found[channel] = DebitPolicy.from_dict(json.loads(text))
    return Policies(found, found.pop("", DEFAULT))


def list_policies(*, book: str, viewer: Viewer) -> list[PolicyCard]:
    """Every version of every policy of a book, newest first.

    :raises NotPermitted: the viewer may not see payments.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        return []
    rows = PolicyRow.objects.filter(book_id=book).order_by("channel", "-number")
    return [policy_card(row) for row in rows]
