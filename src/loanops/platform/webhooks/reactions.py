"""What follows an event: a row for each subscription that wants it, and the job that posts it.

The row, its place in the sequence and the job commit together with the delivery of the event;
the posting itself is a job, because no reaction waits for somebody else's server.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from standardwebhooks.webhooks import Webhook

from loanops.kernel.access import Actor
from loanops.kernel.refusals import BadField
from loanops.platform import vault
from loanops.platform.db import lock
from loanops.platform.identity import queries as identity
from loanops.platform.outbox import Announced
from loanops.platform.webhooks import addresses, queries, sending
from loanops.platform.webhooks.models import Posting, Subscription
from loanops.platform.webhooks.visibility import (
    Owned,
    Reader,
    matches,
    owners_for,
    sees_book,
    visible,
)
from loanops.platform.work import Work, unit_of_work
from loanops.platform.work.unit import canonical

JOB = "webhooks.post"
GONE = 410
# Seconds to the next try, about three days in all; then the posting has failed.
TRIES = (5, 30, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)


def queue(announced: Announced, *, actor: Actor, at: datetime) -> None:
    """Queue an event for every subscription that wants it and may see it."""
    asking = [
        row
        for row in Subscription.objects.filter(state="active").order_by("id")
        if matches(announced.name, row.events) and sees_book(announced, _reader(row))
    ]
    # Whose it is does not depend on who asks: one partner's question answers for all.
    partner = next((row for row in asking if row.partner), None)
    owned = owners_for(_reader(partner), [announced]) if partner else {}
    wanted = [row for row in asking if visible(announced, _reader(row), owned) is not None]
    if not wanted:
        return
    with unit_of_work(actor=actor, at=at, book=announced.book, on=announced.on) as work:
        # The lock makes sequences dense where several pumps deliver at once.
        lock(Subscription._meta.db_table, [row.pk for row in wanted])
        for row in Subscription.objects.filter(id__in=[row.pk for row in wanted]).order_by("id"):
            _queue_one(work, row, announced, owned)


def _reader(row: Subscription) -> Reader:
    return Reader(None if row.books is None else frozenset(row.books), row.partner)


def _queue_one(work: Work, row: Subscription, announced: Announced, owned: Owned) -> None:
    sequence = row.last_sequence + 1
    card = queries.event_card(announced, visible(announced, _reader(row), owned) or {})
    body = canonical({**asdict(card), "subscription": row.number, "sequence": sequence})
    posting = Posting.objects.create(
        subscription=row, sequence=sequence, message_id=announced.id, body=body
    )
    Subscription.objects.filter(pk=row.pk).update(last_sequence=sequence)
    work.record(
        "webhooks.queued", subject=row.number, event=queries.event_id(announced.id),
        sequence=sequence,
    )  # fmt: skip
    _enqueue(work, posting, row.number, run_at=work.at)


def _enqueue(work: Work, posting: Posting, number: str, *, run_at: datetime) -> None:
    work.enqueue(
        JOB,
        key=f"webhook:{number}:{posting.sequence}:{posting.attempts}",
        payload={"posting": posting.pk},
        run_at=run_at,
    )


def post(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """The job: post one event, and settle it, put it off, or give it up."""
    posting = Posting.objects.select_related("subscription", "message").get(pk=payload["posting"])
    if posting.state != "waiting":
        return
    row = posting.subscription
    reason = _why_not(row)
    status, error = (None, "") if reason else _send(posting, row, at=at)
    message = posting.message
    with unit_of_work(actor=actor, at=at, book=message.book, on=message.on) as work:
        # Whoever settles the attempt first settles it; a doubled job changes nothing.
        mine = Posting.objects.filter(pk=posting.pk, state="waiting", attempts=posting.attempts)
        if reason:
            _settle(work, mine, posting, "dropped", "webhooks.dropped", reason=reason)
        elif status is not None and 200 <= status < 300:
            _settle(work, mine, posting, "delivered", "webhooks.posted", status=status)
        else:
            _put_off(work, mine, posting, status, error)


def _why_not(row: Subscription) -> str:
    """Why nothing may be posted any more; empty where it may."""
    if row.state != "active":
        return "disabled"
    prefix = row.owner.removeprefix("key:")
    return "key revoked" if prefix != row.owner and not identity.is_live_key(prefix) else ""


def _send(posting: Posting, row: Subscription, *, at: datetime) -> tuple[int | None, str]:
    body = posting.body
    name = json.loads(body)["id"]
    # A signature is checked against real time, whatever story the clock of the windows tells.
    moment = datetime.fromtimestamp(int(time.time()), tz=UTC)
    keys = [row.secret]
    if row.secret_before and row.secret_before_until is not None and row.secret_before_until > at:
        keys.append(row.secret_before)
    signatures = [Webhook(vault.unseal(key)).sign(name, moment, body) for key in keys]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "LoanOps-Webhooks/1",
        "webhook-id": name,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    try:
        return sending.post(addresses.target_of(row.url), body.encode(), headers), ""
    except sending.Unanswered as error:
        return None, f"no answer: {error}"
    except (addresses.Forbidden, BadField):
        return None, "the address is not on the open internet"


def _settle(
    work: Work, mine: Any, posting: Posting, state: str, code: str, **values: object
) -> None:
    status = values.get("status")
    if mine.update(
        state=state, attempts=posting.attempts + 1, last_status=status, settled_at=work.at
    ):
        number = posting.subscription.number
        work.record(code, subject=number, sequence=posting.sequence, **values)
    else:
        work.unchanged()


def _put_off(work: Work, mine: Any, posting: Posting, status: int | None, error: str) -> None:
    row, attempts = posting.subscription, posting.attempts + 1
    is_over = status == GONE or attempts > len(TRIES)
    noted = mine.update(
        state="failed" if is_over else "waiting",
        attempts=attempts,
        last_status=status,
        last_error=(error or f"answered {status}")[:200],
        settled_at=work.at if is_over else None,
    )
    if not noted:
        work.unchanged()
        return
    posting.attempts = attempts
    work.record("webhooks.put_off", subject=row.number, sequence=posting.sequence, attempt=attempts)
    if status == GONE:
        Subscription.objects.filter(pk=row.pk).update(state="disabled", reason="gone")
        work.record("webhooks.disabled", subject=row.number, reason="gone")
    elif not is_over:
        _enqueue(work, posting, row.number, run_at=work.at + timedelta(seconds=TRIES[attempts - 1]))
