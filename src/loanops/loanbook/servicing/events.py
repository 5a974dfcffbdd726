"""What servicing announces and records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from loanops.platform.audit import Sentence
from loanops.platform.outbox import Event

SENTENCES = {
    "servicing.loan_opened": Sentence(
        "Loan {subject} was opened for application {application} with {funder}"
    ),
    "servicing.loans_opened": Sentence("{count} loans were opened"),
    "servicing.brought_in": Sentence(
        "{count} loans were brought in from {source} with their balances of {cut_off}"
    ),
    "servicing.import_undone": Sentence(
        "{count} loans that import {of} brought in from {source} were taken back"
    ),
    "servicing.import_undo_asked": Sentence(
        "It was asked that import {subject} be taken back: {request}"
    ),
    "servicing.import_undo_approved": Sentence(
        "Request {request} was approved: import {subject} is being taken back"
    ),
    "servicing.import_undo_refused": Sentence(
        "Request {request} that import {subject} be taken back was refused"
    ),
    "servicing.import_undo_lapsed": Sentence(
        "Request {request} lapsed: import {subject} was not taken back"
    ),
    "servicing.repaid": Sentence("{amount_minor} was repaid on loan {subject}: {channel}"),
    "servicing.repaid_many": Sentence("{count} repayments of {amount_minor} were booked"),
    "servicing.credit_used": Sentence("Credit of {count} loans was used for what fell due"),
    "servicing.aged": Sentence("{count} loans grew older in days past due"),
    "servicing.accrued": Sentence("Interest of {interest_minor} was accrued for {closed_on}"),
    "servicing.penalised": Sentence("Penalty of {penalty_minor} was accrued for {closed_on}"),
    "servicing.late_charged": Sentence(
        "{count} instalments bear {amount_minor} of fees for being late from {on} on"
    ),
    "servicing.close_step_done": Sentence("Step {step} of the close of {closed_on} is done"),
    "servicing.fell_due": Sentence("{count} instalments of {amount_minor} fall due on {due_on}"),
    "servicing.compensations_due": Sentence(
        "{count} compensations of {amount_minor} by guarantors fall due on {on}"
    ),
    "servicing.debits_ordered": Sentence("{count} debits of {amount_minor} were ordered"),
    "servicing.postings_folded": Sentence(
        "{accounts} account balances were carried to {closed_on}"
    ),
    "servicing.classed": Sentence("The class of {count} loans was determined anew"),
    "servicing.provided": Sentence("Provision for {closed_on} stands at {provision_minor}"),
    "servicing.vintages_summed": Sentence("{rows} vintages were summed at the end of {closed_on}"),
    "servicing.reclassified": Sentence("Loan {subject} was judged to be in a lower class"),
    "servicing.judgement_withdrawn": Sentence("The judgement of loan {subject} was withdrawn"),
    "servicing.ageing_paused": Sentence("Ageing of loan {subject} was paused"),
    "servicing.ageing_resumed": Sentence("Ageing of loan {subject} goes on"),
    "servicing.change_asked": Sentence("A change of loan {subject} was asked for: {request}"),
    "servicing.change_approved": Sentence("Request {request} for loan {subject} was approved"),
    "servicing.changes_lapsed": Sentence(
        "{count} requests lapsed with their business day; ask for them again"
    ),
    "servicing.change_refused": Sentence("Request {request} for loan {subject} was refused"),
    "servicing.prepaid": Sentence("{amount_minor} was repaid on loan {subject}, part of it early"),
    "servicing.settled_early": Sentence("Loan {subject} was settled early with {amount_minor}"),
    "servicing.refunded": Sentence(
        "{amount_minor} that was left over of payment {of} of loan {subject} goes back"
    ),
    "servicing.fee_charged": Sentence("{amount_minor} was charged to loan {subject}"),
    "servicing.waived": Sentence("Up to {amount_minor} was waived on loan {subject}"),
    "servicing.rate_changed": Sentence(
        "The rate of loan {subject} is {annual_rate} a year from {on} on"
    ),
    "servicing.rates_reset": Sentence("The rates of {count} loans were read anew from their index"),
    "servicing.reread_asked": Sentence(
        "Loans that follow {index} are to read it again from {since} on: {subject}"
    ),
    "servicing.reread_planned": Sentence("Run {subject} was worked out for {count} loans"),
    "servicing.reread_approved": Sentence("Run {subject} was approved for {count} loans"),
    "servicing.reread_refused": Sentence("Run {subject} was refused"),
    "servicing.rates_reread": Sentence(
        "{count} loans read again what they should have read, by run {run}"
    ),
    "servicing.reread_left": Sentence("{count} loans of run {run} were left or set aside"),
    "servicing.reread_done": Sentence("Run {subject} is done with {count} loans"),
    "servicing.due_moved": Sentence("On loan {subject} what fell due on {due} falls due on {to}"),
    "servicing.deferred": Sentence(
        "{periods} instalments of loan {subject} from {due} on were deferred"
    ),
    "servicing.extended": Sentence("Loan {subject} was extended by {periods} instalments"),
    "servicing.restructured": Sentence(
        "Loan {subject} was restructured into {instalments} instalments at {annual_rate} a year"
    ),
    "servicing.counting_paused": Sentence(
        "Days past due of loan {subject} stand still from {on} on"
    ),
    "servicing.counting_resumed": Sentence("Days past due of loan {subject} count on from {on} on"),
    "servicing.accelerated": Sentence("Everything left of loan {subject} fell due on {on}"),
    "servicing.drawn": Sentence("A further {amount_minor} was paid out on loan {subject}"),
    "servicing.compensated": Sentence(
        "{owner} compensated {price_minor} for loan {subject} and owns the claim"
    ),
    "servicing.bought_back": Sentence(
        "{owner} bought loan {subject} back for {price_minor} and owns the claim"
    ),
    "servicing.assigned": Sentence(
        "The claim on loan {subject} was sold to {owner} for {price_minor}"
    ),
    "servicing.written_off": Sentence("Loan {subject} was written off"),
    "servicing.undone": Sentence("On loan {subject} this was undone: {what}, {counted_on}"),
    # Entries from before what was undone was kept beside its key.
    "servicing.reversed": Sentence("Event {of} of loan {subject} was undone"),
    "servicing.rebuilt": Sentence("{count} loans were written anew from their events"),
    "servicing.sums_rebuilt": Sentence(
        "{periods} sums of periods and {pools} of penalty were put right in {subject}"
    ),
    "servicing.loan_set_aside": Sentence("Loan {subject} was set aside by step {step}"),
    "servicing.loan_released": Sentence("Loan {subject} was released to the close"),
}


@dataclass(frozen=True, kw_only=True)
class LoanOpened(Event):
    """A loan exists: its principal was paid out. ``subject`` is its number."""

    NAME: ClassVar[str] = "servicing.loan_opened"
    application: str
    contract: str
    funder: str
    product: str
    principal_minor: int
    disbursed_on: str


@dataclass(frozen=True, kw_only=True)
class LoansOpened(Event):
    """Many loans exist; ``rows`` hold the fields of :class:`LoanOpened` and ``loan``."""

    NAME: ClassVar[str] = "servicing.loan_opened_many"
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class LoansBroughtIn(Event):
    """Loans came from another system; ``rows`` hold loan, contract (source and number there),
    funder, product, state and outstanding_minor."""

    NAME: ClassVar[str] = "servicing.brought_in_many"
    source: str
    cut_off: str
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class LoansTakenBack(Event):
    """Loans that import ``of`` brought in were taken back: they are none of this book any more.

    ``rows`` hold loan and contract (source and number there)."""

    NAME: ClassVar[str] = "servicing.import_undone_many"
    source: str
    of: str
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class LoanRepaid(Event):
    """Money was laid on a loan. ``subject`` is its number; amounts are minor units."""

    NAME: ClassVar[str] = "servicing.repaid"
    receipt: str
    on: str
    amount_minor: int
    principal_minor: int
    interest_minor: int
    fee_minor: int
    penalty_minor: int
    unapplied_minor: int
    outstanding_minor: int
    state: str


@dataclass(frozen=True, kw_only=True)
class LoanChanged(Event):
    """Something other than a plain repayment happened to a loan. ``subject`` is its number.

    ``values`` are what the event says; amounts are minor units.
    """

    NAME: ClassVar[str] = "servicing.loan_changed"
    kind: str
    on: str
    key: str
    values: dict[str, Any]
    outstanding_minor: int
    to_pay_minor: int
    state: str
    claim_owner: str


@dataclass(frozen=True, kw_only=True)
class RequestMoved(Event):
    """What takes two people was asked for, or was decided; ``state`` says how it stands.

    ``about`` is change, reread or import_undo; the subject is the loan, the run or the import.
    """

    NAME: ClassVar[str] = "servicing.request_moved"
    request: str
    about: str
    state: str


@dataclass(frozen=True, kw_only=True)
class RequestsMoved(Event):
    """Many requests moved; ``rows`` hold loan (of a change) and the fields of
    :class:`RequestMoved`."""

    NAME: ClassVar[str] = "servicing.request_moved_many"
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class LoansSetAside(Event):
    """A step of the close could not treat loans; ``rows`` hold loan and step of each."""

    NAME: ClassVar[str] = "servicing.loans_set_aside"
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class LoanReleased(Event):
    """A loan that was set aside is back in the close."""

    NAME: ClassVar[str] = "servicing.loan_released"


@dataclass(frozen=True, kw_only=True)
class RatesReset(Event):
    """Floating loans read their index; ``rows`` hold loan, on, index and annual_rate."""

    NAME: ClassVar[str] = "servicing.rates_reset_many"
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class LoansRepaid(Event):
    """Money was laid on many loans; ``rows`` hold `loan` and the fields of :class:`LoanRepaid`."""

    NAME: ClassVar[str] = "servicing.repaid_many"
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class LoansOverdue(Event):
    """Loans moved to a later bucket; ``rows`` hold loan, from_bucket, to_bucket, due_on,
    outstanding_minor."""

    NAME: ClassVar[str] = "servicing.overdue_many"
    on: str
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class FellDue(Event):
    """What falls due on a day; the rows are the due list of ``queries.list_dues``."""

    NAME: ClassVar[str] = "servicing.fell_due"
    due_on: str
    count: int
    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class CompensationsFellDue(Event):
    """Guarantors are to pay from this day on; ``rows`` hold loan, number (of the instalment; none
    for the whole loan), guarantor, funder, agreement, due_on, principal_minor, interest_minor,
    fee_minor, penalty_minor and price_minor."""

    NAME: ClassVar[str] = "servicing.compensations_due_many"
    on: str
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class DayClosed(Event):
    """Every step of a day's close is done."""

    NAME: ClassVar[str] = "servicing.day_closed"
    closed_on: str
    business_date: str
