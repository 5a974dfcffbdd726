"""What must always hold of the work list."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Value
from django.db.models.functions import Concat

from loanops.platform.audit import Check, Violation
from loanops.platform.jobs import queries as jobs
from loanops.platform.outbox import queries as outbox
from loanops.registry.team.domain.kinds import KINDS, REBUILD
from loanops.registry.team.domain.lifecycle import State
from loanops.registry.team.models import Item
from loanops.registry.team.ports import WAITING
from loanops.registry.team.queries.items import BAR


def unmatched() -> Iterator[Violation]:
    """Subjects that wait without an item, and open items of subjects that do not wait.

    While an event that moves a kind is not delivered, its items are on their way; that it arrives
    within its bound is the outbox's own rule. So are all while they are built for the first time.
    """
    if jobs.is_pending(REBUILD):
        return
    coming = outbox.undelivered()
    for kind, work in KINDS.items():
        rows = Item.objects.filter(kind=kind.value).exclude(state=State.DONE.value)
        open_ = {
            (book, subject): number
            for book, subject, number in rows.values_list("book_id", "subject", "number")
        }
        waiting = {(each.book, each.subject) for each in WAITING[kind.value](subjects=None)}
        moving = {*work.opened_by, *work.ended_by, *work.rebuilt_by}
        for book, subject in sorted(waiting ^ set(open_)):
            if any((book, name) in coming for name in moving):
                continue
            is_waiting = (book, subject) in waiting
            yield Violation(
                code="INV-41",
                object=open_.get((book, subject), subject),
                expected=f"an open item of {kind.value} about {subject}"
                if is_waiting
                else f"{subject} waiting ({kind.value})",
                found="none" if is_waiting else "not waiting",
                hint="build the work list anew: loanops book rebuild",
            )


def held_by_the_wrong() -> Iterator[Violation]:
    """Items with somebody who entered or asked for what they are about."""
    named = Concat(Value(BAR), F("holder"), Value(BAR))
    rows = Item.objects.filter(state=State.HELD.value).annotate(named=named)
    for row in rows.filter(not_by__contains=F("named")).order_by("id").iterator():
        yield Violation(
            code="INV-42",
            object=row.number,
            expected="somebody who neither entered nor asked for it",
            found=row.holder,
            hint="the holder was set by hand: give the item to somebody else",
        )


CHECKS = (
    Check(
        code="INV-41",
        statement="Whatever waits for a person has an open work item, and nothing else has.",
        find=unmatched,
    ),
    Check(
        code="INV-42",
        statement="Nobody has a work item about what they entered or asked for.",
        find=held_by_the_wrong,
    ),
)
