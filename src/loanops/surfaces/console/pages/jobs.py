"""Pages of the job queue: what waits, what runs, what is dead."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from loanops.platform.jobs import operations, permissions, queries
from loanops.platform.web import clock
from loanops.surfaces.console.pages.shell import ConsoleRequest, done, order, page, render

STATES = ("dead", "waiting", "running", "done")


@page(permissions.VIEW)
def jobs(request: ConsoleRequest) -> HttpResponse:
    """Jobs in one state, deliveries that have not succeeded, and the cron rows."""
    state = request.GET.get("state", "dead")
    chosen = state if state in STATES else "dead"
    context = {
        "states": STATES,
        "state": chosen,
        "counts": queries.open_counts(viewer=request.actor),
        "jobs": queries.list_jobs(state=chosen, viewer=request.actor),
        "deliveries": queries.list_unfinished_deliveries(viewer=request.actor),
        "schedules": queries.list_schedules(viewer=request.actor),
        "may_retry": request.actor.may(permissions.RETRY),
    }
    return render(request, "console/jobs/jobs.html", context)


@order(permissions.RETRY)
def retry(request: ConsoleRequest, job: int) -> HttpResponse:
    """Put a dead job back into the queue."""
    operations.retry(job=job, actor=request.actor, at=clock.now())
    return done(request, _("The job is back in the queue."), "console:jobs")


@order(permissions.RETRY)
def redrive(request: ConsoleRequest, delivery: int) -> HttpResponse:
    """Put a dead delivery back into the queue."""
    operations.redrive(delivery=delivery, actor=request.actor, at=clock.now())
    return done(request, _("The delivery is back in the queue."), "console:jobs")
