"""A funder of a story, in memory: its truth, and the many ways in which it tells it.

What it does with a serial follows from the seed and the serial's place alone, never from the order
in which threads ask, so that one seed is one story.
"""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from loanops.money.payments.ports import DebitFileOut, DebitResult
from loanops.origination.routing.domain.judging import NOT_FOUND
from loanops.origination.routing.ports import (
    Callback,
    CallbackNotBelieved,
    CreditAnswer,
    CreditRequest,
    DrawdownAnswer,
    DrawdownRequest,
    Outcome,
    PrecheckRequest,
    RepaymentReport,
    ScheduleAnswer,
    Standing,
)

LATER = timedelta(days=30)
_SOURCES = ("at once", "slowly", "unheard", "lost", "hidden", "no", "no, then yes", "broken")
_WEIGHTS = (50, 12, 12, 8, 6, 5, 4, 3)


@dataclass(frozen=True)
class Payout:
    """One serial as the bank has it: how it ends, and how many queries hear nothing of that."""

    answer: DrawdownAnswer
    quiet: int
    found: bool = True


class Bank:
    """One funder and its debit channel. ``honest`` ends all misbehaviour."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.honest = False
        self.payouts: dict[str, Payout] = {}
        self.debits: dict[str, list[DebitResult]] = {}
        self._credits: dict[str, CreditRequest] = {}
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, funder: str, config: Mapping[str, Any]) -> Bank:
        """The gateway of any funder is this one."""
        del funder, config
        return self

    def _chance(self, *what: str) -> random.Random:
        """Chance that depends on the seed, the thing asked about, and how often it was."""
        with self._lock:
            key = "/".join(what)
            self._asked[key] += 1
            return random.Random(f"{self.seed}/{key}/{self._asked[key]}")

    def truth(self) -> dict[str, str]:
        """The number of every payment that really left, by serial."""
        paid = Standing.SUCCESS
        return {
            serial: payout.answer.pay_number
            for serial, payout in self.payouts.items()
            if payout.answer.standing is paid
        }

    # --- credit

    def precheck(self, request: PrecheckRequest) -> Outcome:
        return Outcome(
            standing=Standing.SUCCESS, request_number=request.request_number, evidence=_proof("pre")
        )

    def apply_for_credit(self, request: CreditRequest) -> CreditAnswer:
        chance = self._chance("credit", request.serial)
        if not self.honest and chance.random() < 0.1:
            return CreditAnswer(
                standing=Standing.UNKNOWN, request_number=request.request_number, problem="timeout"
            )
        return self._credit(request.serial, request.request_number, request)

    def query_credit(self, serial: str, *, request_number: str) -> CreditAnswer:
        if not self.honest and self._chance("ask", serial).random() < 0.3:
            return CreditAnswer(
                standing=Standing.PROCESSING, request_number=request_number, evidence=_proof("wait")
            )
        return self._credit(serial, request_number, None)

    def _credit(
        self, serial: str, request_number: str, request: CreditRequest | None
    ) -> CreditAnswer:
        if request is not None:
            self._credits[serial] = request
        known = self._credits.get(serial)
        if known is None:
            return CreditAnswer(
                standing=Standing.UNKNOWN, request_number=request_number, problem=NOT_FOUND
            )
        if random.Random(f"{self.seed}/grant/{serial}").random() < 0.1:
            return CreditAnswer(
                standing=Standing.REFUSED, request_number=request_number, reason="F105",
                evidence=_proof(serial, "no"),
            )  # fmt: skip
        return CreditAnswer(
            standing=Standing.SUCCESS,
            request_number=request_number,
            evidence=_proof(serial, "yes"),
            approved_minor=known.amount_minor,
            annual_rate=known.annual_rate,
            term_count=known.term_count,
            valid_until=known.on + LATER,
        )

    # --- payouts

    def draw_down(self, request: DrawdownRequest) -> DrawdownAnswer:
        """Order the payout; what is known under the serial stays as it was."""
        manner = "at once"
        if not self.honest:
            chance = self._chance("draw", request.serial)
            manner = chance.choices(_SOURCES, _WEIGHTS)[0]
        known = self.payouts.get(request.serial)
        if known is None and manner != "lost":
            known = self.payouts[request.serial] = self._decided(request, manner)
        number = request.request_number
        if manner == "broken":
            raise ConnectionError("the adapter fails as it may")
        if known is None or manner in {"unheard", "lost", "hidden"}:
            return DrawdownAnswer(
                standing=Standing.UNKNOWN, request_number=number, problem="timeout"
            )
        if manner == "slowly":
            return DrawdownAnswer(
                standing=Standing.PROCESSING, request_number=number, evidence=_proof("wait")
            )
        if manner == "no, then yes":
            return DrawdownAnswer(
                standing=Standing.REFUSED, request_number=number, reason="F999",
                evidence=_proof(number),
            )  # fmt: skip
        return replace(known.answer, request_number=number)

    def _decided(self, request: DrawdownRequest, manner: str) -> Payout:
        quiet = {"slowly": 2, "hidden": 3, "no, then yes": 1}.get(manner, 0)
        if manner == "no":
            answer = DrawdownAnswer(
                standing=Standing.REFUSED, request_number="", reason="F201",
                evidence=_proof(request.serial, "no"),
            )  # fmt: skip
        else:
            answer = DrawdownAnswer(
                standing=Standing.SUCCESS,
                request_number="",
                evidence=_proof(request.serial, "paid"),
                paid_minor=request.amount_minor,
                currency=request.currency,
                value_date=request.value_date,
                pay_number=f"PAY-{request.serial}",
            )
        return Payout(answer, quiet, found=manner != "hidden")

    def query_drawdown(self, serial: str, *, request_number: str) -> DrawdownAnswer:
        """Tell what is known, sooner or later."""
        known = self.payouts.get(serial)
        if known is None:
            return DrawdownAnswer(
                standing=Standing.UNKNOWN, request_number=request_number, problem=NOT_FOUND
            )
        if known.quiet and not self.honest:
            self.payouts[serial] = replace(known, quiet=known.quiet - 1)
            standing = Standing.PROCESSING if known.found else Standing.UNKNOWN
            return DrawdownAnswer(
                standing=standing, request_number=request_number,
                problem="" if known.found else NOT_FOUND, evidence=_proof("wait"),
            )  # fmt: skip
        if not self.honest and self._chance("query", serial).random() < 0.15:
            return DrawdownAnswer(
                standing=Standing.UNKNOWN, request_number=request_number, problem="timeout"
            )
        return replace(known.answer, request_number=request_number)

    def fetch_schedule(self, serial: str, *, request_number: str) -> ScheduleAnswer:
        del serial
        return ScheduleAnswer(
            standing=Standing.UNKNOWN, request_number=request_number, problem="timeout"
        )

    def report_repayment(self, report: RepaymentReport) -> Outcome:
        return Outcome(standing=Standing.SUCCESS, request_number=report.request_number)

    def read_callback(
        self, *, method: str, target: str, headers: Mapping[str, str], raw: bytes, at: datetime
    ) -> Callback:
        """Believe what is marked as signed.

        :raises CallbackNotBelieved: it is not.
        """
        del method, target, at
        if headers.get("signature") != "good":
            raise CallbackNotBelieved
        said = json.loads(raw)
        return Callback(
            event_id=said["event_id"], event="drawdown", funder=said["funder"],
            serial=said["serial"], standing=Standing(said["standing"]), body=said,
        )  # fmt: skip

    # --- debits

    def send_debit_file(self, *, file: DebitFileOut) -> str:
        """Collect in full, in part or not at all; the same file again changes nothing."""
        if not self.honest and self._chance("file", file.number).random() < 0.2:
            raise ConnectionError
        if file.number not in self.debits:
            self.debits[file.number] = [
                self._collected(line.order, line.amount_minor, file.due_on) for line in file.lines
            ]
        return f"REF-{file.number}"

    def _collected(self, order: str, amount_minor: int, on: date) -> DebitResult:
        share = random.Random(f"{self.seed}/{order}").choice((0, 0, 3, 7, 10, 10))
        collected = amount_minor * share // 10
        return DebitResult(order, f"B-{order}" if collected else "", collected, on)

    def fetch_results(self, *, party: str, file: str) -> Sequence[DebitResult] | None:
        del party
        if not self.honest and self._chance("results", file).random() < 0.4:
            return None
        return self.debits.get(file)


def _proof(*parts: str) -> str:
    return sha256("/".join(parts).encode()).hexdigest()
