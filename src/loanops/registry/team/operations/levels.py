"""Setting a service level: a row from a day on, with who said so and why."""

from __future__ import annotations

from datetime import date, datetime

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, NotFound
from loanops.platform.books import queries as books
from loanops.platform.work import unit_of_work
from loanops.registry.team import permissions
from loanops.registry.team.domain.kinds import Kind
from loanops.registry.team.domain.levels import Level, checked
from loanops.registry.team.models import ServiceLevel
from loanops.registry.team.operations.teams import reason_given


def set_level(
    *,
    book: str,
    kind: str,
    effective_from: date,
    level: Level,
    reason: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Say how soon work of a kind is to be done from a day on; what waits already keeps its own.

    :raises NotPermitted: the actor may not set service levels.
    :raises NotFound: there is no such book in the actor's scope.
    :raises BadField: the kind, the day, a figure or the reason cannot be used.
    """
    require(actor, permissions.SET_LEVEL)
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    if kind not in {each.value for each in Kind}:
        raise BadField(field="kind", problem="there is no kind of work {kind}", kind=kind[:20])
    kept, said = checked(level), reason_given(reason)
    on = books.business_date(book)
    if effective_from < on:
        raise BadField(field="effective_from", problem="must not lie in the past")
    with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        ServiceLevel.objects.create(
            book_id=book,
            kind=kind,
            effective_from=effective_from,
            target_minutes=kept.target_minutes,
            risk_percent=kept.risk_percent,
            large_from_minor=kept.large_from_minor,
            head_start_minutes=kept.head_start_minutes,
            reason=said,
            set_by=actor.person,
            set_at=at,
        )

        work.record(
            "team.level_set",
            subject=kind,
            target_minutes=kept.target_minutes,
            risk_percent=kept.risk_percent,
            large_from_minor=kept.large_from_minor,
            head_start_minutes=kept.head_start_minutes,
            effective_from=effective_from,
            reason=said,
        )
