"""Papers of a loan: statement, payoff quote, settlement certificate and repayment calendar.

Each is derived from terms and events on the spot, as data and as a file; none is kept.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from icalendar import Alarm, Calendar
from icalendar import Event as CalendarEvent

from loanops.kernel.access import Viewer
from loanops.kernel.account import (
    AccountState,
    SettledEarly,
    settlement_fee_minor,
    state,
)
from loanops.kernel.allocation import Parts
from loanops.kernel.money import spoken_amount
from loanops.kernel.refusals import BadField, NotFound
from loanops.kernel.schedule import Terms
from loanops.loanbook.servicing.domain import papers as domain
from loanops.loanbook.servicing.domain.balances import balances_of, late_fees_of, late_fees_paid
from loanops.loanbook.servicing.domain.effects import ScheduleLine, lines_of
from loanops.loanbook.servicing.domain.lifecycle import LIVE
from loanops.loanbook.servicing.domain.orders import NotInState
from loanops.loanbook.servicing.domain.outlook import payoff_minor
from loanops.loanbook.servicing.domain.papers import (
    CertificateCard,
    Named,
    NothingToPayOff,
    NotPaidInFull,
    PaperHead,
    PayoffCard,
    StatementCard,
    StatementLine,
)
from loanops.loanbook.servicing.domain.standing import past_card
from loanops.loanbook.servicing.models import Loan
from loanops.loanbook.servicing.queries.board import Reading
from loanops.loanbook.servicing.queries.histories import events_of, terms_of
from loanops.loanbook.servicing.queries.loans import find_row
from loanops.loanbook.servicing.queries.outlook import check_ahead
from loanops.origination.contracts.ports import PAGES, TYPESETTERS
from loanops.origination.contracts.queries import read_layout
from loanops.platform.books import queries as books
from loanops.platform.sheets.writing import csv_of, xlsx_of
from loanops.registry.parties import queries as parties
from loanops.registry.partners import queries as partners

_HOUSE: Final = Viewer.house("papers")
_DAY: Final = timedelta(days=1)
_KEY: Final = "payoff"
_WORDS: Final = Path(__file__).resolve().parents[1] / "data" / "papers.toml"
_LAYOUT: Final = "document-1"
_SHEETS: Final = {
    "csv": ("text/csv; charset=utf-8", csv_of),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_of),
}
NAMING: Final = frozenset({"payoff", "certificate", "statement"})
FORMS: Final = ("pdf", *_SHEETS)


@dataclass(frozen=True)
class PaperFile:
    """A paper as a file."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class PaperDays:
    """The days of a paper: ``on`` of a quote; a statement runs from ``since`` up to ``until``,
    with what was known by its last day or what is known now."""

    on: date | None = None
    since: date | None = None
    until: date | None = None
    reading: Reading = Reading.NOW


def read_paper(
    *,
    number: str,
    paper: str,
    days: PaperDays,
    form: str = "pdf",
    chinese: bool,
    borrower: str = "",
    viewer: Viewer,
) -> PaperFile:
    """A paper of a loan as a file: statement, payoff, certificate or calendar.

    Without days a quote is of the business date, and a statement of the whole life of the loan.
    A statement can be ``csv`` or ``xlsx`` beside ``pdf``. ``borrower`` is the name in clear, the
    masked one stands in its place where none is given.

    :raises NotFound: there is no such loan that the viewer may see, or no such paper.
    :raises BadField: the paper is not given in that form.
    :raises Refusal: everything that the question for the paper's card raises.
    """
    loan = find_row(number, viewer)
    today = books.business_date(loan.book_id)
    if form not in (FORMS if paper == "statement" else FORMS[:1]):
        raise BadField(field="form", problem="the paper is not given in this form")
    if paper == "payoff":
        return print_payoff(get_payoff(number=number, on=days.on or today, viewer=viewer), borrower)
    if paper == "certificate":
        return print_certificate(get_certificate(number=number, viewer=viewer), borrower)
    if paper == "statement":
        card = get_statement(
            number=number, since=days.since, until=days.until, reading=days.reading, viewer=viewer
        )
        if form == "pdf":
            return print_statement(card, borrower)
        return tabulate_statement(card, form, chinese=chinese)
    if paper == "calendar":
        return get_calendar(number=number, viewer=viewer, chinese=chinese)
    raise NotFound(kind="paper", number=paper)


def get_payoff(*, number: str, on: date, viewer: Viewer) -> PayoffCard:
    """What it takes to end a loan on a day, today or later, part by part.

    It is to the last unit what an early settlement of that day takes.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none that the viewer may see.
    :raises BadField: the day lies before the business date or over a year ahead of it.
    :raises NothingToPayOff: nothing is owed any more.
    :raises NotInState: the loan is written off, so that no early settlement would be taken.
    """
    loan = find_row(number, viewer)
    check_ahead(loan, on)
    terms, events = terms_of(loan), events_of(loan)
    before = state(terms, events, on)
    if not (before.due - before.paid).total_minor:
        raise NothingToPayOff(loan=number)
    if loan.state not in LIVE:
        raise NotInState(state=loan.state)
    total_minor = payoff_minor(terms, events, on)
    money = SettledEarly(key=_KEY, on=on, amount_minor=total_minor)
    settling = [*events, money]
    after = state(terms, settling, on)
    parts = next(each.parts for each in after.repayments if each.key == _KEY)
    early_fee_minor = settlement_fee_minor(terms, settling, on)
    return PayoffCard(
        head=_head(loan, terms, before),
        on=on,
        principal_minor=parts.principal_minor,
        interest_minor=parts.interest_minor,
        fee_minor=parts.fee_minor - early_fee_minor,
        early_fee_minor=early_fee_minor,
        penalty_minor=parts.penalty_minor,
        total_minor=total_minor,
        each_day_minor=payoff_minor(terms, events, on + _DAY) - total_minor,
    )


def get_statement(
    *,
    number: str,
    since: date | None = None,
    until: date | None = None,
    reading: Reading = Reading.NOW,
    viewer: Viewer,
) -> StatementCard:
    """A loan over the days from ``since`` up to ``until``, which is the day after the last.

    All of it is as recalculated now, or as it was known at the end of the last day: the statement
    that would have been given then. Without days: from the payout to the business date.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none that the viewer may see.
    :raises BadField: the period is empty, or ends after the business date.
    """
    loan = find_row(number, viewer)
    today = books.business_date(loan.book_id)
    since, until = since or loan.disbursed_on, until or today + _DAY
    if until > today + _DAY:
        raise BadField(field="until", problem="must not lie after the business date")
    if since < loan.disbursed_on:
        raise BadField(field="since", problem="begin on the day of the payout or later")
    if since >= until:
        raise BadField(field="since", problem="must not lie after the last day")
    known = {"booked_on__lt": until} if reading is Reading.THEN else {}
    terms, events = terms_of(loan), events_of(loan, **known)
    before, after = (state(terms, events, day) for day in (since - _DAY, until - _DAY))
    paid = {repayment.key: repayment.parts for repayment in after.repayments}
    late_paid = late_fees_paid(after)
    lines = [
        StatementLine(
            key=event.key,
            on=event.on,
            kind=event.KIND,
            amount_minor=getattr(event, "amount_minor", 0),
            principal_minor=(parts := paid.get(event.key, Parts())).principal_minor,
            interest_minor=parts.interest_minor,
            fee_minor=parts.fee_minor,
            penalty_minor=parts.penalty_minor,
            late_fee_minor=late_paid.get(event.key, 0),
        )
        for event in sorted(events, key=lambda each: each.on)
        if since <= event.on < until
    ]
    return StatementCard(
        head=_head(loan, terms, after),
        since=since,
        until=until,
        reading=reading.value,
        opening=past_card(number, before),
        closing=past_card(number, after),
        balances=balances_of(before, after),
        late_fees=late_fees_of(before, after),
        lines=tuple(lines),
        ahead=tuple(_ahead(after)),
    )


def _ahead(account: AccountState) -> list[ScheduleLine]:
    return [line for line in lines_of(account) if line.open_minor and line.due_on > account.on]


def get_certificate(*, number: str, viewer: Viewer) -> CertificateCard:
    """That a loan is paid in full (结清证明).

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none that the viewer may see.
    :raises NotPaidInFull: something is owed, or the claim was written off and not recovered.
    """
    loan = find_row(number, viewer)
    terms = terms_of(loan)
    events, today = events_of(loan), books.business_date(loan.book_id)
    account = state(terms, events, today)
    if not account.is_settled or account.settled_on is None:
        left_minor = (account.due - account.paid).total_minor
        raise NotPaidInFull(loan=number, left=spoken_amount(left_minor, terms.currency))
    return CertificateCard(
        head=_head(loan, terms, account),
        settled_on=account.settled_on,
        paid_minor=account.paid.total_minor,
        early_fee_minor=settlement_fee_minor(terms, events, today),
    )


def _head(loan: Loan, terms: Terms, account: AccountState) -> PaperHead:
    known = bool(loan.party)
    return PaperHead(
        loan=loan.number,
        contract=loan.contract,
        book=loan.book_id,
        currency=terms.currency,
        borrower_masked=(parties.get_party(loan.party, viewer=_HOUSE).name_masked if known else ""),
        creditor=account.owner or loan.claim_owner or loan.funder,
        principal_minor=loan.principal_minor,
        disbursed_on=loan.disbursed_on,
        issued_on=books.business_date(loan.book_id),
    )


def print_payoff(card: PayoffCard, borrower: str) -> PaperFile:
    """A payoff quote as PDF, the same bytes for the same card."""
    return _printed("payoff", card, borrower, domain.payoff_page)


def print_statement(card: StatementCard, borrower: str) -> PaperFile:
    """A statement as PDF, the same bytes for the same card."""
    made = _printed("statement", card, borrower, domain.statement_page)
    known = "-as-known" if card.reading == Reading.THEN else ""
    return replace(made, name=f"{card.head.loan}-statement{known}.pdf")


def tabulate_statement(card: StatementCard, form: str, *, chinese: bool) -> PaperFile:
    """A statement as a table, CSV or XLSX; it names nobody."""
    kind, write = _SHEETS[form]
    header, rows = domain.statement_rows(card, _words(), "zh" if chinese else "en")
    known = "-as-known" if card.reading == Reading.THEN else ""
    return PaperFile(f"{card.head.loan}-statement{known}.{form}", kind, write(header, rows))


def print_certificate(card: CertificateCard, borrower: str) -> PaperFile:
    """A settlement certificate as PDF, the same bytes for the same card."""
    return _printed("certificate", card, borrower, domain.certificate_page)


def _printed(name: str, card: Any, borrower: str, page: Callable[..., dict[str, Any]]) -> PaperFile:
    head: PaperHead = card.head
    said = json.dumps(asdict(card), default=str, sort_keys=True, ensure_ascii=False)
    names = partners.list_names(book=head.book, viewer=_HOUSE)
    called = names.get(head.creditor, {})
    creditor = " ".join(dict.fromkeys(called.values())) or head.creditor
    named = Named(creditor, borrower)
    data = page(card, _words(), named, hashlib.sha256(said.encode()).hexdigest())
    content = TYPESETTERS[PAGES].render(
        template=read_layout(_LAYOUT), data=data, dated=head.issued_on
    )
    return PaperFile(f"{head.loan}-{name}.pdf", "application/pdf", content)


@cache
def _words() -> Mapping[str, Any]:
    return tomllib.loads(_WORDS.read_text(encoding="utf-8"))


def get_calendar(*, number: str, viewer: Viewer, chinese: bool) -> PaperFile:
    """What is still to be paid as a calendar file (RFC 5545), a day and a reminder for each.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none that the viewer may see.
    """
    loan = find_row(number, viewer)
    terms, today = terms_of(loan), books.business_date(loan.book_id)
    account = state(terms, events_of(loan), today)
    words = _words()["calendar"]["summary"]["zh" if chinese else "en"]
    calendar = Calendar()
    calendar.add("prodid", "-//LoanOps//Repayment calendar//EN")
    calendar.add("version", "2.0")
    for line in lines_of(account):
        if not line.open_minor or line.due_on < today:
            continue
        amount = f"{terms.currency} {spoken_amount(line.open_minor, terms.currency)}"
        event = CalendarEvent()
        event.add("uid", f"{number}-{line.number}@loanops")
        event.add("dtstamp", datetime(today.year, today.month, today.day, tzinfo=UTC))
        event.add("dtstart", line.due_on)
        event.add("dtend", line.due_on + _DAY)
        event.add("summary", f"{words} {amount}")
        event.add("description", f"{number} · {line.number}")
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", f"{words} {amount}")
        alarm.add("trigger", -_DAY)
        event.add_component(alarm)
        calendar.add_component(event)
    return PaperFile(f"{number}.ics", "text/calendar; charset=utf-8", calendar.to_ical())
