"""From disclosure to signature: shown, read, confirmed, drawn up, signed, each with evidence."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

import pytest

from loanops.kernel.refusals import BadField, MoveNotAllowed, NotFound, NotPermitted, Refusal
from loanops.origination.applications import queries as applications
from loanops.origination.contracts import operations, queries
from loanops.origination.contracts.domain.refusals import (
    EvidenceDoesNotFit,
    EvidenceMissing,
    NotShown,
    NotSigned,
    OfferExpired,
    ReadTooShort,
    SigningModeDiffers,
    SigningNotAllowed,
)
from loanops.origination.contracts.models import Contract, Disclosure, Signature
from loanops.origination.contracts.operations import SignatureIn
from loanops.platform import vault
from loanops.platform.audit.models import Entry
from loanops.platform.books.models import Book
from loanops.platform.jobs.models import Job
from loanops.platform.outbox.models import Message
from loanops.registry.compliance import operations as compliance
from tests.factories.contracts import (
    PAGE,
    approved,
    chinese_market,
    confirmations,
    confirmed,
    drawn_up,
    evidence_of,
    later,
    offer_in,
    offered,
    open_market,
    signed,
)
from tests.factories.registry import AT, HOUSE, NOBODY, TODAY, YEAR_END, stranger

pytestmark = pytest.mark.django_db


def an_offer(**terms: Any) -> str:
    market = chinese_market(**terms)
    return offered(market, approved(market)[0]).number


class TestStatement:
    def test_lists_each_item_with_way_standard_and_charging_party(self) -> None:
        statement = queries.get_offer(an_offer()).statement

        interest, fee = statement["items"]
        assert interest["standard"] == {"rate_annual": "0.12"}
        assert (interest["party"], interest["party_name"]) == ("funder", "harbour Co., Ltd.")
        assert (fee["name"], fee["way"], fee["party"]) == (
            "融资担保费", "per_instalment", "guarantor",
        )  # fmt: skip
        assert fee["party_name"] == "anchor Co., Ltd."
        assert fee["annual_rate"].startswith("0.0480")
        assert statement["total_minor"] == 1_000_000 + interest["total_minor"] + fee["total_minor"]

    def test_states_the_cost_the_contingent_costs_and_that_nothing_else_is_charged(self) -> None:
        card = queries.get_offer(an_offer())

        statement = card.statement
        assert statement["cost"]["simple"] == str(card.cost.simple)
        assert statement["cost"]["effective"] == str(card.cost.effective)
        [penalty] = statement["contingent"]
        assert (penalty["name"], penalty["rate_annual"]) == ("overdue_penalty", "0.180")
        assert statement["nothing_else"] is True
        assert statement["rule"]["verified"] is True


class TestConfirmDisclosure:
    @pytest.mark.parametrize("seconds", [0, 9])
    def test_is_refused_before_the_reading_time_is_over(self, seconds: int) -> None:
        offer = an_offer()
        operations.show_disclosure(offer=offer, actor=HOUSE, at=AT)

        with pytest.raises(ReadTooShort) as refused:
            confirm(offer, at=later(seconds), read_seconds=600)

        assert refused.value.values["read_seconds_min"] == "10"
        assert queries.get_offer(offer).state == "made"

    def test_is_kept_with_times_and_sealed_evidence(self) -> None:
        card = confirmed(an_offer(), seconds=10)

        assert card.state == "confirmed"
        assert card.disclosure is not None
        assert card.disclosure.confirmed_at == later(10)
        assert card.disclosure.statement_sha256 == card.statement_sha256
        row = Disclosure.objects.get()
        assert PAGE["ip"] not in row.evidence_sealed
        assert PAGE["ip"] in vault.unseal(row.evidence_sealed)

    def test_does_not_believe_the_page_that_read_faster(self) -> None:
        offer = an_offer()
        operations.show_disclosure(offer=offer, actor=HOUSE, at=AT)

        with pytest.raises(ReadTooShort):
            confirm(offer, at=later(60), read_seconds=3)

    def test_counts_anew_when_it_is_shown_again(self) -> None:
        offer = an_offer()
        operations.show_disclosure(offer=offer, actor=HOUSE, at=AT)
        operations.show_disclosure(offer=offer, actor=HOUSE, at=later(8))

        with pytest.raises(ReadTooShort):
            confirm(offer, at=later(12))

    def test_needs_no_time_where_no_law_asks_for_it(self) -> None:
        market = open_market()
        offer = offered(market, approved(market)[0]).number
        operations.show_disclosure(offer=offer, actor=HOUSE, at=AT)

        assert confirm(offer, at=AT, read_seconds=0).state == "confirmed"

    def test_cannot_come_before_showing(self) -> None:
        with pytest.raises(NotShown):
            confirm(an_offer(), at=later(60))

    def test_cannot_happen_twice(self) -> None:
        offer = an_offer()
        confirmed(offer)

        with pytest.raises(MoveNotAllowed):
            confirm(offer, at=later(60))
        with pytest.raises(MoveNotAllowed):
            operations.show_disclosure(offer=offer, actor=HOUSE, at=later(60))

    def test_is_too_late_after_the_last_day(self) -> None:
        offer = an_offer()
        operations.show_disclosure(offer=offer, actor=HOUSE, at=AT)
        Book.objects.update(business_date=TODAY + timedelta(days=7))

        with pytest.raises(OfferExpired):
            confirm(offer, at=later(60))

    def test_needs_evidence(self) -> None:
        offer = an_offer()
        operations.show_disclosure(offer=offer, actor=HOUSE, at=AT)

        with pytest.raises(EvidenceMissing) as refused:
            confirm(offer, at=later(60), evidence={"channel": "app"})

        assert refused.value.values["keys"] == "device, ip"

    def test_needs_the_grant_and_the_book(self) -> None:
        offer = an_offer()

        with pytest.raises(NotPermitted):
            confirm(offer, at=AT, actor=NOBODY)
        with pytest.raises(NotFound):
            operations.show_disclosure(offer=offer, actor=stranger("contracts.confirm"), at=AT)


def confirm(offer: str, **values: Any) -> queries.OfferCard:
    given: dict[str, Any] = {"read_seconds": 12, "evidence": PAGE, "actor": HOUSE, **values}
    return operations.confirm_disclosure(offer=offer, **given)


class TestDrawUp:
    def test_makes_a_witness_of_template_and_data(self) -> None:
        card = drawn_up(an_offer())

        assert card.template_version.startswith("loan-1@")
        assert len(card.witness) == 64
        assert card.data["statement_sha256"] == card.statement_sha256
        assert card.data["guarantor"]["code"] == "anchor"

    def test_keeps_no_person_in_clear(self) -> None:
        card = drawn_up(an_offer())

        kept = Contract.objects.get().data_json
        assert card.party in kept
        assert "110105" not in kept

    def test_has_its_document_rendered_by_a_job(self) -> None:
        card = drawn_up(an_offer())

        job = Job.objects.get(name="contracts.render")
        assert card.number in str(job.payload_json)

    def test_needs_a_confirmed_statement(self) -> None:
        offer = an_offer()

        with pytest.raises(MoveNotAllowed):
            operations.draw_up(offer=offer, actor=HOUSE, at=AT)

    def test_cannot_happen_twice(self) -> None:
        offer = an_offer()
        drawn_up(offer)

        with pytest.raises(MoveNotAllowed):
            operations.draw_up(offer=offer, actor=HOUSE, at=later(60))

    def test_needs_the_grant_and_the_book(self) -> None:
        offer = an_offer()
        confirmed(offer)

        with pytest.raises(NotPermitted):
            operations.draw_up(offer=offer, actor=NOBODY, at=AT)
        with pytest.raises(NotFound):
            operations.draw_up(offer=offer, actor=stranger("contracts.sign"), at=AT)
        with pytest.raises(NotFound):
            operations.draw_up(offer="OF-NONE", actor=HOUSE, at=AT)


class TestRecordSignature:
    def test_on_the_page_of_the_funder_keeps_its_reference(self) -> None:
        card = signed(drawn_up(an_offer()))

        assert (card.state, card.signed_on) == ("signed", TODAY)
        assert card.signature is not None
        assert (card.signature.mode, card.signature.reference) == ("funder_page", "HB-2026-1")
        assert card.signed_copy_sha256 == "ab" * 32
        assert applications.stages_of([card.application]) == {card.application: "signed"}

    def test_is_recorded_and_announced_together(self) -> None:
        card = signed(drawn_up(an_offer()))

        assert Entry.objects.filter(code="contracts.signed", subject=card.number).exists()
        message = Message.objects.get(name="contracts.signed")
        assert message.subject == card.application
        assert queries.get_signed_contract(card.number) == card

    def test_with_us_needs_a_recorded_decision(self) -> None:
        card = drawn_up(an_offer(signing_mode="ours"))
        with pytest.raises(SigningNotAllowed):
            signed(card)

        compliance.record_decision(
            book="cn", topic="signing.ours", partner="harbour", reason="opinion", document="CO-1",
            valid_from=TODAY, valid_to=YEAR_END, actor=HOUSE, at=AT,
        )  # fmt: skip

        after = signed(card)
        assert after.signature is not None
        assert after.signature.signer == after.party
        assert "203.0.113.9" in vault.unseal(Signature.objects.get().evidence_sealed)

    def test_lets_the_other_offers_lapse(self) -> None:
        market = chinese_market()
        [application] = approved(market)
        taken, left = offered(market, application), offered(market, application)
        other = drawn_up(left.number)

        signed(drawn_up(taken.number))

        assert queries.get_offer(left.number).state == "withdrawn"
        assert queries.get_contract(other.number).state == "void"

    @pytest.mark.parametrize(
        ("change", "refusal"),
        [
            ({"mode": "ours"}, SigningModeDiffers),
            ({"evidence": {"reference": "HB-1"}}, EvidenceMissing),
            (
                {
                    "evidence": {
                        "reference": "HB-1",
                        "signed_copy_sha256": "ab",
                        "contract_digest": "0" * 64,
                    }
                },
                EvidenceDoesNotFit,
            ),
            (
                {
                    "evidence": {
                        "reference": "HB-1",
                        "signed_copy_sha256": "ab",
                        "disclosure_digest": "0" * 64,
                    }
                },
                EvidenceDoesNotFit,
            ),
        ],
    )
    def test_refuses_what_proves_nothing_and_leaves_no_trace(
        self, change: dict[str, Any], refusal: type[Refusal]
    ) -> None:
        card = drawn_up(an_offer())

        with pytest.raises(refusal):
            record(card, **change)

        assert not Signature.objects.exists()
        assert queries.get_contract(card.number).state == "drawn_up"
        assert not Entry.objects.filter(code="contracts.signed").exists()

    @pytest.mark.parametrize("seconds", [0, 3600])
    def test_with_us_lies_between_drawing_up_and_now(self, seconds: int) -> None:
        market = open_market()
        card = drawn_up(offered(market, approved(market)[0]).number)

        with pytest.raises(BadField) as refused:
            record(card, signed_at=later(seconds))

        assert refused.value.field == "signed_at"

    def test_with_us_is_of_the_text_that_was_shown(self) -> None:
        market = open_market()
        card = drawn_up(offered(market, approved(market)[0]).number)

        with pytest.raises(EvidenceDoesNotFit):
            record(card, evidence={**evidence_of(card), "witness": "f" * 64})

    def test_cannot_happen_twice(self) -> None:
        card = signed(drawn_up(an_offer()))

        with pytest.raises(MoveNotAllowed):
            signed(card)

    def test_is_too_late_after_the_last_day(self) -> None:
        card = drawn_up(an_offer())
        Book.objects.update(business_date=TODAY + timedelta(days=7))

        with pytest.raises(OfferExpired):
            signed(card)

    def test_needs_the_grant_and_the_book(self) -> None:
        card = drawn_up(an_offer())

        with pytest.raises(NotPermitted):
            record(card, actor=NOBODY)
        with pytest.raises(NotFound):
            record(card, actor=stranger("contracts.sign"))


def record(card: queries.ContractCard, **values: Any) -> queries.ContractCard:
    given: dict[str, Any] = {
        "mode": card.signing_mode,
        "evidence": evidence_of(card),
        "signed_at": later(25),
        "actor": HOUSE,
        **values,
    }
    return operations.record_signature(contract=card.number, **given, at=later(30))


class TestGetSignedContract:
    def test_says_no_while_nobody_has_signed(self) -> None:
        card = drawn_up(an_offer())

        with pytest.raises(NotSigned):
            queries.get_signed_contract(card.number)
        assert queries.find_signed_contracts([card.number]) == {}


class TestKeepSignedCopy:
    def test_keeps_the_bytes_whose_hash_was_signed(self) -> None:
        content = b"%PDF-1.7 signed by the bank"
        card = drawn_up(an_offer())
        digest = hashlib.sha256(content).hexdigest()
        record(card, evidence={**evidence_of(card), "signed_copy_sha256": digest})

        kept = operations.keep_signed_copy(
            contract=card.number, content=content, actor=HOUSE, at=later(40)
        )
        again = operations.keep_signed_copy(
            contract=card.number, content=content, actor=HOUSE, at=later(50)
        )

        assert kept == again
        assert queries.read_document(card.number, signed=True, viewer=HOUSE) == (
            f"{card.number}-signed.pdf", content,
        )  # fmt: skip

    def test_refuses_other_bytes(self) -> None:
        card = signed(drawn_up(an_offer()))

        with pytest.raises(EvidenceDoesNotFit):
            operations.keep_signed_copy(
                contract=card.number, content=b"%PDF-1.7 other", actor=HOUSE, at=later(40)
            )

    def test_refuses_an_unsigned_contract_and_a_stranger(self) -> None:
        card = drawn_up(an_offer())

        with pytest.raises(NotSigned):
            operations.keep_signed_copy(
                contract=card.number, content=b"%PDF-1", actor=HOUSE, at=later(40)
            )
        with pytest.raises(NotPermitted):
            operations.keep_signed_copy(
                contract=card.number, content=b"%PDF-1", actor=NOBODY, at=later(40)
            )


class TestTwins:
    def test_equal_one_by_one_from_offer_to_signature(self) -> None:
        market = open_market()
        singly, together = approved(market, 3), approved(market, 3, first=10)
        for number in singly:
            signed(drawn_up(offered(market, number).number))

        run_many(market, together)

        assert compared(singly) == compared(together)
        assert set(applications.stages_of(together).values()) == {"signed"}

    def test_refuse_each_row_by_itself(self) -> None:
        market = chinese_market()
        numbers = approved(market, 3)
        fresh, shown, done = (offered(market, number).number for number in numbers)
        operations.show_disclosures_many(book="cn", offers=[shown], actor=HOUSE, at=AT)
        confirmed(done)

        outcome = operations.confirm_disclosures_many(
            book="cn",
            confirmations=confirmations([fresh, shown, done, "OF-NONE"]),
            actor=HOUSE,
            at=later(15),
        )
        drawn = operations.draw_up_many(
            book="cn", offers=[fresh, shown, done], actor=HOUSE, at=later(20)
        )

        assert outcome.done == (shown,)
        assert {each.subject: type(each.refusal) for each in outcome.refused} == {
            fresh: NotShown, done: MoveNotAllowed, "OF-NONE": NotFound,
        }  # fmt: skip
        assert {each.source for each in drawn.made} == {shown, done}
        assert [each.subject for each in drawn.refused] == [fresh]

    def test_sign_one_contract_of_an_application_and_not_two(self) -> None:
        market = open_market()
        [application] = approved(market)
        cards = [drawn_up(offered(market, application).number) for _ in range(2)]

        outcome = operations.record_signatures_many(
            book="us",
            signatures=[
                SignatureIn(
                    contract=card.number, mode="ours", evidence=evidence_of(card),
                    signed_at=later(25),
                )
                for card in cards
            ],
            actor=HOUSE,
            at=later(30),
        )  # fmt: skip

        assert outcome.done == (cards[0].number,)
        assert [type(each.refusal) for each in outcome.refused] == [MoveNotAllowed]
        assert queries.get_contract(cards[1].number).state == "void"

    @pytest.mark.parametrize(
        ("order", "rows"),
        [
            (operations.show_disclosures_many, "offers"),
            (operations.confirm_disclosures_many, "confirmations"),
            (operations.draw_up_many, "offers"),
            (operations.record_signatures_many, "signatures"),
        ],
    )
    def test_need_the_grant_and_the_book(self, order: Any, rows: str) -> None:
        chinese_market()

        with pytest.raises(NotPermitted):
            order(book="cn", **{rows: []}, actor=NOBODY, at=AT)
        with pytest.raises(NotFound):
            order(
                book="cn", **{rows: []}, at=AT,
                actor=stranger("contracts.confirm", "contracts.sign"),
            )  # fmt: skip

    def test_ask_the_database_no_more_for_more_rows(
        self, django_assert_max_num_queries: Any
    ) -> None:
        market = open_market()
        numbers = approved(market, 60)

        with django_assert_max_num_queries(110):
            run_many(market, numbers)


COMPARED = (
    "signing_mode", "currency", "principal_minor", "template_version", "state", "drawn_up_at",
    "drawn_up_on", "signed_at", "signed_on", "offer__state", "offer__schedule_json",
    "offer__cost_simple",
)  # fmt: skip


def compared(numbers: list[str]) -> list[dict[str, Any]]:
    return list(Contract.objects.filter(application__in=numbers).order_by("id").values(*COMPARED))


def run_many(market: Any, numbers: list[str]) -> None:
    book = market.book
    made = operations.make_offers_many(
        book=book, offers=[offer_in(market, number) for number in numbers], actor=HOUSE, at=AT
    )
    offers = operations.show_disclosures_many(
        book=book, offers=made.numbers, actor=HOUSE, at=AT
    ).done
    operations.confirm_disclosures_many(
        book=book, confirmations=confirmations(offers), actor=HOUSE, at=later(12)
    )
    drawn = operations.draw_up_many(book=book, offers=offers, actor=HOUSE, at=later(20))
    cards = queries.find_contracts(drawn.numbers)
    outcome = operations.record_signatures_many(
        book=book,
        signatures=[
            SignatureIn(
                contract=number,
                mode=cards[number].signing_mode,
                evidence=evidence_of(cards[number]),
                signed_at=later(25),
            )
            for number in drawn.numbers
        ],
        actor=HOUSE,
        at=later(30),
    )
    assert not outcome.refused


def test_signing_with_us_was_free_before_the_rule() -> None:
    market = chinese_market(signing_mode="ours")
    Book.objects.update(business_date=date(2026, 9, 29))
    card = drawn_up(offered(market, approved(market)[0], start_date=date(2026, 9, 29)).number)

    assert signed(card).state == "signed"
