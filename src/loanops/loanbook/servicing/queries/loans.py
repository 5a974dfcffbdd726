"""Loans: one with its figures of a day, and whose loans are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from loanops.kernel import wire
from loanops.kernel.access import Viewer, require
from loanops.kernel.account import (
    Event,
    RateChanged,
    Restructured,
    live,
    pauses_of,
    turn_of,
)
from loanops.kernel.aging import bucket_name, counted_dpd, dpd
from loanops.kernel.money import to_minor
from loanops.kernel.refusals import NotFound
from loanops.kernel.schedule import Fee
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.domain.position import Item
from loanops.loanbook.servicing.domain.rules import Rules, read_rules
from loanops.loanbook.servicing.models import Instalment, Loan
from loanops.loanbook.servicing.queries.histories import events_of
from loanops.origination.applications import queries as applications
from loanops.platform.books import queries as books

_CHUNK = 5_000


@dataclass(frozen=True)
class LateFeeCard:
    """What an instalment is charged once for being more than ``overdue_days`` late.

    An amount in minor units, or a share of its principal and interest that are unpaid then.
    """

    name: str
    charging_party: str
    amount_minor: int | None
    rate: str | None
    overdue_days: int


@dataclass(frozen=True)
class PenaltyRateCard:
    """The penalty of a day, as a fraction of what bears it, from the day ``since`` on."""

    since: date
    rate_daily: str


@dataclass(frozen=True)
class LoanCard:
    """One loan as it stands on the day ``on``. Amounts are minor units of the book's currency.

    ``overdue_minor`` was due before ``on`` and is unpaid, ``due_minor`` falls due on it;
    ``penalty_minor`` is penalty accrued up to ``on`` and unpaid (not part of the two), which runs
    at ``penalty_rate_daily``, a fraction of what bears it, for instalments unpaid after
    ``grace_days``. ``penalty_cap`` is the most of it, as a fraction of what bears it; from
    ``penalty_stop_days`` after its due date, which heed the cap, an instalment bears no more, if
    all of them bear the rate of today.
    ``penalty_rates`` are those that ran since when, where penalty follows the loan's rate. Every
    ``penalty_compounds_days`` what is unpaid of penalty begins to bear penalty.
    """

    number: str
    book: str
    application: str
    contract: str
    serial: str
    party: str
    funder: str
    guarantor: str
    claim_owner: str
    product: str
    product_version: str
    origin_channel: str
    pool: str
    channel: str
    annual_rate: str
    principal_minor: int
    disbursed_on: date
    instalment_count: int
    state: str
    bucket: int
    bucket_name: str
    dpd: int
    counted_dpd: int
    is_counting_paused: bool
    counting_paused_until: date | None
    on: date
    outstanding_minor: int
    overdue_minor: int
    due_minor: int
    penalty_minor: int
    credit_minor: int
    accrued_interest_minor: int
    oldest_due_on: date | None
    next_due_on: date | None
    next_due_minor: int
    paid_minor: int
    settled_on: date | None
    set_aside: bool
    penalty_rate_daily: str
    penalty_rates: tuple[PenaltyRateCard, ...]
    grace_days: int
    penalty_stop_days: int | None
    penalty_cap: str | None
    penalty_stops_at_acceleration: bool
    penalty_compounds_days: int | None
    late_fees: tuple[LateFeeCard, ...]


def find_row(number: str, viewer: Viewer) -> Loan:
    """The loan within the viewer's books and funders.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none that the viewer may see.
    """
    require(viewer, permissions.VIEW)
    row = Loan.objects.select_related("pool").filter(number=number).first()
    if row is None or not seen([row], viewer):
        raise NotFound(kind="loan", number=number)
    return row


def seen(rows: Iterable[Loan], viewer: Viewer) -> list[Loan]:
    """Those of the loans that are within the viewer's books, funders, persons and channels."""
    found = [
        row
        for row in rows
        if viewer.sees_book(row.book_id)
        and viewer.sees_funder(row.funder)
        and viewer.sees_party(row.party)
    ]
    if viewer.scopes.channels is None:
        return found
    channels = applications.channels_of(row.application for row in found)
    return [
        row
        for row in found
        if viewer.sees_channel(channels.get(row.application, row.origin_channel))
    ]


def get_loan(*, number: str, viewer: Viewer, on: date | None = None) -> LoanCard:
    """One loan with its figures of the business day, or of a later day if nothing is paid.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none that the viewer may see.
    """
    row = find_row(number, viewer)
    day = on or books.business_date(row.book_id)
    instalments = list(Instalment.objects.filter(loan=row).order_by("number"))
    rules = read_rules(row.pool.rules_json)
    waiting = [each for each in instalments if each.due_on >= day and each.open_minor]
    events = [] if row.changed_on is None else sorted(live(events_of(row), day), key=turn_of)
    pauses = pauses_of(events)
    running = next((each for each in pauses if each.until is None or day < each.until), None)
    return LoanCard(
        number=row.number,
        book=row.book_id,
        application=row.application,
        contract=row.contract,
        serial=row.serial,
        party=row.party,
        funder=row.funder,
        guarantor=row.guarantor,
        claim_owner=row.claim_owner,
        product=row.product,
        product_version=row.product_version,
        origin_channel=row.origin_channel,
        pool=row.pool.code,
        channel=row.pool.channel,
        annual_rate=_rate_in(events) or row.pool.annual_rate,
        principal_minor=row.principal_minor,
        disbursed_on=row.disbursed_on,
        instalment_count=row.instalment_count,
        state=row.state,
        bucket=row.bucket,
        bucket_name=bucket_name(row.bucket),
        dpd=dpd(row.oldest_due_on, day),
        counted_dpd=counted_dpd(row.oldest_due_on, day, pauses),
        is_counting_paused=running is not None,
        counting_paused_until=running.until if running else None,
        on=day,
        outstanding_minor=row.outstanding_minor,
        overdue_minor=sum(each.open_minor for each in instalments if each.due_on < day),
        due_minor=sum(each.open_minor for each in instalments if each.due_on == day),
        penalty_minor=sum(item_of_row(each).penalty_open_minor(rules, day) for each in instalments),
        credit_minor=row.credit_minor,
        accrued_interest_minor=_accrued(instalments, day, row),
        oldest_due_on=row.oldest_due_on,
        next_due_on=waiting[0].due_on if waiting else None,
        next_due_minor=waiting[0].open_minor if waiting else 0,
        paid_minor=sum(item_of_row(each).paid.total_minor for each in instalments),
        settled_on=row.settled_on,
        set_aside=row.set_aside,
        penalty_rate_daily=_as_rate(rules.daily(_rate_in(events) if rules.penalty_follows else "")),
        penalty_rates=_penalty_rates(rules, row.disbursed_on, events),
        grace_days=rules.grace_days,
        penalty_stop_days=rules.days_to_end(_rate_in(events)),
        penalty_cap=wire.write(rules.penalty.cap) if rules.penalty else None,
        penalty_stops_at_acceleration=bool(rules.penalty and rules.penalty.stops_at_acceleration),
        penalty_compounds_days=rules.compounds_days,
        late_fees=tuple(_late_fee(fee) for fee in rules.late_fees),
    )


def _late_fee(fee: Fee) -> LateFeeCard:
    return LateFeeCard(
        name=fee.name,
        charging_party=fee.charging_party,
        amount_minor=fee.amount_minor,
        rate=wire.write(fee.rate),
        overdue_days=fee.overdue_days,
    )


def _as_rate(daily: Fraction) -> str:
    """A fraction a day as decimal text, to eight places."""
    return format(round(Decimal(daily.numerator) / daily.denominator, 8).normalize(), "f")


def _penalty_rates(
    rules: Rules, since: date, events: Sequence[Event]
) -> tuple[PenaltyRateCard, ...]:
    """Which penalty ran since when by events in their order; nothing where it follows no rate."""
    if not rules.penalty_follows:
        return ()
    rates = {since: rules.penalty_daily}
    for event in events:
        if isinstance(event, RateChanged | Restructured):
            rates[event.on] = rules.daily(format(event.annual_rate, "f"))
    return tuple(PenaltyRateCard(on, _as_rate(daily)) for on, daily in rates.items())


def _rate_in(events: Sequence[Event]) -> str:
    """The annual rate that was agreed last among events; empty where none changed it."""
    changed = [each for each in events if isinstance(each, RateChanged | Restructured)]
    return format(changed[-1].annual_rate, "f") if changed else ""


def item_of_row(row: Instalment) -> Item:
    """An instalment as the position keeps it."""
    return Item(
        number=row.number,
        due_on=row.due_on,
        principal_minor=row.principal_minor,
        interest_minor=row.interest_minor,
        fee_minor=row.fee_minor,
        paid_principal_minor=row.paid_principal_minor,
        paid_interest_minor=row.paid_interest_minor,
        paid_fee_minor=row.paid_fee_minor,
        paid_penalty_minor=row.paid_penalty_minor,
        penal_to=row.penal_to,
        penal_minor_days=row.penal_minor_days,
        settled_on=row.settled_on,
        starts_on=row.starts_on,
        penalty_adjust_minor=row.penalty_adjust_minor,
        penal_end=row.penal_end,
        owner=row.owner,
        late_fee_minor=row.late_fee_minor,
        late_fee_count=row.late_fee_count,
        penal_rate=row.penal_rate,
        compounded_minor=row.compounded_minor,
        capped_on=row.capped_on,
    )


def _accrued(instalments: list[Instalment], on: date, loan: Loan) -> int:
    """Interest of the running period up to a day, as the kernel shares it over its days."""
    running = next((each for each in instalments if each.starts_on <= on < each.due_on), None)
    if running is None or loan.settled_on is not None:
        return 0
    share = Fraction((on - running.starts_on).days, (running.due_on - running.starts_on).days)
    rounding = read_rules(loan.pool.rules_json).rounding
    return to_minor(running.interest_minor * share, rounding)


def find_loan_of(*, application: str, viewer: Viewer) -> str | None:
    """The number of the loan that an application became, if it did.

    :raises NotPermitted: the viewer may not see loans.
    """
    require(viewer, permissions.VIEW)
    rows = seen(Loan.objects.filter(application=application)[:1], viewer)
    return rows[0].number if rows else None


@dataclass(frozen=True)
class LoanPartners:
    """Whose a loan is: where it came from, who lends, who guarantees ("" where nobody does)."""

    application: str
    funder: str
    guarantor: str


def partners_of(numbers: Iterable[str]) -> dict[str, LoanPartners]:
    """Whose each loan that exists is, for the house."""
    found: dict[str, LoanPartners] = {}
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), _CHUNK):
        rows = Loan.objects.filter(number__in=wanted[start : start + _CHUNK])
        for number, *named in rows.values_list("number", "application", "funder", "guarantor"):
            found[number] = LoanPartners(*named)
    return found
