"""Days past due that stand still: close, ledger, board and every past day obey the pause."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from loanops.config import wiring
from loanops.kernel.account import NoPauseStands, PauseStands
from loanops.loanbook.servicing import operations, queries
from loanops.loanbook.servicing.domain.counting import CountedDay
from loanops.loanbook.servicing.domain.effects import EffectCard
from loanops.loanbook.servicing.invariants import closing, replays
from loanops.loanbook.servicing.models import Loan
from loanops.loanbook.servicing.queries import CountingPauseCard, LoanCard, PastFilter, Reading
from loanops.money.ledger import queries as ledger
from tests.corruption import names
from tests.factories.aside import set_aside
from tests.factories.changes import asked, order
from tests.factories.loans import AT, HOUSE, close_until, open_book, open_loan, repay

pytestmark = pytest.mark.django_db
DUE = date(2026, 12, 2)
PAUSED = DUE + timedelta(days=20)
UNTIL = PAUSED + timedelta(days=25)
"""From the twentieth day past due on, for twenty-five days."""


@pytest.fixture
def loan() -> str:
    open_book()
    number = open_loan()
    close_until(PAUSED)
    return number


def pause(loan: str, on: date = PAUSED, until: date | None = UNTIL) -> EffectCard:
    said = {} if until is None else {"until": until.isoformat()}
    return order(loan, "counting_paused", on, cause="disaster", **said)


def card(loan: str) -> LoanCard:
    return queries.get_loan(number=loan, viewer=HOUSE)


def counts(loan: str) -> tuple[str, int, int]:
    found = card(loan)
    return found.bucket_name, found.counted_dpd, found.dpd


def by_bucket() -> dict[str, int]:
    balances = ledger.balances_of(book="cn", heads=("loans.principal",), viewer=HOUSE)
    return {key.dimension.rpartition("/")[2]: minor for key, minor in balances.items() if minor}


def violations() -> list[str]:
    return [
        f"{found.code} {found.object}: {found.expected} / {found.found}"
        for check in wiring.invariants()
        for found in check.find()
    ]


class TestThePause:
    def test_keeps_the_bucket_and_shows_both_counts(self, loan: str) -> None:
        pause(loan)
        close_until(UNTIL)

        assert counts(loan) == ("M1", 20, 45)
        assert not card(loan).is_counting_paused
        assert list(by_bucket()) == ["M1"]
        assert violations() == []

    def test_says_that_it_runs_and_until_when(self, loan: str) -> None:
        assert (card(loan).is_counting_paused, card(loan).counting_paused_until) == (False, None)

        pause(loan)
        close_until(PAUSED + timedelta(days=3))

        assert (card(loan).is_counting_paused, card(loan).counting_paused_until) == (True, UNTIL)

    def test_is_over_by_itself_and_the_count_goes_on(self, loan: str) -> None:
        pause(loan)

        close_until(UNTIL + timedelta(days=10))
        assert counts(loan) == ("M1", 30, 55)
        close_until(UNTIL + timedelta(days=11))

        assert counts(loan) == ("M2", 31, 56)
        assert list(by_bucket()) == ["M2"]
        assert violations() == []

    def test_without_an_end_lasts_until_somebody_ends_it(self, loan: str) -> None:
        pause(loan, until=None)
        close_until(PAUSED + timedelta(days=60))
        assert counts(loan) == ("M1", 20, 80)
        assert violations() == []

        order(loan, "counting_resumed", PAUSED + timedelta(days=60))
        close_until(PAUSED + timedelta(days=71))

        assert counts(loan) == ("M2", 31, 91)
        assert violations() == []

    def test_of_a_loan_in_good_standing_keeps_it_there(self) -> None:
        open_book()
        loan = open_loan()
        close_until(DUE - timedelta(days=5))
        pause(loan, DUE - timedelta(days=5), DUE + timedelta(days=15))

        close_until(DUE + timedelta(days=15))
        assert counts(loan) == ("M0", 0, 15)
        assert (card(loan).state, violations()) == ("active", [])
        close_until(DUE + timedelta(days=16))

        assert counts(loan) == ("M1", 1, 16)
        assert (card(loan).state, violations()) == ("overdue", [])

    def test_holds_for_money_that_comes_in_it(self, loan: str) -> None:
        pause(loan)
        close_until(PAUSED + timedelta(days=15))
        repay(loan, 10_000, PAUSED + timedelta(days=12))

        assert counts(loan) == ("M1", 20, 35)
        assert violations() == []

    def test_for_an_earlier_day_takes_the_loan_back_to_its_bucket_of_then(self, loan: str) -> None:
        close_until(DUE + timedelta(days=40))
        assert counts(loan) == ("M2", 40, 40)

        shown = pause(loan, until=None)

        assert (shown.before.bucket_name, shown.after.bucket_name) == ("M2", "M1")
        assert counts(loan) == ("M1", 20, 40)
        assert list(by_bucket()) == ["M1"]
        assert violations() == []

    def test_is_undone_as_if_it_had_not_been(self, loan: str) -> None:
        booked = pause(loan)
        close_until(PAUSED + timedelta(days=15))

        order(loan, "reversed", PAUSED, of=booked.key)

        assert counts(loan) == ("M2", 35, 35)
        assert Loan.objects.get().counted_from is None
        assert violations() == []

    def test_takes_two_people_and_lies_over_no_other(self, loan: str) -> None:
        wanted = asked(loan, "counting_paused", PAUSED, cause="dispute")
        shown = operations.preview_change(asked=wanted, viewer=HOUSE)
        assert shown.needs_second
        with pytest.raises(NoPauseStands):
            order(loan, "counting_resumed", PAUSED)
        pause(loan)
        with pytest.raises(PauseStands):
            pause(loan)

    def test_survives_a_rebuild(self, loan: str) -> None:
        pause(loan)
        close_until(PAUSED + timedelta(days=15))
        Loan.objects.update(counted_from=None)

        rebuilt = operations.rebuild(book="cn", actor=HOUSE, at=AT)

        assert rebuilt.changed == 1
        assert counts(loan)[0] == "M1"
        assert violations() == []


class TestALoanSetAside:
    """The close leaves it where it stood; given back, it ends where its counted days put it."""

    def test_before_the_pause_is_moved_by_the_pause_itself(self, loan: str) -> None:
        set_aside(loan)
        close_until(DUE + timedelta(days=40))
        assert counts(loan) == ("M1", 40, 40)

        pause(loan, DUE + timedelta(days=40), DUE + timedelta(days=70))
        close_until(DUE + timedelta(days=50))
        operations.release(loan=loan, actor=HOUSE, at=AT)
        close_until(DUE + timedelta(days=51))

        assert counts(loan) == ("M2", 40, 51)
        assert list(by_bucket()) == ["M2"]
        assert violations() == []
        close_until(DUE + timedelta(days=91))
        assert counts(loan) == ("M3", 61, 91)
        assert violations() == []

    def test_in_the_pause_stays_in_its_bucket_until_the_count_goes_on(self, loan: str) -> None:
        pause(loan)
        set_aside(loan)
        close_until(PAUSED + timedelta(days=15))

        operations.release(loan=loan, actor=HOUSE, at=AT)
        close_until(PAUSED + timedelta(days=16))

        assert counts(loan) == ("M1", 20, 36)
        assert violations() == []
        close_until(UNTIL + timedelta(days=11))
        assert counts(loan) == ("M2", 31, 56)
        assert list(by_bucket()) == ["M2"]
        assert violations() == []

    def test_over_the_end_of_one_pause_is_caught_up_in_another(self, loan: str) -> None:
        pause(loan, until=PAUSED + timedelta(days=5))
        set_aside(loan)
        close_until(PAUSED + timedelta(days=20))
        assert counts(loan) == ("M1", 35, 40)

        pause(loan, PAUSED + timedelta(days=20), None)
        operations.release(loan=loan, actor=HOUSE, at=AT)
        close_until(PAUSED + timedelta(days=21))

        assert counts(loan) == ("M2", 35, 41)
        assert list(by_bucket()) == ["M2"]
        assert violations() == []

    def test_that_is_released_with_a_pause_without_end_keeps_its_class_true(
        self, loan: str
    ) -> None:
        pause(loan, until=None)
        set_aside(loan)
        close_until(DUE + timedelta(days=95))

        operations.release(loan=loan, actor=HOUSE, at=AT)
        close_until(DUE + timedelta(days=96))

        assert counts(loan) == ("M1", 20, 96)
        assert queries.get_class(number=loan, viewer=HOUSE).tier == "substandard"
        assert violations() == []

    def test_that_somebody_paid_for_meanwhile_counts_from_what_is_left(self, loan: str) -> None:
        pause(loan)
        set_aside(loan)
        close_until(DUE + timedelta(days=35))
        repay(loan, card(loan).overdue_minor)
        close_until(DUE + timedelta(days=45))

        operations.release(loan=loan, actor=HOUSE, at=AT)
        close_until(DUE + timedelta(days=60))

        # The second instalment fell due in the pause, fourteen days before its end.
        assert counts(loan) == ("M1", 15, 29)
        assert violations() == []


class TestTheClass:
    def test_names_every_pause_and_why_and_follows_the_true_days(self, loan: str) -> None:
        undone = pause(loan)
        order(loan, "reversed", PAUSED, of=undone.key)
        pause(loan, until=PAUSED + timedelta(days=3))
        close_until(PAUSED + timedelta(days=5))
        pause(loan, PAUSED + timedelta(days=5), None)
        close_until(DUE + timedelta(days=95))

        found = queries.get_class(number=loan, viewer=HOUSE)

        assert (found.dpd, found.counted_dpd, found.bucket_name) == (95, 22, "M1")
        assert found.days_tier == "substandard"
        assert found.counting_pauses == (
            CountingPauseCard(
                "disaster", "as agreed", PAUSED + timedelta(days=5), None, is_running=True
            ),
            CountingPauseCard(
                "disaster", "as agreed", PAUSED, PAUSED + timedelta(days=3), is_running=False
            ),
        )

    def test_has_no_pause_of_a_loan_that_nobody_changed(self, loan: str) -> None:
        found = queries.get_class(number=loan, viewer=HOUSE)

        assert (found.dpd, found.counted_dpd, found.counting_pauses) == (20, 20, ())


class TestThePreview:
    def test_counts_with_and_without_the_pause_today_and_where_it_ends(self, loan: str) -> None:
        shown = pause(loan)

        assert shown.counting == (
            CountedDay(PAUSED, 20, 20, 20, "M1", "M1", "normal"),
            CountedDay(UNTIL, 45, 45, 20, "M2", "M1", "special_mention"),
        )

    def test_looks_ahead_where_the_pause_has_no_end(self, loan: str) -> None:
        shown = pause(loan, until=None)

        ahead = CountedDay(PAUSED + timedelta(days=30), 50, 50, 20, "M2", "M1", "special_mention")
        assert shown.counting[1:] == (ahead,)

    def test_of_an_end_says_what_would_have_counted_without_it(self, loan: str) -> None:
        pause(loan)
        close_until(PAUSED + timedelta(days=15))

        shown = order(loan, "counting_resumed", PAUSED + timedelta(days=15))

        assert shown.counting == (
            CountedDay(PAUSED + timedelta(days=15), 35, 20, 20, "M1", "M1", "special_mention"),
            CountedDay(UNTIL, 45, 20, 30, "M1", "M1", "special_mention"),
        )

    def test_says_nothing_of_a_change_of_anything_else(self, loan: str) -> None:
        assert order(loan, "waived", PAUSED, amount_minor=100, component="interest").counting == ()


class TestThePast:
    def test_is_as_known_then_and_as_recalculated_now(self, loan: str) -> None:
        close_until(DUE + timedelta(days=40))
        day = DUE + timedelta(days=35)
        pause(loan, until=None)

        found = queries.get_past(number=loan, on=day, viewer=HOUSE)
        lines = {
            reading: queries.list_past_loans(
                wanted=PastFilter(book="cn", on=day, reading=reading), viewer=HOUSE
            ).lines[0]
            for reading in Reading
        }
        board = {
            reading: queries.get_portfolio(book="cn", on=day, reading=reading, viewer=HOUSE)
            for reading in Reading
        }

        assert (found.then.bucket_name, found.now.bucket_name) == ("M2", "M1")
        assert (found.then.counted_dpd, found.now.counted_dpd, found.now.dpd) == (35, 20, 35)
        for reading, name in ((Reading.THEN, "M2"), (Reading.NOW, "M1")):
            assert (lines[reading].bucket_name, lines[reading].differs) == (name, True)
            [cut] = [cut for cut in board[reading].buckets if cut.outstanding_minor]
            assert cut.name == name


class TestVerify:
    def test_names_a_loan_whose_count_was_moved(self, loan: str) -> None:
        pause(loan)
        close_until(PAUSED + timedelta(days=2))
        Loan.objects.update(counted_from=DUE + timedelta(days=9))

        names(replays.differing_loans, f"loan {loan}")

    def test_names_a_paused_loan_in_another_bucket(self, loan: str) -> None:
        pause(loan)
        close_until(PAUSED + timedelta(days=2))
        Loan.objects.update(bucket=3)

        names(closing.wrong_buckets, f"loan {loan}")
