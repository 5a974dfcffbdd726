"""Penalty that follows its loan's rate: books, replays and closes agree on every day's rate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from loanops.kernel.schedule import Floating, Method, Penalty, PenaltyFollows, PenaltyStart
from loanops.loanbook.servicing import invariants, queries
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.models import Instalment, PenaltyAccrual
from loanops.platform.audit import Violation
from loanops.registry.compliance import operations as compliance
from tests.factories import loans
from tests.factories.changes import order
from tests.factories.loans import AT, HOUSE

pytestmark = pytest.mark.django_db

FIRST = date(2026, 12, 2)
HALF_MORE = Decimal("1.5")


def lent(**values: Any) -> str:
    """1,000.00 of principal falls due each month, at 12 %."""
    floating = values.pop("floating", None)
    rule = Penalty(multiplier=HALF_MORE, follows=PenaltyFollows.CURRENT_RATE, **values)
    agreed = loans.terms(
        method=Method.EQUAL_PRINCIPAL, principal_minor=1_200_000, penalty=rule, floating=floating
    )
    return loans.open_loan(agreed=agreed)


def after(days: int) -> date:
    return FIRST + timedelta(days=days)


def penalty(loan: str) -> int:
    return queries.get_schedule(number=loan, viewer=HOUSE)[0].penalty_minor


def accrued() -> int:
    last = PenaltyAccrual.objects.latest("closed_on").closed_on
    rows = PenaltyAccrual.objects.filter(closed_on=last)
    return sum(row.penalty_minor for row in rows)


def violations() -> Iterator[Violation]:
    for check in invariants.CHECKS:
        yield from check.find()


@pytest.fixture(autouse=True)
def book() -> None:
    loans.open_book()


class TestARateChange:
    def test_has_the_close_count_each_day_at_its_rate(self) -> None:
        loan, other = lent(), lent()
        loans.close_until(after(10))
        order(loan, "rate_changed", after(10), annual_rate="0.24")
        assert penalty(loan) == penalty(other) == 500
        assert not list(violations())

        loans.close_until(after(14))

        assert (penalty(loan), penalty(other)) == (500 + 400, 700)
        assert accrued() == 900 + 700
        assert not list(violations())
        loans.repay(loan, 30_000)
        loans.close_until(after(16))
        assert not list(violations())
        # 829.00 of principal is left once 9.00 of penalty and 120.00 of interest are paid.
        assert penalty(loan) == 500 + 400 + 166

    def test_that_counts_for_an_earlier_day_is_replayed_and_undone(self) -> None:
        loan = lent(stop_days=20)
        loans.close_until(after(10))
        card = order(loan, "rate_changed", after(4), annual_rate="0.06")
        assert penalty(loan) == 200 + 6 * 25
        loans.close_until(after(24))
        assert penalty(loan) == 200 + 16 * 25
        assert not list(violations())

        order(loan, "reversed", after(24), of=card.key)

        assert penalty(loan) == 20 * 50
        assert Instalment.objects.filter(number=1).values_list("penal_rate", flat=True)[0] == ""
        loans.close_until(after(26))
        assert not list(violations())
        assert accrued() == 20 * 50

    @pytest.mark.parametrize(
        ("start", "expected"),
        [(PenaltyStart.DUE_DATE, 2 * 50 + 3 * 100), (PenaltyStart.GRACE_END, 100)],
    )
    def test_within_the_grace_is_known_once_that_has_passed(
        self, start: PenaltyStart, expected: int
    ) -> None:
        loan, other = (lent(grace_days=4, runs_from=start) for _ in range(2))
        loans.close_until(after(2))
        order(loan, "rate_changed", after(2), annual_rate="0.24")
        loans.close_until(after(4))
        assert penalty(loan) == 0

        loans.close_until(after(5))

        assert penalty(loan) == expected
        assert accrued() == expected + penalty(other)
        loans.close_until(after(6))
        assert penalty(loan) == expected + 100
        assert not list(violations())

    def test_is_told_with_the_day_from_which_it_ran(self) -> None:
        loan, agreed = lent(), loans.open_loan()
        loans.close_until(after(10))
        order(loan, "rate_changed", after(4), annual_rate="0.24")

        card = queries.get_loan(number=loan, viewer=HOUSE)

        told = [(each.since, each.rate_daily) for each in card.penalty_rates]
        assert told == [(loans.DAY, "0.0005"), (after(4), "0.001")]
        assert card.penalty_rate_daily == "0.001"
        fixed = queries.get_loan(number=agreed, viewer=HOUSE)
        assert (fixed.penalty_rates, fixed.penalty_rate_daily) == ((), "0.0005")

    def test_survives_a_rebuild(self) -> None:
        loan = lent(grace_days=2)
        loans.close_until(after(6))
        order(loan, "rate_changed", after(5), annual_rate="0.18")
        loans.close_until(after(8))
        was = penalty(loan)
        Instalment.objects.update(penal_rate="0.99")
        PenaltyAccrual.objects.filter(rate="0.18").update(base_minor=1)
        assert list(violations())

        servicing.rebuild(book="cn", actor=HOUSE, at=AT)

        assert penalty(loan) == was
        assert servicing.rebuild(book="cn", actor=HOUSE, at=AT).changed == 0


class TestAReset:
    def test_carries_over_to_the_penalty_of_what_is_overdue(self) -> None:
        for rate, since in (("0.03", date(2025, 5, 20)), ("0.02", date(2026, 12, 21))):
            compliance.record_reference_rate(
                book="cn", key="lpr_1y", rate_annual=Decimal(rate), effective_from=since,
                document="notice", actor=HOUSE, at=AT,
            )  # fmt: skip
        loan = lent(floating=Floating(index="lpr_1y"))
        new_year = date(2027, 1, 1)

        loans.close_until(new_year + timedelta(days=12))

        # 30 days at 12 %, and 12 at the 11 % that the reset made of it, both half more.
        assert penalty(loan) == 1_500 + 550
        assert not list(violations())


class TestARestructuring:
    def test_bears_penalty_at_the_rate_agreed_anew(self) -> None:
        loan = lent()
        loans.close_until(after(10))
        plan = {"instalments": 2, "annual_rate": "0.06", "method": "equal_principal"}
        order(loan, "restructured", after(10), **plan, penalty="carry", interest="capitalise")
        loans.close_until(after(60))

        rows = queries.get_schedule(number=loan, viewer=HOUSE)
        assert rows[0].penalty_minor == 500
        rates = set(Instalment.objects.filter(settled_on=None).values_list("penal_rate", flat=True))
        assert rates == {"0.06"}
        assert not list(violations())
