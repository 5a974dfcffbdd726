"""A loan brought in without a fold is what the fold of its events makes of it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loanops.kernel.account import state
from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import Fee, Penalty, PenaltyBase, PenaltyStart
from loanops.loanbook.servicing.domain.importing.entering import entering
from loanops.loanbook.servicing.domain.importing.loans import Incoming
from loanops.loanbook.servicing.domain.replay import items_of
from tests.domain.kernel.loans import late_fees
from tests.factories.moving import CUT_OFF, loan_of, setting, template


def same(loan: Incoming, on: date) -> None:
    """Hold the loan as written to the loan as folded: instalments, figures, and the moves to it."""
    made = entering(loan, source="old", cut_off=CUT_OFF, on=on, party="")
    account = state(loan.terms, made.events, on)
    folded = items_of(account, made.rules)

    figures = made.figures
    for mine, its in zip(made.items, folded, strict=True):
        for day in (on, on + timedelta(days=40)):
            assert mine.penalty_minor(made.rules, day) == its.penalty_minor(made.rules, day)
        blank = {"penal_to": None, "penal_minor_days": 0}
        assert mine._replace(**blank) == its._replace(**blank)
    assert figures.outstanding_minor == account.principal_outstanding_minor
    assert figures.oldest_due_on == account.oldest_unpaid_due_date
    assert (figures.state == "settled") == account.is_settled
    assert (figures.state == "written_off") == (account.written_off_on is not None)
    reached = [(step.to_state, step.to_bucket) for step in made.steps] or [("active", 0)]
    assert reached[-1] == (figures.state, figures.bucket)


@pytest.mark.parametrize("days", [0, 25, 90])
def test_of_every_state(days: int) -> None:
    on = CUT_OFF + timedelta(days=days)
    since = date(2026, 6, 20)

    same(loan_of(), on)
    same(
        loan_of(state="overdue", overdue_principal=99_446, overdue_interest=7_173,
                overdue_penalty=500, overdue_since=since, outstanding=717_348), on,
    )  # fmt: skip
    same(loan_of(state="settled", outstanding=0, settled_on=date(2026, 5, 2)), on)
    same(loan_of(state="written_off", outstanding=900_000, overdue_since=date(2026, 1, 20)), on)


@settings(max_examples=80)
@given(
    principal=st.integers(50_000, 9_000_000),
    repaid=st.floats(0, 0.999),
    months=st.integers(1, 36),
    age=st.integers(0, 40),
    days=st.integers(0, 60),
    rate=st.decimals(0, Decimal("0.36"), places=4),
    grace=st.integers(0, 20),
    start=st.sampled_from(PenaltyStart),
    base=st.sampled_from(PenaltyBase),
    method=st.sampled_from(["equal_instalment", "equal_principal", "interest_only", "bullet"]),
    status=st.sampled_from(["current", "overdue"]),
    fees=st.lists(late_fees(), max_size=2).map(tuple),
)
def test_of_any_loan(
    principal: int, repaid: float, months: int, age: int, days: int, rate: Decimal, grace: int,
    start: PenaltyStart, base: PenaltyBase, method: str, status: str, fees: tuple[Fee, ...],
) -> None:  # fmt: skip
    rule = Penalty(annual_rate=Decimal("0.18"), grace_days=grace, runs_from=start, base=base)
    around = setting(arrears_agreed=True, template=template(penalty=rule, fees=fees))
    try:
        loan = loan_of(
            around, principal=principal, outstanding=principal - int(principal * repaid),
            term=months, rate=rate, method=method, state=status,
            disbursed_on=CUT_OFF - timedelta(days=30 * age),
        )  # fmt: skip
    except Refusal:
        return

    same(loan, CUT_OFF + timedelta(days=days))
