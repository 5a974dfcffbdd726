"""Penalty that bears penalty in the books: closes, payments and replays agree to the fen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from loanops.kernel.schedule import Method, Penalty, PenaltyBase, PenaltyFollows
from loanops.loanbook.servicing import invariants, queries
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.models import Instalment, PenaltyAccrual
from loanops.platform.audit import Violation
from tests.factories import loans
from tests.factories.changes import order
from tests.factories.loans import AT, DAY, HOUSE

pytestmark = pytest.mark.django_db

FIRST = date(2026, 12, 2)
EVERY = 5


def terms_of(**values: Any) -> Any:
    given = {"annual_rate": Decimal("3.6"), "compounds_days": EVERY, **values}
    rule = Penalty(**given)
    return {"method": Method.EQUAL_PRINCIPAL, "principal_minor": 1_200_000, "penalty": rule}


def lent(**values: Any) -> str:
    """1,000.00 of principal falls due each month, and bears 10.00 a day once it is late."""
    return loans.open_loan(agreed=loans.terms(**terms_of(**values)))


def after(days: int) -> date:
    return FIRST + timedelta(days=days)


def penalty(loan: str) -> int:
    return queries.get_schedule(number=loan, viewer=HOUSE)[0].penalty_minor


def accrued() -> int:
    last = PenaltyAccrual.objects.latest("closed_on").closed_on
    return sum(row.penalty_minor for row in PenaltyAccrual.objects.filter(closed_on=last))


def violations() -> Iterator[Violation]:
    for check in invariants.CHECKS:
        yield from check.find()


@pytest.fixture(autouse=True)
def book() -> None:
    loans.open_book()


class TestTheClose:
    def test_takes_unpaid_penalty_in_on_its_days(self) -> None:
        loan, simple = lent(), lent(compounds_days=None)
        for days, expected in ((5, 5_000), (6, 6_050), (10, 10_250), (11, 11_353)):
            loans.close_until(after(days))
            assert penalty(loan) == expected
            assert penalty(simple) == 1_000 * days
            assert not list(violations())
        assert accrued() == 11_352 + 11_000  # The pool's half a fen is rounded down.
        assert Instalment.objects.get(loan__number=loan, number=1).compounded_minor == 10_250

    def test_counts_it_anew_for_money_that_comes_and_for_money_of_an_earlier_day(self) -> None:
        loan, known = lent(), lent()
        loans.close_until(after(4))
        loans.repay(known, 3_000)
        loans.close_until(after(7))
        for each in (loan, known):
            loans.repay(each, 4_000)
        loans.close_until(after(8))
        assert not list(violations())
        # 71.00 by the seventh day; 31.00 are left, of which all bear on.
        assert penalty(loan) == 7_100 + 1_000 + 31

        loans.repay(loan, 3_000, on=after(4))
        loans.close_until(after(12))

        assert penalty(loan) == penalty(known)
        assert not list(violations())

    @pytest.mark.parametrize(
        "values",
        [
            {"cap": Decimal("0.08")},
            {"stop_days": 8},
            {"stop_days": 10, "base": PenaltyBase.PRINCIPAL_AND_INTEREST},
            {"grace_days": 3, "stop_days": 11},
        ],
    )
    def test_ends_it_where_the_rule_says(self, values: dict[str, Any]) -> None:
        loan = lent(**values)
        loans.close_until(after(13))
        at_end = penalty(loan)
        assert not list(violations())

        loans.close_until(after(17))

        assert penalty(loan) == at_end == accrued()
        assert not list(violations())

    def test_catches_up_with_a_loan_that_was_opened_late(self) -> None:
        began = DAY - timedelta(days=45)
        loans.open_loan(agreed=loans.terms(start_date=began, **terms_of()), disbursed_on=began)

        loans.close_until(DAY + timedelta(days=1))

        item = Instalment.objects.get(number=1)
        assert item.compounded_minor > 0
        assert not list(violations())

    def test_follows_the_rate_of_the_loan_and_is_rebuilt(self) -> None:
        rule = {"multiplier": Decimal(5), "annual_rate": None}
        loan = lent(**rule, follows=PenaltyFollows.CURRENT_RATE)
        loans.close_until(after(7))
        order(loan, "rate_changed", after(6), annual_rate="0.24")
        loans.close_until(after(11))
        assert not list(violations())
        was = penalty(loan)
        Instalment.objects.update(compounded_minor=7)
        assert list(violations())

        servicing.rebuild(book="cn", actor=HOUSE, at=AT)

        assert penalty(loan) == was
        assert servicing.rebuild(book="cn", actor=HOUSE, at=AT).changed == 0

    def test_leaves_what_bears_none_as_it_was(self) -> None:
        """Interest alone is due each month, and principal alone bears penalty."""
        agreed = terms_of() | {"method": Method.INTEREST_ONLY}
        loans.open_loan(agreed=loans.terms(**agreed))
        loans.close_until(after(EVERY + 1))

        assert Instalment.objects.get(number=1).penal_to == FIRST
        assert servicing.rebuild(book="cn", actor=HOUSE, at=AT).changed == 0
        assert not list(violations())

    def test_ends_with_a_write_off(self) -> None:
        loan = lent()
        loans.close_until(after(8))
        order(loan, "written_off", after(8))
        at_once = penalty(loan)
        loans.close_until(after(16))
        loans.repay(loan, 5_000)

        assert penalty(loan) == at_once
        assert not list(violations())
