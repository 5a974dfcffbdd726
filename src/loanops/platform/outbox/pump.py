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
    """Deliver pending events in order; returns how many messages are now fully delivered."""
    pending = list(Message.objects.filter(delivered_at__isnull=True).order_by("id")[:limit])
    if not pending:
        return 0
    tried: dict[tuple[int, str], Delivery] = {
        (row.message_id, row.reaction): row
        for row in Delivery.objects.filter(message__in=[message.pk for message in pending])
    }
    held: set[str] = set()
    quiet: list[int] = []
    finished = 0
    for message in pending:
        reactions = (*REACTIONS.get(message.name, ()), *REACTIONS.get(EVERY, ()))
        if not reactions:
            quiet.append(message.pk)
            continue
        if message.subject in held:
            continue
        if _deliver_one(message, reactions, tried, at=at):
            finished += 1
        else:
            held.add(message.subject)
    Message.objects.filter(id__in=quiet).update(delivered_at=at)
    return finished + len(quiet)


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
    if settled:
        Message.objects.filter(pk=message.pk).update(delivered_at=at)
    return settled


def _react(message: Message, reaction: Reaction, row: Delivery | None, *, at: datetime) -> bool:
    name = name_of(reaction)
    try:
        with transaction.atomic():
            # The delivery row is written first: a second pump working on the same message waits
            # here and then finds the unique row, instead of running the reaction twice.
            if row is None:
                taken = upsert_many(
                    Delivery._meta.db_table,
                    ("message_id", "reaction", "state", "attempts", "last_error"),
                    [(message.pk, name, "done", 1, "")],
                    conflict=("message_id", "reaction"),
                )
            else:
                taken = Delivery.objects.filter(pk=row.pk, state="waiting").update(state="done")
            if not taken:
                return True
            reaction(announced_of(message), actor=Actor.house(name), at=at)
    except Exception as error:
        return _put_off(message, name, row, error, at=at)
    return True


def _put_off(
    message: Message, name: str, row: Delivery | None, error: Exception, *, at: datetime
) -> bool:
    attempts = (row.attempts if row else 0) + 1
    dead = attempts >= ATTEMPTS_MAX
    Delivery.objects.update_or_create(
        message=message,
        reaction=name,
        defaults={
            "state": "dead" if dead else "waiting",
            "attempts": attempts,
            "next_try_at": at + timedelta(seconds=2**attempts),
            "last_error": f"{type(error).__name__}: {error}"[:2000],
        },
    )
    log.warning("reaction_failed", event_name=message.name, reaction=name, attempts=attempts)
    return dead


def redrive(*, delivery: int, at: datetime) -> None:
    """Give a dead delivery another series of tries."""
    with transaction.atomic():
        row = Delivery.objects.select_for_update().get(pk=delivery, state="dead")
        Delivery.objects.filter(pk=row.pk).update(state="waiting", attempts=0, next_try_at=at)
        Message.objects.filter(pk=row.message_id).update(delivered_at=None)
