"""What routing needs of a funding partner, whoever it is and whatever language it speaks.

Every answer carries a :class:`Standing`. ``UNKNOWN`` means exactly that: the partner may or may
not have done it, and only a later query can tell. An adapter never turns doubt into failure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from loanops.kernel.sockets import Socket


class Standing(StrEnum):
    """What is known of a request after a call."""

    PROCESSING = "processing"
    """The partner has it and has not decided."""
    SUCCESS = "success"
    """The partner said yes, in an answer that is proven to be its own."""
    REFUSED = "refused"
    """The partner said a final no, in an answer that is proven to be its own."""
    UNKNOWN = "unknown"
    """Nothing certain is known; query under the same serial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The part that all answers share.

    ``code`` is the partner's handled code, ``reason`` its reason for a no, ``problem`` our word
    for why the standing is unknown (``timeout``, ``not_found`` …), ``evidence`` the SHA-256 of
    the signed answer as received, ``answer`` its text without personal data.
    """

    standing: Standing
    request_number: str
    code: str = ""
    reason: str = ""
    problem: str = ""
    evidence: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecheckRequest:
    """May this person apply? Asked by salted digests only; the adapter makes them."""

    serial: str
    request_number: str
    on: date
    id_number: str
    mobile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Who applies. Personal fields are empty in a book without identity. Never logged."""

    name: str = ""
    id_number: str = ""
    mobile: str = ""
    region: str = ""
    industry: str = ""
    income_monthly_minor: int = 0
    debts_monthly_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRequest:
    """An application for credit with one funder."""

    serial: str
    request_number: str
    on: date
    reference: str
    product: str
    currency: str
    amount_minor: int
    term_count: int
    annual_rate: Decimal
    purpose: str
    applicant: Applicant
    consents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditAnswer(Outcome):
    """What the funder grants, when the standing is success."""

    approved_minor: int | None = None
    annual_rate: Decimal | None = None
    term_count: int | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningRequest:
    """A session in which the borrower signs on the funder's own page."""

    serial: str
    request_number: str
    credit_serial: str
    currency: str
    amount_minor: int
    term_count: int
    annual_rate: Decimal
    all_in_cost: str
    contract_number: str
    contract_digest: str
    disclosure_digest: str
    return_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningAnswer(Outcome):
    """Where the borrower signs, and what was signed once the standing is success."""

    page_url: str = ""
    signed_at: datetime | None = None
    funder_contract_number: str = ""
    contract_digest: str = ""
    disclosure_digest: str = ""
    signed_copy_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCopy(Outcome):
    """The signed copy as the funder keeps it."""

    content: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """Where the money goes. Never logged."""

    name: str
    account: str
    bank: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawdownRequest:
    """One payout intent. ``terms`` are the kernel's terms as plain values."""

    serial: str
    request_number: str
    credit_serial: str
    signing_serial: str
    contract_number: str
    contract_digest: str
    reference: str
    currency: str
    amount_minor: int
    value_date: date
    terms: Mapping[str, Any]
    payee: Payee
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawdownAnswer(Outcome):
    """What was paid, when the standing is success; routing compares it with the intent."""

    paid_minor: int | None = None
    currency: str = ""
    value_date: date | None = None
    pay_number: str = ""
    schedule_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRow:
    """One instalment of the funder's legal schedule."""

    number: int
    due_date: date
    principal_minor: int
    interest_minor: int
    fees_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleAnswer(Outcome):
    """The funder's schedule of one drawdown."""

    schedule_digest: str = ""
    rows: tuple[ScheduleRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RepaymentReport:
    """A repayment that we received and tell the funder of."""

    serial: str
    request_number: str
    drawdown_serial: str
    amount_minor: int
    paid_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyFile(Outcome):
    """A file of the funder for one day, its header already held against its lines."""

    kind: str = ""
    on: date | None = None
    version: int = 0
    amount_minor: int = 0
    lines: tuple[Mapping[str, Any], ...] = ()
    content: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """A message a funder sent by itself, its signature verified. It is a hint: query before
    anything ends."""

    event_id: str
    event: str
    funder: str
    serial: str
    standing: Standing
    body: Mapping[str, Any] = field(default_factory=dict)


class CallbackNotBelieved(Exception):
    """A callback without a valid signature, stale, replayed, or for somebody else."""


class GatewayNotReady(Exception):
    """A funder cannot be reached or believed yet: no keys or introductions were exchanged."""


class FunderGateway(Protocol):
    """One funder, reached."""

    def precheck(self, request: PrecheckRequest) -> Outcome:
        """Ask by digest whether the person may apply."""
        ...

    def apply_for_credit(self, request: CreditRequest) -> CreditAnswer:
        """Apply; the same serial again is the same application."""
        ...

    def query_credit(self, serial: str, *, request_number: str) -> CreditAnswer:
        """What became of an application."""
        ...

    def create_signing(self, request: SigningRequest) -> SigningAnswer:
        """Open a signing session; the same serial again is the same session."""
        ...

    def query_signing(self, serial: str, *, request_number: str) -> SigningAnswer:
        """What became of a signing session."""
        ...

    def fetch_signed_copy(self, serial: str, *, request_number: str) -> SignedCopy:
        """The signed copy of a session that ended signed."""
        ...

    def draw_down(self, request: DrawdownRequest) -> DrawdownAnswer:
        """Order the payout; the same serial again is the same payout."""
        ...

    def query_drawdown(self, serial: str, *, request_number: str) -> DrawdownAnswer:
        """What became of a payout: the only thing that ends an unknown one."""
        ...

    def fetch_schedule(self, serial: str, *, request_number: str) -> ScheduleAnswer:
        """The funder's legal schedule of a drawdown."""
        ...

    def report_repayment(self, report: RepaymentReport) -> Outcome:
        """Tell of a repayment that we received."""
        ...

    def fetch_daily_file(self, kind: str, on: date, *, request_number: str) -> DailyFile:
        """The funder's file of one kind (``disbursements``, ``repayments``) and day."""
        ...

    def read_callback(
        self, *, method: str, target: str, headers: Mapping[str, str], raw: bytes, at: datetime
    ) -> Callback:
        """Verify a callback on its raw bytes.

        :raises CallbackNotBelieved: its signature, time, sender or shape is wrong
        """
        ...


OpenGateway = Callable[[str, Mapping[str, Any]], FunderGateway]
"""How an adapter reaches one funder: partner code and the agreement's ``gateway_config``."""

GATEWAYS: Socket[OpenGateway] = Socket("routing.funder_gateway")
"""By the agreement's ``gateway`` name; ``config/wiring`` plugs the adapters."""


class Connections(Protocol):
    """The keys and introductions by which funders and we know each other."""

    def introduce(
        self, *, party: str, callback_url: str, return_url_prefixes: tuple[str, ...], at: datetime
    ) -> Mapping[str, Any]:
        """What we hand to a funder; makes our key pair where there is none."""
        ...

    def keep(self, document: Mapping[str, Any]) -> str:
        """Keep what a funder handed to us; returns its party code."""
        ...


CONNECTIONS: Socket[Connections] = Socket("routing.connections")
"""By gateway name, as ``GATEWAYS``."""
