"""INV-27: what was posted is what was announced, in a sequence without gaps.

And INV-11 for what was announced and did not arrive anywhere within its bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, F, Max, Min, Q

from loanops.platform.audit import Check, Violation
from loanops.platform.outbox.models import Message
from loanops.platform.parameters import queries as parameters
from loanops.platform.webhooks.models import Posting, Subscription


def gaps() -> Iterator[Violation]:
    """Subscriptions whose sequence has a gap, or ends elsewhere than the counter says."""
    counters = dict(Subscription.objects.values_list("id", "last_sequence"))
    numbers = dict(Subscription.objects.values_list("id", "number"))
    found = {
        row["subscription_id"]: row
        for row in Posting.objects.values("subscription_id").annotate(
            rows=Count("id"), first=Min("sequence"), last=Max("sequence")
        )
    }
    for subscription, expected in sorted(counters.items()):
        row = found.get(subscription, {"rows": 0, "first": 1, "last": 0})
        if row["rows"] != expected or row["last"] != expected or row["first"] != 1:
            yield Violation(
                code="INV-27",
                object=numbers[subscription],
                expected=f"1 to {expected} without a gap",
                found=f"{row['rows']} postings from {row['first']} to {row['last']}",
                hint="a posting was deleted or its number changed",
            )


def foreign() -> Iterator[Violation]:
    """Postings of an event of a book that the subscription may not see."""
    rows = Posting.objects.exclude(subscription__books__isnull=True)
    rows = rows.filter(~Q(message__book="")).annotate(
        book=F("message__book"), number=F("subscription__number")
    )
    for row in rows.select_related("subscription").order_by("id").iterator():
        if row.book not in (row.subscription.books or ()):
            yield Violation(
                code="INV-27",
                object=f"{row.number} no. {row.sequence}",
                expected="an event of the subscription's books",
                found=row.book,
                hint="the subscription's books were changed by hand",
            )


def overdue() -> Iterator[Violation]:
    """Events undelivered for longer than the bound, measured by the newest event there is.

    Measured so, a database at rest (a backup, a demo) says the same whenever it is looked at.
    """
    newest = Message.objects.aggregate(newest=Max("at"))["newest"]
    if newest is None:
        return
    bound = parameters.value_on("outbox.pending_bound_minutes", newest.date())
    late = Message.objects.filter(
        delivered_at__isnull=True, at__lt=newest - timedelta(minutes=bound)
    )
    for row in late.order_by("id").iterator():
        yield Violation(
            code="INV-11",
            object=f"event {row.pk} {row.name} of {row.subject}",
            expected=f"delivered within {bound} minutes",
            found=f"undelivered since {row.at.isoformat()}",
            hint="run a worker; see the page of jobs for the reaction that fails",
        )


CHECKS = (
    Check(code="INV-11", statement="No event is undelivered beyond its bound.", find=overdue),
    Check(code="INV-27", statement="Sequences of outbound webhooks are dense.", find=gaps),
    Check(code="INV-27", statement="Events are posted only to their owners.", find=foreign),
)
