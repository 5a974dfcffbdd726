"""May we? Every answer by its rule, its source and its standing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.pricing import AllInCost, Measure
from loanops.kernel.refusals import BadField, NotFound, NotPermitted
from loanops.registry.compliance import operations, queries
from loanops.registry.compliance.domain.answers import Answer, Cap, judge_cost
from loanops.registry.compliance.domain.refusals import (
    DecisionRevokedAlready,
    PeriodEmpty,
    RateRecordedAlready,
)
from loanops.registry.compliance.models import ReferenceRate
from tests.factories.registry import AT, HOUSE, NOBODY, TODAY, YEAR_END, open_book, stranger

pytestmark = pytest.mark.django_db


def cost(simple: str, effective: str) -> AllInCost:
    return AllInCost(Decimal(simple), Decimal(effective), "periodic_irr")


class TestMayOffer:
    @pytest.mark.parametrize(
        ("simple", "allowed"),
        [("0.2399999999999999", True), ("0.24", True), ("0.24000000000000000001", False)],
    )
    def test_compares_the_unrounded_figure(self, simple: str, allowed: bool) -> None:
        open_book()

        answer = queries.may_offer(
            book="cn", lender_kind="bank", cost=cost(simple, simple), on=TODAY
        )

        assert answer.allowed is allowed
        assert answer.rule == "cost-cap-bank"
        assert answer.limit == "0.24"
        assert answer.found == simple
        assert "金规〔2025〕9号" in answer.source

    def test_warns_by_the_stricter_measure(self) -> None:
        open_book()

        answer = queries.may_offer(
            book="cn", lender_kind="bank", cost=cost("0.235", "0.2621"), on=TODAY
        )

        assert answer.allowed
        assert [each.values["measure"] for each in answer.warnings] == ["effective"]

    def test_compares_by_the_measure_of_the_agreement(self) -> None:
        open_book()
        dear = cost("0.235", "0.2621")

        answer = queries.may_offer(
            book="cn", lender_kind="bank", cost=dear, on=TODAY, measure="effective"
        )

        assert not answer.allowed
        assert "26.21%" in answer.sentence

    def test_holds_the_ceiling_that_was_agreed(self) -> None:
        open_book()

        answer = queries.may_offer(
            book="cn", lender_kind="bank", cost=cost("0.19", "0.2"), on=TODAY,
            agreed=Decimal("0.18"),
        )  # fmt: skip

        assert not answer.allowed
        assert answer.limit == "0.18"

    def test_says_when_a_figure_is_unverified(self) -> None:
        open_book()

        answer = queries.may_offer(
            book="cn", lender_kind="trust", cost=cost("0.1", "0.1"), on=TODAY
        )

        assert answer.allowed
        assert not answer.verified

    def test_only_warns_above_an_average(self) -> None:
        open_book()

        answer = queries.may_offer(
            book="cn", lender_kind="consumer_finance", cost=cost("0.22", "0.23"), on=TODAY
        )

        assert answer.allowed
        assert [each.rule for each in answer.warnings] == ["cost-average-consumer-finance"]

    @pytest.mark.parametrize(
        ("on", "months", "allowed"),
        [
            (date(2027, 12, 31), 12, True),
            (date(2028, 1, 1), 12, False),
            (date(2028, 1, 1), 1, True),
        ],
    )
    def test_binds_small_lenders_to_the_prime_rate_from_its_day(
        self, on: date, months: int, allowed: bool
    ) -> None:
        open_book()

        answer = queries.may_offer(
            book="cn", lender_kind="small_loan", cost=cost("0.15", "0.16"), on=on, months=months
        )

        assert answer.allowed is allowed

    def test_knows_no_cap_in_the_open_pack(self) -> None:
        open_book("us", pack="open", currency="USD")

        answer = queries.may_offer(
            book="us", lender_kind="bank", cost=cost("0.99", "1.5"), on=TODAY
        )

        assert answer.allowed
        assert answer.rule == "none"

    def test_is_kept_and_read_back_as_it_was(self) -> None:
        open_book()
        answer = queries.may_offer(
            book="cn", lender_kind="bank", cost=cost("0.235", "0.2621"), on=TODAY
        )

        assert Answer.from_dict(answer.to_dict()) == answer

    def test_does_not_know_a_book_that_is_not_there(self) -> None:
        with pytest.raises(NotFound):
            queries.may_offer(book="cn", lender_kind="bank", cost=cost("0", "0"), on=TODAY)


@given(
    simple=st.decimals(min_value=0, max_value=1, places=12),
    more=st.decimals(min_value=0, max_value=1, places=12),
    limit=st.decimals(min_value=0, max_value=1, places=4),
)
def test_a_cap_blocks_exactly_what_is_above_it(
    simple: Decimal, more: Decimal, limit: Decimal
) -> None:
    answer = judge_cost(
        simple=simple, effective=simple + more, measure=Measure.SIMPLE,
        caps=[Cap(None, limit)], agreed=None, pack="trial",
    )  # fmt: skip

    assert answer.allowed is (simple <= limit)
    assert bool(answer.warnings) is (answer.allowed and simple + more > limit)


class TestSigningAnswer:
    def test_takes_signing_with_us_before_the_rule(self) -> None:
        open_book()

        answer = queries.signing_answer(book="cn", mode="ours", funder="bank", on=date(2026, 9, 29))

        assert answer.allowed

    @pytest.mark.parametrize(("mode", "allowed"), [("funder_page", True), ("ours", False)])
    def test_takes_the_page_of_the_funder_from_its_day(self, mode: str, allowed: bool) -> None:
        open_book()

        answer = queries.signing_answer(book="cn", mode=mode, funder="bank", on=date(2026, 9, 30))

        assert answer.allowed is allowed
        assert not answer.verified

    @pytest.mark.parametrize(("funder", "allowed"), [("harbour", True), ("lake", False)])
    def test_takes_signing_with_us_under_a_decision_for_that_funder(
        self, funder: str, allowed: bool
    ) -> None:
        open_book()
        decision = decide(partner="harbour")

        answer = queries.signing_answer(book="cn", mode="ours", funder=funder, on=TODAY)

        assert answer.allowed is allowed
        assert answer.limit == (decision if allowed else "")

    def test_forgets_a_decision_that_was_revoked(self) -> None:
        open_book()
        decision = decide(partner="")
        operations.revoke_decision(number=decision, actor=HOUSE, at=AT)

        answer = queries.signing_answer(book="cn", mode="ours", funder="harbour", on=TODAY)

        assert not answer.allowed


def decide(*, partner: str) -> str:
    return operations.record_decision(
        book="cn",
        topic="signing.ours",
        partner=partner,
        reason="counsel's opinion of October",
        document="CO-2026-10",
        valid_from=TODAY,
        valid_to=YEAR_END,
        actor=HOUSE,
        at=AT,
    ).number


class TestRecordDecision:
    def test_needs_the_grant(self) -> None:
        open_book()

        with pytest.raises(NotPermitted):
            operations.record_decision(
                book="cn", topic="signing.ours", partner="", reason="x", document="y",
                valid_from=TODAY, valid_to=YEAR_END, actor=NOBODY, at=AT,
            )  # fmt: skip

    def test_needs_a_document(self) -> None:
        open_book()

        with pytest.raises(BadField) as refused:
            operations.record_decision(
                book="cn", topic="signing.ours", partner="", reason="x", document=" ",
                valid_from=TODAY, valid_to=YEAR_END, actor=HOUSE, at=AT,
            )  # fmt: skip

        assert refused.value.field == "document"

    def test_refuses_a_period_that_is_empty(self) -> None:
        open_book()

        with pytest.raises(PeriodEmpty):
            operations.record_decision(
                book="cn", topic="signing.ours", partner="", reason="x", document="y",
                valid_from=TODAY, valid_to=TODAY, actor=HOUSE, at=AT,
            )  # fmt: skip

    def test_is_revoked_once(self) -> None:
        open_book()
        number = decide(partner="")
        operations.revoke_decision(number=number, actor=HOUSE, at=AT)

        with pytest.raises(DecisionRevokedAlready):
            operations.revoke_decision(number=number, actor=HOUSE, at=AT)

    def test_of_another_book_is_not_found(self) -> None:
        open_book()
        number = decide(partner="")

        with pytest.raises(NotFound):
            operations.revoke_decision(number=number, actor=stranger("compliance.decide"), at=AT)


class TestRecordReferenceRate:
    def test_moves_the_cap_that_is_a_multiple_of_it(self) -> None:
        open_book()
        operations.record_reference_rate(
            book="cn", key="lpr_1y", rate_annual=Decimal("0.04"), document="LPR 2027-12-20",
            effective_from=date(2027, 12, 20), actor=HOUSE, at=AT,
        )  # fmt: skip

        answer = queries.may_offer(
            book="cn", lender_kind="small_loan", cost=cost("0.15", "0.15"),
            on=date(2028, 1, 1), months=12,
        )  # fmt: skip

        assert answer.allowed
        assert Decimal(answer.limit) == Decimal("0.16")

    def test_is_recorded_once_for_a_day(self) -> None:
        open_book()
        values = {
            "book": "cn", "key": "lpr_1y", "rate_annual": Decimal("0.04"), "document": "LPR",
            "effective_from": TODAY, "actor": HOUSE, "at": AT,
        }  # fmt: skip
        operations.record_reference_rate(**values)

        with pytest.raises(RateRecordedAlready):
            operations.record_reference_rate(**values)

    def test_corrects_a_day_and_keeps_what_stood_there(self) -> None:
        open_book()
        for rate in ("0.031", "0.029"):
            operations.record_reference_rate(
                book="cn", key="lpr_1y", rate_annual=Decimal(rate), document="LPR",
                effective_from=date(2025, 5, 20), actor=HOUSE, at=AT,
            )  # fmt: skip

        cards = queries.list_reference_rates(book="cn", viewer=HOUSE)

        [card] = [c for c in cards if (c.key, c.effective_from) == ("lpr_1y", date(2025, 5, 20))]
        assert (card.rate_annual, card.verified) == (Decimal("0.029"), True)
        assert queries.law_of(book="cn", on=TODAY).rate_annual("lpr_1y") == Decimal("0.029")
        assert ReferenceRate.objects.count() == 2

    def test_lists_what_the_pack_ships_as_not_verified_and_the_newest_first(self) -> None:
        open_book()

        cards = queries.list_reference_rates(book="cn", viewer=HOUSE)

        assert [card.key for card in cards] == sorted(card.key for card in cards)
        assert cards[0].effective_from > cards[1].effective_from
        assert not any(card.verified or card.recorded_by for card in cards)
        assert all(card.document for card in cards)

    @pytest.mark.parametrize(("rate", "document"), [("3.0", "LPR"), ("0.03", "")])
    def test_refuses_a_percentage_and_hearsay(self, rate: str, document: str) -> None:
        open_book()

        with pytest.raises(BadField):
            operations.record_reference_rate(
                book="cn", key="lpr_1y", rate_annual=Decimal(rate), document=document,
                effective_from=TODAY, actor=HOUSE, at=AT,
            )  # fmt: skip

    def test_needs_the_grant(self) -> None:
        open_book()

        with pytest.raises(NotPermitted):
            operations.record_reference_rate(
                book="cn", key="lpr_1y", rate_annual=Decimal("0.03"), document="LPR",
                effective_from=TODAY, actor=NOBODY, at=AT,
            )  # fmt: skip


class TestOtherAnswers:
    @pytest.mark.parametrize(("purpose", "allowed"), [("securities", False), ("tuition", True)])
    def test_ban_purposes(self, purpose: str, allowed: bool) -> None:
        open_book()

        answer = queries.may_use_for(book="cn", purpose=purpose, on=TODAY)

        assert answer.allowed is allowed

    @pytest.mark.parametrize(("party", "allowed"), [("platform", False), ("guarantor", True)])
    def test_let_only_lender_and_guarantor_charge(self, party: str, allowed: bool) -> None:
        open_book()

        answer = queries.may_charge(book="cn", charging_party=party, on=TODAY)

        assert answer.allowed is allowed

    @pytest.mark.parametrize(
        ("multiple", "misuse", "allowed"),
        [("1.5", False, True), ("1.51", False, False), ("2", True, True)],
    )
    def test_cap_the_penalty_rate(self, multiple: str, misuse: bool, allowed: bool) -> None:
        open_book()

        answer = queries.may_penalise(
            book="cn", multiple=Decimal(multiple), on=TODAY, misuse=misuse
        )

        assert answer.allowed is allowed
        assert not answer.verified

    def test_lets_no_penalty_of_consumers_bear_penalty(self) -> None:
        open_book()

        answer = queries.law_of(book="cn", on=TODAY).may_compound()

        assert not answer.allowed
        assert not answer.verified
        assert queries.law_of(book="cn", on=TODAY).may_compound(customer="business").allowed

    @pytest.mark.parametrize(
        ("method", "months", "allowed"),
        [("bullet", 12, True), ("bullet", 13, False), ("equal_instalment", 36, True)],
    )
    def test_limit_the_term_of_single_repayments(
        self, method: str, months: int, allowed: bool
    ) -> None:
        open_book()

        law = queries.law_of(book="cn", on=TODAY)

        assert law.may_run_for(method=method, months=months).allowed is allowed

    @pytest.mark.parametrize(("minor", "allowed"), [(20_000_000, True), (20_000_001, False)])
    def test_limit_what_one_consumer_owes(self, minor: int, allowed: bool) -> None:
        open_book()

        law = queries.law_of(book="cn", on=TODAY)

        assert law.may_lend(lender_kind="bank", amount_minor=minor).allowed is allowed
