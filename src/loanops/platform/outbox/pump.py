"""The pump: hands announced events to the reactions wired to them.

A reaction and the row that says it ran commit together, so each runs exactly once. A reaction that
fails is tried again with back-off and holds back later events of the same subject; after the last
try its delivery is dead and has a page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from loanops.kernel.access import Actor
from loanops.kernel.personal import scrubbed
from loanops.platform.db import upsert_many
from loanops.platform.outbox.event import Announced
from loanops.platform.outbox.models import Delivery, Message

Reaction = Callable[..., None]
REACTIONS: dict[str, tuple[Reaction, ...]] = {}
EVERY = "*"
ATTEMPTS_MAX = 6
BATCH = 200

log = structlog.get_logger("loanops.outbox")


def wire(reactions: Mapping[str, Sequence[Reaction]]) -> None:
    """Set which reactions follow which event; ``"*"`` follows every event."""
    REACTIONS.clear()
    REACTIONS.update({name: tuple(each) for name, each in reactions.items()})


def name_of(reaction: Reaction) -> str:
    """The stable name of a reaction: room and function."""
    room = reaction.__module__.removeprefix("loanops.").replace(".reactions", "")
    return f"{room}.{getattr(reaction, '__name__', 'reaction')}"


def announced_of(message: Message) -> Announced:
    """A stored message as a reaction receives it."""
    return Announced(
        id=message.pk,
        name=message.name,
        book=message.book,
        subject=message.subject,
        at=message.at,
        on=message.on,
        payload=json.loads(message.payload_json),
    )


def deliver(*, at: datetime, limit: int = BATCH) -> int:
    """Deliver pending events in order; returns how many messages are now fully delivered.

    Messages that wait for another try (and those behind them) are passed by, so that a hundred
    failing subjects never hold up the others.
    """
    held: set[str] = set()
    finished = last = 0
    while finished < limit:
        pending = list(
            Message.objects.filter(delivered_at__isnull=True, id__gt=last).order_by("id")[:BATCH]
        )
        if not pending:
            break
        last = pending[-1].pk
        finished += _deliver_batch(pending, held, at=at)
    return finished


def _deliver_batch(pending: list[Message], held: set[str], *, at: datetime) -> int:
    tried: dict[tuple[int, str], Delivery] = {
        (row.message_id, row.reaction): row
        for row in Delivery.objects.filter(message__in=[message.pk for message in pending])
    }
    settled = []
    for message in pending:
        reactions = (*REACTIONS.get(message.name, ()), *REACTIONS.get(EVERY, ()))
        if reactions and message.subject in held:
            continue
        if _deliver_one(message, reactions, tried, at=at):
            settled.append(message.pk)
        else:
            held.add(message.subject)
    # One update for the batch: after a crash the delivery rows say the same and it is set then.
    Message.objects.filter(id__in=settled).update(delivered_at=at)
    return len(settled)


def _deliver_one(
    message: Message,
    reactions: tuple[Reaction, ...],
    tried: Mapping[tuple[int, str], Delivery],
    *,
    at: datetime,
) -> bool:
    settled = True
    for reaction in reactions:
        row = tried.get((message.pk, name_of(reaction)))
        if row is not None and row.state in {"done", "dead"}:
            continue
        if row is not None and row.next_try_at is not None and row.next_try_at > at:
            settled = False
            continue
        settled = _react(message, reaction, row, at=at) and settled
    return settled


def _react(message: Message, reaction: Reaction, row: Delivery | None, *, at: datetime) -> bool:
    """Let one reaction have its turn; returns whether this delivery is over, well or badly."""
    name = name_of(reaction)
    try:
        with transaction.atomic():
            # The delivery row is written first: a second pump working on the same message waits
            # here and then finds the unique row, instead of running the reaction twice.
            if not _take(message, name, row):
                return _is_over(message, name)
            reaction(announced_of(message), actor=Actor.house(name), at=at)
    except Exception as error:
        return _put_off(message, name, row, error, at=at)
    return True


def _take(message: Message, name: str, row: Delivery | None) -> bool:
    if row is not None:
        seen = Delivery.objects.filter(pk=row.pk, state="waiting", attempts=row.attempts)
        return bool(seen.update(state="done"))
    return bool(
        upsert_many(
            Delivery._meta.db_table,
            ("message_id", "reaction", "state", "attempts", "last_error"),
            [(message.pk, name, "done", 1, "")],
            conflict=("message_id", "reaction"),
        )
    )


def _is_over(message: Message, name: str) -> bool:
    """What another pump has made of a delivery that we could not take."""
    return not Delivery.objects.filter(message=message, reaction=name, state="waiting").exists()


def _put_off(
    message: Message, name: str, row: Delivery | None, error: Exception, *, at: datetime
) -> bool:
    attempts = (row.attempts if row else 0) + 1
    dead = attempts >= ATTEMPTS_MAX
    state = "dead" if dead else "waiting"
    next_try_at = at + timedelta(seconds=2**attempts)
    words = scrubbed(f"{type(error).__name__}: {error}")[:2000]
    log.warning(
        "reaction_failed",
        event_name=message.name,
        reaction=name,
        attempts=attempts,
        book=message.book,
        subject=message.subject,
    )
    # Another pump that waited for our rollback may have run the reaction by now: its word counts.
    if row is None:
        noted = upsert_many(
            Delivery._meta.db_table,
            ("message_id", "reaction", "state", "attempts", "next_try_at", "last_error"),
            [(message.pk, name, state, attempts, next_try_at, words)],
            conflict=("message_id", "reaction"),
        )
    else:
        seen = Delivery.objects.filter(pk=row.pk, state="waiting", attempts=row.attempts)
        noted = seen.update(
            state=state, attempts=attempts, next_try_at=next_try_at, last_error=words
        )
    return dead if noted else _is_over(message, name)


def redrive(*, delivery: int, at: datetime) -> None:
    """Give a dead delivery another series of tries."""
    with transaction.atomic():
        row = Delivery.objects.select_for_update().get(pk=delivery, state="dead")
        Delivery.objects.filter(pk=row.pk).update(state="waiting", attempts=0, next_try_at=at)
        Message.objects.filter(pk=row.message_id).update(delivered_at=None)
