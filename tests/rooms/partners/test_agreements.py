"""Agreements: terms by version, parties that may, nothing the law forbids."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from loanops.kernel.guarantee import CapPeriod, Guarantee, GuaranteeScope
from loanops.kernel.refusals import BadField, MoveNotAllowed, NotFound, NotPermitted
from loanops.registry.partners import invariants, operations, queries
from loanops.registry.partners.domain.refusals import (
    AgreementPeriodEmpty,
    AmendmentNotLater,
    CapAboveLaw,
    LicenceExpired,
    MayNotCharge,
    NotAGuarantor,
    NotALender,
    PartnerNotActive,
    PortionBelowLaw,
)
from loanops.registry.partners.models import AgreementVersion
from tests.factories.registry import (
    AT,
    HOUSE,
    NOBODY,
    TODAY,
    YEAR_END,
    agreed,
    open_book,
    register,
    sign,
    stranger,
)

pytestmark = pytest.mark.django_db


def fee(charging_party: str) -> dict[str, Any]:
    return {
        "name": "guarantee fee",
        "charging_party": charging_party,
        "timing": "per_instalment",
        "rate": "0.06",
        "annual": True,
        "base": "balance",
    }


def together(lead: str, second: str) -> dict[str, list[dict[str, str]]]:
    """Harbour leading, and meridian."""
    named = (("harbour", lead), ("meridian", second))
    return {"principal": [{"owner": owner, "share": part} for owner, part in named]}


class TestSignAgreement:
    def test_keeps_every_term(self) -> None:
        open_book()
        register("harbour", "bank")
        register("anchor", "guarantor")

        card = sign(
            "harbour", guarantor="anchor", fees=[fee("guarantor")], cost_cap_annual="0.2",
            cost_measure="effective", cutoff="17:30", gateway_config={"url": "http://127.0.0.1"},
            signing_mode="ours", share={"rate": "0.15"}, products=["steady"],
        )  # fmt: skip

        assert (card.version, card.guarantor, card.lender_kind) == (1, "anchor", "bank")
        assert card.cost_cap_annual == Decimal("0.2")
        assert card.cutoff.isoformat("minutes") == "17:30"
        assert card.gateway_config == {"url": "http://127.0.0.1"}
        assert card.share_rate == Decimal("0.15")
        assert [each.charging_party for each in card.fees] == ["guarantor"]
        assert queries.get_agreement(card.number) == card

    @pytest.mark.parametrize(
        ("terms", "field"),
        [
            ({"amount_min_minor": 0}, "amount_max_minor"),
            ({"terms_months": []}, "terms_months"),
            ({"cutoff": "25:00"}, "cutoff"),
            ({"quota_total_minor": 1}, "quota_total_minor"),
            ({"cost_cap_annual": "24"}, "cost_cap_annual"),
            ({"age_max": 12}, "age_max"),
            ({"share": {"rate": "1.2"}}, "share.rate"),
            ({"gateway": ""}, "gateway"),
            ({"colour": "blue"}, "colour"),
            ({"gateway_config": "x"}, "gateway_config"),
            ({"fees": [fee("uncle")]}, "fees.charging_party"),
            ({"fees": [fee("guarantor")]}, "guarantor"),
            ({"guarantee": {}, "compensation_days": 30}, "guarantor"),
            ({"guarantee": {}, "guarantor": "anchor"}, "compensation_days"),
            ({"guarantee": {"scope": "half"}}, "guarantee.scope"),
            ({"guarantee": {"base": "fees"}}, "guarantee.base"),
            ({"guarantee": {"cap_rate": "5"}}, "guarantee.cap_rate"),
            ({"guarantee": {"cap_minor": 0}}, "guarantee.cap_minor"),
            ({"guarantee": {"cap_minor": 1, "cap_rate": "0.05"}}, "guarantee.cap_minor"),
            ({"guarantee": {"cap_per": "month"}}, "guarantee.cap_per"),
        ],
    )
    def test_names_the_term_that_is_wrong(self, terms: dict[str, Any], field: str) -> None:
        open_book()
        register("harbour", "bank")

        with pytest.raises(BadField) as refused:
            sign("harbour", **terms)

        assert refused.value.field == field

    def test_is_for_lenders_only(self) -> None:
        open_book()
        register("anchor", "guarantor")

        with pytest.raises(NotALender):
            sign("anchor")

    def test_takes_only_a_licensed_guarantor(self) -> None:
        open_book()
        register("harbour", "bank")
        register("wind", "channel")

        with pytest.raises(NotAGuarantor):
            sign("harbour", guarantor="wind")

    def test_refuses_an_expired_licence(self) -> None:
        open_book()
        register("harbour", "bank", licence_expires_on=date(2025, 12, 31))

        with pytest.raises(LicenceExpired):
            sign("harbour")

    def test_refuses_a_suspended_partner(self) -> None:
        open_book()
        register("harbour", "bank")
        operations.suspend(partner="harbour", reason="review", actor=HOUSE, at=AT)

        with pytest.raises(PartnerNotActive):
            sign("harbour")

    def test_lets_the_platform_charge_the_borrower_nothing(self) -> None:
        open_book()
        register("harbour", "bank")

        with pytest.raises(MayNotCharge) as refused:
            sign("harbour", fees=[fee("platform")])

        assert "金规〔2025〕9号" in str(refused.value)

    def test_lets_the_platform_charge_where_no_law_forbids_it(self) -> None:
        open_book("us", pack="open", currency="USD")
        register("webbank", "bank", book="us")

        card = sign("webbank", book="us", fees=[fee("platform")])

        assert card.fees[0].charging_party == "platform"

    def test_refuses_a_ceiling_above_the_law(self) -> None:
        open_book()
        register("harbour", "bank")

        with pytest.raises(CapAboveLaw):
            sign("harbour", cost_cap_annual="0.25")

    def test_says_who_lends_together_and_keeps_it_by_version(self) -> None:
        open_book()
        register("harbour", "bank")
        register("meridian", "bank")

        card = sign("harbour", co_lending=together("0.70", "0.30"))

        assert card.co_lending.owners == ("harbour", "meridian")
        amended = operations.amend_agreement(
            number=card.number, terms=agreed(), valid_from=date(2026, 12, 1),
            valid_to=YEAR_END, actor=HOUSE, at=AT,
        )  # fmt: skip
        assert not amended.co_lending
        assert queries.get_agreement(card.number, version=1).co_lending == card.co_lending

    def test_keeps_for_what_and_up_to_how_much_the_guarantor_pays(self) -> None:
        open_book()
        register("harbour", "bank")
        register("anchor", "guarantor")
        terms = {"scope": "instalment", "cap_rate": "0.05", "cap_per": "year"}

        card = sign("harbour", guarantor="anchor", compensation_days=10, guarantee=terms)

        assert card.guarantee == Guarantee(
            scope=GuaranteeScope.INSTALMENT, cap_rate=Decimal("0.05"), cap_per=CapPeriod.YEAR
        )
        assert queries.get_agreement(card.number) == card

    def test_lets_lenders_alone_lend_together(self) -> None:
        open_book()
        register("harbour", "bank")
        register("meridian", "guarantor")

        with pytest.raises(NotALender):
            sign("harbour", co_lending=together("0.70", "0.30"))

    def test_lets_the_funder_lead(self) -> None:
        open_book()
        register("harbour", "bank")
        register("meridian", "bank")

        with pytest.raises(BadField):
            sign("meridian", co_lending=together("0.70", "0.30"))

    def test_refuses_a_co_lender_below_what_the_law_asks(self) -> None:
        open_book()
        register("harbour", "bank")
        register("meridian", "bank")

        with pytest.raises(PortionBelowLaw):
            sign("harbour", co_lending=together("0.80", "0.20"))

    def test_refuses_a_period_that_is_empty(self) -> None:
        open_book()
        register("harbour", "bank")

        with pytest.raises(AgreementPeriodEmpty):
            operations.sign_agreement(
                book="cn", partner="harbour", terms=agreed(), valid_from=TODAY, valid_to=TODAY,
                actor=HOUSE, at=AT,
            )  # fmt: skip

    def test_needs_the_grant(self) -> None:
        open_book()
        register("harbour", "bank")

        with pytest.raises(NotPermitted):
            operations.sign_agreement(
                book="cn", partner="harbour", terms=agreed(), valid_from=TODAY,
                valid_to=YEAR_END, actor=NOBODY, at=AT,
            )  # fmt: skip

    def test_with_a_stranger_is_not_found(self) -> None:
        open_book()

        with pytest.raises(NotFound):
            sign("nobody")


class TestAmendAgreement:
    def test_leaves_the_version_before_as_it_was(self) -> None:
        open_book()
        register("harbour", "bank")
        first = sign("harbour", cost_cap_annual="0.2")

        second = amend(first.number, cost_cap_annual="0.18")

        kept = queries.get_agreement(first.number, version=1)
        assert (kept.cost_cap_annual, kept.valid_to) == (Decimal("0.2"), date(2026, 12, 1))
        assert (second.version, second.cost_cap_annual) == (2, Decimal("0.18"))
        assert queries.find_agreements([(first.number, 1), (first.number, 2)]) == {
            (first.number, 1): kept,
            (first.number, 2): second,
        }

    @pytest.mark.parametrize(("on", "version"), [(date(2026, 11, 30), 1), (date(2026, 12, 1), 2)])
    def test_changes_the_version_in_force_on_its_day(self, on: date, version: int) -> None:
        open_book()
        register("harbour", "bank")
        amend(sign("harbour").number)

        [card] = queries.list_agreements(book="cn", on=on)

        assert card.version == version

    def test_cannot_begin_before_the_version_it_replaces(self) -> None:
        open_book()
        register("harbour", "bank")
        number = sign("harbour").number

        with pytest.raises(AmendmentNotLater):
            amend(number, valid_from=date(2026, 1, 1))

    def test_of_another_book_is_not_found(self) -> None:
        open_book()
        register("harbour", "bank")
        number = sign("harbour").number

        with pytest.raises(NotFound):
            amend(number, actor=stranger("partners.sign"))

    def test_needs_the_grant(self) -> None:
        open_book()
        register("harbour", "bank")
        number = sign("harbour").number

        with pytest.raises(NotPermitted):
            amend(number, actor=NOBODY)


def amend(number: str, **values: Any) -> queries.AgreementCard:
    valid_from = values.pop("valid_from", date(2026, 12, 1))
    actor = values.pop("actor", HOUSE)
    return operations.amend_agreement(
        number=number,
        terms=agreed(**values),
        valid_from=valid_from,
        valid_to=YEAR_END,
        actor=actor,
        at=AT,
    )


class TestSuspendAgreement:
    def test_pauses_one_agreement_and_not_the_partner(self) -> None:
        open_book()
        register("harbour", "bank")
        paused = sign("harbour")
        other = sign("harbour")

        operations.suspend_agreement(number=paused.number, reason="pool", actor=HOUSE, at=AT)

        live = queries.list_agreements(book="cn", on=TODAY)
        assert [card.number for card in live] == [other.number]

    def test_is_undone_by_resuming(self) -> None:
        open_book()
        register("harbour", "bank")
        number = sign("harbour").number
        operations.suspend_agreement(number=number, reason="pool", actor=HOUSE, at=AT)

        assert operations.resume_agreement(number=number, actor=HOUSE, at=AT).live

    def test_of_an_ended_agreement_is_refused(self) -> None:
        open_book()
        register("harbour", "bank")
        number = sign("harbour").number
        operations.end_agreement(number=number, reason="over", actor=HOUSE, at=AT)

        with pytest.raises(MoveNotAllowed):
            operations.suspend_agreement(number=number, reason="late", actor=HOUSE, at=AT)
        assert queries.list_agreements(book="cn", on=TODAY, suspended=True) == []

    def test_needs_the_grant_and_a_reason(self) -> None:
        open_book()
        register("harbour", "bank")
        number = sign("harbour").number

        with pytest.raises(NotPermitted):
            operations.suspend_agreement(number=number, reason="x", actor=NOBODY, at=AT)
        with pytest.raises(BadField):
            operations.suspend_agreement(number=number, reason="", actor=HOUSE, at=AT)


class TestListAgreements:
    def test_goes_by_priority_and_product(self) -> None:
        open_book()
        register("harbour", "bank")
        any_product = sign("harbour", priority=20)
        steady = sign("harbour", priority=10, products=["steady"])
        sign("harbour", priority=1, products=["flash"])

        found = queries.list_agreements(book="cn", on=TODAY, product="steady")

        assert [card.number for card in found] == [steady.number, any_product.number]

    def test_leaves_out_what_is_over(self) -> None:
        open_book()
        register("harbour", "bank")
        sign("harbour")

        assert queries.list_agreements(book="cn", on=YEAR_END) == []


class TestInvariant:
    def test_names_a_version_whose_terms_were_changed(self) -> None:
        open_book()
        register("harbour", "bank")
        card = sign("harbour")
        assert not list(invariants.changed_terms())
        row = AgreementVersion.objects.get()
        AgreementVersion.objects.update(terms_json=row.terms_json.replace("100", "999"))

        [violation] = invariants.changed_terms()

        assert violation.code == "INV-29"
        assert card.number in violation.object
