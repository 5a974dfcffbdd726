"""Questions to the job queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from loanops.kernel.access import Viewer, require
from loanops.platform.jobs import permissions
from loanops.platform.jobs.models import Job, Schedule
from loanops.platform.outbox.models import Delivery

PAGE = 100
OPEN_STATES = ("waiting", "running", "dead")


@dataclass(frozen=True)
class JobCard:
    """One job as its page shows it; the payload holds numbers only, never personal data."""

    id: int
    name: str
    state: str
    attempts: int
    attempts_max: int
    run_at: datetime
    finished_at: datetime | None
    last_error: str
    payload_json: str


@dataclass(frozen=True)
class DeliveryCard:
    """One reaction's turn on one event that has not succeeded yet."""

    id: int
    event: str
    subject: str
    reaction: str
    state: str
    attempts: int
    next_try_at: datetime | None
    last_error: str


@dataclass(frozen=True)
class ScheduleCard:
    """One cron row."""

    name: str
    cron: str
    job: str
    next_at: datetime
    active: bool


def counts(*, viewer: Viewer) -> dict[str, int]:
    """How many jobs are in each state.

    :raises NotPermitted: the viewer may not see jobs.
    """
    require(viewer, permissions.VIEW)
    found = dict(Job.objects.values_list("state").annotate(Count("id")))
    return {state: found.get(state, 0) for state in ("waiting", "running", "done", "dead")}


def open_counts(*, viewer: Viewer) -> dict[str, int]:
    """How many jobs are waiting, running or dead; finished ones are not counted.

    :raises NotPermitted: the viewer may not see jobs.
    """
    require(viewer, permissions.VIEW)
    return {state: Job.objects.filter(state=state).count() for state in OPEN_STATES}


def figures() -> dict[str, int]:
    """How many jobs are waiting, running or dead, as bare figures for monitoring."""
    return {state: Job.objects.filter(state=state).count() for state in OPEN_STATES}


def is_pending(name: str) -> bool:
    """Whether a job of a name waits or runs."""
    return Job.objects.filter(state__in=["waiting", "running"], name=name).exists()


def count_dead(*, viewer: Viewer) -> int:
    """How many jobs and deliveries have used up their attempts.

    :raises NotPermitted: the viewer may not see jobs.
    """
    require(viewer, permissions.VIEW)
    jobs = Job.objects.filter(state="dead").count()
    return jobs + Delivery.objects.filter(state="dead").count()


def list_unfinished_deliveries(*, viewer: Viewer) -> list[DeliveryCard]:
    """The newest deliveries that are dead or wait for another try.

    :raises NotPermitted: the viewer may not see jobs.
    """
    require(viewer, permissions.VIEW)
    rows = Delivery.objects.exclude(state="done").select_related("message").order_by("-id")
    return [
        DeliveryCard(
            id=row.pk,
            event=row.message.name,
            subject=row.message.subject,
            reaction=row.reaction,
            state=row.state,
            attempts=row.attempts,
            next_try_at=row.next_try_at,
            last_error=row.last_error,
        )
        for row in rows[:PAGE]
    ]


def list_jobs(*, state: str, viewer: Viewer) -> list[JobCard]:
    """The newest jobs in a state.

    :raises NotPermitted: the viewer may not see jobs.
    """
    require(viewer, permissions.VIEW)
    rows = Job.objects.order_by("-id")
    if state:
        rows = rows.filter(state=state)
    return [
        JobCard(
            id=row.pk,
            name=row.name,
            state=row.state,
            attempts=row.attempts,
            attempts_max=row.attempts_max,
            run_at=row.run_at,
            finished_at=row.finished_at,
            last_error=row.last_error,
            payload_json=row.payload_json,
        )
        for row in rows[:PAGE]
    ]


def list_schedules(*, viewer: Viewer) -> list[ScheduleCard]:
    """Every cron row.

    :raises NotPermitted: the viewer may not see jobs.
    """
    require(viewer, permissions.VIEW)
    return [
        ScheduleCard(row.name, row.cron, row.job, row.next_at, row.active)
        for row in Schedule.objects.order_by("name")
    ]
