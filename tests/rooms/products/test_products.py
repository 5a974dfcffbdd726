"""Products: versions by date, cards that can be scheduled, nothing the law forbids."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.refusals import BadField, NotFound, NotPermitted
from loanops.kernel.schedule import Fee, FeeTiming, schedule
from loanops.platform.audit.models import Entry
from loanops.registry.compliance import queries as compliance
from loanops.registry.products import invariants, operations, queries
from loanops.registry.products.domain.card import terms_of
from loanops.registry.products.domain.refusals import (
    NoVersionInForce,
    TermForbidden,
    VersionNotLater,
)
from loanops.registry.products.models import ProductVersion
from tests.factories.registry import (
    AT,
    HOUSE,
    NOBODY,
    TODAY,
    carded,
    open_book,
    publish,
    stranger,
)

READ = {"index": "lpr_1y", "spread_bp": "850", "first_rate": "contract"}

pytestmark = pytest.mark.django_db
JULY = date(2026, 7, 1)


def late(**values: Any) -> dict[str, Any]:
    """20.00 for an instalment that is more than three days late."""
    given = {"name": "reminder", "charging_party": "guarantor", "timing": "overdue"}
    return {**given, "amount_minor": 2_000, "overdue_days": 3, **values}


class TestPublishVersion:
    def test_keeps_the_card_in_full(self) -> None:
        open_book()

        card = publish(terms=carded(day_count="ACT/360", rounding="half_even"))

        assert (card.version, card.method, card.currency) == (1, "equal_instalment", "CNY")
        assert card.terms["day_count"] == "ACT/360"
        assert card.penalty is not None
        assert card.penalty["multiplier"] == "1.5"
        assert Entry.objects.filter(code="products.published", subject=card.number).exists()

    def test_ends_the_version_before_on_its_first_day(self) -> None:
        open_book()
        first = publish()

        second = publish(effective_from=JULY, rate_annual=Decimal("0.10"))

        before = queries.get_version(book="cn", product="steady", on=date(2026, 6, 30))
        after = queries.get_version(book="cn", product="steady", on=JULY)
        assert (before.number, before.effective_to) == (first.number, JULY)
        assert after == second
        assert queries.find_versions([first.number])[first.number].rate_annual == Decimal("0.12")

    def test_cannot_begin_before_the_version_it_replaces(self) -> None:
        open_book()
        publish()

        with pytest.raises(VersionNotLater):
            publish()

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"terms": carded(method="lottery")}, "method"),
            ({"terms": carded(principal_minor=5)}, "terms.principal_minor"),
            ({"terms": carded(colour="red")}, "colour"),
            ({"terms": carded(due_day=32)}, "due_day"),
            ({"terms": carded(fees=[late(overdue_days=400)])}, "fees[0].overdue_days"),
            ({"terms": carded(fees=[late(annual=True)])}, "fees[0].annual"),
            (
                {"terms": carded(fees=[late(rate="0.05", amount_minor=None, base="principal")])},
                "fees[0].base",
            ),
            ({"terms": carded(fees=[late(timing="upfront")])}, "fees[0].overdue_days"),
            ({"terms": carded(floating={"index": "moon"})}, "terms.floating.index"),
            ({"terms": carded(floating={"index": "lpr_1y", "month": 13})}, "floating.month"),
            ({"terms": carded(floating={**READ, "first_rate": "soon"})}, "floating.first_rate"),
            ({"terms": carded(floating=READ)}, "rate_annual"),
            (
                {"terms": carded(floating={**READ, "spread_bp": None}), "rate_annual": None},
                "floating.spread_bp",
            ),
            ({"terms_months": []}, "terms_months"),
            ({"amount_min_minor": 0}, "amount_max_minor"),
            ({"rate_annual": Decimal(12)}, "rate_annual"),
            ({"cooling_off_days": -1}, "cooling_off_days"),
            ({"name": {"en": "Steady"}}, "name"),
            ({"product": "ste ady"}, "product"),
        ],
    )
    def test_names_the_field_that_is_wrong(self, values: dict[str, Any], field: str) -> None:
        open_book()

        with pytest.raises(BadField) as refused:
            publish(**values)

        assert refused.value.field == field
        assert not ProductVersion.objects.exists()

    @pytest.mark.parametrize(
        "values",
        [
            {"terms": carded(method="bullet"), "terms_months": [24]},
            {"terms": carded(penalty={"multiplier": "1.6"})},
            {
                "terms": carded(
                    fees=[
                        {
                            "name": "service",
                            "charging_party": "platform",
                            "timing": "upfront",
                            "rate": "0.01",
                        }
                    ]
                )
            },
        ],
    )
    def test_refuses_what_the_law_forbids(self, values: dict[str, Any]) -> None:
        open_book()

        with pytest.raises(TermForbidden):
            publish(**values)

    def test_takes_the_same_where_no_law_forbids_it(self) -> None:
        open_book("us", pack="open", currency="USD")

        card = publish(book="us", terms=carded(method="bullet"), terms_months=[24])

        assert card.currency == "USD"

    def test_refuses_to_move_due_days_where_no_calendar_says_which_are_worked(self) -> None:
        open_book("us", pack="open", currency="USD")

        with pytest.raises(BadField) as refused:
            publish(book="us", terms=carded(roll="following"))

        assert refused.value.field == "terms.roll"

    def test_keeps_which_index_a_floating_rate_follows(self) -> None:
        open_book()

        card = publish(terms=carded(floating={"index": "lpr_5y", "spread_bp": "45"}))

        assert card.terms["floating"]["index"] == "lpr_5y"
        assert card.terms["floating"]["reset"] == "yearly"

    def test_may_leave_the_first_rate_to_the_index(self) -> None:
        open_book()

        card = publish(terms=carded(floating=READ), rate_annual=None)

        assert card.rate_annual is None
        assert queries.begins_at_index(card)
        assert not queries.begins_at_index(publish(product="other"))

    def test_takes_a_custom_schedule_without_rows(self) -> None:
        open_book()

        assert publish(terms=carded(method="custom")).method == "custom"

    def test_needs_the_grant(self) -> None:
        open_book()

        with pytest.raises(NotPermitted):
            publish(actor=NOBODY)


class TestWithdrawProduct:
    def test_ends_the_offer_and_keeps_the_version(self) -> None:
        open_book()
        card = publish()

        withdraw()

        with pytest.raises(NoVersionInForce):
            queries.get_version(book="cn", product="steady", on=TODAY)
        assert queries.get_version_by_number(card.number).effective_to == TODAY

    def test_cannot_happen_twice(self) -> None:
        open_book()
        publish()
        withdraw()

        with pytest.raises(NotFound):
            withdraw()

    def test_cannot_end_before_it_began(self) -> None:
        open_book()
        publish()

        with pytest.raises(BadField):
            withdraw(effective_to=date(2025, 1, 1))

    def test_needs_the_grant(self) -> None:
        open_book()
        publish()

        with pytest.raises(NotPermitted):
            withdraw(actor=NOBODY)


def withdraw(**values: Any) -> None:
    given: dict[str, Any] = {"effective_to": TODAY, "actor": HOUSE, **values}
    operations.withdraw_product(book="cn", product="steady", **given, at=AT)


class TestQueries:
    def test_find_nothing_before_the_first_version(self) -> None:
        open_book()
        publish()

        with pytest.raises(NoVersionInForce):
            queries.get_version(book="cn", product="steady", on=date(2025, 12, 31))

    def test_list_what_is_in_force(self) -> None:
        open_book()
        publish()
        publish(effective_from=JULY)
        publish("flash")

        in_force = queries.list_versions(book="cn", on=TODAY)

        assert [(card.product, card.version) for card in in_force] == [("flash", 1), ("steady", 2)]
        assert len(queries.list_versions(book="cn")) == 3

    def test_show_nothing_of_another_book(self) -> None:
        open_book()
        card = publish()
        viewer = stranger("products.view")

        assert queries.list_versions(book="cn", viewer=viewer) == []
        with pytest.raises(NotFound):
            queries.get_version_by_number(card.number, viewer=viewer)

    def test_need_the_grant(self) -> None:
        with pytest.raises(NotPermitted):
            queries.list_versions(book="cn", viewer=NOBODY)


class TestPreview:
    def test_is_the_official_example(self) -> None:
        # 中国人民银行公告〔2021〕第3号: 100,000, fee of 1,000 upfront, twelve payments of 8,833.33.
        open_book()
        card = publish(terms=carded(method="flat"))
        fee = Fee(
            name="service fee", charging_party="funder", timing=FeeTiming.UPFRONT,
            amount_minor=100_000,
        )  # fmt: skip

        found = queries.preview(
            card, principal_minor=10_000_000, instalments=12, annual_rate=Decimal("0.06"),
            start_date=TODAY, fees=[fee],
        )  # fmt: skip

        assert found.schedule.rows[0].total_minor == 883_333
        assert round(found.cost.simple, 4) == Decimal("0.1280")
        assert round(found.cost.effective, 4) == Decimal("0.1358")

    @given(
        principal_minor=st.integers(100_000, 20_000_000),
        instalments=st.sampled_from([3, 6, 12]),
        rate=st.decimals("0", "0.36", places=4),
        method=st.sampled_from(["equal_instalment", "equal_principal", "interest_only", "bullet"]),
    )
    def test_repays_exactly_what_was_lent(
        self, principal_minor: int, instalments: int, rate: Decimal, method: str
    ) -> None:
        terms = terms_of(
            carded(method=method), principal_minor=principal_minor, currency="CNY",
            instalments=instalments, annual_rate=rate, start_date=TODAY,
        )  # fmt: skip

        plan = schedule(terms)

        assert plan.principal_minor == principal_minor
        assert all(row.interest_minor >= 0 for row in plan.rows)


class TestInvariants:
    def test_name_a_card_that_was_changed(self) -> None:
        open_book()
        card = publish()
        assert not list(invariants.changed_cards())
        row = ProductVersion.objects.get()
        ProductVersion.objects.update(card_json=row.card_json.replace("1.5", "9.9"))

        [violation] = invariants.changed_cards()

        assert (violation.code, violation.object) == ("INV-31", card.number)

    def test_name_versions_that_overlap(self) -> None:
        open_book()
        first = publish()
        publish(effective_from=JULY)
        assert not list(invariants.overlapping_versions())
        ProductVersion.objects.filter(number=first.number).update(effective_to=None)

        [violation] = invariants.overlapping_versions()

        assert (violation.code, violation.object) == ("INV-32", first.number)


class TestDaysOff:
    def test_come_with_each_loan_as_they_are_known_when_it_is_agreed(self) -> None:
        open_book()
        card = publish(terms=carded(roll="following"))

        trial = queries.preview(
            card, principal_minor=1_200_000, instalments=12, annual_rate=Decimal("0.12"),
            start_date=date(2026, 9, 2),
        )  # fmt: skip

        assert trial.terms.calendar == "CN"
        assert date(2026, 10, 1) in trial.terms.closed_days
        assert date(2026, 10, 10) in trial.terms.exchanged_days
        # 2 October lies in the National Day week.
        assert trial.schedule.rows[0].due_date == date(2026, 10, 8)

    def test_are_left_out_where_due_days_stay(self) -> None:
        open_book()

        trial = queries.preview(
            publish(), principal_minor=1_200_000, instalments=12, annual_rate=Decimal("0.12"),
            start_date=date(2026, 9, 2),
        )  # fmt: skip

        assert (trial.terms.calendar, trial.terms.closed_days) == ("", ())
        assert trial.schedule.rows[0].due_date == date(2026, 10, 2)

    @pytest.mark.parametrize("field", ["calendar", "closed_days"])
    def test_are_nothing_that_a_product_may_fix(self, field: str) -> None:
        open_book()

        with pytest.raises(BadField):
            publish(terms=carded(**{field: "CN" if field == "calendar" else ["2026-10-01"]}))


class TestChineseDays:
    @pytest.mark.parametrize(
        ("day", "is_closed"),
        [
            (date(2018, 2, 15), True),
            (date(2020, 1, 31), True),
            (date(2024, 2, 9), False),
            (date(2024, 2, 12), True),
            (date(2025, 10, 8), True),
            (date(2026, 2, 16), True),
            (date(2026, 3, 2), False),
        ],
    )
    def test_follow_the_notices_of_the_state_council(self, day: date, is_closed: bool) -> None:
        open_book()

        found = compliance.days_off(book="cn", since=date(2018, 1, 1), until=date(2027, 12, 31))

        assert found is not None
        assert (day in found.closed) is is_closed
        assert date(2024, 2, 4) in found.exchanged
