"""Banks on paper: funders in this process that say what they were told to, in no time.

What the protocol and its signatures need is tested against the sandbox's banks; here only what
routing makes of an answer matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

from loanops.kernel.schedule import Terms, schedule
from loanops.origination.routing.ports import (
    CreditAnswer,
    CreditRequest,
    DrawdownAnswer,
    DrawdownRequest,
    Outcome,
    PrecheckRequest,
    ScheduleAnswer,
    ScheduleRow,
    SignedCopy,
    SigningAnswer,
    SigningRequest,
    Standing,
)

COPY = b"%PDF-1.7 the signed copy"
SIGNED_AT = datetime(2026, 11, 2, 3, 5, tzinfo=UTC)


@dataclass
class PaperBanks:
    """Every bank that is reached through one gateway, and what each says to what is asked."""

    says: dict[tuple[str, str], tuple[Standing, str]] = field(default_factory=dict)
    sessions: dict[str, SigningRequest] = field(default_factory=dict)
    payouts: dict[str, DrawdownRequest] = field(default_factory=dict)

    def say(self, bank: str, asked: str, standing: Standing, reason: str = "") -> None:
        """From now on `bank` answers `asked` so."""
        self.says[bank, asked] = (standing, reason)

    def open(self, bank: str, config: Mapping[str, Any]) -> Any:
        """What `GATEWAYS` holds."""
        del config
        return _Bank(self, bank)


class _Bank(SimpleNamespace):
    banks: PaperBanks
    code: str

    def __init__(self, banks: PaperBanks, code: str) -> None:
        super().__init__(banks=banks, code=code)

    def _said(self, asked: str, number: str) -> dict[str, Any]:
        standing, reason = self.banks.says.get((self.code, asked), (Standing.SUCCESS, ""))
        unknown = standing is Standing.UNKNOWN
        return {
            "standing": standing,
            "request_number": number,
            "reason": "" if unknown else reason,
            "problem": reason if unknown else "",
            "evidence": sha256(number.encode()).hexdigest(),
        }

    def precheck(self, request: PrecheckRequest) -> Outcome:
        return Outcome(**self._said("precheck", request.request_number))

    def apply_for_credit(self, request: CreditRequest) -> CreditAnswer:
        return CreditAnswer(
            **self._said("credit", request.request_number),
            approved_minor=request.amount_minor,
            annual_rate=request.annual_rate,
            term_count=request.term_count,
            valid_until=date(2026, 12, 31),
        )

    def create_signing(self, request: SigningRequest) -> SigningAnswer:
        self.banks.sessions[request.serial] = request
        return SigningAnswer(
            standing=Standing.PROCESSING,
            request_number=request.request_number,
            page_url=f"https://{self.code}.bank.example/sign/{request.serial}",
        )

    def query_signing(self, serial: str, *, request_number: str) -> SigningAnswer:
        asked = self.banks.sessions[serial]
        return SigningAnswer(
            **self._said("signing", request_number),
            signed_at=SIGNED_AT,
            funder_contract_number=f"{self.code}-{serial}",
            contract_digest=asked.contract_digest,
            disclosure_digest=asked.disclosure_digest,
            signed_copy_digest=sha256(COPY).hexdigest(),
        )

    def fetch_signed_copy(self, serial: str, *, request_number: str) -> SignedCopy:
        return SignedCopy(
            standing=Standing.SUCCESS,
            request_number=request_number,
            evidence=sha256(COPY).hexdigest(),
            content=COPY,
        )

    def draw_down(self, request: DrawdownRequest) -> DrawdownAnswer:
        self.banks.payouts[request.serial] = request
        return self._paid(request, "drawdown", request.request_number)

    def query_drawdown(self, serial: str, *, request_number: str) -> DrawdownAnswer:
        return self._paid(self.banks.payouts[serial], "drawdown_query", request_number)

    def fetch_schedule(self, serial: str, *, request_number: str) -> ScheduleAnswer:
        rows = schedule(Terms.from_dict(self.banks.payouts[serial].terms)).rows
        return ScheduleAnswer(
            **self._said("schedule", request_number),
            rows=tuple(
                ScheduleRow(
                    number=row.number,
                    due_date=row.due_date,
                    principal_minor=row.principal_minor,
                    interest_minor=row.interest_minor,
                    fees_minor=row.fees_minor,
                )
                for row in rows
            ),
        )

    def _paid(self, request: DrawdownRequest, asked: str, number: str) -> DrawdownAnswer:
        said = self._said(asked, number)
        if said["standing"] is not Standing.SUCCESS:
            return DrawdownAnswer(**said)
        return DrawdownAnswer(
            **said,
            paid_minor=request.amount_minor,
            currency=request.currency,
            value_date=request.value_date,
            pay_number=f"PAY-{request.serial}",
            schedule_digest=sha256(request.serial.encode()).hexdigest(),
        )
