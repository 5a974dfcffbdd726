"""Loans whose due days are moved off holidays: every figure follows the day that was agreed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from loanops.kernel.calendar import Roll
from loanops.kernel.schedule import Terms
from loanops.loanbook.servicing import invariants, operations, queries
from loanops.loanbook.servicing.models import Instalment
from loanops.platform.audit import Violation
from tests.factories import loans
from tests.factories.changes import order
from tests.factories.loans import AT, DAY, HOUSE

pytestmark = pytest.mark.django_db

CLOSED = tuple(date(2026, 12, day) for day in (2, 3, 4))
FIRST = date(2026, 12, 7)


def agreed(roll: Roll = Roll.FOLLOWING) -> Terms:
    """A loan whose first instalment would fall due on the first of three closed days."""
    return loans.terms(roll=roll, calendar="CN", closed_days=CLOSED)


def violations() -> Iterator[Violation]:
    for check in invariants.CHECKS:
        yield from check.find()


@pytest.fixture(autouse=True)
def book() -> None:
    loans.open_book()


class TestALoan:
    def test_falls_due_on_the_working_day_and_not_before(self) -> None:
        loan, plain = loans.open_loan(agreed=agreed()), loans.open_loan()
        loans.close_until(FIRST)

        rows = queries.get_schedule(number=loan, viewer=HOUSE)
        assert rows[0].due_on == FIRST
        assert queries.get_loan(number=loan, viewer=HOUSE).dpd == 0
        assert queries.get_loan(number=plain, viewer=HOUSE).dpd == 5
        unmoved = queries.get_schedule(number=plain, viewer=HOUSE)
        assert [row.interest_minor for row in rows] == [row.interest_minor for row in unmoved]
        assert not list(violations())

    @pytest.mark.parametrize("roll", [Roll.FOLLOWING, Roll.MODIFIED_FOLLOWING, Roll.PRECEDING])
    def test_is_paid_changed_and_closed_like_any_other(self, roll: Roll) -> None:
        loan = loans.open_loan(agreed=agreed(roll))
        loans.close_until(FIRST)
        loans.repay(loan, 50_000)
        order(loan, "rate_changed", FIRST, annual_rate="0.09")
        loans.close_until(FIRST + timedelta(days=40))
        order(loan, "prepaid", FIRST + timedelta(days=40), amount_minor=300_000, keep="term")
        loans.close_until(FIRST + timedelta(days=42))

        days = {row.due_on.weekday() for row in queries.get_schedule(number=loan, viewer=HOUSE)}
        # Principal that is repaid early falls due on the day on which it is.
        assert days <= {0, 1, 2, 3, 4}
        assert not list(violations())

    def test_stays_as_it_was_agreed_when_it_is_written_anew(self) -> None:
        loan = loans.open_loan(agreed=agreed())
        loans.close_until(DAY + timedelta(days=1))
        before = list(Instalment.objects.filter(loan__number=loan).values())

        operations.rebuild(book="cn", actor=HOUSE, at=AT)

        assert list(Instalment.objects.filter(loan__number=loan).values()) == before
