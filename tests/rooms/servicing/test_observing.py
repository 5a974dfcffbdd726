"""Restructured loans under observation, by the Chinese pack: a year from the first new due day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from loanops.kernel.calendar import add_months
from loanops.kernel.refusals import BadField
from loanops.loanbook.servicing import operations, queries
from loanops.loanbook.servicing.invariants import classing, observing
from loanops.loanbook.servicing.models import ClassOrder, Instalment, LoanClass, LoanEvent
from loanops.loanbook.servicing.queries import ClassCard, Reading
from loanops.platform.audit import Violation
from loanops.platform.books import queries as books
from tests.factories.changes import order
from tests.factories.loans import AT, HOUSE, close_until, open_book, open_loan, repay, terms

pytestmark = pytest.mark.django_db
DUE = date(2026, 12, 2)
AGREED = DUE + timedelta(days=5)
FIRST = date(2027, 1, 2)
OVER = date(2028, 1, 2)
PLAN = {
    "instalments": 18, "annual_rate": "0.08", "method": "equal_principal",
    "first_due_date": FIRST.isoformat(), "principal": "spread", "interest": "capitalise",
    "penalty": "waive",
}  # fmt: skip


def restructure(loan: str, on: date = AGREED) -> str:
    return order(loan, "restructured", on, **PLAN).key


@pytest.fixture
def loan() -> str:
    """A loan in special mention that was restructured five days after it had fallen due."""
    open_book(pack="cn")
    number = open_loan(agreed=terms())
    close_until(AGREED)
    restructure(number)
    return number


def holding() -> Iterator[Violation]:
    yield from observing.observed()
    yield from observing.unobserved()


def card(loan: str) -> ClassCard:
    return queries.get_class(number=loan, viewer=HOUSE)


def pay_due(loan: str, *, until: date, but: date | None = None) -> None:
    """Close day by day of payment: each instalment paid on its due day, but for one."""
    for row in Instalment.objects.filter(loan__number=loan).order_by("number"):
        if books.business_date("cn") <= row.due_on < until and row.open_minor:
            close_until(row.due_on)
            if row.due_on != but:
                repay(loan, Instalment.objects.get(pk=row.pk).open_minor)
    close_until(until)


class TestObservation:
    def test_holds_a_restructured_loan_in_its_class_for_the_period(self, loan: str) -> None:
        close_until(AGREED + timedelta(days=1))

        seen = card(loan)

        assert (seen.tier, seen.days_tier, seen.observed_tier) == (
            "special_mention", "normal", "special_mention",
        )  # fmt: skip
        assert (seen.restructured_on, seen.observed_from, seen.observed_until) == (
            AGREED, FIRST, OVER,
        )  # fmt: skip
        assert seen.missed_on is None
        assert [each.kind for each in seen.orders] == ["observed"]

    def test_puts_a_normal_loan_in_special_mention_at_once(self) -> None:
        open_book(pack="cn")
        number = open_loan()
        restructure(number, date(2026, 11, 2))

        seen = card(number)

        assert (seen.tier, seen.days_tier) == ("special_mention", "normal")
        assert [each.cause for each in seen.changes] == ["observed"]

    def test_keeps_a_non_performing_loan_so(self) -> None:
        open_book(pack="cn")
        number = open_loan()
        on = DUE + timedelta(days=92)
        close_until(on)
        first = date(2027, 4, 2)
        order(number, "restructured", on, **{**PLAN, "first_due_date": first.isoformat()})
        close_until(on + timedelta(days=2))

        assert (card(number).tier, card(number).dpd) == ("substandard", 0)
        assert card(number).observed_until == add_months(first, 12)

    def test_ends_when_the_period_is_over_and_everything_was_paid(self, loan: str) -> None:
        pay_due(loan, until=OVER - timedelta(days=1))
        assert card(loan).tier == "special_mention"

        close_until(OVER)

        seen = card(loan)
        assert (seen.tier, seen.observed_tier, seen.observed_until) == ("normal", "", None)
        assert seen.changes[0].cause == "lapsed"
        assert [each.ended_reason for each in seen.orders] == ["passed"]
        assert not [*holding(), *classing.standing(), *classing.history()]

    def test_begins_again_where_a_due_day_was_missed(self, loan: str) -> None:
        missed = date(2027, 3, 2)
        pay_due(loan, until=date(2027, 3, 10), but=missed)
        assert (card(loan).missed_on, card(loan).observed_until) == (missed, date(2028, 3, 2))
        owed = queries.get_loan(number=loan, viewer=HOUSE)
        repay(loan, owed.overdue_minor + owed.penalty_minor)
        pay_due(loan, until=OVER + timedelta(days=1))

        seen = card(loan)

        assert (seen.tier, seen.observed_until) == ("special_mention", date(2028, 3, 2))
        assert [each.ended_reason for each in seen.orders] == ["", "counted_anew"]
        assert not list(holding())

    def test_is_worsened_by_days_past_due(self, loan: str) -> None:
        close_until(FIRST + timedelta(days=92))

        assert (card(loan).tier, card(loan).observed_tier) == ("substandard", "special_mention")

    def test_a_settled_loan_is_observed_no_more(self, loan: str) -> None:
        close_until(AGREED + timedelta(days=1))
        order(loan, "settled_early", AGREED + timedelta(days=1), amount_minor=1_500_000)
        close_until(AGREED + timedelta(days=2))

        assert (card(loan).observed_tier, card(loan).tier) == ("", "normal")
        assert ClassOrder.objects.get().ended_on is not None

    def test_there_is_none_where_the_pack_asks_for_none(self) -> None:
        open_book()
        number = open_loan()
        close_until(AGREED)
        restructure(number)
        close_until(AGREED + timedelta(days=1))

        assert (card(number).tier, card(number).orders) == ("normal", ())

    def test_a_judgement_must_lie_below_it(self, loan: str) -> None:
        close_until(AGREED + timedelta(days=1))
        with pytest.raises(BadField, match="held at anyway"):
            operations.reclassify(
                loan=loan, tier="special_mention", reason="no news", until=None,
                actor=HOUSE, at=AT,
            )  # fmt: skip

    def test_the_portfolio_of_a_past_day_keeps_it_in_both_readings(self, loan: str) -> None:
        close_until(FIRST + timedelta(days=5))
        repay(loan, Instalment.objects.get(loan__number=loan, due_on=FIRST).open_minor, FIRST)

        for reading in Reading:
            told = queries.get_portfolio(
                book="cn", on=FIRST + timedelta(days=2), reading=reading, viewer=HOUSE
            )
            assert {cut.tier for cut in told.classes if cut.outstanding_minor} == {
                "special_mention"
            }


class TestUndoing:
    def test_the_restructuring_ends_its_observation(self, loan: str) -> None:
        close_until(AGREED + timedelta(days=1))
        key = ClassOrder.objects.get().reason
        order(loan, "reversed", AGREED + timedelta(days=1), of=key)
        close_until(AGREED + timedelta(days=3))

        seen = card(loan)

        assert (seen.observed_tier, seen.dpd) == ("", 8)
        assert [each.ended_reason for each in seen.orders] == ["undone"]
        assert seen.tier == "special_mention"
        assert not [*holding(), *classing.standing(), *classing.history()]

    def test_and_undoing_that_again_observes_it_as_before(self, loan: str) -> None:
        close_until(AGREED + timedelta(days=1))
        on = AGREED + timedelta(days=1)
        undone = order(loan, "reversed", on, of=ClassOrder.objects.get().reason).key
        order(loan, "reversed", on, of=undone)

        seen = card(loan)

        assert (seen.observed_tier, seen.observed_until) == ("special_mention", OVER)
        assert not list(holding())

    def test_a_late_entered_payment_takes_back_that_a_day_was_missed(self, loan: str) -> None:
        missed = date(2027, 3, 2)
        pay_due(loan, until=OVER + timedelta(days=3), but=missed)
        assert LoanClass.objects.get().observed_until != OVER
        repay(loan, 200_000, missed)
        close_until(OVER + timedelta(days=4))

        seen = card(loan)

        assert (seen.observed_tier, seen.tier) == ("", "normal")
        assert [each.ended_reason for each in seen.orders] == ["passed", "counted_anew"]
        assert not [*holding(), *classing.standing()]

    def test_a_payment_undone_after_the_end_begins_it_again(self, loan: str) -> None:
        pay_due(loan, until=OVER + timedelta(days=1))
        assert card(loan).observed_tier == ""
        paid = [
            each
            for each in queries.list_events(number=loan, viewer=HOUSE)
            if each.counts_on == date(2027, 12, 2)
        ]
        order(loan, "reversed", date(2027, 12, 2), of=paid[0].key)

        seen = card(loan)

        # The money of January is laid on December now, and January's instalment is the missed one.
        assert (seen.observed_tier, seen.missed_on) == ("special_mention", OVER)


def _longer(_: str) -> None:
    LoanClass.objects.update(observed_until=OVER + timedelta(days=9))
    ClassOrder.objects.update(until=OVER + timedelta(days=9))


def _other_end(_: str) -> None:
    LoanClass.objects.update(observed_until=OVER - timedelta(days=9))


def _another(_: str) -> None:
    ClassOrder.objects.update(reason="restructured-9")


def _lost(_: str) -> None:
    ClassOrder.objects.all().delete()


def _lost_wholly(_: str) -> None:
    ClassOrder.objects.all().delete()
    LoanClass.objects.update(tier=0, observed_tier=None, observed_until=None)


def _ended(_: str) -> None:
    _lost_wholly("")
    order = {"kind": "observed", "tier": 1, "reason": "restructured-2", "by": "", "at": AT}
    row = LoanClass.objects.get()
    ClassOrder.objects.create(
        loan_id=row.loan_id, book_id="cn", begins_on=AGREED, until=OVER, ended_on=AGREED,
        ended_at=AT, **order,
    )  # fmt: skip


CORRUPTIONS = [
    (_longer, observing.observed),
    (_other_end, classing.standing),
    (_another, observing.observed),
    (_lost, classing.standing),
    (_lost_wholly, observing.unobserved),
    (_ended, observing.unobserved),
]


@pytest.mark.parametrize(("change", "check"), CORRUPTIONS)
def test_verify_names_an_observation_that_was_changed(
    loan: str, change: Callable[[str], None], check: Callable[[], object]
) -> None:
    close_until(AGREED + timedelta(days=1))
    assert not [*holding(), *classing.standing()]

    change(loan)

    found = [each.object for each in check()]  # type: ignore[attr-defined]
    assert found == [f"loan {loan}"]


def test_verify_asks_no_observation_of_a_restructuring_from_before_there_was_any(
    loan: str,
) -> None:
    close_until(AGREED + timedelta(days=1))
    _lost_wholly(loan)
    row = LoanEvent.objects.get(kind="restructured")
    LoanEvent.objects.filter(pk=row.pk).update(values_json="{}")

    assert not list(observing.unobserved())
