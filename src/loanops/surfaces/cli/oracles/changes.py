"""Changes: the schedule of a case, with its events, payments and payoff as changes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final

from loanops.kernel.schedule.arrears import PrincipalDue, re_age, re_amortise
from loanops.kernel.schedule.changes import (
    Change,
    Drawn,
    DueShifted,
    Extended,
    InstalmentPaidEarly,
    InterestPaused,
    Overdue,
    PaidEarly,
    PrincipalRested,
    RateChanged,
    Rest,
    Surplus,
    changed_plan,
)
from loanops.kernel.schedule.payoff import Payoff, payable, payoff
from loanops.kernel.schedule.plan import Plan
from loanops.kernel.schedule.rows import assemble
from loanops.kernel.schedule.terms import INSTALMENTS_MAX, InterestUntil
from loanops.surfaces.cli.oracles import accruals
from loanops.surfaces.cli.oracles.read import (
    DECIMALS_MAX,
    Inputs,
    Unsupported,
    day,
    first_of,
    major,
    minor,
    rate,
    rounding_of,
    whole,
)
from loanops.surfaces.cli.oracles.schedules import (
    Case,
    as_wanted,
    case_of,
    due_dates_of,
    frequency_of,
    shown,
)

_ARREARS: Final = ("re_amortise", "re_age")
_CENTS: Final = 2
_NIGHT: Final = timedelta(days=1)


def answer(inputs: Inputs, expected: Inputs) -> Inputs:
    """The schedule of a case, changed by what happened to it, in the shape it is expected."""
    method = inputs.get("method")
    if method == "due_dates":
        return {"due_dates": due_dates_of(inputs, expected)}
    if method == "simple_accrual":
        return accruals.simple(inputs, expected)
    if method in _ARREARS:
        return _arrears(inputs)
    case = case_of(inputs)
    plan = changed_plan(case.terms, _changes(case, inputs))
    got = shown(assemble(plan), case.decimals)
    if "payoff" in inputs:
        got |= _payoff(case, plan, inputs)
    if "payable" in expected:
        got["payable"] = [_payable(case, plan, item) for item in expected["payable"]]
    if "daily_accrual" in expected:
        wanted = expected["daily_accrual"]
        got["daily_accrual"] = accruals.of_plan(plan, case.decimals, wanted)
    return got | as_wanted(got, expected)


def _changes(case: Case, inputs: Inputs) -> list[Change]:
    """Every change in the order of its day; what is unpaid comes last, it moves no level."""
    dated: list[tuple[date, Change]] = [(draw.on, draw) for draw in case.draws]
    for event in [*inputs.get("events", []), *inputs.get("reschedules", [])]:
        kind = str(event.get("type", "reschedule"))
        translate = _EVENTS.get(kind)
        if translate is None:
            raise Unsupported(f"event {kind}")
        dated += [(_day_of(event), change) for change in translate(case, event)]
    strategy = str(inputs.get("prepayment_strategy", "REDUCE_INSTALMENT"))
    if strategy not in _STRATEGIES:
        raise Unsupported(f"prepayment strategy {strategy}")
    for late in inputs.get("late_principal", []):
        part = late.get("principal")
        part_minor = None if part is None else case.minor(part)
        until = day(late["until"])
        change = Overdue(due=day(late["due"]), until=until, principal_minor=part_minor)
        dated.append((day(late["due"]), change))
    for payment in inputs.get("payments", []):
        on, amount_minor = day(payment["date"]), case.minor(payment["amount"])
        paid = PaidEarly(on=on, amount_minor=amount_minor, surplus=_STRATEGIES[strategy])
        dated.append((on, paid))
    overdue = _overdue(case, inputs, [change for _, change in sorted(dated, key=_by_day)])
    return [change for _, change in sorted(dated, key=_by_day)] + overdue


def _by_day(dated: tuple[date, Change]) -> date:
    return dated[0]


def _day_of(event: Inputs) -> date:
    """The day an event counts from; that of a new rate is the night before its date."""
    named = day(first_of(event, "date", "from", "from_due", "instalment_due", "due"))
    return named - _NIGHT if event.get("type") == "rate_change" else named


def _overdue(case: Case, inputs: Inputs, changes: list[Change]) -> list[Change]:
    """Every due date up to the day that is not said to be paid."""
    found: list[Change] = []
    for event in inputs.get("events", []):
        if event.get("type") != "overdue_as_of":
            continue
        until = day(event["date"])
        paid = {day(due) for due in event.get("paid_dues", [])}
        rest = Rest.PERIOD if event.get("rest") == "SAME_AS_REPAYMENT" else Rest.DAY
        plan = changed_plan(case.terms, changes)
        found += [
            Overdue(due=period.due, until=until, rest=rest)
            for period in plan.periods
            if period.due <= until and period.due not in paid
        ]
    return found


def _draw(case: Case, event: Inputs) -> list[Change]:
    return [Drawn(on=day(event["date"]), amount_minor=case.minor(event["amount"]))]


def _rate(_: Case, event: Inputs) -> list[Change]:
    return [RateChanged(on=day(event["date"]), annual_rate=rate(event["annual_rate_pct"]))]


def _pause(_: Case, event: Inputs) -> list[Change]:
    return [InterestPaused(first=day(event["from"]), last=day(event["to"]))]


def _shift(_: Case, event: Inputs) -> list[Change]:
    return [DueShifted(due=day(event["from_due"]), to=day(event["to_due"]))]


def _reschedule(_: Case, event: Inputs) -> list[Change]:
    due = day(event["from_due"])
    changes: list[Change] = []
    if event.get("adjusted_due"):
        changes.append(DueShifted(due=due, to=day(event["adjusted_due"])))
        due = day(event["adjusted_due"])
    if event.get("extra_terms"):
        changes.append(Extended(due=due, more=whole(event["extra_terms"], INSTALMENTS_MAX)))
    if event.get("principal_grace"):
        changes.append(
            PrincipalRested(due=due, periods=whole(event["principal_grace"], INSTALMENTS_MAX))
        )
    return changes


def _pay_instalment(_: Case, event: Inputs) -> list[Change]:
    due = day(first_of(event, "instalment_due", "due", "due_date", "from_due"))
    return [InstalmentPaidEarly(due=due, on=day(event["date"]))]


def _nothing(_: Case, __: Inputs) -> list[Change]:
    return []


_EVENTS: Final[Mapping[str, Callable[[Case, Inputs], list[Change]]]] = MappingProxyType(
    {
        "disburse": _draw,
        "disbursement": _draw,
        "rate_change": _rate,
        "interest_pause": _pause,
        "shift_due_date": _shift,
        "reschedule": _reschedule,
        "pay_instalment": _pay_instalment,
        "pay_on_due": _nothing,
        "overdue_as_of": _nothing,
    }
)
_STRATEGIES: Final = MappingProxyType(
    {
        "REDUCE_INSTALMENT": Surplus.REDUCE_INSTALMENT,
        "REDUCE_NUMBER": Surplus.REDUCE_NUMBER,
        "RESCHEDULE_NEXT": Surplus.NEXT_PRINCIPAL,
    }
)


def _payoff(case: Case, plan: Plan, inputs: Inputs) -> dict[str, Any]:
    wanted = inputs["payoff"]
    paid = [day(e["date"]) for e in inputs.get("events", []) if e.get("type") == "pay_on_due"]
    until = InterestUntil(str(wanted.get("interest_until", "PAYOFF_DATE")).lower())
    ended = payoff(plan, day(wanted["date"]), until, paid)
    amounts = {
        "principal": major(ended.principal_minor, case.decimals),
        "interest": major(ended.interest_minor, case.decimals),
        "total": major(ended.total_minor, case.decimals),
    }
    return {"payoff": amounts, "rows": _payoff_rows(case, plan, ended)}


def _payoff_rows(case: Case, plan: Plan, ended: Payoff) -> list[dict[str, Any]]:
    balance_minor = sum(draw.amount_minor for draw in plan.draws)
    rows: list[dict[str, Any]] = []
    for line in ended.lines:
        balance_minor -= line.principal_minor
        rows.append(
            {
                "n": len(rows) + 1,
                "due_date": line.period.due.isoformat(),
                "principal": major(line.principal_minor, case.decimals),
                "interest": major(line.interest_minor, case.decimals),
                "total": major(line.total_minor, case.decimals),
                "balance": major(balance_minor, case.decimals),
            }
        )
    return rows


def _payable(case: Case, plan: Plan, item: Inputs) -> dict[str, Any]:
    due, on = day(item["instalment_due"]), day(item["date"])
    found = payable(plan, due, on)
    return {
        "instalment_due": due.isoformat(),
        "date": on.isoformat(),
        "principal": major(found.principal_minor, case.decimals),
        "interest": major(found.interest_minor, case.decimals),
        "balance": major(found.balance_minor, case.decimals),
    }


def _arrears(inputs: Inputs) -> Inputs:
    decimals = whole(inputs.get("currency_decimals", _CENTS), DECIMALS_MAX)
    due = [
        PrincipalDue(
            day(item["due_date"]),
            minor(item["principal"], decimals),
            minor(item.get("paid", "0"), decimals),
        )
        for item in inputs["instalments"]
    ]
    multiple = inputs.get("instalment_multiple_of")
    # A multiple is rounded to half-even whatever the rounding of the currency's own unit is.
    rounding = rounding_of({} if multiple else inputs)
    multiple_minor = max(minor(multiple or "0", decimals), 1)
    if inputs["method"] == "re_amortise":
        changed = re_amortise(
            due, day(inputs["date"]), multiple_minor=multiple_minor, rounding=rounding
        )
    else:
        changed = re_age(
            due,
            first_due=day(inputs["start_date"]),
            count=whole(inputs["number_of_instalments"]),
            frequency=frequency_of(inputs.get("frequency", {})),
            multiple_minor=multiple_minor,
            rounding=rounding,
        )
    return _arrears_rows(changed, decimals)


def _arrears_rows(changed: list[PrincipalDue], decimals: int) -> Inputs:
    total_minor = sum(item.principal_minor for item in changed)
    balance_minor = total_minor
    rows: list[dict[str, Any]] = []
    for item in changed:
        balance_minor -= item.principal_minor
        rows.append(
            {
                "n": len(rows) + 1,
                "due_date": item.due_date.isoformat(),
                "principal": major(item.principal_minor, decimals),
                "interest": major(0, decimals),
                "total": major(item.principal_minor, decimals),
                "balance": major(balance_minor, decimals),
            }
        )
    whole = major(total_minor, decimals)
    totals = {"principal": whole, "interest": major(0, decimals), "total": whole}
    return {"rows": rows, "totals": totals}
