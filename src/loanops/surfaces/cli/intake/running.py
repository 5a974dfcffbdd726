"""From applications to loans: each stage takes what stands before it and orders the next.

Where an application stands is read from the database, never remembered here, so a run that was
killed goes on where it stopped, and beside workers that do the same nothing is done twice. The
borrower's part (reading, confirming, signing) is played by us through the rooms' own operations.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from loanops.kernel.access import Actor
from loanops.kernel.refusals import ChangedMeanwhile, MoveNotAllowed
from loanops.loanbook.servicing import queries as servicing_asked
from loanops.origination.applications import queries as applications_asked
from loanops.origination.contracts import operations as contracts
from loanops.origination.contracts import queries as contracts_asked
from loanops.origination.contracts.operations import ConfirmationIn, Refused, SignatureIn
from loanops.origination.contracts.queries import OfferLine
from loanops.origination.decisioning import operations as decisioning
from loanops.origination.routing import operations as routing
from loanops.origination.routing import queries as routing_asked
from loanops.platform.outbox import pump
from loanops.platform.web.clock import now

CHUNK: Final = 250
PAUSE_SECONDS: Final = 1.0
PAUSE_SECONDS_MAX: Final = 10.0
PATIENCE_SECONDS: Final = 300.0
"""How long the end of a run waits for answers that a bank still owes."""
OURS: Final = "ours"
REPLAY: Final = {"channel": "replay", "device": "loanops intake --run", "ip": "127.0.0.1"}


class Run:
    """One run over applications of one book; ``refused`` counts why some went no further."""

    def __init__(self, *, book: str, actor: Actor) -> None:
        self.book = book
        self.actor = actor
        self.refused: Counter[str] = Counter()
        self._owed: list[str] = []

    def carry(self, numbers: Sequence[str]) -> Iterator[Sequence[str]]:
        """Carry applications as far as they go now; yields each part as it was carried."""
        for start in range(0, len(numbers), CHUNK):
            part = numbers[start : start + CHUNK]
            try:
                self._carry(part)
            except (MoveNotAllowed, ChangedMeanwhile):
                # A worker beside us moved some of them first: they are looked at again.
                self._owed += part
            yield part

    def settle(self) -> list[str]:
        """Wait for what a bank or the outbox still owes; returns what is owed even then."""
        ends = time.monotonic() + PATIENCE_SECONDS
        pause = PAUSE_SECONDS
        while self._owed and time.monotonic() < ends:
            time.sleep(pause)
            pause = min(pause * 2, PAUSE_SECONDS_MAX)
            owed, self._owed = list(dict.fromkeys(self._owed)), []
            for _ in self.carry(owed):
                continue
        return self._owed

    def _carry(self, part: Sequence[str]) -> None:
        self._decide(_standing(part, "submitted"))
        self._seek(_standing(part, "approved"))
        self._sign(_standing(part, "offered"))
        self._draw(_standing(part, "signed"))
        while pump.deliver(at=now()):
            continue
        self._owed += _unbooked(part)

    def _decide(self, numbers: Sequence[str]) -> None:
        if numbers:
            decisioning.decide_many(book=self.book, numbers=numbers, actor=self.actor, at=now())

    def _seek(self, numbers: Sequence[str]) -> None:
        """Find funders; one that is in doubt is asked again, and after its time told again."""
        if numbers:
            outcome = routing.route_many(
                book=self.book, numbers=numbers, actor=self.actor, at=now()
            )
            self._owed += outcome.waiting

    def _sign(self, numbers: Sequence[str]) -> None:
        """Play the borrower of every offer that is signed with us, from where each one stands."""
        made = self._offers(numbers, "made")
        if made:
            self._note(contracts.show_disclosures_many(
                book=self.book, offers=made, actor=self.actor, at=now()
            ).refused)  # fmt: skip
            # Nobody reads: where the law sets a reading time, the confirmation is refused.
            said = [ConfirmationIn(offer=each, read_seconds=0, evidence=REPLAY) for each in made]
            self._note(contracts.confirm_disclosures_many(
                book=self.book, confirmations=said, actor=self.actor, at=now()
            ).refused)  # fmt: skip
        confirmed = self._offers(numbers, "confirmed")
        if confirmed:
            self._note(contracts.draw_up_many(
                book=self.book, offers=confirmed, actor=self.actor, at=now()
            ).refused)  # fmt: skip
        drawn_up = self._lines(numbers, "drawn_up")
        if drawn_up:
            at = now()
            signatures = [_signature(line, at) for line in drawn_up]
            self._note(contracts.record_signatures_many(
                book=self.book, signatures=signatures, actor=self.actor, at=at
            ).refused)  # fmt: skip

    def _offers(self, numbers: Sequence[str], state: str) -> list[str]:
        return [line.number for line in self._lines(numbers, state)]

    def _lines(self, numbers: Sequence[str], state: str) -> list[OfferLine]:
        if not numbers:
            return []
        found = contracts_asked.standing_offers(numbers)
        return [line for line in found if line.state == state and line.signing_mode == OURS]

    def _draw(self, numbers: Sequence[str]) -> None:
        """Draw what is signed; a payout that was ordered before is only asked about."""
        if not numbers:
            return
        signed = {
            line.contract: line.application
            for line in contracts_asked.standing_offers(numbers)
            if line.state == "signed"
        }
        drawn, waiting = routing_asked.drawn_of(list(signed))
        fresh = [number for number in signed if number not in drawn]
        outcome = routing.draw_down_many(
            book=self.book, contracts=fresh, actor=self.actor, at=now()
        )
        self.refused.update(each.refusal.code for each in outcome.refused)
        asked = routing.resolve_many(book=self.book, serials=waiting, actor=self.actor, at=now())
        self._owed += [signed[each] for each in (*outcome.waiting, *asked.waiting)]

    def _note(self, refused: Sequence[Refused]) -> None:
        self.refused.update(each.refusal.code for each in refused)


def _unbooked(numbers: Sequence[str]) -> list[str]:
    """Payouts that are not loans yet: their event has not been delivered."""
    paid = _standing(numbers, "disbursed")
    booked = servicing_asked.first_dues_of(paid)
    return [number for number in paid if number not in booked]


def _standing(numbers: Sequence[str], stage: str) -> list[str]:
    stages = applications_asked.stages_of(numbers)
    return [number for number in numbers if stages.get(number) == stage]


def _signature(line: OfferLine, at: datetime) -> SignatureIn:
    return SignatureIn(
        contract=line.contract,
        mode=OURS,
        evidence={
            "signer": line.application,
            "ip": REPLAY["ip"],
            "device": REPLAY["device"],
            "witness": line.witness,
        },
        signed_at=at,
    )
