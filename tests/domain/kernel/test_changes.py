"""Changes of a schedule: figures of the field, and what holds whatever happens."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loanops.kernel.calendar import Frequency, Unit
from loanops.kernel.daycount import DayCount
from loanops.kernel.money import Rounding
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule import Method, Schedule, Terms, schedule
from loanops.kernel.schedule.arrears import PrincipalDue, re_age, re_amortise
from loanops.kernel.schedule.changes import (
    Change,
    Drawn,
    DueShifted,
    Extended,
    InstalmentPaidEarly,
    InterestPaused,
    Overdue,
    PaidEarly,
    PrincipalRested,
    RateChanged,
    Rest,
    Surplus,
    changed_plan,
    reschedule,
)
from loanops.kernel.schedule.payoff import InterestUntil, payable, payoff
from tests.domain.kernel import loans
from tests.domain.kernel.loans import plain

DUE_3 = date(2026, 4, 15)


def totals(plan: Schedule) -> list[int]:
    return [row.total_minor for row in plan.rows]


@st.composite
def changes(draw: st.DrawFn, terms: Terms) -> Change:
    day = terms.start_date + timedelta(days=draw(st.integers(1, 330)))
    dues = [row.due_date for row in schedule(terms).rows]
    due = draw(st.sampled_from(dues))
    return draw(
        st.sampled_from(
            [
                Drawn(on=day, amount_minor=123_456),
                RateChanged(on=day, annual_rate=Decimal("0.09")),
                InterestPaused(first=day, last=day + timedelta(days=40)),
                PaidEarly(on=day, amount_minor=50_000),
                PaidEarly(on=due, amount_minor=200_000, surplus=Surplus.REDUCE_NUMBER),
                PaidEarly(on=day, amount_minor=90_000, surplus=Surplus.NEXT_PRINCIPAL),
                Overdue(due=due, until=due + timedelta(days=20)),
            ]
        )
    )


class TestAnyChange:
    @settings(max_examples=120)
    @given(st.data())
    def test_still_returns_exactly_what_was_drawn(self, data: st.DataObject) -> None:
        terms = plain(
            start_date=data.draw(loans.STARTS),
            annual_rate=data.draw(loans.RATES),
            day_count=data.draw(st.sampled_from([DayCount.MONTHS_30_360, DayCount.ACT_365])),
            method=data.draw(st.sampled_from([Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL])),
        )
        made = data.draw(st.lists(changes(terms), max_size=3))

        plan = reschedule(terms, made)

        drawn_minor = sum(c.amount_minor for c in made if isinstance(c, Drawn))
        assert plan.principal_minor == terms.principal_minor + drawn_minor
        assert plan.rows[-1].balance_minor == 0
        assert all(min(r.principal_minor, r.interest_minor) >= 0 for r in plan.rows)

    @given(loans.terms())
    def test_of_no_kind_leaves_the_schedule_as_it_was(self, terms: Terms) -> None:
        assert reschedule(terms, []) == schedule(terms)

    def test_refuses_a_due_date_the_schedule_does_not_have(self) -> None:
        with pytest.raises(BadField, match="2026-04-16 is not a due date"):
            reschedule(plain(), [DueShifted(due=date(2026, 4, 16), to=date(2026, 5, 1))])


class TestPaidEarly:
    # 10,000.00 at 12 % over twelve, 3,000.00 extra with the third instalment.
    EXTRA = 88_849 + 300_000

    def test_reduces_the_instalment_over_the_same_term(self) -> None:
        plan = reschedule(plain(), [PaidEarly(on=DUE_3, amount_minor=self.EXTRA)])

        assert plan.rows[2].balance_minor == 461_080
        assert totals(plan)[3:] == [53_827] * 8 + [53_825]
        assert sum(row.interest_minor for row in plan.rows[3:]) == 23_361

    def test_shortens_the_term_at_the_same_instalment(self) -> None:
        paid = PaidEarly(on=DUE_3, amount_minor=self.EXTRA, surplus=Surplus.REDUCE_NUMBER)

        plan = reschedule(plain(), [paid])

        assert totals(plan)[3:] == [88_849] * 5 + [31_694]
        assert sum(row.interest_minor for row in plan.rows[3:]) == 14_859

    def test_may_be_taken_off_the_next_portions_of_principal(self) -> None:
        paid = PaidEarly(on=DUE_3, amount_minor=self.EXTRA, surplus=Surplus.NEXT_PRINCIPAL)

        plan = reschedule(plain(), [paid])

        assert [row.principal_minor for row in plan.rows[3:6]] == [0, 0, 0]
        assert plan.rows[3].interest_minor == 4_611
        assert plan.rows[6].principal_minor > 0

    def test_inside_a_period_lowers_its_interest_from_that_day(self) -> None:
        counted = plain(day_count=DayCount.ACT_365)
        before = schedule(counted).rows[0].interest_minor

        plan = reschedule(counted, [PaidEarly(on=date(2026, 2, 5), amount_minor=10_000)])

        assert before - plan.rows[0].interest_minor == round(10_000 * 0.12 * 10 / 365)
        assert plan.rows[0].total_minor == totals(schedule(counted))[0]


class TestInstalmentPaidEarly:
    def test_pays_interest_to_the_day_and_the_rest_on_less_with_the_next(self) -> None:
        # 100.00 at 7 %: the instalment of 1 February is paid on 15 January.
        terms = plain(
            principal_minor=10_000,
            annual_rate=Decimal("0.07"),
            instalments=6,
            start_date=date(2024, 1, 1),
            rounding=Rounding.HALF_EVEN,
        )

        paid = InstalmentPaidEarly(due=date(2024, 2, 1), on=date(2024, 1, 15))
        plan = reschedule(terms, [paid])

        # 14/31 of a month on 100.00; then 17/31 on 83.25, charged with the second month.
        assert (plan.rows[0].principal_minor, plan.rows[0].interest_minor) == (1675, 26)
        assert plan.rows[1].interest_minor == round(8325 * 0.07 / 12 * (17 / 31 + 1))
        assert totals(plan)[:5] == [1701] * 5

    def test_before_its_period_all_of_it_is_principal(self) -> None:
        paid = InstalmentPaidEarly(due=date(2026, 3, 15), on=date(2026, 2, 1))

        plan = reschedule(plain(), [paid])

        assert plan.rows[1].interest_minor == 0
        assert plan.rows[1].principal_minor == 88_849
        assert plan.rows[0].interest_minor < 10_000


class TestOtherChanges:
    def test_a_new_rate_holds_from_the_night_before(self) -> None:
        plan = reschedule(plain(), [RateChanged(on=date(2026, 3, 16), annual_rate=Decimal("0.06"))])

        assert plan.rows[1].interest_minor == schedule(plain()).rows[1].interest_minor
        assert plan.rows[2].interest_minor == round(841_514 * 0.06 / 12)
        assert totals(plan)[2] < 88_849

    def test_a_pause_keeps_the_instalment_and_shortens_the_last(self) -> None:
        pause = InterestPaused(first=date(2026, 2, 16), last=date(2026, 3, 15))

        plan = reschedule(plain(), [pause])

        assert plan.rows[1].interest_minor == 0
        assert totals(plan)[:11] == [88_849] * 11
        assert totals(plan)[11] < 88_847

    def test_a_shifted_due_date_takes_the_later_ones_along(self) -> None:
        shift = DueShifted(due=date(2026, 2, 15), to=date(2026, 2, 25))

        plan = reschedule(plain(), [shift])

        assert [row.due_date.day for row in plan.rows] == [25] * 12
        assert plan.rows[0].interest_minor == round(1_000_000 * 0.01 * (1 + 10 / 28))
        assert totals(plan)[:11] == [88_849] * 11

    def test_a_due_date_shifted_off_the_end_of_a_month_adds_only_the_days_moved(self) -> None:
        # From 30 January: 28 February, moved to 9 March, is a month and 9 of the next 28 days.
        terms = plain(start_date=date(2023, 1, 30))

        plan = reschedule(terms, [DueShifted(due=date(2023, 2, 28), to=date(2023, 3, 9))])

        assert plan.rows[0].interest_minor == round(1_000_000 * 0.01 * (1 + 9 / 28))

    @pytest.mark.parametrize(
        ("change", "further"),
        [
            (Extended(due=date(2024, 4, 30), more=3), ["2024-05-31", "2024-06-30", "2024-07-31"]),
            (PrincipalRested(due=date(2024, 4, 30), periods=1), ["2024-05-31"]),
        ],
    )
    def test_further_due_dates_count_from_the_original_day(
        self, change: Change, further: list[str]
    ) -> None:
        terms = plain(start_date=date(2024, 1, 31), instalments=3)

        plan = reschedule(terms, [change])

        assert [row.due_date.isoformat() for row in plan.rows[3:]] == further

    def test_further_due_dates_count_from_the_day_a_shift_moved_to(self) -> None:
        terms = plain(start_date=date(2024, 1, 15), instalments=3)
        moved = date(2024, 3, 31)

        plan = reschedule(
            terms, [DueShifted(due=date(2024, 3, 15), to=moved), Extended(due=moved, more=1)]
        )

        assert [row.due_date.isoformat() for row in plan.rows[2:]] == ["2024-04-30", "2024-05-31"]

    def test_an_extension_spreads_what_is_left(self) -> None:
        plan = reschedule(plain(), [Extended(due=DUE_3, more=6)])

        assert len(plan.rows) == 18
        assert totals(plan)[:2] == [88_849] * 2
        assert len(set(totals(plan)[2:-1])) == 1

    def test_a_rest_inserts_instalments_without_principal(self) -> None:
        plan = reschedule(plain(), [PrincipalRested(due=DUE_3, periods=2)])

        assert len(plan.rows) == 14
        assert [row.principal_minor for row in plan.rows[2:4]] == [0, 0]
        assert totals(plan)[2] == 8_415

    def test_overdue_principal_bears_interest_to_the_day_or_to_the_end_of_the_period(self) -> None:
        due, day = date(2026, 2, 15), date(2026, 2, 25)
        missed_minor = 78_849

        to_day = reschedule(plain(), [Overdue(due=due, until=day)])
        to_end = reschedule(plain(), [Overdue(due=due, until=day, rest=Rest.PERIOD)])

        planned = 921_151 * 0.01
        assert to_day.rows[1].interest_minor == round(planned + missed_minor * 0.01 * 10 / 28)
        assert to_end.rows[1].interest_minor == round(planned + missed_minor * 0.01)

    def test_a_later_draw_is_repaid_over_the_periods_left(self) -> None:
        plan = reschedule(
            plain(down_payment_rate=Decimal("0.25")),
            [Drawn(on=date(2026, 3, 15), amount_minor=400_000)],
        )

        assert [r.principal_minor for r in plan.rows if r.start_date == r.due_date] == [
            250_000,
            100_000,
        ]
        assert plan.principal_minor == 1_400_000
        assert plan.rows[-1].balance_minor == 0

    @pytest.mark.parametrize("late_days", [0, 1, 400])
    def test_money_is_not_drawn_when_nothing_falls_due_any_more(self, late_days: int) -> None:
        terms = plain()
        last = schedule(terms).rows[-1].due_date

        with pytest.raises(BadField, match=f"on: must lie before the last due date, {last}"):
            reschedule(terms, [Drawn(on=last + timedelta(days=late_days), amount_minor=1)])
        before = [Drawn(on=last - timedelta(days=1), amount_minor=7)]
        assert reschedule(terms, before).principal_minor == terms.principal_minor + 7


class TestPayoff:
    def test_inside_a_period_takes_the_balance_and_interest_to_the_day(self) -> None:
        plan = changed_plan(plain(), [])
        first = [date(2026, 2, 15)]

        to_day = payoff(plan, date(2026, 3, 1), InterestUntil.PAYOFF_DATE, first)
        to_end = payoff(plan, date(2026, 3, 1), InterestUntil.PERIOD_END, first)

        assert to_day.principal_minor == to_end.principal_minor == 921_151
        assert to_day.interest_minor == round(921_151 * 0.01 * 14 / 28)
        assert to_end.interest_minor == 9_212
        assert to_day.total_minor == sum(line.total_minor for line in to_day.lines[1:])

    @given(st.integers(0, 380))
    def test_never_leaves_principal_behind(self, after: int) -> None:
        plan = changed_plan(plain(), [])
        on = loans.JANUARY_15 + timedelta(days=after)

        ended = payoff(plan, on, InterestUntil.PAYOFF_DATE, [])

        assert sum(line.principal_minor for line in ended.lines) == 1_000_000
        assert all(line.principal_minor >= 0 for line in ended.lines)

    def test_of_one_instalment_turns_unaccrued_interest_into_principal(self) -> None:
        plan = changed_plan(plain(), [])

        found = payable(plan, date(2026, 2, 15), loans.JANUARY_15)

        assert (found.principal_minor, found.interest_minor) == (88_849, 0)
        with pytest.raises(BadField):
            payable(plan, date(2026, 2, 16), loans.JANUARY_15)


class TestArrears:
    DUE = tuple(
        PrincipalDue(day, 12_500, paid)
        for day, paid in [
            (date(2024, 1, 1), 12_500),
            (date(2024, 1, 16), 0),
            (date(2024, 1, 31), 0),
            (date(2024, 2, 15), 0),
        ]
    )

    def test_re_amortise_adds_what_is_overdue_to_what_is_to_come(self) -> None:
        changed = re_amortise(self.DUE, date(2024, 1, 25), multiple_minor=100)

        assert [item.principal_minor for item in changed] == [12_500, 0, 18_700, 18_800]

    def test_re_age_moves_everything_unpaid_to_new_instalments(self) -> None:
        changed = re_age(
            self.DUE, first_due=date(2024, 3, 10), count=2, frequency=Frequency(30, Unit.DAYS)
        )

        assert [item.principal_minor for item in changed] == [12_500, 0, 0, 0, 18_750, 18_750]
        assert changed[-1].due_date == date(2024, 4, 9)

    @given(
        st.lists(st.integers(1, 100_000), min_size=2, max_size=12),
        st.integers(1, 24),
        st.sampled_from([1, 100]),
    )
    def test_neither_loses_nor_adds_principal(
        self, amounts: list[int], count: int, multiple_minor: int
    ) -> None:
        start = date(2024, 1, 1)
        due = [
            PrincipalDue(start + timedelta(days=30 * place), amount)
            for place, amount in enumerate(amounts)
        ]

        spread = re_amortise(due, start, multiple_minor=multiple_minor)
        aged = re_age(
            due,
            first_due=date(2030, 1, 1),
            count=count,
            frequency=Frequency(),
            multiple_minor=multiple_minor,
        )

        assert sum(item.principal_minor for item in spread) == sum(amounts)
        assert sum(item.principal_minor for item in aged) == sum(amounts)
        assert all(item.principal_minor >= 0 for item in [*spread, *aged])
