"""The runner: claims jobs by lease, runs them, and finishes them.

A claim is a conditional update guarded by state and lease, so any number of threads and processes
may run beside each other. A worker that dies leaves a lease that ends; the sweep counts the crash
as an attempt and lets the job run again. A worker that wakes up after its lease has ended finds
that its token no longer fits and cannot finish the job: effects must be idempotent.

Two clocks: a job falls due by the clock of the windows (``at``), which a story may set; a lease is
kept by the clock of the database, the one clock that all workers share.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from croniter import croniter
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models.functions import Now

from loanops.kernel.access import Actor
from loanops.kernel.personal import scrubbed
from loanops.platform.db import upsert_many
from loanops.platform.jobs.models import Job, Schedule

Handler = Callable[..., None]
Clock = Callable[[], datetime]
HANDLERS: dict[str, Handler] = {}
TOGETHER: dict[str, Handler] = {}
BACK_OFF_MAX_SECONDS = 3600

log = structlog.get_logger("loanops.jobs")


def wire(handlers: Mapping[str, Handler], together: Mapping[str, Handler] | None = None) -> None:
    """Set which function runs which job name, and which runs many waiting jobs of a name at once.

    A twin for many gets the list of payloads where the other gets one.
    """
    HANDLERS.clear()
    HANDLERS.update(handlers)
    TOGETHER.clear()
    TOGETHER.update(together or {})


@dataclass(frozen=True)
class Claimed:
    """A job that this worker holds until its lease ends; ``since`` is on the monotonic clock."""

    id: int
    name: str
    payload: dict[str, Any]
    attempts: int
    attempts_max: int
    token: str
    since: float


def lease() -> timedelta:
    """How long a worker may be silent before its jobs are taken back."""
    return timedelta(seconds=settings.ENVIRONMENT.job_lease_seconds)


def sweep(*, at: datetime) -> int:
    """Take back jobs whose lease has ended; a job out of attempts is dead. Returns how many.

    A worker claims several jobs and runs them in order, so of those that it held only the first
    was begun: a job that takes its worker with it uses up its own attempts, not its neighbours'.
    """
    expired = Job.objects.filter(state="running", lease_until__lt=Now())
    # Looking first takes no lock: an idle worker must not queue for SQLite's one writer.
    tokens = list(expired.values_list("lease_token", flat=True).distinct())
    if not tokens:
        return 0
    with transaction.atomic():
        begun: dict[str, int] = {}
        held = Job.objects.filter(state="running", lease_token__in=tokens).order_by("run_at", "id")
        for pk, token in held.values_list("id", "lease_token"):
            begun.setdefault(token, pk)
        tried = expired.filter(id__in=begun.values())
        dead = tried.filter(attempts__gte=models.F("attempts_max")).update(
            state="dead", lease_token="", last_error="The worker died in its last attempt."
        )
        back = {"state": "waiting", "lease_token": "", "run_at": at}
        tried_again = tried.update(**back)
        untried = (
            expired.filter(lease_token__in=tokens)
            .exclude(id__in=begun.values())
            .update(**back, attempts=models.F("attempts") - 1)
        )
    return dead + tried_again + untried


def claim(*, at: datetime, queue: str = "default", limit: int = 1) -> list[Claimed]:
    """Take up to ``limit`` due jobs; each is held for one lease."""
    due = Job.objects.filter(state="waiting", queue=queue, run_at__lte=at).order_by("run_at")
    if not due.exists():
        return []
    token = secrets.token_hex(16)
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        ids = list(due.values_list("id", flat=True)[:limit])
        taken = Job.objects.filter(id__in=ids)
        taken.filter(state="waiting").update(
            state="running",
            attempts=models.F("attempts") + 1,
            lease_until=Now() + lease(),
            lease_token=token,
        )
        held = list(taken.filter(lease_token=token).order_by("run_at", "id"))
    since = time.monotonic()
    return [_claimed(job, token, since) for job in held]


def _claimed(job: Job, token: str, since: float) -> Claimed:
    payload = json.loads(job.payload_json)
    return Claimed(job.pk, job.name, payload, job.attempts, job.attempts_max, token, since)


def release(jobs: Iterable[Claimed]) -> None:
    """Give back jobs that were claimed and not begun; they do not count as tried."""
    for job in jobs:
        Job.objects.filter(pk=job.id, lease_token=job.token).update(
            state="waiting",
            attempts=models.F("attempts") - 1,
            lease_until=None,
            lease_token="",
        )


def run_one(job: Claimed, *, clock: Clock) -> bool:
    """Run a claimed job to its end; returns whether it succeeded."""
    if not _is_ours(job):
        return False
    handler = HANDLERS.get(job.name)
    begun = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    try:
        if handler is None:
            raise LookupError(f"no handler is wired for the job {job.name}")
        with _heartbeat(job):
            handler(job.payload, actor=Actor.house(job.name), at=clock())
    except Exception as error:
        _put_off(job, error, at=clock())
        return False
    log.info(
        "job_done", job=job.name, job_id=job.id, ms=round((time.perf_counter() - begun) * 1000, 1)
    )
    Job.objects.filter(pk=job.id, lease_token=job.token).update(**_done(clock()))
    return True


def batches(jobs: Sequence[Claimed]) -> list[list[Claimed]]:
    """Claimed jobs as they are run: those of a name that has a twin for many together.

    One that was tried before runs alone, so that what kills a worker is soon found out.
    """
    found: dict[str, list[Claimed]] = {}
    for job in jobs:
        together = job.name in TOGETHER and job.attempts == 1
        found.setdefault(job.name if together else f"{job.name}:{job.id}", []).append(job)
    return list(found.values())


def run_batch(jobs: Sequence[Claimed], *, clock: Clock) -> None:
    """Run a batch to its end. Many that fail together are run one by one, each to its own end."""
    if len(jobs) == 1 or not _run_together(jobs, clock):
        for job in jobs:
            run_one(job, clock=clock)


def _run_together(jobs: Sequence[Claimed], clock: Clock) -> bool:
    name = jobs[0].name
    if not all(_is_ours(job) for job in jobs):
        return False
    begun = time.perf_counter()
    try:
        with ExitStack() as kept:
            for job in jobs:
                kept.enter_context(_heartbeat(job))
            payloads = [job.payload for job in jobs]
            TOGETHER[name](payloads, actor=Actor.house(name), at=clock())
    except Exception as error:
        log.warning("jobs_failed_together", job=name, jobs=len(jobs), error=type(error).__name__)
        return False
    log.info(
        "jobs_done", job=name, jobs=len(jobs), ms=round((time.perf_counter() - begun) * 1000, 1)
    )
    Job.objects.filter(id__in=[job.id for job in jobs], lease_token=jobs[0].token).update(
        **_done(clock())
    )
    return True


def _done(at: datetime) -> dict[str, Any]:
    return {
        "state": "done",
        "lease_until": None,
        "lease_token": "",
        "finished_at": at,
        "last_error": "",
    }


def _is_ours(job: Claimed) -> bool:
    """Whether we still hold a job of a batch that has waited for the ones before it."""
    if time.monotonic() - job.since < lease().total_seconds() / 2:
        return True
    return _prolonged(job)


def _prolonged(job: Claimed) -> bool:
    held = Job.objects.filter(pk=job.id, lease_token=job.token)
    return bool(held.update(lease_until=Now() + lease()))


@contextmanager
def _heartbeat(job: Claimed) -> Iterator[None]:
    """Prolong the lease of a long job from a thread of its own, until it ends."""
    ended = threading.Event()
    pause = lease().total_seconds() / 3

    def beat() -> None:
        try:
            while not ended.is_set() and _prolonged(job):
                ended.wait(pause)
        finally:
            connection.close()

    # A timer, so that the many jobs that end at once never start a thread that does anything.
    starter = threading.Timer(pause, beat)
    starter.daemon = True
    starter.start()
    try:
        yield
    finally:
        ended.set()
        starter.cancel()


def _put_off(job: Claimed, error: Exception, *, at: datetime) -> None:
    dead = job.attempts >= job.attempts_max
    wait = min(2**job.attempts, BACK_OFF_MAX_SECONDS)
    Job.objects.filter(pk=job.id, lease_token=job.token).update(
        state="dead" if dead else "waiting",
        run_at=at + timedelta(seconds=wait),
        lease_until=None,
        lease_token="",
        last_error=scrubbed(f"{type(error).__name__}: {error}")[:2000],
    )
    log.warning("job_failed", job=job.name, job_id=job.id, attempts=job.attempts, dead=dead)


def tick(*, at: datetime) -> int:
    """Enqueue the jobs of every cron row whose moment has come; returns how many."""
    fired = 0
    for row in Schedule.objects.filter(active=True, next_at__lte=at).order_by("id"):
        upcoming = croniter(row.cron, at).get_next(datetime)
        with transaction.atomic():
            # The slot is in the key, so two processes that tick at once enqueue one job.
            fired += upsert_many(
                Job._meta.db_table,
                JOB_COLUMNS,
                [job_row(row.job, key=f"cron:{row.name}:{row.next_at.isoformat()}", run_at=at)],
                conflict=("key",),
            )
            Schedule.objects.filter(pk=row.pk, next_at=row.next_at).update(next_at=upcoming)
    return fired


JOB_COLUMNS = (
    "name",
    "key",
    "queue",
    "payload_json",
    "run_at",
    "state",
    "attempts",
    "attempts_max",
    "lease_token",
    "last_error",
)


def job_row(
    name: str,
    *,
    key: str,
    run_at: datetime,
    payload: Mapping[str, Any] | None = None,
    queue: str = "default",
) -> tuple[Any, ...]:
    """The values of a new waiting job, in the order of ``JOB_COLUMNS``."""
    return name, key, queue, json.dumps(payload or {}), run_at, "waiting", 0, 8, "", ""


def plan(schedules: Mapping[str, tuple[str, str]], *, at: datetime) -> None:
    """Make the cron rows ``{name: (cron, job)}`` exist; a changed one takes effect at once."""
    for name, (cron, job) in schedules.items():
        upcoming = croniter(cron, at).get_next(datetime)
        row, made = Schedule.objects.get_or_create(
            name=name, defaults={"cron": cron, "job": job, "next_at": upcoming}
        )
        if not made and (row.cron, row.job) != (cron, job):
            Schedule.objects.filter(pk=row.pk).update(cron=cron, job=job, next_at=upcoming)
