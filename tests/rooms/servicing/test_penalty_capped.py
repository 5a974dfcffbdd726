"""A cap on penalty that follows its loan's rate: closes, payments and replays agree on its end."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.account import Disbursed, Event, RateChanged, Repaid, state
from loanops.kernel.schedule import Method, Penalty, PenaltyBase, PenaltyFollows, PenaltyStart
from loanops.loanbook.servicing import invariants, queries
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.domain.position import pay, reach
from loanops.loanbook.servicing.domain.replay import items_of
from loanops.loanbook.servicing.domain.rules import read_rules, rules_of
from loanops.loanbook.servicing.models import Instalment, PenaltyAccrual
from loanops.platform.audit import Violation
from tests.domain.kernel.loans import plain
from tests.factories import loans
from tests.factories.changes import order
from tests.factories.loans import AT, HOUSE
from tests.factories.plans import lookups

FIRST = date(2026, 12, 2)
in_books = pytest.mark.django_db


def rule_of(**values: Any) -> Penalty:
    """At half more of 12 % ten days of penalty reach a cap of half a per cent."""
    given: dict[str, Any] = {"multiplier": Decimal("1.5"), "cap": Decimal("0.005"), **values}
    return Penalty(follows=PenaltyFollows.CURRENT_RATE, **given)


def lent(**values: Any) -> str:
    """1,000.00 of principal falls due each month, at 12 %: penalty is 0.50 a day."""
    agreed = loans.terms(
        method=Method.EQUAL_PRINCIPAL, principal_minor=1_200_000, penalty=rule_of(**values)
    )
    return loans.open_loan(agreed=agreed)


def after(days: int) -> date:
    return FIRST + timedelta(days=days)


def penalty(loan: str) -> int:
    return queries.get_schedule(number=loan, viewer=HOUSE)[0].penalty_minor


def accrued() -> int:
    last = PenaltyAccrual.objects.latest("closed_on").closed_on
    return sum(row.penalty_minor for row in PenaltyAccrual.objects.filter(closed_on=last))


def violations() -> list[Violation]:
    return [each for check in invariants.CHECKS for each in check.find()]


@pytest.fixture
def book() -> None:
    loans.open_book()


@in_books
@pytest.mark.usefixtures("book")
class TestTheClose:
    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ({}, 200 + 3 * 100),
            ({"base": PenaltyBase.PRINCIPAL_AND_INTEREST}, 224 + 336),
            ({"stop_days": 6}, 200 + 2 * 100),
            ({"compounds_days": 3, "cap": Decimal("0.006")}, 150 + 50 + 300),
            ({"grace_days": 5}, 200 + 3 * 100),
            ({"grace_days": 5, "runs_from": PenaltyStart.GRACE_END}, 500),
        ],
    )
    def test_ends_it_on_the_day_that_the_rates_leave(
        self, values: dict[str, Any], expected: int
    ) -> None:
        loan = lent(**values)
        loans.close_until(after(4))
        order(loan, "rate_changed", after(4), annual_rate="0.24")
        for days in range(5, 14):
            loans.close_until(after(days))
            assert not violations()

        assert penalty(loan) == accrued() == expected

    def test_leaves_loans_whose_rate_did_not_change_the_days_of_theirs(self) -> None:
        loan, other = lent(), lent()
        loans.close_until(after(4))
        order(loan, "rate_changed", after(4), annual_rate="0.06")

        loans.close_until(after(20))

        # 2.00 and then 0.25 a day for twelve days; 0.50 a day for ten.
        assert (penalty(loan), penalty(other)) == (200 + 300, 500)
        assert accrued() == 1_000
        assert not violations()

    def test_finds_what_a_cap_ends_by_an_index_of_nothing_else(self) -> None:
        loan = lent()
        loans.close_until(after(4))
        order(loan, "rate_changed", after(4), annual_rate="0.24")
        loans.close_until(after(7))

        with lookups("servicing_instalment") as found:
            loans.close_until(after(8))

        assert penalty(loan) == 200 + 3 * 100
        assert "servicing_instalment_capped" in found

    def test_for_an_earlier_day_counts_the_end_anew_and_back(self) -> None:
        loan = lent()
        loans.close_until(after(15))
        assert penalty(loan) == 500

        card = order(loan, "rate_changed", after(2), annual_rate="0.36")

        # 1.00 by the second day, and two days of 1.50: a third would pass 5.00.
        assert penalty(loan) == 100 + 2 * 150
        loans.close_until(after(16))
        assert accrued() == 400
        assert not violations()
        order(loan, "reversed", after(16), of=card.key)
        assert penalty(loan) == 500
        loans.close_until(after(17))
        assert accrued() == 500
        assert not violations()

    def test_lets_what_is_left_after_a_payment_bear_to_the_same_day(self) -> None:
        loan, known = lent(), lent()
        for each in (loan, known):
            loans.close_until(after(4))
            order(each, "rate_changed", after(4), annual_rate="0.24")
        loans.repay(known, 30_000)
        loans.close_until(after(12))
        loans.repay(loan, 30_000, on=after(4))

        loans.close_until(after(13))

        assert penalty(loan) == penalty(known) < 500
        assert not violations()

    def test_is_told_by_the_loan_and_survives_a_rebuild(self) -> None:
        loan = lent()
        loans.close_until(after(4))
        order(loan, "rate_changed", after(4), annual_rate="0.24")
        loans.close_until(after(9))
        card = queries.get_loan(number=loan, viewer=HOUSE)
        assert (card.penalty_cap, card.penalty_stop_days) == ("0.005", 5)
        Instalment.objects.update(capped_on=after(5))
        assert violations()

        servicing.rebuild(book="cn", actor=HOUSE, at=AT)

        assert Instalment.objects.get(loan__number=loan, number=1).capped_on == after(7)
        assert servicing.rebuild(book="cn", actor=HOUSE, at=AT).changed == 0


class TestThePosition:
    @given(
        st.lists(st.tuples(st.integers(31, 200), st.integers(0, 900)), min_size=1, max_size=4),
        st.lists(st.tuples(st.integers(200, 330), st.integers(1, 900_000)), max_size=4).map(sorted),
        st.decimals("0.002", "0.3", places=4),
        st.sampled_from(PenaltyBase),
        st.integers(0, 4),
    )
    def test_moves_as_the_account_does_once_rates_have_changed(
        self,
        changes: list[tuple[int, int]],
        paid: list[tuple[int, int]],
        cap: Decimal,
        base: PenaltyBase,
        grace: int,
    ) -> None:
        rule = rule_of(cap=cap, base=base, grace_days=grace, multiplier=Decimal("0.3"))
        terms = plain(method=Method.EQUAL_PRINCIPAL, principal_minor=1_200_000, penalty=rule)
        rules, began = rules_of(terms), terms.start_date
        events: list[Event] = [
            Disbursed(key="out", on=began, amount_minor=terms.principal_minor),
            *(
                RateChanged(
                    key=f"rate-{place}",
                    on=began + timedelta(days=days),
                    annual_rate=Decimal(rate).scaleb(-3),
                )
                for place, (days, rate) in enumerate(changes)
            ),
        ]
        on = began + timedelta(days=200)
        items = {item.number: item for item in items_of(state(terms, events, on), rules)}

        for place, (days, minor) in enumerate(paid):
            on = began + timedelta(days=days)
            items |= pay(list(items.values()), rules, minor, on).items
            events.append(Repaid(key=f"paid-{place}", on=on, amount_minor=minor))
        on = began + timedelta(days=360)

        replayed = items_of(state(terms, events, on), rules)
        moved = [reach(items[item.number], rules, on) for item in replayed]
        assert [(item.paid, item.penalty_minor(rules, on)) for item in moved] == [
            (item.paid, item.penalty_minor(rules, on)) for item in replayed
        ]
        assert read_rules(rules.text()) == rules
