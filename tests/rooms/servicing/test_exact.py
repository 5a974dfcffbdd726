"""An exact payment is booked as any payment is, only sooner."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loanops.kernel.allocation import Order, Sweep
from loanops.kernel.schedule import Terms
from loanops.loanbook.servicing.domain.exact import exact_turn
from loanops.loanbook.servicing.domain.lifecycle import LoanState
from loanops.loanbook.servicing.domain.position import pay
from loanops.loanbook.servicing.domain.rules import rules_of
from loanops.loanbook.servicing.domain.turn import Figures, turn
from tests.factories.loans import open_book, open_loan, repay, terms
from tests.rooms.servicing.test_position import START, agreements, opened
from tests.rooms.servicing.test_repay import violations


def figures(agreed: Terms) -> Figures:
    due_on = min(item.due_on for item in opened(agreed))
    return Figures(LoanState.ACTIVE, 0, agreed.principal_minor, due_on, 0, START, None)


class TestExactTurn:
    @settings(max_examples=300)
    @given(agreements, st.integers(-1, 6), st.integers(0, 3), st.integers(-1, 1), st.integers(0, 3))
    def test_is_the_turn_of_any_payment_or_none(
        self, agreed: Terms, late_days: int, seen_days: int, more_minor: int, near: int
    ) -> None:
        rules, before = rules_of(agreed), figures(agreed)
        items = {item.number: item for item in opened(agreed)}
        first, *rest = sorted(items.values(), key=lambda item: item.due_on)
        paid_on = first.due_on + timedelta(days=late_days)
        on = paid_on + timedelta(days=seen_days)
        amount_minor = max(first.open_minor + more_minor, 1)

        found = exact_turn(
            before=before,
            items=[first, *rest[: near + 1]],
            amount_minor=amount_minor,
            paid_on=paid_on,
            on=on,
        )

        laid = pay(list(items.values()), rules, amount_minor, paid_on)
        any_turn = turn(
            before=before,
            stored=items,
            changed=laid.items,
            rules=rules,
            credit_minor=laid.unapplied_minor,
            event_on=paid_on,
            on=on,
        )
        assert found is None or found == any_turn
        is_exact = late_days == seen_days == more_minor == 0 and first.open_minor
        if is_exact and rest and rest[0].open_minor:
            assert found is not None


@pytest.mark.django_db
class TestMoneyThatReachesFar:
    @pytest.mark.parametrize("sweep", list(Sweep))
    def test_is_laid_on_every_instalment_that_its_order_names(self, sweep: Sweep) -> None:
        open_book()
        loan = open_loan(agreed=terms(allocation=Order(sweep=sweep)))

        card = repay(loan, 300_000)

        assert card.unapplied_minor == 0
        assert (card.interest_minor > 60_000) == (sweep is Sweep.BY_COMPONENT)
        assert violations() == []
