"""INV-11, the queue: no job stuck, none dead without somebody who was told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from loanops.platform.audit import Check, Violation
from loanops.platform.jobs.models import Job

# A lease that ended so long ago was swept by nobody: no worker runs.
UNSWEPT_BOUND = timedelta(minutes=10)


def stuck() -> Iterator[Violation]:
    """Jobs whose worker died and that nobody took back."""
    for row in Job.objects.filter(state="running", lease_until__lt=Now() - UNSWEPT_BOUND):
        yield Violation(
            code="INV-11",
            object=f"job {row.pk} {row.name}",
            expected=f"taken back within {UNSWEPT_BOUND} of its lease",
            found=f"leased until {row.lease_until}",
            hint="no worker runs: start `loanops worker`",
            severity="warning",
        )


def unheld() -> Iterator[Violation]:
    """Running jobs without a lease, which no sweep would ever find."""
    without = Q(lease_until__isnull=True) | Q(lease_token="")
    for row in Job.objects.filter(without, state="running").order_by("id"):
        yield Violation(
            code="INV-11",
            object=f"job {row.pk} {row.name}",
            expected="a lease while it runs",
            found="none",
            hint="the row was changed by hand; set its state to waiting",
        )


def dead() -> Iterator[Violation]:
    """Jobs out of attempts: somebody must look at them."""
    for row in Job.objects.filter(state="dead").order_by("id"):
        yield Violation(
            code="INV-11",
            object=f"job {row.pk} {row.name}",
            expected="done",
            found=f"dead after {row.attempts} attempts",
            hint="mend the cause and put it back on the page of jobs",
            severity="warning",
        )


CHECKS = (
    Check(code="INV-11", statement="No job is stuck with a dead worker.", find=stuck),
    Check(code="INV-11", statement="A running job has a lease.", find=unheld),
    Check(code="INV-11", statement="No job is dead.", find=dead),
)
