"""Penalty that ends by days or by its cap: the close counts it to the day, no further."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from loanops.kernel.schedule import Penalty, PenaltyBase, PenaltyStart
from loanops.loanbook.servicing import invariants, queries
from loanops.loanbook.servicing.models import Instalment, PenaltyAccrual
from loanops.platform.audit import Violation
from tests.factories import loans
from tests.factories.changes import order
from tests.factories.loans import DAY, HOUSE

pytestmark = pytest.mark.django_db

FIRST = date(2026, 12, 2)
STOP = 10
END = FIRST + timedelta(days=STOP)
HALF_MORE = Decimal("1.5")
CAP = Decimal("0.005")
"""As much as ten days bear at one and a half times 12 % a year."""


def lent(**values: Any) -> str:
    rule = Penalty(**{"multiplier": HALF_MORE, "stop_days": STOP, **values})
    return loans.open_loan(agreed=loans.terms(penalty=rule))


def penalty(loan: str) -> int:
    return queries.get_schedule(number=loan, viewer=HOUSE)[0].penalty_minor


def violations() -> Iterator[Violation]:
    for check in invariants.CHECKS:
        yield from check.find()


def accrued() -> int:
    return PenaltyAccrual.objects.latest("closed_on").penalty_minor


@pytest.fixture(autouse=True)
def book() -> None:
    loans.open_book()


class TestTheClose:
    @pytest.mark.parametrize(
        "values",
        [
            {},
            {"base": PenaltyBase.PRINCIPAL_AND_INTEREST},
            {"grace_days": 3},
            {"grace_days": 3, "runs_from": PenaltyStart.GRACE_END},
            {"stop_days": None, "cap": CAP},
            {"stop_days": None, "cap": CAP, "grace_days": 3},
            {"stop_days": 90, "cap": CAP, "base": PenaltyBase.PRINCIPAL_AND_INTEREST},
        ],
    )
    def test_counts_penalty_to_its_end_and_no_further(self, values: dict[str, Any]) -> None:
        loan = lent(**values)
        loans.close_until(END - timedelta(days=1))
        before = penalty(loan)
        loans.close_until(END)
        at_end = penalty(loan)
        assert before < at_end == accrued()
        assert not list(violations())

        loans.close_until(END + timedelta(days=9))

        assert penalty(loan) == at_end == accrued()
        assert Instalment.objects.get(number=1).penal_to == END
        assert not list(violations())

    def test_leaves_a_rule_without_an_end_alone(self) -> None:
        ends, runs = lent(), loans.open_loan()
        loans.close_until(END + timedelta(days=5))

        assert penalty(runs) == 3 * penalty(ends) // 2
        assert not list(violations())

    def test_takes_money_before_at_and_after_the_end(self) -> None:
        early, late = lent(), lent()
        loans.close_until(FIRST + timedelta(days=4))
        loans.repay(early, 40_000)
        loans.close_until(END + timedelta(days=4))
        assert not list(violations())

        loans.repay(late, 40_000)
        loans.close_until(END + timedelta(days=6))

        assert penalty(early) < penalty(late)
        assert not list(violations())

    def test_takes_money_that_counts_for_a_day_before_the_end_but_comes_after_it(self) -> None:
        known, late = lent(), lent()
        loans.close_until(FIRST + timedelta(days=4))
        loans.repay(known, 40_000)
        loans.close_until(END + timedelta(days=4))

        loans.repay(late, 40_000, FIRST + timedelta(days=4))
        loans.close_until(END + timedelta(days=5))

        assert penalty(known) == penalty(late)
        assert not list(violations())

    def test_ends_at_once_what_was_opened_later_than_that(self) -> None:
        began = DAY - timedelta(days=100)
        rule = Penalty(multiplier=HALF_MORE, stop_days=STOP)
        agreed = loans.terms(start_date=began, penalty=rule)
        loans.open_loan(agreed=agreed, disbursed_on=began)

        loans.close_until(DAY + timedelta(days=1))

        late = Instalment.objects.filter(due_on__lte=DAY + timedelta(days=1 - STOP))
        assert late.count() == 2
        assert {(item.penal_to - item.due_on).days for item in late} == {STOP}
        assert not list(violations())

    def test_ends_it_with_acceleration_where_the_rule_says_so(self) -> None:
        ends, runs = lent(stop_days=None, stops_at_acceleration=True), lent(stop_days=None)
        called_in = FIRST + timedelta(days=4)
        loans.close_until(called_in)
        for loan in (ends, runs):
            order(loan, "accelerated", called_in)
        at_once = penalty(ends)
        loans.repay(ends, 10_000)
        loans.close_until(called_in + timedelta(days=9))

        assert penalty(ends) == at_once < penalty(runs)
        assert not list(violations())

        order(ends, "written_off", called_in + timedelta(days=9))
        loans.close_until(called_in + timedelta(days=12))

        assert penalty(ends) == at_once
        assert not list(violations())

    def test_meets_a_write_off_before_and_after_the_end(self) -> None:
        before, after = lent(), lent()
        loans.close_until(FIRST + timedelta(days=4))
        order(before, "written_off", FIRST + timedelta(days=4))
        loans.close_until(END + timedelta(days=4))
        order(after, "written_off", END + timedelta(days=4))
        loans.close_until(END + timedelta(days=8))

        assert penalty(before) < penalty(after)
        assert not list(violations())
