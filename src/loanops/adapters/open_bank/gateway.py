"""The funder gateway over the open protocol: one request per verb, one answer, no judgement."""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from loanops.adapters.open_bank.callbacks import read_callback
from loanops.adapters.open_bank.debits import OpenBankDebits
from loanops.adapters.open_bank.filing import daily_file, signed_copy
from loanops.adapters.open_bank.introductions import (
    changed_at,
    keep_introduction,
    make_identity,
    our_introduction,
    read_connection,
)
from loanops.adapters.open_bank.reading import (
    Unreadable,
    answer,
    count,
    minor,
    parsed,
    rate_text,
    text,
)
from loanops.adapters.open_bank.speaking import Clock, Line
from loanops.adapters.open_bank.terms import wire_terms
from loanops.kernel.money import format_amount
from loanops.origination.routing.ports import (
    Callback,
    CreditAnswer,
    CreditRequest,
    DailyFile,
    DrawdownAnswer,
    DrawdownRequest,
    Outcome,
    PrecheckRequest,
    RepaymentReport,
    ScheduleAnswer,
    ScheduleRow,
    SignedCopy,
    SigningAnswer,
    SigningRequest,
)


class OpenBankGateway:
    """One funder that speaks the open protocol. Safe to use from many threads."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._currency = line.introduction.currency
        self._salt = line.introduction.precheck_salt

    def _amount(self, minor: int) -> str:
        return format_amount(minor, self._currency)

    def _digest(self, kind: str, value: str) -> str:
        return hmac.new(self._salt, f"{kind}:{value}".encode(), sha256).hexdigest()

    def precheck(self, request: PrecheckRequest) -> Outcome:
        """Ask by digest whether the person may apply."""
        content = {
            "serial": request.serial,
            "request_number": request.request_number,
            "business_date": request.on.isoformat(),
            "identity_digest": self._digest("identity", request.id_number),
            "mobile_digest": self._digest("mobile", request.mobile),
        }
        heard = self._line.call("POST", "pre-checks", content)
        return answer(Outcome, heard, serial=request.serial, request_number=request.request_number)

    def apply_for_credit(self, request: CreditRequest) -> CreditAnswer:
        """Apply; the same serial again is the same application."""
        person = request.applicant
        content = {
            "serial": request.serial,
            "request_number": request.request_number,
            "business_date": request.on.isoformat(),
            "reference": request.reference,
            "product": request.product,
            "currency": request.currency,
            "amount": self._amount(request.amount_minor),
            "term_count": request.term_count,
            "annual_rate": rate_text(request.annual_rate),
            "purpose": request.purpose,
            "applicant": {
                "name": person.name,
                "identity_number": person.id_number,
                "mobile": person.mobile,
                "region": person.region,
                "industry": person.industry,
                "income_monthly": self._amount(person.income_monthly_minor),
                "debts_monthly": self._amount(person.debts_monthly_minor),
            },
            "consents": list(request.consents),
        }
        heard = self._line.call("POST", "credit-applications", content)
        return answer(
            CreditAnswer,
            heard,
            serial=request.serial,
            request_number=request.request_number,
            read=self._credit,
        )

    def query_credit(self, serial: str, *, request_number: str) -> CreditAnswer:
        """What became of an application."""
        heard = self._line.call("GET", f"credit-applications/{serial}")
        return answer(
            CreditAnswer, heard, serial=serial, request_number=request_number, read=self._credit
        )

    def _credit(self, content: Mapping[str, Any]) -> dict[str, Any]:
        if content.get("currency") != self._currency:
            raise Unreadable("currency")
        return {
            "approved_minor": minor(content, "approved_amount", self._currency),
            "annual_rate": parsed(content, "annual_rate", Decimal),
            "term_count": count(content, "term_count"),
            "valid_until": parsed(content, "valid_until", date.fromisoformat),
        }

    def create_signing(self, request: SigningRequest) -> SigningAnswer:
        """Open a signing session; the same serial again is the same session."""
        content = {
            "serial": request.serial,
            "request_number": request.request_number,
            "credit_serial": request.credit_serial,
            "currency": request.currency,
            "amount": self._amount(request.amount_minor),
            "term_count": request.term_count,
            "annual_rate": rate_text(request.annual_rate),
            "all_in_cost": request.all_in_cost,
            "contract_number": request.contract_number,
            "contract_digest": request.contract_digest,
            "disclosure_digest": request.disclosure_digest,
            "return_url": request.return_url,
        }
        heard = self._line.call("POST", "signings", content)
        return answer(
            SigningAnswer,
            heard,
            serial=request.serial,
            request_number=request.request_number,
            read=self._signing,
            always_read=True,
        )

    def query_signing(self, serial: str, *, request_number: str) -> SigningAnswer:
        """What became of a signing session."""
        heard = self._line.call("GET", f"signings/{serial}")
        return answer(
            SigningAnswer,
            heard,
            serial=serial,
            request_number=request_number,
            read=self._signing,
            always_read=True,
        )

    def _signing(self, content: Mapping[str, Any]) -> dict[str, Any]:
        page = {"page_url": self._page_url(content)}
        if content["status"] != "SUCCESS":
            return page
        return page | {
            "signed_at": parsed(content, "signed_at", datetime.fromisoformat),
            "funder_contract_number": text(content, "bank_contract_number"),
            "contract_digest": text(content, "contract_digest"),
            "disclosure_digest": text(content, "disclosure_digest"),
            "signed_copy_digest": text(content, "signed_copy_digest"),
        }

    def _page_url(self, content: Mapping[str, Any]) -> str:
        """The page must be the funder's own: one hop, no further."""
        url = text(content, "page_url")
        if not url.startswith(f"{self._line.introduction.base_url}/"):
            raise Unreadable("page_url")
        return url

    def fetch_signed_copy(self, serial: str, *, request_number: str) -> SignedCopy:
        """The signed copy of a session that ended signed."""
        heard = self._line.call_raw("GET", f"signings/{serial}/copy", b"", "")
        return signed_copy(heard, request_number=request_number)

    def draw_down(self, request: DrawdownRequest) -> DrawdownAnswer:
        """Order the payout; the same serial again is the same payout."""
        content = {
            "serial": request.serial,
            "request_number": request.request_number,
            "credit_serial": request.credit_serial,
            "signing_serial": request.signing_serial,
            "contract_number": request.contract_number,
            "contract_digest": request.contract_digest,
            "reference": request.reference,
            "currency": request.currency,
            "amount": self._amount(request.amount_minor),
            "annual_rate": rate_text(Decimal(str(request.terms["annual_rate"]))),
            "term_count": request.terms["instalments"],
            "value_date": request.value_date.isoformat(),
            "terms": wire_terms(request.terms, self._currency),
            "payee": {
                "name": request.payee.name,
                "account": request.payee.account,
                "bank": request.payee.bank,
            },
            "purpose": request.purpose,
        }
        heard = self._line.call("POST", "drawdowns", content)
        return answer(
            DrawdownAnswer,
            heard,
            serial=request.serial,
            request_number=request.request_number,
            moves_money=True,
            read=self._drawdown,
        )

    def query_drawdown(self, serial: str, *, request_number: str) -> DrawdownAnswer:
        """What became of a payout: the only thing that ends an unknown one."""
        heard = self._line.call("GET", f"drawdowns/{serial}")
        return answer(
            DrawdownAnswer,
            heard,
            serial=serial,
            request_number=request_number,
            moves_money=True,
            read=self._drawdown,
        )

    def _drawdown(self, content: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "paid_minor": minor(content, "paid_amount", self._currency),
            "currency": text(content, "currency"),
            "value_date": parsed(content, "value_date", date.fromisoformat),
            "pay_number": text(content, "pay_number"),
            "schedule_digest": text(content, "schedule_digest"),
        }

    def fetch_schedule(self, serial: str, *, request_number: str) -> ScheduleAnswer:
        """The funder's legal schedule of a drawdown."""
        heard = self._line.call("GET", f"schedules/{serial}")
        return answer(
            ScheduleAnswer, heard, serial=serial, request_number=request_number, read=self._rows
        )

    def _rows(self, content: Mapping[str, Any]) -> dict[str, Any]:
        lines = content.get("instalments")
        if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
            raise Unreadable("instalments")
        rows = tuple(
            ScheduleRow(
                number=count(line, "number"),
                due_date=parsed(line, "due_date", date.fromisoformat),
                principal_minor=minor(line, "principal", self._currency),
                interest_minor=minor(line, "interest", self._currency),
                fees_minor=minor(line, "fees", self._currency),
            )
            for line in lines
        )
        return {"schedule_digest": text(content, "schedule_digest"), "rows": rows}

    def report_repayment(self, report: RepaymentReport) -> Outcome:
        """Tell of a repayment that we received."""
        content = {
            "serial": report.serial,
            "request_number": report.request_number,
            "drawdown_serial": report.drawdown_serial,
            "amount": self._amount(report.amount_minor),
            "paid_on": report.paid_on.isoformat(),
        }
        heard = self._line.call("POST", "repayments", content)
        return answer(Outcome, heard, serial=report.serial, request_number=report.request_number)

    def fetch_daily_file(self, kind: str, on: date, *, request_number: str) -> DailyFile:
        """The funder's file of one kind and day; a header that does not add up is no file."""
        heard = self._line.call_raw("GET", f"files/{kind}/{on.isoformat()}", b"", "")
        return daily_file(
            heard, kind=kind, on=on, currency=self._currency, request_number=request_number
        )

    def read_callback(
        self, *, method: str, target: str, headers: Mapping[str, str], raw: bytes, at: datetime
    ) -> Callback:
        """Verify a callback on its raw bytes.

        :raises CallbackNotBelieved: its signature, time, sender or shape is wrong
        """
        return read_callback(
            self._line, method=method, target=target, headers=headers, raw=raw, at=at
        )


class OpenBank:
    """Opens gateways to funders from one folder of identity and introductions.

    ``OpenBank(folder)`` is what ``config/wiring`` plugs as ``open_bank``; an agreement's
    ``gateway_config`` may name another ``party`` than the partner's code, a ``timeout_seconds``
    and ``connections_max``.
    """

    def __init__(self, folder: Path, clock: Clock = time.time) -> None:
        self._folder = folder
        self._clock = clock
        self._lines: dict[str, tuple[float, Line]] = {}
        self._lock = threading.Lock()

    def __call__(self, funder: str, config: Mapping[str, Any]) -> OpenBankGateway:
        """The gateway of that funder; a newer introduction opens a new one.

        :raises BadConnection: identity or introduction is missing or unusable
        """
        return OpenBankGateway(self.line(str(config.get("party", funder)), config))

    def line(self, party: str, config: Mapping[str, Any]) -> Line:
        """The pool of connections to a party.

        :raises BadConnection: identity or introduction is missing or unusable
        """
        with self._lock:
            key = f"{party} {sorted(config.items())!r}"
            at = changed_at(self._folder, party)
            known = self._lines.get(key)
            if known is not None and known[0] == at:
                return known[1]
            identity, introduction = read_connection(self._folder, party)
            line = Line(
                identity=identity,
                introduction=introduction,
                clock=self._clock,
                timeout_seconds=float(config.get("timeout_seconds", 10.0)),
                connections_max=int(config.get("connections_max", 32)),
            )
            self._lines[key] = (at, line)
            return line

    def debits(self) -> OpenBankDebits:
        """The same funders as channels for debit files."""
        return OpenBankDebits(lambda party: self.line(party, {"timeout_seconds": 60.0}))

    def introduce(
        self, *, party: str, callback_url: str, return_url_prefixes: tuple[str, ...], at: datetime
    ) -> Mapping[str, Any]:
        """What we hand to a funder; makes our key pair where there is none."""
        make_identity(self._folder, party=party, at=at)
        return our_introduction(
            self._folder, callback_url=callback_url, return_url_prefixes=return_url_prefixes
        )

    def keep(self, document: Mapping[str, Any]) -> str:
        """Keep what a funder handed to us; returns its party code.

        :raises BadConnection: it cannot be used
        """
        return keep_introduction(self._folder, document).party
