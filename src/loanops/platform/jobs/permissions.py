"""Grants of the job queue."""

VIEW = "jobs.view"
RETRY = "jobs.retry"
