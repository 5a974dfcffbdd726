"""Questions to the outbox."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from loanops.platform.outbox.event import Announced
from loanops.platform.outbox.models import Delivery, Message
from loanops.platform.outbox.pump import announced_of


def pending() -> int:
    """How many announced events are not fully delivered."""
    return Message.objects.filter(delivered_at__isnull=True).count()


def undelivered() -> set[tuple[str, str]]:
    """Books and names of the events that are not fully delivered."""
    waiting = Message.objects.filter(delivered_at__isnull=True)
    return set(waiting.values_list("book", "name").distinct())


def dead() -> int:
    """How many deliveries have used up their tries."""
    return Delivery.objects.filter(state="dead").count()


def list_delivered(
    *, after: int, until: datetime, books: Iterable[str] | None, limit: int
) -> list[Announced]:
    """Events in the order they were announced, up to the first that is not yet delivered.

    Ends where order is not yet certain: before the first undelivered event, and before ``until``,
    so that a reader who remembers the last id never misses one that commits late.
    """
    first_open = (
        Message.objects.filter(delivered_at__isnull=True).order_by("id").values_list("id").first()
    )
    found = Message.objects.filter(id__gt=after, at__lt=until)
    if first_open is not None:
        found = found.filter(id__lt=first_open[0])
    if books is not None:
        found = found.filter(book__in=list(books))
    return [announced_of(message) for message in found.order_by("id")[:limit]]
