"""Floating loans: the close reads the index for those whose day has come, and for no other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from loanops.kernel.refusals import BadField
from loanops.kernel.schedule import Floating, Reset
from loanops.loanbook.servicing import invariants, queries
from loanops.loanbook.servicing.domain.effects import EffectCard
from loanops.loanbook.servicing.domain.orders import IndexReadSince
from loanops.loanbook.servicing.invariants import floating
from loanops.loanbook.servicing.models import LoanEvent, LoanTerms, RateReset
from loanops.loanbook.servicing.queries import FloatingCard
from loanops.platform.audit import Violation
from loanops.registry.compliance import operations as compliance
from tests.corruption import names
from tests.factories import loans
from tests.factories.changes import order
from tests.factories.loans import AT, DAY, HOUSE

pytestmark = pytest.mark.django_db

NEW_YEAR = date(2027, 1, 1)


def published(rate: str, since: date, *, key: str = "lpr_1y") -> None:
    compliance.record_reference_rate(
        book="cn", key=key, rate_annual=Decimal(rate), effective_from=since, document="notice",
        actor=HOUSE, at=AT,
    )  # fmt: skip


def floating_loan(**values: Any) -> str:
    agreed = loans.terms(floating=Floating(**{"index": "lpr_1y", **values}))
    return loans.open_loan(agreed=agreed)


def resets(loan: str) -> list[tuple[date, str, str]]:
    found = queries.list_events(number=loan, viewer=HOUSE)
    return [
        (each.counts_on, each.content["annual_rate"], each.content["index"])
        for each in found
        if each.kind == "rate_changed" and each.content["index"]
    ]


def agree(loan: str, on: date = DAY, **said: Any) -> EffectCard:
    plan = {"instalments": 18, "annual_rate": "0.08", "method": "equal_principal"}
    return order(loan, "restructured", on, **plan, **said)


def card(loan: str) -> FloatingCard:
    found = queries.find_floating(number=loan, viewer=HOUSE)
    assert found is not None
    return found


def violations() -> Iterator[Violation]:
    for check in invariants.CHECKS:
        yield from check.find()


@pytest.fixture(autouse=True)
def book() -> None:
    loans.open_book()
    published("0.03", date(2025, 5, 20))


class TestTheClose:
    def test_reads_the_index_on_the_date_of_the_year_and_keeps_the_points(self) -> None:
        loan, fixed = floating_loan(), loans.open_loan()
        published("0.025", date(2026, 12, 21))
        loans.close_until(NEW_YEAR - timedelta(days=1))
        assert not resets(loan)

        loans.close_until(NEW_YEAR)

        assert resets(loan) == [(NEW_YEAR, "0.115", "lpr_1y")]
        assert not resets(fixed)
        assert RateReset.objects.get().next_on == date(2028, 1, 1)
        assert not list(violations())

    def test_makes_the_same_of_a_loan_as_a_change_by_hand(self) -> None:
        follows, fixed = floating_loan(), loans.open_loan()
        published("0.025", date(2026, 12, 21))
        for loan in (follows, fixed):
            loans.repay(loan, 50_000)
        loans.close_until(NEW_YEAR)

        order(fixed, "rate_changed", NEW_YEAR, annual_rate="0.115")

        seen = [
            [
                (row.due_on, row.principal_minor, row.interest_minor, row.open_minor)
                for row in queries.get_schedule(number=loan, viewer=HOUSE)
            ]
            for loan in (follows, fixed)
        ]
        assert seen[0] == seen[1]

    def test_reads_it_on_the_day_on_which_the_loan_began(self) -> None:
        loan = floating_loan(reset=Reset.ANNIVERSARY, spread_bp=Decimal(850))
        published("0.026", date(2026, 12, 21))
        row = RateReset.objects.get()
        assert row.next_on == DAY.replace(year=2027)
        RateReset.objects.update(next_on=DAY + timedelta(days=3))

        loans.close_until(DAY + timedelta(days=3))

        assert not resets(loan)
        assert RateReset.objects.get().next_on == DAY.replace(year=2027)

    def test_reads_it_at_each_change_also_one_recorded_on_its_own_day(self) -> None:
        loan = floating_loan(reset=Reset.EACH_CHANGE)
        other = floating_loan(reset=Reset.EACH_CHANGE, index="lpr_5y")
        published("0.029", DAY + timedelta(days=3))
        loans.close_until(DAY + timedelta(days=3))
        loans.close_until(DAY + timedelta(days=5))
        published("0.028", DAY + timedelta(days=5))

        loans.close_until(DAY + timedelta(days=8))

        assert resets(loan) == [
            (DAY + timedelta(days=3), "0.119", "lpr_1y"),
            (DAY + timedelta(days=5), "0.118", "lpr_1y"),
        ]
        assert not resets(other)
        assert not list(violations())

    def test_books_nothing_where_the_rate_stays_or_the_index_is_unknown(self) -> None:
        same, unknown = floating_loan(), floating_loan(index="nobody")

        loans.close_until(NEW_YEAR)

        assert not resets(same)
        assert not resets(unknown)
        assert set(RateReset.objects.values_list("next_on", flat=True)) == {date(2028, 1, 1)}

    def test_leaves_a_loan_alone_that_ended_or_was_fixed_anew(self) -> None:
        settled, anew = floating_loan(), floating_loan()
        order(settled, "settled_early", amount_minor=1_000_000)
        agree(anew, floats=False)
        published("0.025", date(2026, 12, 21))

        loans.close_until(NEW_YEAR)

        assert not resets(settled)
        assert not resets(anew)
        assert not list(violations())

    def test_lets_a_rate_agreed_by_people_hold_until_the_next_reset(self) -> None:
        loan = floating_loan()
        order(loan, "rate_changed", annual_rate="0.09")

        loans.close_until(NEW_YEAR)

        assert resets(loan) == [(NEW_YEAR, "0.12", "lpr_1y")]

    def test_catches_up_on_what_lies_before_the_day_of_opening(self) -> None:
        began = date(2025, 12, 1)
        published("0.028", date(2025, 12, 20))
        agreed = loans.terms(start_date=began, floating=Floating(index="lpr_1y"))
        loan = loans.open_loan(agreed=agreed, disbursed_on=began)

        loans.close_until(DAY + timedelta(days=1))

        assert resets(loan) == [(date(2026, 1, 1), "0.118", "lpr_1y")]
        assert LoanEvent.objects.filter(kind="rate_changed").get().booked_on == DAY + timedelta(1)

    def test_asks_nothing_of_loans_whose_day_has_not_come(
        self, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(3):
            floating_loan()
        published("0.025", date(2026, 12, 21))
        loans.close_until(DAY + timedelta(days=1))
        with django_assert_max_num_queries(250) as few:
            loans.close_until(DAY + timedelta(days=2))

        assert not [
            each for each in few.captured_queries if LoanTerms._meta.db_table in each["sql"]
        ]


class TestAgreedAnew:
    def test_goes_on_floating_by_its_index_and_points_from_the_next_reset(self) -> None:
        loan = floating_loan()
        shown = agree(loan)
        published("0.025", date(2026, 12, 21))
        loans.close_until(NEW_YEAR - timedelta(days=1))
        assert card(loan).rate_annual == Decimal("0.08")

        loans.close_until(NEW_YEAR)

        assert shown.floats
        assert resets(loan) == [(NEW_YEAR, "0.115", "lpr_1y")]
        assert (card(loan).rate_annual, card(loan).fixed_on) == (Decimal("0.115"), None)
        assert queries.get_loan(number=loan, viewer=HOUSE).annual_rate == "0.115"
        assert not list(violations())

    def test_is_fixed_where_that_is_agreed_and_the_loan_says_so(self) -> None:
        loan = floating_loan(reset=Reset.EACH_CHANGE)
        loans.close_until(DAY + timedelta(days=2))

        shown = agree(loan, DAY + timedelta(days=2), floats=False)

        assert not shown.floats
        found = card(loan)
        assert (found.fixed_on, found.next_on) == (DAY + timedelta(days=2), None)
        # Once fixed, it stays so unless people say otherwise.
        assert not agree(loan, DAY + timedelta(days=2)).floats
        assert agree(loan, DAY + timedelta(days=2), floats=True).floats
        assert card(loan).fixed_on is None

    def test_keeps_the_rate_that_was_agreed_on_the_very_day_of_a_reset(self) -> None:
        loan = floating_loan()
        published("0.025", date(2026, 12, 21))
        loans.close_until(NEW_YEAR)

        agree(loan, NEW_YEAR)

        assert card(loan).rate_annual == Decimal("0.08")
        assert queries.get_loan(number=loan, viewer=HOUSE).annual_rate == "0.08"
        loans.close_until(NEW_YEAR + timedelta(days=2))
        assert card(loan).rate_annual == Decimal("0.08")
        assert not list(violations())

    def test_is_not_fixed_from_a_day_after_which_it_read_its_index(self) -> None:
        loan = floating_loan()
        published("0.025", date(2026, 12, 21))
        loans.close_until(NEW_YEAR + timedelta(days=3))

        with pytest.raises(IndexReadSince, match="2027-01-01"):
            agree(loan, NEW_YEAR - timedelta(days=5), floats=False)

        agree(loan, NEW_YEAR - timedelta(days=5))
        assert card(loan).rate_annual == Decimal("0.115")
        assert not list(violations())

    @pytest.mark.parametrize("reset", Reset)
    def test_reads_what_it_missed_when_the_fixing_is_undone(self, reset: Reset) -> None:
        loan = floating_loan(reset=reset)
        fixing = agree(loan, floats=False)
        published("0.025", date(2026, 12, 21))
        loans.close_until(date(2027, 12, 10))
        assert not resets(loan)

        order(loan, "reversed", fixing.on, of=fixing.key)
        assert not list(violations())
        loans.close_until(date(2027, 12, 11))

        read_on = {
            Reset.YEARLY: NEW_YEAR,
            Reset.ANNIVERSARY: DAY.replace(year=2027),
            Reset.EACH_CHANGE: date(2026, 12, 21),
        }[reset]
        assert resets(loan) == [(read_on, "0.115", "lpr_1y")]
        assert not list(violations())

    @pytest.mark.parametrize("kind", ["restructured", "rate_changed"])
    def test_reads_what_made_no_other_rate_when_what_was_agreed_is_undone(self, kind: str) -> None:
        loan = floating_loan()
        if kind == "restructured":
            plan = {"instalments": 18, "annual_rate": "0.115", "method": "equal_principal"}
            agreed = order(loan, kind, **plan)
        else:
            agreed = order(loan, kind, annual_rate="0.115")
        published("0.025", date(2026, 12, 21))
        loans.close_until(NEW_YEAR + timedelta(days=2))
        assert not resets(loan)

        order(loan, "reversed", agreed.on, of=agreed.key)
        loans.close_until(NEW_YEAR + timedelta(days=3))

        assert resets(loan) == [(NEW_YEAR, "0.115", "lpr_1y")]
        assert RateReset.objects.get().next_on == date(2028, 1, 1)
        assert not list(violations())

    def test_reads_on_the_day_of_a_restructuring_that_is_undone(self) -> None:
        loan = floating_loan(reset=Reset.EACH_CHANGE)
        loans.close_until(DAY + timedelta(days=5))
        on = DAY + timedelta(days=5)
        agreed = agree(loan, on)
        published("0.028", on)
        loans.close_until(DAY + timedelta(days=8))
        assert not resets(loan)

        order(loan, "reversed", on, of=agreed.key)
        loans.close_until(DAY + timedelta(days=9))

        assert resets(loan) == [(on, "0.118", "lpr_1y")]
        assert not list(violations())

    def test_of_a_fixed_loan_says_nothing_of_floating(self) -> None:
        loan = loans.open_loan()

        assert not agree(loan).floats
        assert "floats" not in LoanEvent.objects.get(kind="restructured").content_json
        with pytest.raises(BadField, match="must be left out"):
            agree(loan, floats=True)


class TestAnotherFigure:
    def test_names_the_loans_that_read_the_index_and_changes_none(self) -> None:
        loan, _later = floating_loan(), loans.open_loan()
        published("0.025", date(2026, 12, 21))
        loans.close_until(NEW_YEAR)

        found = queries.index_effects(
            book="cn", key="lpr_1y", effective_from=date(2026, 12, 21),
            rate_annual=Decimal("0.026"), viewer=HOUSE,
        )  # fmt: skip

        assert [(each.loan, each.on) for each in found.effects] == [(loan, NEW_YEAR)]
        [effect] = found.effects
        assert (effect.booked_annual, effect.right_annual) == (Decimal("0.115"), Decimal("0.116"))
        assert len(resets(loan)) == 1

    def test_names_a_loan_that_missed_a_change_recorded_too_late(self) -> None:
        loan = floating_loan(reset=Reset.EACH_CHANGE)
        loans.close_until(DAY + timedelta(days=9))
        published("0.028", DAY + timedelta(days=4))
        loans.close_until(DAY + timedelta(days=11))
        assert not resets(loan)

        found = queries.index_effects(
            book="cn", key="lpr_1y", effective_from=DAY + timedelta(days=4),
            rate_annual=Decimal("0.028"), viewer=HOUSE,
        )  # fmt: skip

        assert [(each.loan, each.on) for each in found.effects] == [(loan, DAY + timedelta(days=4))]
        assert found.count == 1

    def test_names_nobody_where_the_figure_is_the_one_that_was_read(self) -> None:
        floating_loan()
        published("0.025", date(2026, 12, 21))
        loans.close_until(NEW_YEAR)

        found = queries.index_effects(
            book="cn", key="lpr_1y", effective_from=date(2026, 12, 21),
            rate_annual=Decimal("0.025"), viewer=HOUSE,
        )  # fmt: skip

        assert (found.count, found.effects) == (0, ())


class TestVerify:
    @pytest.mark.parametrize(
        "change", [{"next_on": NEW_YEAR + timedelta(days=1)}, {"next_on": None},
                   {"next_on": DAY}, {"reference": "lpr_5y"}],
    )  # fmt: skip
    def test_names_a_loan_that_would_not_read_its_index(self, change: dict[str, Any]) -> None:
        loan = floating_loan()
        loans.close_until(DAY + timedelta(days=1))
        assert not list(violations())

        RateReset.objects.update(**change)

        names(floating.looked_at, f"loan {loan}")

    def test_names_a_loan_that_nobody_looks_at(self) -> None:
        loan = floating_loan()
        loans.close_until(DAY + timedelta(days=1))

        RateReset.objects.all().delete()

        names(floating.looked_at, f"loan {loan}")

    def test_names_a_fixed_loan_that_is_noted_as_floating(self) -> None:
        loan = loans.open_loan()
        loans.close_until(DAY + timedelta(days=1))

        RateReset.objects.create(
            loan_id=LoanEvent.objects.get().loan_id, book_id="cn", reference="lpr_1y"
        )

        names(floating.looked_at, f"loan {loan}")


class TestFindFloating:
    def test_says_what_a_loan_follows_and_the_rate_of_today(self) -> None:
        loan, fixed = floating_loan(cap=Decimal("0.13")), loans.open_loan()
        published("0.025", date(2026, 12, 21))
        loans.close_until(NEW_YEAR)

        card = queries.find_floating(number=loan, viewer=HOUSE)

        assert card is not None
        assert (card.index, card.rate_annual) == ("lpr_1y", Decimal("0.115"))
        assert (card.cap, card.next_on) == (Decimal("0.13"), date(2028, 1, 1))
        assert queries.find_floating(number=fixed, viewer=HOUSE) is None
