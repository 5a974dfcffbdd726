"""The sweep: whatever is open and was not asked about just now is asked about.

Jobs ask about each thing by itself and sooner; the sweep is for those whose job was lost to a
dead letter, and for borrowers who never came back from the funder's page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound
from loanops.origination.routing import permissions
from loanops.origination.routing.domain.lifecycle import (
    OPEN_ATTEMPTS,
    OPEN_PAYOUTS,
    OPEN_SIGNINGS,
)
from loanops.origination.routing.models import Attempt, PayoutIntent, Signing
from loanops.origination.routing.operations._asking import lend
from loanops.origination.routing.operations.comparing import Compared, compare_schedules
from loanops.origination.routing.operations.paying import DrawOutcome, resolve_many
from loanops.origination.routing.operations.seeking import RouteOutcome, settle_attempts_many
from loanops.origination.routing.operations.signing import settle_signing
from loanops.platform.books import queries as books
from loanops.platform.parameters import queries as parameters

SIGNING_PAUSES: Final = 10
"""A borrower reads; a session is asked about ten times less often than a payout."""


@dataclass(frozen=True)
class Swept:
    """What a sweep found out: credit, sessions signed, payouts, funders' schedules."""

    credit: RouteOutcome
    signed: tuple[str, ...]
    payouts: DrawOutcome
    schedules: Compared


def settle_open(*, book: str, actor: Actor, at: datetime) -> Swept:
    """Ask about everything of a book that is open: credit applications, sessions, payouts.

    Funders' schedules that were never held against ours are asked for too.

    :raises NotPermitted: the actor may not resolve.
    :raises NotFound: there is no such book in the actor's scope.
    """
    require(actor, permissions.RESOLVE)
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    on = books.business_date(book)
    seconds = parameters.value_on("routing.query_interval_seconds", on)
    before = at - timedelta(seconds=seconds)
    routing = lend(actor, permissions.ROUTE)
    attempts = Attempt.objects.filter(
        book_id=book, state__in=[state.value for state in OPEN_ATTEMPTS], moved_at__lte=before
    ).order_by("id")
    credit = settle_attempts_many(
        book=book, numbers=list(attempts.values_list("number", flat=True)), actor=routing, at=at
    )
    signed = _settle_signings(book, at - timedelta(seconds=SIGNING_PAUSES * seconds), routing, at)
    payouts = PayoutIntent.objects.filter(
        book_id=book, state__in=[state.value for state in OPEN_PAYOUTS], moved_at__lte=before
    ).order_by("id")
    resolved = resolve_many(
        book=book, serials=list(payouts.values_list("serial", flat=True)), actor=actor, at=at
    )
    schedules = compare_schedules(book=book, actor=actor, at=at)
    return Swept(credit, signed, resolved, schedules)


def _settle_signings(book: str, before: datetime, actor: Actor, at: datetime) -> tuple[str, ...]:
    sessions = Signing.objects.filter(
        book_id=book, state__in=[state.value for state in OPEN_SIGNINGS], moved_at__lte=before
    ).order_by("id")
    cards = [
        settle_signing(contract=contract, actor=actor, at=at)
        for contract in sessions.values_list("contract", flat=True)
    ]
    return tuple(card.contract for card in cards if card.signed_at is not None)
