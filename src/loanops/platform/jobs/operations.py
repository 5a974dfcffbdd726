"""Orders of people to the job queue.

The queue itself stands below `work`, so these two are witnessed directly in the audit.
"""

from __future__ import annotations

import json
from datetime import datetime

from django.db import transaction

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound
from loanops.platform.audit.models import Entry
from loanops.platform.jobs import permissions
from loanops.platform.jobs.models import Job
from loanops.platform.outbox import pump
from loanops.platform.outbox.models import Delivery


def _record(
    code: str, subject: str, values: dict[str, object], *, actor: Actor, at: datetime
) -> None:
    Entry.objects.create(
        at=at,
        on=at.date(),
        book="",
        actor=actor.person,
        code=code,
        subject=subject,
        values_json=json.dumps(values, sort_keys=True, separators=(",", ":")),
    )


def retry(*, job: int, actor: Actor, at: datetime) -> None:
    """Put a dead job back into the queue with fresh attempts.

    :raises NotPermitted: the actor may not retry jobs.
    :raises NotFound: there is no such dead job.
    """
    require(actor, permissions.RETRY)
    with transaction.atomic():
        found = Job.objects.filter(pk=job, state="dead")
        if not found.update(state="waiting", attempts=0, run_at=at, lease_until=None):
            raise NotFound(kind="dead job", number=job)
        _record("jobs.retried", f"job:{job}", {}, actor=actor, at=at)


def redrive(*, delivery: int, actor: Actor, at: datetime) -> None:
    """Put a dead delivery back into the queue with fresh attempts.

    :raises NotPermitted: the actor may not retry deliveries.
    :raises NotFound: there is no such dead delivery.
    """
    require(actor, permissions.RETRY)
    with transaction.atomic():
        if not Delivery.objects.filter(pk=delivery, state="dead").exists():
            raise NotFound(kind="dead delivery", number=delivery)
        pump.redrive(delivery=delivery, at=at)
        _record("outbox.redriven", f"delivery:{delivery}", {}, actor=actor, at=at)
