"""Methods: how each repayment method sets up its plan, as one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from loanops.kernel.money import to_minor, to_multiple
from loanops.kernel.schedule.periods import periods
from loanops.kernel.schedule.plan import Move, Plan, Target
from loanops.kernel.schedule.terms import Method, Terms


def plan_of(terms: Terms) -> Plan:
    """A solved plan of the terms, before any change."""
    return _SET_UP[terms.method](terms)


def _new(terms: Terms, target: Target) -> Plan:
    down_minor = down_payment_minor(terms, terms.principal_minor)
    spans = periods(terms)
    return Plan(
        terms=terms,
        periods=spans,
        draws=[Move(terms.start_date, terms.principal_minor - down_minor)],
        rates=[(terms.start_date, Fraction(terms.annual_rate))],
        target=target,
        resting=set(range(min(terms.principal_grace, len(spans) - 1))),
        down=[Move(terms.start_date, down_minor)] if down_minor else [],
        given_minor=terms.instalment_minor,
    )


def down_payment_minor(terms: Terms, drawn_minor: int) -> int:
    """What of a drawing is due on its own day, without interest."""
    exact = drawn_minor * Fraction(terms.down_payment_rate)
    return to_multiple(exact, terms.instalment_multiple_minor, terms.rounding)


def _level_totals(terms: Terms) -> Plan:
    plan = _new(terms, Target.TOTAL)
    plan.solve()
    return plan


def _level_principal(terms: Terms) -> Plan:
    plan = _new(terms, Target.PRINCIPAL)
    plan.solve()
    return plan


def _all_at_the_end(terms: Terms) -> Plan:
    """No principal before the last period: a grace over all the others."""
    plan = _new(terms, Target.PRINCIPAL)
    plan.resting = set(range(len(plan.periods) - 1))
    plan.targets = [0] * len(plan.periods)
    return plan


def _flat(terms: Terms) -> Plan:
    """Interest on the original principal; the last period takes what rounding left of it."""
    plan = _new(terms, Target.TOTAL)
    count = len(plan.periods)
    drawn_minor = plan.draws[0].amount_minor
    exact = [drawn_minor * plan.factor(place) for place in range(count)]
    left_minor = to_minor(sum(exact, Fraction(0)), terms.rounding)
    interests: list[int] = []
    for interest in exact[:-1]:
        interests.append(min(to_minor(interest, terms.rounding), left_minor))
        left_minor -= interests[-1]
    interests.append(left_minor)
    plan.fixed_interest = interests
    rounding = terms.instalment_rounding or terms.rounding
    share = Fraction(drawn_minor, count - terms.principal_grace)
    plan.targets = [
        terms.instalment_minor
        or to_multiple(share + interest_minor, terms.instalment_multiple_minor, rounding)
        for interest_minor in interests
    ]
    return plan


def _custom(terms: Terms) -> Plan:
    plan = _new(replace(terms, down_payment_rate=Decimal(0)), Target.PRINCIPAL)
    plan.targets = [row.principal_minor for row in terms.rows]
    plan.fixed_interest = [row.interest_minor for row in terms.rows]
    return plan


_SET_UP: Final[Mapping[Method, Callable[[Terms], Plan]]] = MappingProxyType(
    {
        Method.EQUAL_INSTALMENT: _level_totals,
        Method.EQUAL_PRINCIPAL: _level_principal,
        Method.INTEREST_ONLY: _all_at_the_end,
        Method.BULLET: _all_at_the_end,
        Method.FLAT: _flat,
        Method.REVOLVING_DAILY: _all_at_the_end,
        Method.CUSTOM: _custom,
    }
)
