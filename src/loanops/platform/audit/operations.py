"""Orders to the audit: seal what has been written since the last seal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import transaction

from loanops.kernel.access import Actor, require
from loanops.platform.audit import chain, permissions
from loanops.platform.audit.models import Entry, Seal


def anchor() -> chain.Anchor:
    """The anchor of this installation."""
    return chain.Anchor(settings.HOME / "anchors" / "audit.txt")


def lines_of(entries: Iterator[Entry]) -> Iterator[str]:
    """Entries as canonical lines."""
    for entry in entries:
        yield chain.entry_line(
            entry_id=entry.pk,
            at=entry.at,
            on=entry.on.isoformat(),
            book=entry.book,
            actor=entry.actor,
            code=entry.code,
            subject=entry.subject,
            values=entry.values_json,
        )


def seal(*, actor: Actor, at: datetime) -> int:
    """Seal every unsealed entry, batch by batch; returns how many were sealed.

    :raises NotPermitted: the actor may not seal.
    """
    require(actor, permissions.SEAL)
    sealed = 0
    while count := _seal_batch(at=at):
        sealed += count
    return sealed


def _seal_batch(*, at: datetime) -> int:
    with transaction.atomic():
        previous = Seal.objects.select_for_update().order_by("-id").first()
        ids = list(
            Entry.objects.filter(seal__isnull=True)
            .order_by("id")
            .values_list("id", flat=True)[: chain.BATCH]
        )
        if not ids:
            return 0
        batch = Entry.objects.filter(seal__isnull=True, id__range=(ids[0], ids[-1])).order_by("id")
        before = previous.hash if previous else chain.GENESIS
        rows = list(batch)
        made = Seal.objects.create(
            sealed_at=at,
            entries=len(rows),
            previous_hash=before,
            hash=chain.batch_hash(before, lines_of(iter(rows))),
        )
        batch.update(seal=made)
    anchor().append(made.pk, made.hash)
    return len(rows)
