"""Tables of the job queue."""

from django.db import models


class Job(models.Model):
    """One piece of work, held by a lease while a worker runs it."""

    name = models.CharField(max_length=80)
    key = models.CharField(max_length=160, unique=True)
    queue = models.CharField(max_length=20, default="default")
    payload_json = models.TextField()
    run_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="waiting")
    attempts = models.PositiveSmallIntegerField(default=0)
    attempts_max = models.PositiveSmallIntegerField(default=8)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, default="")
    last_error = models.TextField(default="")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "running", "done", "dead"]),
                name="jobs_job_state",
            )
        ]
        indexes = [
            models.Index(
                fields=["queue", "run_at"],
                condition=models.Q(state="waiting"),
                name="jobs_job_waiting",
            ),
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state="running"),
                name="jobs_job_running",
            ),
            models.Index(fields=["id"], condition=models.Q(state="dead"), name="jobs_job_dead"),
        ]


class Schedule(models.Model):
    """A cron row: when ``next_at`` has come, its job is enqueued once for that slot."""

    name = models.CharField(max_length=80, unique=True)
    cron = models.CharField(max_length=60)
    job = models.CharField(max_length=80)
    next_at = models.DateTimeField()
    active = models.BooleanField(default=True)
