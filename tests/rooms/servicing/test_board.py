"""The portfolio on any day, as known then and as recalculated now.

The open pack: special mention beyond 30 days past due, substandard from 90, loss from 120.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.access import Actor, Scopes
from loanops.kernel.refusals import BadField, NotFound, NotPermitted
from loanops.loanbook.servicing import operations, permissions, queries
from loanops.loanbook.servicing.domain.portfolio import (
    AT_RISK,
    Cells,
    Kept,
    bucket_days,
    by_pool,
    share,
)
from loanops.loanbook.servicing.models import ClassSum, LoanEvent
from loanops.loanbook.servicing.operations import STEPS
from loanops.loanbook.servicing.ports import CLOSE, CloseStep
from loanops.loanbook.servicing.queries import PortfolioCard, Reading
from loanops.loanbook.servicing.queries.board import PortfolioNotByChannel
from loanops.platform.books import queries as books
from tests.factories import changes
from tests.factories.loans import (
    AT,
    DAY,
    HOUSE,
    close_until,
    open_book,
    open_loan,
    repay,
    terms,
)
from tests.factories.plans import full_reads

DUE = date(2026, 12, 2)
MINORS = st.integers(1, 10**12)


class TestCells:
    @given(st.dictionaries(st.tuples(st.integers(1, 3), st.integers(0, 7)), MINORS))
    def test_add_up_however_they_are_cut(self, buckets: dict[tuple[int, int], int]) -> None:
        cells = Cells(buckets)

        assert cells.outstanding_minor == sum(cells.in_bucket(number) for number in range(8))
        assert cells.outstanding_minor == sum(
            cells.of([pool]).outstanding_minor for pool in (1, 2, 3)
        )
        assert cells.at_risk(1) == cells.outstanding_minor - cells.in_bucket(0)
        at_risk = [cells.at_risk(days) for days in AT_RISK]
        assert at_risk == sorted(at_risk, reverse=True)

    def test_hold_provision_by_class(self) -> None:
        cells = Cells({(1, 0): 900, (2, 5): 100}, {(1, 0): Kept(900, 9), (2, 4): Kept(100, 100)})

        assert (cells.non_performing_minor, cells.provision_minor) == (100, 109)
        assert cells.of([1]).non_performing_minor == 0

    def test_leave_out_what_is_written_off(self) -> None:
        assert by_pool({"a/b/M0": 5, "a/b/M7": 2, "a/b/M8": 9}) == {"a/b": 7}

    def test_say_the_days_of_a_bucket(self) -> None:
        assert [bucket_days(number) for number in (0, 1, 4, 7)] == [
            (0, 0), (1, 30), (91, 120), (181, None),
        ]  # fmt: skip
        assert share(1, 3) == Decimal("0.333333")
        assert share(1, 0) is None


def asked(on: date | None = None, reading: Reading = Reading.THEN) -> PortfolioCard:
    return queries.get_portfolio(book="cn", on=on, reading=reading, viewer=HOUSE)


def told(card: PortfolioCard) -> tuple[dict[str, int], dict[str, int]]:
    """Principal by bucket and by class, where there is any."""
    return (
        {cut.name: cut.outstanding_minor for cut in card.buckets if cut.outstanding_minor},
        {cut.tier: cut.outstanding_minor for cut in card.classes if cut.outstanding_minor},
    )


@pytest.mark.django_db
class TestPortfolio:
    def test_is_told_by_bucket_class_product_and_funder(self) -> None:
        open_book()
        open_loan()
        close_until(DUE)
        open_loan(agreed=terms(start_date=DUE), product="home", funder="summit")
        close_until(DUE + timedelta(days=91))

        card = asked()

        # The second loan is 60 days past due: one of its instalments fell due on 2 January.
        assert told(card) == (
            {"M2": 1_000_000, "M4": 1_000_000},
            {"special_mention": 1_000_000, "substandard": 1_000_000},
        )
        assert [(line.days, line.outstanding_minor, line.rate) for line in card.at_risk] == [
            (1, 2_000_000, Decimal(1)),
            (30, 2_000_000, Decimal(1)),
            (60, 1_000_000, Decimal("0.5")),
            (90, 1_000_000, Decimal("0.5")),
        ]
        assert (card.non_performing_minor, card.non_performing_rate) == (1_000_000, Decimal("0.5"))
        assert (card.provision_minor, card.coverage) == (300_000, Decimal("0.3"))
        assert [(cut.code, cut.non_performing_minor) for cut in card.products] == [
            ("cash-12", 1_000_000), ("home", 0),
        ]  # fmt: skip
        assert [cut.code for cut in card.funders] == ["harbour", "summit"]

    def test_of_a_past_day_stays_what_it_was(self) -> None:
        open_book()
        loan = open_loan()
        on = DUE + timedelta(days=35)
        close_until(on)
        before = asked()
        close_until(on + timedelta(days=1))
        repay(loan, 500_000)
        open_loan(agreed=terms(start_date=on))
        operations.reclassify(
            loan=loan, tier="loss", reason="fraud", until=None, actor=HOUSE, at=AT
        )
        close_until(on + timedelta(days=40))

        after = asked(on)

        assert told(after) == told(before) == ({"M2": 1_000_000}, {"special_mention": 1_000_000})
        assert after.provision_minor == before.provision_minor
        assert told(asked(DAY - timedelta(days=1))) == ({}, {})

    def test_does_not_guess_classes_that_no_close_had_kept(self) -> None:
        open_book()
        open_loan()
        close_until(DUE + timedelta(days=35))
        ClassSum.objects.filter(closed_on=DUE).delete()

        card = asked(DUE)

        assert (card.outstanding_minor, card.classes) == (1_000_000, ())
        assert (card.non_performing_rate, card.provision_minor, card.coverage) == (None,) * 3

    def test_shows_what_the_viewer_may_see(self) -> None:
        open_book()
        open_loan()
        open_loan(funder="summit")
        grants = frozenset({permissions.VIEW})

        def ask(on: date | None = None, **scopes: frozenset[str]) -> PortfolioCard:
            viewer = Actor(person="key:one", grants=grants, scopes=Scopes(**scopes))
            return queries.get_portfolio(book="cn", on=on, viewer=viewer)

        assert ask(funders=frozenset({"summit"})).outstanding_minor == 1_000_000
        with pytest.raises(NotFound):
            ask(books=frozenset({"us"}))
        with pytest.raises(PortfolioNotByChannel):
            ask(channels=frozenset({"shop"}))
        with pytest.raises(BadField):
            ask(DAY + timedelta(days=1))
        with pytest.raises(NotPermitted):
            queries.get_portfolio(book="cn", viewer=Actor(person="li.lei"))


@pytest.mark.django_db
class TestReadings:
    def test_differ_by_a_payment_between_its_date_and_its_entry(self) -> None:
        open_book()
        loan = open_loan()
        close_until(DUE + timedelta(days=40))
        repay(loan, 88_849, DUE)
        close_until(DUE + timedelta(days=41))
        between = DUE + timedelta(days=35)

        then, now = asked(between), asked(between, Reading.NOW)

        assert told(then) == ({"M2": 1_000_000}, {"special_mention": 1_000_000})
        assert (then.recalculated, now.recalculated) == (0, 1)
        # Paid on the day, 5 days late with the second instalment alone.
        assert told(now) == ({"M1": 921_151}, {"normal": 921_151})
        assert (then.provision_minor, now.provision_minor) == (50_000, 9_212)

    def test_agree_before_the_date_and_from_the_entry_on(self) -> None:
        open_book()
        loan = open_loan()
        close_until(DUE + timedelta(days=40))
        repay(loan, 88_849, DUE)
        close_until(DUE + timedelta(days=42))

        for day in (DUE - timedelta(days=1), DUE + timedelta(days=40), books.business_date("cn")):
            assert told(asked(day)) == told(asked(day, Reading.NOW))

    def test_tell_a_loan_that_was_booked_late_now_alone(self) -> None:
        open_book()
        close_until(DUE)
        open_loan()

        on = DUE - timedelta(days=5)

        assert told(asked(on)) == ({}, {})
        assert told(asked(on, Reading.NOW))[0] == {"M0": 1_000_000}

    def test_keep_what_people_ordered_on_the_day(self) -> None:
        open_book()
        loan = open_loan()
        close_until(DUE + timedelta(days=20))
        operations.reclassify(
            loan=loan, tier="doubtful", reason="fraud", until=None, actor=HOUSE, at=AT
        )
        close_until(DUE + timedelta(days=40))
        repay(loan, 88_849, DUE)

        now = asked(DUE + timedelta(days=35), Reading.NOW)

        assert told(now)[1] == {"doubtful": 921_151}

    def test_tell_what_was_written_off_as_it_stands_by_now(self) -> None:
        open_book()
        back, stood, dropped = (open_loan() for _ in range(3))
        on, entered = DUE + timedelta(days=20), DUE + timedelta(days=40)
        close_until(on)
        changes.order(back, "written_off", on)
        undone = changes.order(stood, "written_off", on)
        close_until(entered)
        repay(back, 2_000_000, on)
        changes.order(stood, "reversed", on, of=undone.key)
        changes.order(dropped, "written_off", on)
        between = DUE + timedelta(days=35)

        then, now = asked(between), asked(between, Reading.NOW)

        # One written off too late, and one that never was to be: as much, of another loan.
        assert told(then) == told(now) == ({"M2": 1_000_000}, {"special_mention": 1_000_000})
        assert now.recalculated == 3
        assert told(asked(entered)) == told(asked(entered, Reading.NOW))

    def test_replay_no_loan_but_those_that_late_news_is_about(self) -> None:
        open_book()
        late, *_ = [open_loan() for _ in range(12)]
        close_until(DUE + timedelta(days=9))
        repay(late, 88_849 + 39, DUE + timedelta(days=1))

        with full_reads({"servicing_instalment", "servicing_loanterms"}) as found:
            card = asked(DUE + timedelta(days=3), Reading.NOW)

        assert (card.recalculated, found) == (1, [])
        assert Counter(LoanEvent.objects.values_list("kind", flat=True)) == {
            "disbursed": 12, "repaid": 1,
        }  # fmt: skip


@pytest.mark.django_db
class TestQuality:
    def test_tells_every_closed_day(self) -> None:
        open_book()
        open_loan()
        on = DUE + timedelta(days=89)
        close_until(on + timedelta(days=2))

        lines = queries.list_quality(
            book="cn", since=on, until=on + timedelta(days=9), viewer=HOUSE
        )

        assert [(line.on, line.non_performing_rate, line.provision_minor) for line in lines] == [
            (on, Decimal(0), 50_000),
            (on + timedelta(days=1), Decimal(1), 250_000),
        ]


@pytest.mark.django_db
class TestCashFlow:
    def test_is_the_schedule_by_months_with_what_is_overdue_and_paid_ahead(self) -> None:
        open_book()
        loan = open_loan()
        paid = open_loan(agreed=terms(instalments=2))
        close_until(DUE + timedelta(days=1))
        repay(paid, 2_000_000)

        card = queries.cash_flow(book="cn", viewer=HOUSE)

        schedule = queries.get_schedule(number=loan, viewer=HOUSE)
        assert len(card.months) == 12
        assert card.months[0].total_minor == 0
        january = card.months[1]
        assert january.month == date(2027, 1, 1)
        second = queries.get_schedule(number=paid, viewer=HOUSE)[1]
        assert january.principal_minor == schedule[1].principal_minor + second.principal_minor
        assert (card.overdue_principal_minor, card.overdue_interest_minor) == (78_849, 10_000)
        outstanding = asked().outstanding_minor
        expected = sum(month.principal_minor for month in card.months)
        assert expected + card.overdue_principal_minor - card.not_expected_minor == outstanding

    def test_knows_loans_of_today_and_what_comes_after_a_year(self) -> None:
        open_book()
        open_loan(agreed=terms(instalments=24))

        card = queries.cash_flow(book="cn", viewer=HOUSE)

        assert sum(m.principal_minor for m in card.months) + card.later_principal_minor == 1_000_000
        assert card.later_principal_minor > 0
        assert card.not_expected_minor == 0

    def test_reads_no_table_of_loans_whole(self) -> None:
        open_book()
        for _ in range(8):
            open_loan()
        close_until(DUE + timedelta(days=1))

        with full_reads({"servicing_instalment", "servicing_loan"}) as found:
            queries.cash_flow(book="cn", viewer=HOUSE)

        assert found == []


@pytest.mark.django_db
class TestStaticPool:
    def test_follows_the_loans_of_a_month_from_month_end_to_month_end(self) -> None:
        open_book()
        loan = open_loan()
        open_loan()
        close_until(DUE)
        open_loan(agreed=terms(start_date=DUE))
        repay(loan, 88_849)
        close_until(date(2027, 1, 31))
        close_until(date(2027, 2, 1))

        lines = queries.static_pool(book="cn", viewer=HOUSE)

        assert [(line.month.month, line.months_on_book, line.loans) for line in lines] == [
            (11, 0, 2), (11, 1, 2), (11, 2, 2), (12, 0, 1), (12, 1, 1),
        ]  # fmt: skip
        at_one = lines[1]
        assert (at_one.principal_minor, at_one.outstanding_minor) == (2_000_000, 1_921_151)
        assert at_one.outstanding_rate == Decimal("0.960576")
        assert [line.ever_30_minor for line in lines] == [0, 0, 1_000_000, 0, 0]
        assert lines[2].ever_30_rate == Decimal("0.5")
        assert queries.static_pool(book="cn", product="other", viewer=HOUSE) == []

    def test_counts_nothing_that_came_after_the_month(self) -> None:
        open_book(on=date(2026, 11, 29))
        agreed = terms(start_date=date(2026, 11, 29), instalments=1)
        loan = open_loan(agreed=agreed)
        close_until(date(2026, 11, 30))

        def fail(work: object, closing: object) -> int:
            raise RuntimeError

        CLOSE.plug([s if s.name != "interest" else CloseStep("interest", fail) for s in STEPS])
        with pytest.raises(RuntimeError):
            close_until(date(2026, 12, 1))
        CLOSE.plug(STEPS)
        open_loan(agreed=terms(start_date=date(2026, 11, 30)))
        repay(loan, 2_000_000)
        close_until(date(2026, 12, 2))

        [line] = queries.static_pool(book="cn", viewer=HOUSE)

        assert (line.loans, line.principal_minor, line.outstanding_minor) == (
            1, 1_000_000, 1_000_000,
        )  # fmt: skip

    def test_is_not_for_those_who_see_some_funders(self) -> None:
        open_book()
        viewer = Actor(
            person="key:bank",
            grants=frozenset({permissions.VIEW}),
            scopes=Scopes(funders=frozenset({"harbour"})),
        )

        with pytest.raises(PortfolioNotByChannel):
            queries.static_pool(book="cn", viewer=viewer)
