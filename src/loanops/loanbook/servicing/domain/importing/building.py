"""From a row that holds to a loan: its arrears, and the terms of what runs on.

What runs on beyond the arrears is scheduled anew from the cut-off: its principal, at the loan's
rate, over the instalments that are left, from the last due date. Rows of a second file go before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from loanops.kernel.account import Arrear
from loanops.kernel.calendar import step
from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import CustomRow, FeeTiming, Method, Terms, schedule
from loanops.kernel.schedule.periods import Period, periods
from loanops.loanbook.servicing.domain.importing.checking import Given
from loanops.loanbook.servicing.domain.importing.loans import Incoming, Product, Row
from loanops.loanbook.servicing.domain.importing.refusals import (
    NotSchedulable,
    RowsDiffer,
    RowsMissing,
    StateDiffers,
)

_DAY: Final = timedelta(days=1)

Plan = tuple[tuple[Arrear, ...], Terms]


def incoming(given: Given, line: int) -> Incoming:
    """The loan of a row that passed its checks.

    :raises Refusal: no schedule can be made of it, or it differs from the one that is given.
    """
    product = given.setting.find_product(given.text("product"))
    assert product is not None, "the checks let no row pass without its product"  # noqa: S101
    agreed = _agreed(given, product)
    arrears, terms = _plan(given, agreed)
    return Incoming(
        line=line,
        number=given.number,
        borrower=given.text("borrower"),
        person=given.person,
        product=given.text("product"),
        product_version=product.version,
        funder=given.funder,
        guarantor=given.guarantor,
        agreement=given.agreement,
        channel=given.text("channel"),
        origin_channel=given.text("origin_channel"),
        principal_minor=given.principal_minor,
        disbursed_on=given.values["disbursed_on"],
        state=given.state,
        outstanding_minor=given.outstanding_minor,
        arrears=arrears,
        paid=given.paid,
        terms=terms,
        ended_on=given.day("settled_on") or given.day("written_off_on"),
    )


def _agreed(given: Given, product: Product) -> Terms:
    """The terms as they were agreed when the loan was paid out."""
    template = product.template
    method = Method(given.text("method")) if given.text("method") else template.method
    return replace(
        template,
        method=method,
        principal_minor=given.principal_minor,
        annual_rate=given.values["rate"],
        instalments=product.instalments_for(given.values["term"]),
        start_date=given.values["disbursed_on"],
        first_due_date=given.day("first_due_on") or template.first_due_date,
        instalment_minor=None,
        fees=(*template.fees, *(given.agreement.fees if given.agreement else ())),
    )


def _plan(given: Given, agreed: Terms) -> Plan:
    if given.state == "settled":
        return (_nothing(given),), agreed
    if given.setting.rows is not None:
        return _of_rows(given, agreed, given.setting.rows.get(given.number, []))
    spans = periods(agreed)
    if given.state == "written_off":
        return (_claim(given, spans),), agreed
    arrears = _arrears(given, agreed, spans)
    return _with_rest(given, agreed, spans, arrears)


def _nothing(given: Given) -> Arrear:
    """The one instalment of a loan that ended: it asks for nothing since that day."""
    ended = given.day("settled_on") or given.setting.cut_off
    return Arrear(min(given.values["disbursed_on"], ended - _DAY), ended, 0)


def _claim(given: Given, spans: Sequence[Period]) -> Arrear:
    """All that is claimed of a loan written off, due since its oldest unpaid instalment."""
    cut_off = given.setting.cut_off
    due = given.day("overdue_since") or given.day("written_off_on") or cut_off
    owed = given.overdue
    return Arrear(
        min(_before(spans, due, given.values["disbursed_on"]), due - _DAY),
        due,
        given.outstanding_minor,
        owed.interest_minor,
        owed.fee_minor,
        owed.penalty_minor,
    )


def _arrears(given: Given, agreed: Terms, spans: Sequence[Period]) -> tuple[Arrear, ...]:
    if given.state != "overdue":
        return ()
    if given.setting.arrears_agreed:
        return _by_schedule(given, agreed) or (_last_due(given, agreed, spans),)
    since, owed = given.day("overdue_since"), given.overdue
    assert since is not None, "the checks let no overdue row pass without its day"  # noqa: S101
    starts_on = _before(spans, since, given.values["disbursed_on"])
    return (
        Arrear(
            starts_on,
            since,
            owed.principal_minor,
            owed.interest_minor,
            owed.fee_minor,
            owed.penalty_minor,
        ),
    )


def _by_schedule(given: Given, agreed: Terms) -> tuple[Arrear, ...]:
    """The instalments of the agreed schedule whose principal is not covered by what was repaid.

    Interest that was paid beyond that of covered instalments is laid over the others in turn; an
    instalment of interest alone is covered by interest. What is smaller than the map's ``small``
    is carried into the next instalment.
    """
    setting = given.setting
    repaid_minor = given.principal_minor - given.outstanding_minor
    interest_minor = given.minor("paid_interest")
    carried_minor = 0
    found = []
    for row in schedule(agreed).rows:
        if row.due_date > setting.cut_off:
            break
        covered_minor = min(repaid_minor, row.principal_minor)
        repaid_minor -= covered_minor
        open_minor = row.principal_minor - covered_minor + carried_minor
        laid_minor = min(max(interest_minor, 0), row.interest_minor)
        unpaid_minor = row.interest_minor - laid_minor
        by_interest = row.principal_minor == 0 and given.says("paid_interest")
        if (unpaid_minor if by_interest else open_minor) <= setting.small_minor:
            carried_minor = open_minor
            interest_minor -= row.interest_minor
            continue
        carried_minor = 0
        interest_minor -= laid_minor
        found.append(Arrear(row.start_date, row.due_date, open_minor, unpaid_minor))
    return tuple(found)


def _last_due(given: Given, agreed: Terms, spans: Sequence[Period]) -> Arrear:
    """Who is overdue and ahead of schedule missed the last due date, reckoned from what is left."""
    cut_off = given.setting.cut_off
    passed = [span for span in spans if span.due <= cut_off]
    if not passed:
        raise _nothing_due()
    missed = passed[-1]
    terms = _rest(
        given,
        agreed,
        given.outstanding_minor,
        starts_on=missed.start,
        next_due=missed.due,
        left=len(spans) - len(passed) + 1,
    )
    first = schedule(terms).rows[0]
    if not first.total_minor:
        raise _nothing_due()
    return Arrear(missed.start, missed.due, first.principal_minor, first.interest_minor)


def _nothing_due() -> Refusal:
    return StateDiffers(
        field="state", kind="overdue", problem="nothing of it was due by the cut-off"
    )


def _with_rest(
    given: Given, agreed: Terms, spans: Sequence[Period], arrears: tuple[Arrear, ...]
) -> Plan:
    rest_minor = given.outstanding_minor - sum(each.principal_minor for each in arrears)
    if rest_minor == 0:
        return arrears, agreed
    coming = [span for span in spans if span.due > given.setting.cut_off]
    next_due = given.day("next_due_on") or (coming[0].due if coming else None)
    left = given.values.get("instalments_left") or len(coming)
    if next_due is None or left < 1:
        raise NotSchedulable(
            field="term",
            problem="its last due date has passed and principal is left that is not overdue",
        )
    starts_on = _before(spans, next_due, agreed.start_date)
    if given.says("next_due_on") and (not coming or coming[0].due != next_due):
        back = step(next_due, -1, agreed.frequency, agreed.month_end)
        starts_on = max(back, agreed.start_date)
    return arrears, _rest(
        given, agreed, rest_minor, starts_on=starts_on, next_due=next_due, left=left
    )


def _rest(
    given: Given,
    agreed: Terms,
    principal_minor: int,
    *,
    starts_on: date,
    next_due: date,
    left: int,
) -> Terms:
    """The terms of what runs on: upfront fees and down payments are past, holidays used up."""
    if agreed.method is Method.FLAT:
        raise NotSchedulable(
            field="method", problem="a flat loan needs the rows of its schedule; give --schedule"
        )
    passed = max(agreed.instalments - left, 0)
    level_minor = given.minor("instalment") if given.setting.keeps_instalment else 0
    return replace(
        agreed,
        principal_minor=principal_minor,
        instalments=1 if agreed.method is Method.BULLET else left,
        start_date=starts_on,
        first_due_date=next_due,
        due_day=None,
        instalment_minor=level_minor or None,
        principal_grace=min(max(agreed.principal_grace - passed, 0), left - 1),
        interest_grace=min(max(agreed.interest_grace - passed, 0), left - 1),
        down_payment_rate=Decimal(0),
        fees=tuple(fee for fee in agreed.fees if fee.timing is not FeeTiming.UPFRONT),
    )


def _of_rows(given: Given, agreed: Terms, rows: Sequence[Row]) -> Plan:
    """The remaining schedule as a second file gives it."""
    if not rows:
        raise RowsMissing(field="number", number=given.number)
    total_minor = sum(row.principal_minor for row in rows)
    if total_minor != given.outstanding_minor:
        raise RowsDiffer(
            field="outstanding",
            found=given.amount(total_minor),
            expected=given.amount(given.outstanding_minor),
        )
    cut_off, before = given.setting.cut_off, agreed.start_date
    arrears: list[Arrear] = []
    for row in rows:
        if row.due_on <= cut_off:
            arrears.append(
                Arrear(
                    before,
                    row.due_on,
                    row.principal_minor,
                    row.interest_minor,
                    row.fee_minor,
                    row.penalty_minor,
                )
            )
            before = row.due_on
    _see_overdue(given, any(arrear.due_date < cut_off for arrear in arrears))
    coming = [row for row in rows if row.due_on > cut_off]
    principal_minor = sum(row.principal_minor for row in coming)
    if not principal_minor:
        return tuple(arrears), agreed
    back = step(coming[0].due_on, -1, agreed.frequency, agreed.month_end)
    terms = replace(
        agreed,
        method=Method.CUSTOM,
        principal_minor=principal_minor,
        instalments=len(coming),
        start_date=max(back, before),
        first_due_date=None,
        due_day=None,
        instalment_minor=None,
        principal_grace=0,
        interest_grace=0,
        down_payment_rate=Decimal(0),
        fees=(),
        rows=tuple(
            CustomRow(
                due_date=row.due_on,
                principal_minor=row.principal_minor,
                interest_minor=row.interest_minor,
                fees_minor=row.fee_minor,
            )
            for row in coming
        ),
    )
    return tuple(arrears), terms


def _see_overdue(given: Given, is_overdue: bool) -> None:
    if is_overdue and given.state == "current":
        raise StateDiffers(
            field="state", kind="current", problem="rows of its schedule are overdue"
        )
    if not is_overdue and given.state == "overdue":
        raise StateDiffers(
            field="state", kind="overdue", problem="no row of its schedule is overdue"
        )


def _before(spans: Sequence[Period], due: date, begun: date) -> date:
    """The day from which the period that ends on a due date runs."""
    return max((span.due for span in spans if span.due < due), default=begun)
