"""A strategy judges applications: one, or the many of a file, by the same steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound
from loanops.origination.applications import operations as applications
from loanops.origination.applications import permissions as application_grants
from loanops.origination.applications import queries as asked
from loanops.origination.applications.operations import VerdictIn
from loanops.origination.applications.queries import ApplicationCard
from loanops.origination.decisioning import permissions, queries
from loanops.origination.decisioning.domain.judging import Judgement, judge, verdict_hash
from loanops.origination.decisioning.domain.offering import offered_minor
from loanops.origination.decisioning.domain.strategy import Outcome, canonical
from loanops.origination.decisioning.models import StrategyVersion, Verdict
from loanops.origination.decisioning.queries.strategies import assigned, compiled
from loanops.platform.books import queries as books
from loanops.platform.db import insert_many, new_numbers
from loanops.platform.work import Work, unit_of_work

BATCH: Final = 500
WAITING: Final = "submitted"
COLUMNS: Final = (
    "number", "book_id", "application_id", "place", "strategy_id", "outcome", "reasons", "score",
    "grade", "limit_minor", "offered_minor", "inputs_json", "outputs_json", "trace_json", "seal",
    "note", "decided_by", "decided_at", "decided_on",
)  # fmt: skip


@dataclass(frozen=True)
class DecideOutcome:
    """Where applications stand after a round of judging, by number.

    ``waiting`` ones were left alone: a mandatory document is not there yet.
    """

    approved: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    referred: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Judged:
    """One application with what its strategy says of it."""

    card: ApplicationCard
    strategy: StrategyVersion
    judgement: Judgement
    offered_minor: int | None


def decide(*, number: str, actor: Actor, at: datetime) -> queries.VerdictCard:
    """Let the strategy in force judge a submitted application, and order the verdict into it.

    :raises NotPermitted: the actor may not let the strategy decide.
    :raises NotFound: there is no such application in the actor's scope.
    :raises MoveNotAllowed: it is not submitted.
    :raises NoStrategy: nothing is assigned to its product or book.
    :raises DocumentsMissing: a mandatory document is not there.
    """
    require(actor, permissions.DECIDE)
    card = asked.cards_of([number]).get(number)
    if card is None or not actor.sees_book(card.book):
        raise NotFound(kind="application", number=number)
    on = books.business_date(card.book)
    with unit_of_work(actor=actor, at=at, book=card.book, on=on) as work:
        judged = _judge(work, [card])[0]
        verdict = _verdict_in(judged)
        lent = lend(actor)
        if verdict.outcome == Outcome.APPROVE:
            applications.approve(
                number=number, offered_minor=verdict.offered_minor or 0, reasons=verdict.reasons,
                actor=lent, at=at,
            )  # fmt: skip
        elif verdict.outcome == Outcome.DECLINE:
            applications.decline(number=number, reasons=verdict.reasons, actor=lent, at=at)
        else:
            applications.refer(number=number, reasons=verdict.reasons, actor=lent, at=at)
        written = _write(work, [judged])

        work.record(
            "decisioning.decided", subject=number, outcome=verdict.outcome,
            strategy=judged.strategy.hash,
        )  # fmt: skip
    return queries.get_verdict(written[0])


def decide_many(*, book: str, numbers: Sequence[str], actor: Actor, at: datetime) -> DecideOutcome:
    """Let the strategies in force judge the submitted ones of many applications of a book.

    Applications that are not submitted (any more) or that lack a mandatory document are left
    alone, so that the order can be repeated.

    :raises NotPermitted: the actor may not let the strategy decide.
    :raises NotFound: there is no such book in the actor's scope.
    :raises NoStrategy: nothing is assigned to a product or to the book.
    """
    require(actor, permissions.DECIDE)
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    on = books.business_date(book)
    wanted = list(dict.fromkeys(numbers))
    found: dict[str, list[str]] = {outcome.value: [] for outcome in Outcome}
    waiting: list[str] = []
    for start in range(0, len(wanted), BATCH):
        part = wanted[start : start + BATCH]
        with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
            cards = asked.cards_of(part)
            lacking = asked.lacking_documents(part)
            waiting += [number for number in part if number in lacking]
            fit = [
                cards[number]
                for number in part
                if number in cards
                and cards[number].book == book
                and cards[number].stage == WAITING
                and number not in lacking
            ]
            if not fit:
                work.unchanged()
                continue
            judged = _judge(work, fit)
            verdicts = [_verdict_in(each) for each in judged]
            applications.apply_verdicts_many(verdicts=verdicts, actor=lend(actor), at=at)
            _write(work, judged)

            counts = {one.value: 0 for one in Outcome}
            for verdict in verdicts:
                counts[verdict.outcome] += 1
                found[verdict.outcome].append(verdict.number)
            subjects = [verdict.number for verdict in verdicts]
            work.record_batch("decisioning.decided_many", subjects=subjects, outcomes=counts)
    return DecideOutcome(
        approved=tuple(found[Outcome.APPROVE]),
        declined=tuple(found[Outcome.DECLINE]),
        referred=tuple(found[Outcome.REFER]),
        waiting=tuple(waiting),
    )


def lend(actor: Actor) -> Actor:
    """The actor with the right to order a verdict: nobody else approves an application."""
    return replace(actor, grants=actor.grants | {application_grants.DECIDE})


def _judge(work: Work, cards: Sequence[ApplicationCard]) -> list[_Judged]:
    strategies = assigned(book=work.book, products=[card.product for card in cards], on=work.on)
    judged = []
    for card in cards:
        row = strategies[card.product]
        judgement = judge(compiled(row), card.facts)
        offered = offered_minor(judgement, asked_minor=card.amount_minor)
        judged.append(_Judged(card, row, judgement, offered))
    return judged


def _verdict_in(judged: _Judged) -> VerdictIn:
    judgement = judged.judgement
    return VerdictIn(
        number=judged.card.number,
        outcome=judgement.outcome.value,
        reasons=judgement.reasons,
        offered_minor=judged.offered_minor,
    )


def _write(work: Work, judged: Sequence[_Judged]) -> list[str]:
    """Freeze the verdicts with inputs, outputs, trace and seal; returns their numbers."""
    numbers = new_numbers("VD", work.at, len(judged))
    places = next_places([each.card.number for each in judged])
    rows = [
        (
            number, work.book, each.card.number, places[each.card.number],
            *_frozen(each), "", work.actor.person, work.at, work.on,
        )
        for number, each in zip(numbers, judged, strict=True)
    ]  # fmt: skip
    insert_many(Verdict._meta.db_table, COLUMNS, rows)
    return numbers


def _frozen(each: _Judged) -> tuple[Any, ...]:
    said = each.judgement
    seal = verdict_hash(
        application=each.card.number,
        strategy_hash=each.strategy.hash,
        outcome=said.outcome,
        reasons=said.reasons,
        score=said.score,
        grade=said.grade,
        limit_minor=said.limit_minor,
        inputs=said.inputs,
        outputs=said.outputs,
        trace=said.trace,
    )
    return (
        each.strategy.pk, said.outcome.value, list(said.reasons), said.score, said.grade,
        said.limit_minor, each.offered_minor, canonical(said.inputs), canonical(said.outputs),
        canonical(list(said.trace)), seal,
    )  # fmt: skip


def next_places(numbers: Sequence[str]) -> dict[str, int]:
    """The place of the next verdict of each application."""
    places = dict.fromkeys(numbers, 1)
    rows = Verdict.objects.filter(application_id__in=numbers).order_by("place")
    for application, place in rows.values_list("application__number", "place"):
        places[application] = place + 1
    return places
