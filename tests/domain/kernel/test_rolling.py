"""Due dates off holidays: moved by the rule, interest as counted to the date before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from loanops.kernel.account import Disbursed, Prepaid, state
from loanops.kernel.allocation import Order
from loanops.kernel.calendar import Frequency, Roll, Unit
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule import Method, Terms, schedule
from loanops.kernel.schedule.amending import Keep

START = date(2026, 9, 2)
CLOSED = tuple(date(2026, 10, day) for day in (1, 2, 5, 6, 7))
WORKED = (date(2026, 10, 10),)


def agreed(**values: Any) -> Terms:
    """Three instalments, the first due on Friday 2 October 2026, in the National Day week."""
    given: dict[str, Any] = {
        "method": Method.EQUAL_PRINCIPAL, "principal_minor": 300_000, "currency": "CNY",
        "annual_rate": Decimal("0.12"), "instalments": 3, "start_date": START,
        "calendar": "CN", "closed_days": CLOSED, "exchanged_days": WORKED,
    }  # fmt: skip
    return Terms(**{**given, **values})


class TestRoll:
    @pytest.mark.parametrize(
        ("roll", "first"),
        [
            (Roll.NONE, date(2026, 10, 2)),
            (Roll.FOLLOWING, date(2026, 10, 8)),
            (Roll.PRECEDING, date(2026, 9, 30)),
            (Roll.MODIFIED_FOLLOWING, date(2026, 10, 8)),
        ],
    )
    def test_moves_a_due_date_and_not_its_interest(self, roll: Roll, first: date) -> None:
        rows = schedule(agreed(roll=roll)).rows

        assert rows[0].due_date == first
        assert [row.interest_minor for row in rows] == [3_000, 2_000, 1_000]

    def test_stays_in_its_month_where_the_rule_says_so(self) -> None:
        terms = agreed(start_date=date(2026, 9, 30), roll=Roll.MODIFIED_FOLLOWING)
        closed = replace(terms, closed_days=(date(2026, 10, 30),))

        assert schedule(closed).rows[0].due_date == date(2026, 10, 29)

    def test_takes_a_weekend_that_is_worked_in_exchange(self) -> None:
        terms = agreed(start_date=date(2026, 9, 10), roll=Roll.FOLLOWING)

        assert schedule(terms).rows[0].due_date == date(2026, 10, 10)

    def test_never_falls_due_before_it_begins(self) -> None:
        terms = agreed(
            start_date=date(2026, 9, 30), first_due_date=date(2026, 10, 1), roll=Roll.PRECEDING
        )

        assert schedule(terms).rows[0].due_date == date(2026, 10, 8)

    def test_holds_for_the_account_too(self) -> None:
        terms = agreed(roll=Roll.FOLLOWING)
        paid_out = Disbursed(key="d", on=START, amount_minor=300_000)

        account = state(terms, [paid_out], date(2026, 10, 7))

        assert account.instalments[0].due_date == date(2026, 10, 8)
        assert account.dpd == 0

    @pytest.mark.parametrize("method", [Method.EQUAL_PRINCIPAL, Method.FLAT])
    def test_keeps_from_prepayment_what_a_holiday_moved_behind_its_day(
        self, method: Method
    ) -> None:
        # ``soak --part kernel``: the next instalment was asked for less than nothing.
        terms = agreed(roll=Roll.FOLLOWING, method=method, allocation=Order(in_advance=()))
        out = Disbursed(key="d", on=START, amount_minor=300_000)
        more = Prepaid(key="p", on=date(2026, 10, 5), amount_minor=299_000, keep=Keep.TERM)

        account = state(terms, [out, more], date(2026, 10, 7))

        first, *later = account.instalments
        assert (first.due_date, first.open.principal_minor) == (date(2026, 10, 8), 100_000)
        assert [item.due.principal_minor for item in later] == [0] * len(later)
        assert account.unapplied_minor == 99_000

    def test_leaves_terms_without_a_calendar_as_they_were(self) -> None:
        terms = agreed(roll=Roll.FOLLOWING, calendar="")

        assert schedule(terms).rows[0].due_date == date(2026, 10, 2)

    def test_refuses_periods_that_a_holiday_could_swallow(self) -> None:
        with pytest.raises(BadField) as refused:
            agreed(roll=Roll.FOLLOWING, frequency=Frequency(1, Unit.WEEKS))

        assert refused.value.field == "roll"

    def test_is_read_as_it_was_written(self) -> None:
        terms = agreed(roll=Roll.FOLLOWING)

        assert Terms.from_dict(terms.to_dict()) == terms
