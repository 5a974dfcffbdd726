"""Promotions: what they lower, for whom, and that none is used more often than there are."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.refusals import BadField, NotFound, NotPermitted
from loanops.kernel.schedule import Fee, FeeBase, FeeTiming, Method, Terms, schedule
from loanops.registry.products import invariants, operations, queries
from loanops.registry.products.domain.promotion import Asked, PromotionEffect, Rule, fit, lower
from loanops.registry.products.domain.refusals import (
    PromotionDoesNotFit,
    PromotionExists,
    PromotionOver,
    PromotionUnknown,
)
from loanops.registry.products.models import Promotion
from tests.factories.promotions import HALF_THE_GUARANTEE, launched
from tests.factories.registry import AT, HOUSE, NOBODY, TODAY, open_book, publish, stranger

POINTS = Rule(effect=PromotionEffect.RATE_POINTS, value=Decimal("0.02"), funders=("harbour",))
SHARES = st.decimals("0.0001", "1", places=4)


def terms(*fees: Fee, rate: str = "0.12") -> Terms:
    return Terms(
        method=Method.EQUAL_INSTALMENT,
        principal_minor=1_000_000,
        currency="CNY",
        annual_rate=Decimal(rate),
        instalments=12,
        start_date=TODAY,
        fees=fees,
    )


def fee(party: str = "platform", **values: Any) -> Fee:
    timing = FeeTiming.PER_INSTALMENT
    return Fee(name="服务费", charging_party=party, timing=timing, **values)


class TestRule:
    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"effect": "fee_share", "value": "0", "charging_party": "platform"}, "value"),
            ({"effect": "fee_share", "value": "1.01", "charging_party": "platform"}, "value"),
            ({"effect": "fee_share", "value": "0.5"}, "charging_party"),
            ({"effect": "fee_amount", "value": "0.5", "charging_party": "platform"}, "value"),
            ({"effect": "rate_points", "value": "0.02"}, "funders"),
            (
                {
                    "effect": "rate_points",
                    "value": "0.02",
                    "funders": ("harbour",),
                    "charging_party": "platform",
                },
                "charging_party",
            ),
        ],
    )
    def test_names_what_is_missing_or_out_of_range(self, values: Any, field: str) -> None:
        given_values = {**values, "effect": PromotionEffect(values["effect"])}

        with pytest.raises(BadField) as refused:
            Rule(**{**given_values, "value": Decimal(values["value"])})

        assert refused.value.field == field


class TestLower:
    def test_takes_a_share_of_the_fees_of_one_party_alone(self) -> None:
        agreed = terms(fee(rate=Decimal("0.04")), fee("guarantor", rate=Decimal("0.02")))

        lowered = lower(
            agreed,
            Rule(
                effect=PromotionEffect.FEE_SHARE, value=Decimal("0.25"), charging_party="platform"
            ),
        )

        assert [each.rate for each in lowered.fees] == [Decimal("0.03"), Decimal("0.02")]

    def test_takes_an_amount_off_each_fixed_fee_down_to_nothing(self) -> None:
        agreed = terms(fee(amount_minor=500), fee(amount_minor=200))
        rule = Rule(
            effect=PromotionEffect.FEE_AMOUNT, value=Decimal(300), charging_party="platform"
        )

        assert [each.amount_minor for each in lower(agreed, rule).fees] == [200, 0]

    def test_takes_points_off_the_rate_down_to_nothing(self) -> None:
        assert lower(terms(), POINTS).annual_rate == Decimal("0.10")
        assert lower(terms(rate="0.01"), POINTS).annual_rate == 0

    def test_refuses_terms_in_which_there_is_nothing_to_lower(self) -> None:
        with pytest.raises(PromotionDoesNotFit):
            lower(terms(), HALF_THE_GUARANTEE)

    def test_leaves_what_is_charged_for_being_late(self) -> None:
        late = Fee(
            name="reminder",
            charging_party="platform",
            timing=FeeTiming.OVERDUE,
            amount_minor=1_000,
        )
        agreed = terms(fee(amount_minor=500), late)

        rule = Rule(effect=PromotionEffect.FEE_SHARE, value=Decimal(1), charging_party="platform")

        assert lower(agreed, rule).fees[1] == late

    @given(
        share=SHARES,
        rate=st.decimals("0.0001", "0.2", places=4),
        amount=st.integers(1, 100_000),
        base=st.sampled_from([base for base in FeeBase if base is not FeeBase.OVERDUE]),
    )
    def test_never_makes_a_loan_dearer(
        self, share: Decimal, rate: Decimal, amount: int, base: FeeBase
    ) -> None:
        agreed = terms(fee(rate=rate, base=base), fee(amount_minor=amount))
        rule = Rule(effect=PromotionEffect.FEE_SHARE, value=share, charging_party="platform")

        lowered = lower(agreed, rule)

        assert schedule(lowered).total_minor <= schedule(agreed).total_minor
        assert all((each.amount_minor or 0) >= 0 for each in lowered.fees)


def asked(**values: Any) -> Asked:
    given_values = {
        "product": "steady",
        "funder": "harbour",
        "principal_minor": 1_000_000,
        "currency": "CNY",
        "on": TODAY,
    }
    return Asked(**{**given_values, **values})


class TestFit:
    @pytest.mark.parametrize(
        ("change", "word"),
        [
            ({"on": TODAY - timedelta(days=1)}, "begins"),
            ({"on": TODAY + timedelta(days=30)}, "over"),
            ({"product": "other"}, "products"),
            ({"funder": "other"}, "funder"),
            ({"principal_minor": 99_999}, "1000.00 or more"),
            ({"used_already": True}, "used it already"),
            ({"uses_left": 0}, "used up"),
        ],
    )
    def test_says_why_a_loan_may_not_have_it(self, change: dict[str, Any], word: str) -> None:
        rule = Rule(
            effect=PromotionEffect.RATE_POINTS,
            value=Decimal("0.02"),
            products=("steady",),
            funders=("harbour",),
            amount_min_minor=100_000,
        )
        how = {"used_already": False, "uses_left": None}
        how |= {name: change.pop(name) for name in tuple(change) if name in how}

        with pytest.raises(PromotionDoesNotFit) as refused:
            fit(
                rule,
                asked(**change),
                begins=TODAY,
                ends=TODAY + timedelta(days=30),
                **how,
            )

        assert word in str(refused.value)


@pytest.mark.django_db
class TestLaunch:
    def test_keeps_the_code_in_capitals_and_once(self) -> None:
        open_book()
        card = launched(" spring ")

        assert (card.code, card.uses, card.saved_minor) == ("SPRING", 0, 0)
        with pytest.raises(PromotionExists):
            launched("Spring")

    def test_needs_the_grant_and_a_book_in_scope(self) -> None:
        open_book()

        with pytest.raises(NotPermitted):
            launched(actor=NOBODY)
        with pytest.raises(NotFound):
            launched(actor=stranger("products.promote"))
        assert not Promotion.objects.exists()

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"code": "A"}, "code"),
            ({"code": "50% OFF"}, "code"),
            ({"name": {"en": "Spring"}}, "name"),
            ({"effective_to": TODAY}, "effective_to"),
            ({"uses_max": 0}, "uses_max"),
            (
                {
                    "rule": Rule(
                        effect=PromotionEffect.FEE_SHARE,
                        value=Decimal("0.5"),
                        charging_party="platform",
                        products=("nowhere",),
                    )
                },
                "products",
            ),
        ],
    )
    def test_names_the_field_that_is_wrong(self, values: dict[str, Any], field: str) -> None:
        open_book()

        with pytest.raises(BadField) as refused:
            launched(**values)

        assert refused.value.field == field


@pytest.mark.django_db
class TestEnd:
    def test_closes_it_from_a_day_on(self) -> None:
        open_book()
        number = launched().number

        after = end(number, TODAY)

        assert after.effective_to == TODAY
        assert not after.runs_on(TODAY)
        with pytest.raises(PromotionOver):
            end(number, TODAY + timedelta(days=1))

    def test_needs_the_grant_a_reason_and_a_day_to_come(self) -> None:
        open_book()
        number = launched().number

        with pytest.raises(NotPermitted):
            end(number, TODAY, actor=NOBODY)
        with pytest.raises(BadField):
            end(number, TODAY, reason=" ")
        with pytest.raises(BadField):
            end(number, TODAY - timedelta(days=1))
        with pytest.raises(NotFound):
            end("PR-NONE", TODAY)


def end(number: str, on: date, **values: Any) -> queries.PromotionCard:
    given_values: dict[str, Any] = {"reason": "budget spent", "actor": HOUSE, **values}
    return operations.end_promotion(number=number, effective_to=on, **given_values, at=AT)


def take(number: str, party: str, offer: str, **values: Any) -> None:
    operations.take_promotion(
        number=number,
        party=party,
        application=f"AP-{offer}",
        offer=offer,
        saving_minor=1_000,
        **{"actor": HOUSE, **values},
        at=AT,
    )


@pytest.mark.django_db
class TestTaking:
    def test_is_counted_and_given_back(self) -> None:
        open_book()
        number = launched(uses_max=2).number
        take(number, "PA-1", "OF-1")
        take(number, "PA-2", "OF-2")
        full = queries.get_promotion(number)

        released = operations.release_promotion_uses(
            book="cn", offers=["OF-1", "OF-9"], actor=HOUSE, at=AT
        )
        again = operations.release_promotion_uses(book="cn", offers=["OF-1"], actor=HOUSE, at=AT)

        after = queries.get_promotion(number)
        assert (full.uses, full.uses_left, full.saved_minor) == (2, 0, 2_000)
        assert (released, again) == (1, 0)
        assert (after.uses, after.uses_left, after.saved_minor) == (1, 1, 1_000)
        take(number, "PA-1", "OF-3")

    def test_is_refused_once_it_is_used_up(self) -> None:
        open_book()
        number = launched(uses_max=1).number
        take(number, "PA-1", "OF-1")

        with pytest.raises(PromotionDoesNotFit, match="used up"):
            take(number, "PA-2", "OF-2")

    def test_is_refused_to_who_holds_one(self) -> None:
        open_book()
        number = launched().number
        take(number, "PA-1", "OF-1")

        with pytest.raises(PromotionDoesNotFit, match="used it already"):
            take(number, "PA-1", "OF-2")

    def test_needs_the_grant(self) -> None:
        open_book()
        number = launched().number

        with pytest.raises(NotPermitted):
            take(number, "PA-1", "OF-1", actor=NOBODY)
        with pytest.raises(NotPermitted):
            operations.release_promotion_uses(book="cn", offers=["OF-1"], actor=NOBODY, at=AT)


@pytest.mark.django_db
class TestQueries:
    def test_find_a_code_however_it_is_typed(self) -> None:
        open_book()
        publish()
        number = launched("SPRING", POINTS).number

        found = queries.promotion_for(book="cn", code=" spring ", party="PA-1", asked=asked())

        assert found.number == number
        with pytest.raises(PromotionUnknown):
            queries.promotion_for(book="cn", code="SUMMER", party="PA-1", asked=asked())

    def test_need_the_grant_and_show_no_foreign_book(self) -> None:
        open_book()
        number = launched().number

        with pytest.raises(NotPermitted):
            queries.list_promotions(book="cn", viewer=NOBODY)
        with pytest.raises(NotFound):
            queries.get_promotion(number, viewer=stranger("products.view"))
        assert queries.list_promotions(book="cn", viewer=stranger("products.view")) == []


@pytest.mark.django_db
def test_verify_names_a_counter_that_was_changed() -> None:
    open_book()
    number = launched().number
    take(number, "PA-1", "OF-1")
    assert list(invariants.miscounted_promotions()) == []

    Promotion.objects.update(uses=2)

    [found] = invariants.miscounted_promotions()
    assert (found.object, found.expected, found.found) == (number, "1 uses", "2")
