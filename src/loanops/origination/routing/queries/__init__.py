"""Questions to routing.

Windows pass their viewer; without one the asker is a room of the house.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, QuerySet, Sum

from loanops.kernel.access import Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.origination.applications import queries as applications
from loanops.origination.routing import permissions
from loanops.origination.routing.domain.eligibility import quota_owner
from loanops.origination.routing.domain.lifecycle import (
    OPEN_ATTEMPTS,
    OPEN_PAYOUTS,
    PayoutState,
)
from loanops.origination.routing.models import (
    Attempt,
    Decision,
    ExceptionCase,
    Observation,
    PayoutIntent,
    Signing,
)
from loanops.origination.routing.queries.cards import (
    AttemptCard,
    CandidateCard,
    DecisionCard,
    ExceptionCard,
    PayoutCard,
    SigningCard,
    WordCard,
    attempt_card,
    decision_card,
    exception_card,
    payout_card,
    reason_sentence,
    signing_card,
    word_card,
)
from loanops.origination.routing.queries.waiting import waiting_exceptions

_HOUSE: Final = Viewer.house("routing")
PAGE: Final = 50
_CHUNK: Final = 5_000
_OPEN_PAYOUTS = [state.value for state in OPEN_PAYOUTS]
_OPEN_ATTEMPTS = [state.value for state in OPEN_ATTEMPTS]


@dataclass(frozen=True)
class PayoutFilter:
    """Which payouts; ``before`` is the cursor: the number the last page ended on."""

    book: str
    states: tuple[str, ...] = ()
    funder: str = ""
    before: str = ""


@dataclass(frozen=True)
class FunderFigures:
    """How a funder answered: attempts by state, and what it paid out."""

    funder: str
    asked: int
    approved: int
    refused: int
    waiting: int
    paid_count: int
    paid_minor: int


def _scoped(rows: QuerySet[Any], viewer: Viewer) -> QuerySet[Any]:
    if viewer.scopes.books is not None:
        rows = rows.filter(book_id__in=viewer.scopes.books)
    if viewer.scopes.funders is not None:
        rows = rows.filter(funder__in=viewer.scopes.funders)
    if viewer.scopes.parties is not None:
        rows = rows.filter(application__in=_own(viewer, ()))
    return rows


def _own(viewer: Viewer, asked: Sequence[str]) -> Sequence[str]:
    """The applications of a viewer who sees those of some persons; what is asked for of others."""
    if viewer.scopes.parties is None:
        return asked
    return applications.numbers_of(parties=viewer.scopes.parties)


def list_decisions(*, application: str, viewer: Viewer = _HOUSE) -> list[DecisionCard]:
    """Every choice made for an application, in order, with each exclusion.

    A viewer who sees only some funders sees only those candidates.

    :raises NotPermitted: the viewer may not see routing.
    """
    require(viewer, permissions.VIEW)
    rows = Decision.objects.filter(application=application).order_by("round")
    if viewer.scopes.books is not None:
        rows = rows.filter(book_id__in=viewer.scopes.books)
    if application not in _own(viewer, [application]):
        return []
    return [_seen(decision_card(row), viewer) for row in rows]


def _seen(card: DecisionCard, viewer: Viewer) -> DecisionCard:
    if viewer.scopes.funders is None:
        return card
    shown = tuple(each for each in card.candidates if viewer.sees_funder(each.funder))
    chosen = viewer.sees_funder(card.funder)
    return DecisionCard(
        application=card.application,
        round=card.round,
        agreement=card.agreement if chosen else "",
        funder=card.funder if chosen else "",
        candidates=shown,
        decided_at=card.decided_at,
        decided_on=card.decided_on,
    )


def list_attempts(*, application: str, viewer: Viewer = _HOUSE) -> list[AttemptCard]:
    """Every funder asked for an application, in order.

    :raises NotPermitted: the viewer may not see routing.
    """
    require(viewer, permissions.VIEW)
    rows = _scoped(Attempt.objects.filter(application=application), viewer)
    return [attempt_card(row) for row in rows.order_by("id")]


def list_open_attempts(*, book: str, viewer: Viewer = _HOUSE) -> list[AttemptCard]:
    """Attempts that wait for a funder's answer, oldest first.

    :raises NotPermitted: the viewer may not see routing.
    """
    require(viewer, permissions.VIEW)
    rows = Attempt.objects.filter(book_id=book, state__in=_OPEN_ATTEMPTS)
    return [attempt_card(row) for row in _scoped(rows, viewer).order_by("id")]


def find_attempt(number: str) -> AttemptCard | None:
    """An attempt by its number, for the house."""
    row = Attempt.objects.filter(number=number).first()
    return attempt_card(row) if row else None


def list_signings(*, application: str, viewer: Viewer = _HOUSE) -> list[SigningCard]:
    """Every session on a funder's page for an application, in order.

    :raises NotPermitted: the viewer may not see routing.
    """
    require(viewer, permissions.VIEW)
    rows = _scoped(Signing.objects.filter(application=application), viewer)
    return [signing_card(row) for row in rows.order_by("id")]


def get_payout(serial: str, *, viewer: Viewer = _HOUSE) -> PayoutCard:
    """A payout by its serial.

    :raises NotPermitted: the viewer may not see routing.
    :raises NotFound: there is none within the viewer's books and funders.
    """
    require(viewer, permissions.VIEW)
    row = _scoped(PayoutIntent.objects.filter(serial=serial), viewer).first()
    if row is None:
        raise NotFound(kind="payout", number=serial)
    return payout_card(row)


def payouts_of(*, application: str, viewer: Viewer = _HOUSE) -> list[PayoutCard]:
    """Every payout intent of an application, in order.

    :raises NotPermitted: the viewer may not see routing.
    """
    require(viewer, permissions.VIEW)
    rows = _scoped(PayoutIntent.objects.filter(application=application), viewer)
    return [payout_card(row) for row in rows.order_by("id")]


def list_payouts(*, where: PayoutFilter, viewer: Viewer) -> list[PayoutCard]:
    """One page of payouts of a book, newest first.

    :raises NotPermitted: the viewer may not see routing.
    """
    require(viewer, permissions.VIEW)
    rows = _scoped(PayoutIntent.objects.filter(book_id=where.book), viewer).order_by("-id")
    if where.states:
        rows = rows.filter(state__in=where.states)
    if where.funder:
        rows = rows.filter(funder=where.funder)
    if where.before:
        last = PayoutIntent.objects.filter(number=where.before).values_list("id", flat=True).first()
        rows = rows.filter(id__lt=last or 0)
    return [payout_card(row) for row in rows[:PAGE]]


def is_open(serial: str, *, tries: int | None = None) -> bool:
    """Whether a payout waits for its end, and, with ``tries``, was asked about just so often."""
    rows = PayoutIntent.objects.filter(serial=serial, state__in=_OPEN_PAYOUTS)
    return (rows if tries is None else rows.filter(tries=tries)).exists()


def drawn_of(contracts: Sequence[str]) -> tuple[set[str], list[str]]:
    """Contracts that have a payout of any kind, and the serials of those that are open."""
    drawn: set[str] = set()
    waiting: list[str] = []
    for start in range(0, len(contracts), _CHUNK):
        rows = PayoutIntent.objects.filter(contract__in=contracts[start : start + _CHUNK])
        for contract, serial, state in rows.order_by("id").values_list(
            "contract", "serial", "state"
        ):
            drawn.add(contract)
            if state in _OPEN_PAYOUTS:
                waiting.append(serial)
    return drawn, waiting


def count_open_payouts(*, book: str, viewer: Viewer) -> int:
    """How many payouts wait for an answer.

    :raises NotPermitted: the viewer may not see routing.
    """
    require(viewer, permissions.VIEW)
    rows = PayoutIntent.objects.filter(book_id=book, state__in=_OPEN_PAYOUTS)
    return int(_scoped(rows, viewer).count())


def words_of(*, serial: str, viewer: Viewer) -> list[WordCard]:
    """Everything a funder said under a serial, in the order in which it was heard.

    :raises NotPermitted: the viewer may not see routing.
    :raises NotFound: the serial is not within the viewer's books and funders.
    """
    require(viewer, permissions.VIEW)
    owners = (
        PayoutIntent.objects.filter(serial=serial),
        Attempt.objects.filter(credit_serial=serial),
        Signing.objects.filter(serial=serial),
    )
    if not any(_scoped(rows, viewer).exists() for rows in owners):
        raise NotFound(kind="serial", number=serial)
    return [word_card(row) for row in Observation.objects.filter(serial=serial).order_by("id")]


def list_exceptions(*, book: str, closed: bool = False, viewer: Viewer) -> list[ExceptionCard]:
    """Exceptions of a book that are open (or closed), newest first, at most a page.

    :raises NotPermitted: the viewer may not see routing.
    """
    require(viewer, permissions.VIEW)
    rows = ExceptionCase.objects.filter(book_id=book, closed_at__isnull=not closed)
    return [exception_card(row) for row in _scoped(rows, viewer).order_by("-id")[:PAGE]]


def count_exceptions(*, book: str, viewer: Viewer) -> int:
    """How many exceptions are open.

    :raises NotPermitted: the viewer may not see routing.
    """
    require(viewer, permissions.VIEW)
    rows = ExceptionCase.objects.filter(book_id=book, closed_at__isnull=True)
    return int(_scoped(rows, viewer).count())


def exceptions_of(*, application: str, viewer: Viewer) -> list[ExceptionCard]:
    """Every exception about an application, in order.

    :raises NotPermitted: the viewer may not see routing.
    """
    require(viewer, permissions.VIEW)
    rows = _scoped(ExceptionCase.objects.filter(application=application), viewer)
    return [exception_card(row) for row in rows.order_by("id")]


def figures_by_funder(*, book: str, viewer: Viewer) -> list[FunderFigures]:
    """How each funder of a book answered, and what it paid out.

    :raises NotPermitted: the viewer may not see routing.
    """
    require(viewer, permissions.VIEW)
    counted: dict[str, dict[str, int]] = {}
    attempts = _scoped(Attempt.objects.filter(book_id=book), viewer)
    for funder, state, count in attempts.values_list("funder", "state").annotate(Count("id")):
        counted.setdefault(funder, {})[state] = count
    payouts = _scoped(PayoutIntent.objects.filter(book_id=book, state="success"), viewer)
    paid = {
        funder: (count, total)
        for funder, count, total in payouts.values_list("funder").annotate(
            Count("id"), Sum("amount_minor")
        )
    }
    return [
        FunderFigures(
            funder=funder,
            asked=sum(states.values()),
            approved=states.get("approved", 0) + states.get("lapsed", 0),
            refused=states.get("refused", 0),
            waiting=sum(states.get(state, 0) for state in _OPEN_ATTEMPTS),
            paid_count=paid.get(funder, (0, 0))[0],
            paid_minor=paid.get(funder, (0, 0))[1],
        )
        for funder, states in sorted(counted.items())
    ]


def serials_of(contracts: Iterable[str]) -> dict[str, str]:
    """The serial of the successful payout of each contract."""
    rows = PayoutIntent.objects.filter(contract__in=list(contracts), state="success")
    return dict(rows.values_list("contract", "serial"))


@dataclass(frozen=True, slots=True)
class Paid:
    """One payout that a funder proved to have made, as far as a loan has to agree with it."""

    intent: str
    serial: str
    book: str
    application: str
    contract: str
    funder: str
    amount_minor: int
    guarantor: str
    product_version: str
    agreement: str
    agreement_version: int


def all_paid() -> Iterator[Paid]:
    """Every payout that was paid, for checks over the whole house."""
    rows = PayoutIntent.objects.filter(state=PayoutState.SUCCESS.value).order_by("id")
    columns = (
        "number", "serial", "book_id", "application", "contract", "funder", "amount_minor",
        "guarantor", "product_version", "attempt__agreement", "attempt__agreement_version",
    )  # fmt: skip
    for row in rows.values_list(*columns).iterator(chunk_size=_CHUNK):
        yield Paid(*row)


__all__ = [
    "AttemptCard",
    "CandidateCard",
    "DecisionCard",
    "ExceptionCard",
    "FunderFigures",
    "Paid",
    "PayoutCard",
    "PayoutFilter",
    "SigningCard",
    "WordCard",
    "all_paid",
    "count_exceptions",
    "count_open_payouts",
    "drawn_of",
    "exceptions_of",
    "figures_by_funder",
    "find_attempt",
    "get_payout",
    "is_open",
    "list_attempts",
    "list_decisions",
    "list_exceptions",
    "list_open_attempts",
    "list_payouts",
    "list_signings",
    "payouts_of",
    "quota_owner",
    "reason_sentence",
    "serials_of",
    "waiting_exceptions",
    "words_of",
]
