"""In which order money is laid depends on where the loan stands when it comes (还款冲销顺序).

Everywhere else principal is laid first, in the stage under test interest: what a payment of 50.00
went to says by which of the two orders it was laid.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from loanops.kernel.allocation import Component, Order, Stage, StageOrder
from loanops.loanbook.servicing import queries
from tests.factories.changes import order
from tests.factories.loans import HOUSE, close_until, open_book, open_loan, repay, terms

pytestmark = pytest.mark.django_db
DUE = date(2026, 12, 2)
REST = (Component.FEE, Component.PENALTY)
INTEREST_FIRST = Order(
    due=(Component.INTEREST, Component.PRINCIPAL, *REST),
    in_advance=(Component.INTEREST, Component.PRINCIPAL, *REST),
)
PRINCIPAL_FIRST = Order(
    due=(Component.PRINCIPAL, Component.INTEREST, *REST),
    in_advance=(Component.PRINCIPAL, Component.INTEREST, *REST),
)
DAYS = {Stage.NORMAL: 0, Stage.OVERDUE: 40, Stage.NON_PERFORMING: 91, Stage.WRITTEN_OFF: 40}


def in_stage(stage: Stage, special: Stage) -> str:
    """A loan that stands in a stage, whose order differs in the one named ``special``."""
    open_book()
    differs = StageOrder(stage=special, order=INTEREST_FIRST)
    loan = open_loan(agreed=terms(allocation=PRINCIPAL_FIRST, stage_orders=(differs,)))
    close_until(DUE + timedelta(days=DAYS[stage]))
    if stage is Stage.WRITTEN_OFF:
        order(loan, "written_off", DUE + timedelta(days=DAYS[stage]))
        close_until(DUE + timedelta(days=DAYS[stage] + 1))
    return loan


@pytest.mark.parametrize("stage", DAYS)
def test_money_is_laid_by_the_order_of_the_stage(stage: Stage) -> None:
    loan = in_stage(stage, stage)

    card = repay(loan, 5_000)

    assert (card.interest_minor, card.principal_minor) == (5_000, 0)


@pytest.mark.parametrize("stage", DAYS)
@pytest.mark.parametrize("other", [Stage.SETTLEMENT, Stage.NON_PERFORMING, Stage.OVERDUE])
def test_the_order_of_another_stage_leaves_it_as_usual(stage: Stage, other: Stage) -> None:
    if stage is other:
        return
    loan = in_stage(stage, other)

    card = repay(loan, 5_000)

    assert (card.interest_minor, card.principal_minor) == (0, 5_000)


def test_an_early_settlement_is_laid_by_an_order_of_its_own() -> None:
    open_book()
    differs = StageOrder(stage=Stage.SETTLEMENT, order=INTEREST_FIRST)
    agreed = terms(allocation=PRINCIPAL_FIRST, stage_orders=(differs,))
    loan, usual = open_loan(agreed=agreed), open_loan(agreed=terms(allocation=PRINCIPAL_FIRST))
    on = DUE + timedelta(days=3)
    close_until(on)
    firsts = []
    for each in (loan, usual):
        order(each, "settled_early", on, amount_minor=1_100_000)
        events = queries.list_events(number=each, viewer=HOUSE)
        firsts.append(events[-1].values["interest_minor"])

    # All of it is paid either way; no order makes the end dearer.
    assert firsts[0] == firsts[1] > 0
    for each in (loan, usual):
        assert queries.get_loan(number=each, viewer=HOUSE).state == "settled"
