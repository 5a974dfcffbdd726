"""Consents: given on known words, to one recipient at a time, until withdrawn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from loanops.kernel.refusals import NotFound, NotPermitted
from loanops.platform.audit.models import Entry
from loanops.platform.books.models import Book
from loanops.platform.outbox.models import Message
from loanops.registry.compliance import invariants, operations, queries
from loanops.registry.compliance.domain.refusals import (
    ConsentMissing,
    ConsentWithdrawnAlready,
    RecipientMissing,
    RecipientNotExpected,
    UnknownConsent,
    UnknownWording,
)
from loanops.registry.compliance.models import Consent
from loanops.registry.compliance.operations import ConsentIn
from tests.factories.registry import AT, HOUSE, NOBODY, TODAY, open_book, stranger

pytestmark = pytest.mark.django_db

BORROWER = "PT-1"
LATER = AT + timedelta(hours=1)


def sharing(**values: Any) -> ConsentIn:
    given = {
        "subject": BORROWER,
        "purpose": "share_with_funder",
        "recipient": "harbour",
        "wording_version": "SF-1",
    }
    return ConsentIn(**{**given, **values})


def credit_query(subject: str = BORROWER) -> ConsentIn:
    return ConsentIn(subject=subject, purpose="credit_query", wording_version="CQ-1")


def record(consent: ConsentIn) -> str:
    return operations.record_consent(book="cn", consent=consent, actor=HOUSE, at=AT).number


class TestRecordConsent:
    def test_keeps_words_recipient_and_time(self) -> None:
        open_book()

        card = operations.record_consent(
            book="cn", consent=sharing(evidence={"ip": "203.0.113.9"}), actor=HOUSE, at=AT
        )

        assert (card.recipient, card.wording_version, card.given_at) == ("harbour", "SF-1", AT)
        assert queries.has_consent(BORROWER, "share_with_funder", "harbour", TODAY)
        assert not queries.has_consent(BORROWER, "share_with_funder", "lake", TODAY)
        assert Entry.objects.filter(code="compliance.consent_given", subject=BORROWER).exists()

    @pytest.mark.parametrize(
        ("consent", "refusal"),
        [
            (sharing(purpose="astrology"), UnknownConsent),
            (sharing(wording_version="SF-0"), UnknownWording),
            (sharing(recipient=""), RecipientMissing),
            (
                ConsentIn(
                    subject=BORROWER,
                    purpose="credit_query",
                    wording_version="CQ-1",
                    recipient="harbour",
                ),
                RecipientNotExpected,
            ),
        ],
    )
    def test_refuses_what_is_no_consent_and_leaves_no_trace(
        self, consent: ConsentIn, refusal: type[Exception]
    ) -> None:
        open_book()

        with pytest.raises(refusal):
            record(consent)

        assert not Consent.objects.exists()
        assert not Entry.objects.filter(code__startswith="compliance.").exists()

    def test_needs_the_grant(self) -> None:
        open_book()

        with pytest.raises(NotPermitted):
            operations.record_consent(book="cn", consent=sharing(), actor=NOBODY, at=AT)


class TestRecordConsentsMany:
    def test_equals_one_by_one(self) -> None:
        open_book()
        consents = [sharing(subject=f"PT-{n}") for n in range(3)]
        for consent in consents:
            record(consent)
        singly = list(Consent.objects.order_by("id").values(*COMPARED))
        Consent.objects.all().delete()

        numbers = operations.record_consents_many(book="cn", consents=consents, actor=HOUSE, at=AT)

        assert list(Consent.objects.order_by("id").values(*COMPARED)) == singly
        assert numbers == list(Consent.objects.order_by("id").values_list("number", flat=True))

    def test_refuses_the_batch_for_one_that_cannot_stand(self) -> None:
        open_book()

        with pytest.raises(UnknownConsent):
            operations.record_consents_many(
                book="cn", consents=[sharing(), sharing(purpose="?")], actor=HOUSE, at=AT
            )

        assert not Consent.objects.exists()

    def test_needs_the_grant(self) -> None:
        open_book()

        with pytest.raises(NotPermitted):
            operations.record_consents_many(book="cn", consents=[sharing()], actor=NOBODY, at=AT)


COMPARED = (
    "book_id", "subject", "purpose", "recipient", "wording_version", "wording_sha256", "channel",
    "evidence", "given_at", "given_on", "withdrawn_at",
)  # fmt: skip


class TestWithdrawConsent:
    def test_ends_it_on_the_same_day_and_announces_it(self) -> None:
        open_book()
        number = record(sharing())

        operations.withdraw_consent(number=number, reason="changed my mind", actor=HOUSE, at=LATER)

        assert not queries.has_consent(BORROWER, "share_with_funder", "harbour", TODAY)
        assert Message.objects.get().name == "compliance.consent_withdrawn"

    def test_is_done_once(self) -> None:
        open_book()
        number = record(sharing())
        operations.withdraw_consent(number=number, reason="", actor=HOUSE, at=LATER)

        with pytest.raises(ConsentWithdrawnAlready):
            operations.withdraw_consent(number=number, reason="", actor=HOUSE, at=LATER)

    def test_needs_the_grant(self) -> None:
        open_book()
        number = record(sharing())

        with pytest.raises(NotPermitted):
            operations.withdraw_consent(number=number, reason="", actor=NOBODY, at=LATER)

    def test_of_another_book_is_not_found(self) -> None:
        open_book()
        number = record(sharing())

        with pytest.raises(NotFound):
            operations.withdraw_consent(
                number=number, reason="", actor=stranger("compliance.consent"), at=LATER
            )


class TestMissingConsents:
    def test_lets_nothing_go_to_a_funder_without_both(self) -> None:
        open_book()
        record(sharing())

        missing = queries.missing_consents(
            book="cn", subjects=[BORROWER], act="share_with_funder", recipient="harbour", on=TODAY
        )

        assert missing == {BORROWER: ("credit_query",)}

    def test_misses_nothing_once_all_are_given(self) -> None:
        open_book()
        record(sharing())
        record(credit_query())

        queries.require_consents(
            book="cn", subjects=[BORROWER], act="share_with_funder", recipient="harbour", on=TODAY
        )

    def test_names_who_lacks_what(self) -> None:
        open_book()
        record(credit_query())

        with pytest.raises(ConsentMissing) as refused:
            queries.require_consents(
                book="cn", subjects=[BORROWER], act="share_with_funder", recipient="lake", on=TODAY
            )

        assert refused.value.values == {
            "subject": BORROWER, "purposes": "share_with_funder", "recipient": "lake",
        }  # fmt: skip

    def test_misses_nothing_where_the_pack_asks_for_nothing(self) -> None:
        open_book("us", pack="open", currency="USD")

        assert not queries.missing_consents(
            book="us", subjects=["PT-9"], act="share_with_funder", recipient="harbour", on=TODAY
        )

    def test_counts_a_consent_from_the_day_it_was_given(self) -> None:
        open_book()
        record(credit_query())
        Book.objects.update(business_date=TODAY)

        assert not queries.has_consent(BORROWER, "credit_query", "", TODAY.replace(day=1))


class TestInvariant:
    def test_is_quiet_while_the_words_are_kept(self) -> None:
        open_book()
        record(credit_query())

        assert not list(invariants.consents_without_their_words())

    def test_names_a_consent_whose_words_were_changed(self) -> None:
        open_book()
        number = record(credit_query())
        Consent.objects.update(wording_sha256="0" * 64)

        [violation] = invariants.consents_without_their_words()

        assert (violation.code, violation.object) == ("INV-18", number)
