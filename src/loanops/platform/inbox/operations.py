"""The two doors for what comes from outside: a command and a notification."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from loanops.kernel.refusals import BadField, KeyReused
from loanops.platform.db import upsert_many
from loanops.platform.inbox.models import Answer, Notification
from loanops.platform.work.unit import canonical

KEY_LETTERS_MAX = 128


@dataclass(frozen=True)
class Reply:
    """What a command was answered: an HTTP status and plain values."""

    status: int
    body: dict[str, Any]


def content_hash(content: Mapping[str, Any]) -> str:
    """The digest by which two contents are told apart."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def once(
    *,
    source: str,
    key: str,
    content: Mapping[str, Any],
    at: datetime,
    do: Callable[[], Reply],
) -> tuple[Reply, bool]:
    """Carry out a command once and keep its answer; returns the answer and whether it is kept.

    The answer commits with the command's effect. A refusal is not kept: the sender may mend the
    content and use the key again.

    :raises KeyReused: the key was used with other content.
    :raises BadField: the key is empty or too long.
    """
    if not key or len(key) > KEY_LETTERS_MAX or not key.isprintable():
        raise BadField(field="Idempotency-Key", problem="send 1 to 128 printable characters")
    digest = content_hash(content)
    with transaction.atomic():
        # Reserving the key first makes a concurrent twin wait for this transaction.
        reserved = upsert_many(
            Answer._meta.db_table,
            ("source", "key", "content_hash", "status", "answer_json", "at"),
            [(source, key, digest, 0, "{}", at)],
            conflict=("source", "key"),
        )
        if not reserved:
            kept = Answer.objects.get(source=source, key=key)
            if kept.content_hash != digest:
                raise KeyReused(key=key)
            return Reply(kept.status, json.loads(kept.answer_json)), True
        reply = do()
        Answer.objects.filter(source=source, key=key).update(
            status=reply.status, answer_json=canonical(reply.body)
        )
    return reply, False


def keep(*, source: str, key: str, raw: str, at: datetime) -> bool:
    """Keep a notification as it arrived; returns whether it is new."""
    digest = hashlib.sha256(raw.encode()).hexdigest()
    made = upsert_many(
        Notification._meta.db_table,
        ("source", "key", "content_hash", "raw", "at"),
        [(source, key[:KEY_LETTERS_MAX], digest, raw, at)],
        conflict=("source", "key", "content_hash"),
    )
    return bool(made)
