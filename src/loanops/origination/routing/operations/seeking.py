"""Seeking a funder: one application or many, by the same steps; and what is still open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound
from loanops.money.limits.operations import QuotaExhausted
from loanops.origination.applications import queries as applications
from loanops.origination.applications.queries import ApplicationCard
from loanops.origination.contracts import queries as contracts
from loanops.origination.routing import permissions
from loanops.origination.routing.domain.judging import may_send_again
from loanops.origination.routing.domain.lifecycle import OPEN_ATTEMPTS, AttemptState
from loanops.origination.routing.domain.refusals import NotForRouting
from loanops.origination.routing.models import Attempt
from loanops.origination.routing.operations._asking import committed
from loanops.origination.routing.operations._crediting import (
    Answered,
    apply_all,
    disclose,
    lapse_rows,
    query_all,
    take_answers,
)
from loanops.origination.routing.operations._planning import CHUNK, Plan, live_of, plan, refuse
from loanops.origination.routing.operations._weighing import frame_of
from loanops.platform.books import queries as books
from loanops.platform.books.queries import BookCard
from loanops.platform.parameters import queries as parameters
from loanops.platform.work import unit_of_work

APPROVED: Final = "approved"
BATCH: Final = 500
RACES_MAX: Final = 3
_OPEN = [state.value for state in OPEN_ATTEMPTS]


@dataclass(frozen=True)
class RouteOutcome:
    """Where applications stand after a round of asking, by number.

    ``waiting`` ones are in process or unknown at a funder: a query will tell.
    """

    approved: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


def route(*, number: str, actor: Actor, at: datetime) -> RouteOutcome:
    """Find a funder for an approved application: choose, reserve, ask; after a final no the next.

    Every choice and exclusion is kept. A funder that is in doubt is queried, never passed over.
    An approval becomes the funder's offer. The same application again asks nobody twice.

    :raises NotPermitted: the actor may not route.
    :raises NotFound: there is no such application in the actor's scope.
    :raises NotForRouting: it is not approved.
    """
    require(actor, permissions.ROUTE)
    card = applications.cards_of([number]).get(number)
    if card is None or not actor.sees_book(card.book):
        raise NotFound(kind="application", number=number)
    if card.stage != APPROVED and number not in live_of([number]):
        raise NotForRouting(application=number, stage=card.stage)
    return route_many(book=card.book, numbers=[number], actor=actor, at=at)


def route_many(*, book: str, numbers: Sequence[str], actor: Actor, at: datetime) -> RouteOutcome:
    """Find funders for many applications of a book; those that are not approved are left alone.

    :raises NotPermitted: the actor may not route.
    :raises NotFound: there is no such book in the actor's scope.
    """
    require(actor, permissions.ROUTE)
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    card = books.get_book(book)
    wanted = list(dict.fromkeys(numbers))
    for start in range(0, len(wanted), BATCH):
        _route_batch(card, wanted[start : start + BATCH], actor, at)
    return _outcome(wanted)


def _route_batch(book: BookCard, numbers: Sequence[str], actor: Actor, at: datetime) -> None:
    """Ask round after round, until every application has an answer or waits for one."""
    # Work that a crash or a repeated order left open is taken up where it stands.
    _settle(book, list(_open_attempts(numbers)), actor, at)
    while pending := _pending(book.code, numbers):
        planned = _plan(book, pending, actor, at)
        attempts = list(
            Attempt.objects.filter(
                application__in=[card.number for card, _ in planned.chosen],
                state=AttemptState.PLANNED.value,
            ).order_by("id")
        )
        _ask(book, attempts, pending, actor, at)


def _pending(book: str, numbers: Sequence[str]) -> list[ApplicationCard]:
    """Approved applications that no funder has in hand, in the order given."""
    cards = applications.cards_of(numbers)
    live = live_of(numbers)
    return [
        cards[number]
        for number in numbers
        if number in cards
        and number not in live
        and cards[number].book == book
        and cards[number].stage == APPROVED
    ]


def _plan(
    book: BookCard,
    pending: Sequence[ApplicationCard],
    actor: Actor,
    at: datetime,
    races_left: int = RACES_MAX,
) -> Plan:
    """Choose and commit before anybody is asked; who loses a race chooses again.

    What another has in hand by then is left to it.
    """
    if not pending:
        return Plan([], [])
    try:
        return _plan_once(book, pending, actor, at)
    except (QuotaExhausted, IntegrityError):
        if not races_left:
            raise
    left = _pending(book.code, [card.number for card in pending])
    return _plan(book, left, actor, at, races_left - 1)


def _plan_once(
    book: BookCard, pending: Sequence[ApplicationCard], actor: Actor, at: datetime
) -> Plan:
    on = book.business_date
    with committed(), unit_of_work(actor=actor, at=at, book=book.code, on=on) as work:
        found = plan(work, frame_of(work, book, pending), pending)
        refuse(work, found.without)

        if found.without:
            refused = [card.number for card, _ in found.without]
            work.record_batch("routing.refused_many", subjects=refused)
        if len(found.chosen) == 1:
            card, candidate = found.chosen[0]
            work.record(
                "routing.planned", subject=card.number, funder=candidate.funder,
                agreement=candidate.agreement, round=_round_of(card.number),
            )  # fmt: skip
        elif found.chosen:
            chosen = [card.number for card, _ in found.chosen]
            work.record_batch("routing.planned_many", subjects=chosen)
    return found


def _round_of(application: str) -> int:
    rows = Attempt.objects.filter(application=application).order_by("-id")
    return int(rows.values_list("round", flat=True)[0])


def _ask(
    book: BookCard,
    attempts: Sequence[Attempt],
    cards: Sequence[ApplicationCard],
    actor: Actor,
    at: datetime,
) -> None:
    if not attempts:
        return
    on = book.business_date
    with committed(), unit_of_work(actor=actor, at=at, book=book.code, on=on) as work:
        persons = disclose(work, attempts)
        work.unchanged()
    answers = apply_all(attempts, {card.number: card for card in cards}, persons)
    _take(book, answers, actor, at)


def _take(book: BookCard, answers: Sequence[Answered], actor: Actor, at: datetime) -> None:
    on = book.business_date
    with committed(), unit_of_work(actor=actor, at=at, book=book.code, on=on) as work:
        take_answers(work, answers)


def _open_attempts(numbers: Sequence[str]) -> list[Attempt]:
    found: list[Attempt] = []
    for start in range(0, len(numbers), CHUNK):
        rows = Attempt.objects.filter(
            application__in=numbers[start : start + CHUNK], state__in=_OPEN
        )
        found += rows.order_by("id")
    return found


def _settle(book: BookCard, attempts: Sequence[Attempt], actor: Actor, at: datetime) -> None:
    """Query what is open; what the funder has not heard of for long enough is asked again."""
    if not attempts:
        return
    answers = query_all(attempts)
    window = parameters.value_on("routing.resend_after_seconds", book.business_date)
    lost = [each for each in answers if _may_ask_again(each, at, window)]
    _take(book, [each for each in answers if each not in lost], actor, at)
    if lost:
        again = [each.attempt for each in lost]
        cards = applications.cards_of(each.application for each in again)
        _ask(book, again, list(cards.values()), actor, at)


def _may_ask_again(each: Answered, at: datetime, window: int) -> bool:
    since = each.attempt.not_found_since or at
    return may_send_again(
        problem=each.answer.problem,
        not_found_seconds=(at - since).total_seconds(),
        window_seconds=window,
    )


def settle_attempts_many(
    *, book: str, numbers: Sequence[str], actor: Actor, at: datetime
) -> RouteOutcome:
    """Query what became of attempts that are open, and go on with their applications.

    :raises NotPermitted: the actor may not route.
    :raises NotFound: there is no such book in the actor's scope.
    """
    require(actor, permissions.ROUTE)
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    rows = Attempt.objects.filter(book_id=book, number__in=list(numbers), state__in=_OPEN)
    wanted = list(rows.order_by("id").values_list("application", flat=True))
    return route_many(book=book, numbers=wanted, actor=actor, at=at)


def lapse(*, application: str, reason: str, actor: Actor, at: datetime) -> bool:
    """End a funder's approval that the borrower did not take up; returns whether there was one.

    :raises NotPermitted: the actor may not route.
    :raises NotFound: there is no such application in the actor's scope.
    """
    require(actor, permissions.ROUTE)
    card = applications.cards_of([application]).get(application)
    if card is None or not actor.sees_book(card.book):
        raise NotFound(kind="application", number=application)
    on = books.business_date(card.book)
    with unit_of_work(actor=actor, at=at, book=card.book, on=on) as work:
        rows = Attempt.objects.filter(application=application, state=AttemptState.APPROVED.value)
        attempts = list(rows)
        signed = [
            each for each in contracts.contracts_of(application=application) if each.signed_at
        ]
        if not attempts or signed:
            work.unchanged()
            return False
        lapse_rows(work, [(each, reason) for each in attempts])
    return True


def _outcome(numbers: Sequence[str]) -> RouteOutcome:
    states: dict[str, str] = {}
    for start in range(0, len(numbers), CHUNK):
        rows = Attempt.objects.filter(application__in=numbers[start : start + CHUNK])
        states |= dict(rows.order_by("id").values_list("application", "state"))
    stages = applications.stages_of(numbers)
    return RouteOutcome(
        approved=tuple(n for n in numbers if states.get(n) == AttemptState.APPROVED.value),
        refused=tuple(n for n in numbers if stages.get(n) == "funding_refused"),
        waiting=tuple(n for n in numbers if states.get(n) in _OPEN),
    )
