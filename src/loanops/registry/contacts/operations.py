"""Orders to contacts: send a message, and carry it on until its end is known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound
from loanops.platform import vault
from loanops.platform.books import queries as books
from loanops.platform.db import new_number
from loanops.platform.work import Work, unit_of_work
from loanops.registry.contacts import permissions, queries
from loanops.registry.contacts.domain.lifecycle import (
    MESSAGES,
    OPEN_MESSAGES,
    MessageMove,
    MessageState,
    pause_seconds,
)
from loanops.registry.contacts.models import Message
from loanops.registry.contacts.ports import (
    CARRIERS,
    SHORT_MESSAGES,
    Answer,
    MessageOut,
    Standing,
)

log = structlog.get_logger("loanops.contacts")

CARRY: Final = "contacts.carry"
_MOVES: Final = {
    Standing.ACCEPTED: MessageMove.ACCEPT,
    Standing.DELIVERED: MessageMove.DELIVER,
    Standing.REFUSED: MessageMove.FAIL,
    Standing.MISSING: MessageMove.WAIT,
    Standing.NOT_REACHED: MessageMove.WAIT,
    Standing.UNKNOWN: MessageMove.DOUBT,
}
# For so long after its use has ended a message that was accepted is asked about.
_REPORT_WITHIN: Final = timedelta(hours=1)


def send(
    *,
    book: str,
    template: str,
    language: str,
    to: str,
    values: Mapping[str, str],
    subject: str,
    expires_at: datetime,
    actor: Actor,
    at: datetime,
) -> queries.MessageCard:
    """Write a message to a mobile (E.164) down; a job hands it to the carrier after the commit.

    After ``expires_at`` it is not handed over any more.

    :raises NotPermitted: the actor may not send.
    :raises TemplateUnknown, TemplateUnfilled: there are no such words.
    """
    require(actor, permissions.SEND)
    on = books.business_date(book)
    words = queries.get_template(template, on=on)
    text = words.fill(language, values)
    with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        row = Message.objects.create(
            number=new_number("MS", at),
            book_id=book,
            template=words.code,
            template_version=words.version,
            language=language,
            recipient_index=vault.blind_index("mobile", to),
            recipient_sealed=vault.seal("mobile", to),
            subject=subject,
            text_sealed=vault.seal("message", text),
            values_json=words.kept(values),
            state=MESSAGES.start.value,
            written_at=at,
            expires_at=expires_at,
            moved_at=at,
        )

        work.record(
            "contacts.written", subject=row.number, template=words.code, version=words.version
        )
        _come_back(work, row, after_seconds=0)
    return queries.message_card(row)


def carry(*, number: str, actor: Actor, at: datetime) -> queries.MessageCard:
    """Take a message one step on: hand it over, or ask what became of it; comes back by a job.

    Doubt is asked about before anything is sent again, and then under the same serial.

    :raises NotPermitted: the actor may not carry messages.
    :raises NotFound: there is no such message.
    """
    require(actor, permissions.CARRY)
    seen = Message.objects.filter(number=number).first()
    if seen is None:
        raise NotFound(kind="message", number=number)
    if MessageState(seen.state) not in OPEN_MESSAGES:
        return queries.message_card(seen)
    is_of_use = seen.state != MessageState.WAITING or at < seen.expires_at
    answer = _ask(seen) if is_of_use else None
    on = books.business_date(seen.book_id)
    # On disk when the block ends: the carrier has heard of it already.
    with (
        transaction.atomic(durable=True),
        unit_of_work(actor=actor, at=at, book=seen.book_id, on=on) as work,
    ):
        row = Message.objects.select_for_update().get(pk=seen.pk)
        if (row.state, row.tries) != (seen.state, seen.tries):
            work.unchanged()
            return queries.message_card(row)
        state = _after(row, answer, at)
        is_open = state in OPEN_MESSAGES
        row.tries += 1
        row.reason = answer.reason[:64] if answer else row.reason
        row.problem = answer.problem[:40] if answer else row.problem
        row.text_sealed = row.text_sealed if is_open else ""
        moved, row.state, row.moved_at = row.state != state.value, state.value, at
        row.save(update_fields=["state", "reason", "problem", "tries", "text_sealed", "moved_at"])

        if moved:
            work.record("contacts.moved", subject=number, state=state.value)
        else:
            work.unchanged()
        if is_open:
            _come_back(work, row, after_seconds=pause_seconds(row.tries))
    return queries.message_card(row)


def _after(row: Message, answer: Answer | None, at: datetime) -> MessageState:
    """How a message stands after an answer, or after its time; nobody waits for a report long."""
    before = MessageState(row.state)
    if answer is None:
        return MESSAGES.after(before, MessageMove.LAPSE)
    state = MESSAGES.after(before, _MOVES[answer.standing])
    is_late = at >= row.expires_at + _REPORT_WITHIN
    return MESSAGES.after(state, MessageMove.LAPSE) if is_late and state in OPEN_MESSAGES else state


def _ask(row: Message) -> Answer:
    """The carrier's answer, or doubt where the adapter itself fails."""
    try:
        carrier = CARRIERS[SHORT_MESSAGES]
        if row.state != MessageState.WAITING:
            return carrier.find(row.number)
        return carrier.send(
            MessageOut(
                serial=row.number,
                to=vault.unseal(row.recipient_sealed),
                text=vault.unseal(row.text_sealed),
                expires_at=row.expires_at,
            )
        )
    except Exception as error:
        log.exception("adapter_failed", error=type(error).__name__)
        return Answer(Standing.UNKNOWN, problem="adapter_failed")


def _come_back(work: Work, row: Message, *, after_seconds: int) -> None:
    work.enqueue(
        CARRY,
        key=f"{CARRY}:{row.number}:{row.tries}",
        payload={"number": row.number},
        run_at=work.at + timedelta(seconds=after_seconds),
    )
