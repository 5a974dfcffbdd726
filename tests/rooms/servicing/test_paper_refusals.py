"""Papers that cannot be: a quote that nobody would take, a period before there was a loan."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from loanops.kernel.refusals import BadField
from loanops.loanbook.servicing import queries
from loanops.loanbook.servicing.domain.orders import NotInState
from tests.factories.changes import dues, order
from tests.factories.loans import DAY, HOUSE, close_until, open_book, open_loan

pytestmark = pytest.mark.django_db


def test_payoff_of_a_loan_written_off_is_refused_as_settling_it_is() -> None:
    open_book()
    loan = open_loan()
    on = dues(loan)[1] + timedelta(days=12)
    close_until(on)
    order(loan, "written_off", on)

    with pytest.raises(NotInState):
        queries.get_payoff(number=loan, on=on, viewer=HOUSE)


def test_statement_from_before_the_payout_is_refused() -> None:
    open_book()
    loan = open_loan()

    with pytest.raises(BadField):
        queries.get_statement(number=loan, since=date.min, until=DAY, viewer=HOUSE)
