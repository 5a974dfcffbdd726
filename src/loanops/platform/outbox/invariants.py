"""INV-11, the outbox: no delivery given up without somebody who was told.

The bound on waiting is a parameter, which stands above this room: see the invariants of webhooks.
"""

from __future__ import annotations

from collections.abc import Iterator

from loanops.platform.audit import Check, Violation
from loanops.platform.outbox.models import Delivery


def dead() -> Iterator[Violation]:
    """Deliveries out of tries: somebody must look at them."""
    for row in Delivery.objects.filter(state="dead").select_related("message").order_by("id"):
        yield Violation(
            code="INV-11",
            object=f"delivery {row.pk} of {row.message.name} to {row.reaction}",
            expected="done",
            found="dead",
            hint="mend the cause and put it back on the page of jobs",
            severity="warning",
        )


def half_delivered() -> Iterator[Violation]:
    """Events marked as delivered while a reaction still waits: nobody would look again."""
    waiting = Delivery.objects.filter(state="waiting", message__delivered_at__isnull=False)
    for row in waiting.select_related("message").order_by("id"):
        yield Violation(
            code="INV-11",
            object=f"delivery {row.pk} of {row.message.name} to {row.reaction}",
            expected="its event undelivered",
            found="its event marked as delivered",
            hint="the mark was set by hand",
        )


CHECKS = (
    Check(code="INV-11", statement="No delivery is dead.", find=dead),
    Check(
        code="INV-11", statement="A delivered event has no waiting reaction.", find=half_delivered
    ),
)
