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
    NotSigned,
    OfferExpired,
    SigningModeDiffers,
    SigningNotAllowed,
)
from loanops.origination.contracts.models import Contract, Signature
from loanops.platform import vault
from loanops.platform.audit.models import Entry
from loanops.platform.books.models import Book
from loanops.platform.jobs.models import Job
from loanops.platform.outbox.models import Message
from loanops.registry.compliance import operations as compliance
from tests.factories.contracts import (
    approved,
    chinese_market,
    confirmed,
    drawn_up,
    evidence_of,
    later,
    offered,
    open_market,
    signed,
)
from tests.factories.registry import AT, HOUSE, NOBODY, TODAY, YEAR_END, stranger

pytestmark = pytest.mark.django_db


def an_offer(**terms: Any) -> str:
    market = chinese_market(**terms)
    return offered(market, approved(market)[0]).number


class TestDrawUp:
    def test_makes_a_witness_of_template_and_data(self) -> None:
        card = drawn_up(an_offer())

        assert card.template_version.startswith("loan-5@")
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


def test_signing_with_us_was_free_before_the_rule() -> None:
    market = chinese_market(signing_mode="ours")
    Book.objects.update(business_date=date(2026, 9, 29))
    card = drawn_up(offered(market, approved(market)[0], start_date=date(2026, 9, 29)).number)

    assert signed(card).state == "signed"
