"""What routing does when another room announced something, and the jobs it runs.

No funder is called in a reaction: a reaction enqueues the job that calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from loanops.kernel.access import Actor, Viewer
from loanops.origination.applications import queries as applications
from loanops.origination.contracts import queries as contracts
from loanops.origination.routing import operations, queries
from loanops.platform.books import queries as books
from loanops.platform.outbox import Announced
from loanops.platform.work import unit_of_work

EXPIRED: Final = "expired"
_GONE: Final = frozenset({"withdrawn", "expired", "declined", "funding_refused"})


def seek_funder(announced: Announced, *, actor: Actor, at: datetime) -> None:
    """After ``applications.approved``: a funder is sought."""
    _enqueue(announced, "routing.route", [announced.subject], actor, at)


def seek_funders(announced: Announced, *, actor: Actor, at: datetime) -> None:
    """After ``applications.approved_many``: funders are sought in one job."""
    numbers = [str(row["application"]) for row in announced.payload["rows"]]
    _enqueue_batch(announced, "routing.route_many", "applications", numbers, actor, at)


def draw_signed(announced: Announced, *, actor: Actor, at: datetime) -> None:
    """After ``contracts.signed``: the money is drawn."""
    _enqueue(announced, "routing.draw_down", [str(announced.payload["contract"])], actor, at)


def draw_signed_many(announced: Announced, *, actor: Actor, at: datetime) -> None:
    """After ``contracts.signed_many``: the money is drawn in one job."""
    numbers = [str(row["contract"]) for row in announced.payload["rows"]]
    _enqueue_batch(announced, "routing.draw_down_many", "contracts", numbers, actor, at)


def lapse_credit(announced: Announced, *, actor: Actor, at: datetime) -> None:
    """After ``contracts.offers_lapsed``: credit not taken up ends and frees its quota.

    A borrower who refused an offer is taken to the next funder; one who let it expire is not
    offered about unasked.
    """
    rows = announced.payload["rows"]
    cards = applications.cards_of(str(row["application"]) for row in rows)
    again = []
    for row in rows:
        number = str(row["application"])
        stage = cards[number].stage
        if stage == "approved" or stage in _GONE:
            operations.lapse(application=number, reason=str(row["reason"]), actor=actor, at=at)
        if stage == "approved" and row["reason"] != EXPIRED:
            again.append(number)
    _enqueue(announced, "routing.route", again, actor, at)


def free_withdrawn(announced: Announced, *, actor: Actor, at: datetime) -> None:
    """After ``applications.withdrawn``: what was reserved for it is free again."""
    operations.lapse(application=announced.subject, reason="withdrawn", actor=actor, at=at)


def _enqueue(
    announced: Announced, job: str, numbers: Iterable[str], actor: Actor, at: datetime
) -> None:
    with unit_of_work(actor=actor, at=at, book=announced.book, on=announced.on) as work:
        work.unchanged()
        for number in numbers:
            work.enqueue(job, key=f"{job}:{announced.id}:{number}", payload={"number": number})


def _enqueue_batch(
    announced: Announced, job: str, name: str, numbers: list[str], actor: Actor, at: datetime
) -> None:
    with unit_of_work(actor=actor, at=at, book=announced.book, on=announced.on) as work:
        work.unchanged()
        payload = {"book": announced.book, name: numbers}
        work.enqueue(job, key=f"{job}:{announced.id}", payload=payload)


def route(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """The job ``routing.route``: seek a funder for one application, if it still wants one."""
    card = applications.cards_of([payload["number"]])[payload["number"]]
    operations.route_many(book=card.book, numbers=[card.number], actor=actor, at=at)


def route_waiting(payloads: Sequence[Mapping[str, Any]], *, actor: Actor, at: datetime) -> None:
    """Many jobs ``routing.route`` at once."""
    by_book: dict[str, list[str]] = {}
    for card in applications.cards_of(each["number"] for each in payloads).values():
        by_book.setdefault(card.book, []).append(card.number)
    for book, numbers in by_book.items():
        operations.route_many(book=book, numbers=numbers, actor=actor, at=at)


def route_many(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """The job ``routing.route_many``: seek funders for applications that still want one."""
    operations.route_many(book=payload["book"], numbers=payload["applications"], actor=actor, at=at)


def settle_attempt(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """The job ``routing.settle_attempt``: ask what became of one credit application.

    With ``tries`` only where nobody asked since it was ordered: who asked ordered the next one.
    """
    card = queries.find_attempt(payload["attempt"])
    if card is not None and payload.get("tries", card.tries) == card.tries:
        operations.settle_attempts_many(book=card.book, numbers=[card.number], actor=actor, at=at)


def settle_signing(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """The job ``routing.settle_signing``: ask what became of one session."""
    operations.settle_signing(contract=payload["contract"], actor=actor, at=at)


def draw_down(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """The job ``routing.draw_down``: draw one loan; a payout that is there is only asked about.

    A job that runs again after a crash finds the intent of its first run and never makes another.
    """
    draw_down_many({"contracts": [payload["number"]]}, actor=actor, at=at)


def draw_down_waiting(payloads: Sequence[Mapping[str, Any]], *, actor: Actor, at: datetime) -> None:
    """Many jobs ``routing.draw_down`` at once."""
    draw_down_many({"contracts": [each["number"] for each in payloads]}, actor=actor, at=at)


def draw_down_many(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """The job ``routing.draw_down_many``: draw loans, each once."""
    by_book: dict[str, list[str]] = {}
    for card in contracts.find_contracts(payload["contracts"]).values():
        by_book.setdefault(card.book, []).append(card.number)
    for book, numbers in by_book.items():
        drawn, waiting = queries.drawn_of(numbers)
        fresh = [number for number in numbers if number not in drawn]
        operations.draw_down_many(book=book, contracts=fresh, actor=actor, at=at)
        operations.resolve_many(book=book, serials=waiting, actor=actor, at=at)


def resolve(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """The job ``routing.resolve``: ask what became of one payout, if it is still open.

    With ``ended`` it is asked about all the same: something contradicts its end. With ``tries``
    only where nobody asked since it was ordered: who asked ordered the next one.
    """
    serial = payload["serial"]
    if payload.get("ended") or queries.is_open(serial, tries=payload.get("tries")):
        operations.resolve(serial=serial, actor=actor, at=at)


def settle_open(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """The job ``routing.settle_open``: ask about everything that is open, in every book."""
    del payload
    for book in books.list_books(viewer=Viewer.house("routing")):
        operations.settle_open(book=book.code, actor=actor, at=at)
