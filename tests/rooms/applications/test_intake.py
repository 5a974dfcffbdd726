"""Taking in: each request once, each person once, one by one or as a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from loanops.kernel.access import Actor
from loanops.kernel.refusals import NotFound, NotPermitted, Refusal
from loanops.origination.applications import operations, permissions, queries
from loanops.origination.applications.domain import refusals
from loanops.origination.applications.models import Application, Passage
from loanops.origination.applications.operations import ApplicationRequest, Consent
from loanops.platform.audit import queries as audit
from loanops.platform.books.models import Book
from loanops.platform.outbox.models import Message
from loanops.platform.sheets import refusals as cells
from loanops.registry.compliance import queries as compliance
from loanops.registry.parties.domain.refusals import IdNumberWrong, MobileWrong
from tests.factories import people, requests
from tests.factories.registry import AT, HOUSE, NOBODY, TODAY, publish, stranger

pytestmark = pytest.mark.django_db


def take(*asked: ApplicationRequest, source: str = "file:a") -> operations.SubmitOutcome:
    return operations.submit_many(book="cn", source=source, requests=asked, actor=HOUSE, at=AT)


class TestSubmit:
    def test_keeps_what_was_asked_for_with_its_witnesses(self) -> None:
        requests.desk()

        card = requests.submit()

        assert (card.stage, card.amount_minor, card.submitted_on) == ("submitted", 1_000_000, TODAY)
        assert card.duplicate["match"] == "passed"
        assert [entry.code for entry in audit.timeline(subjects=[card.number], viewer=HOUSE)] == [
            "applications.submitted"
        ]
        assert Message.objects.filter(name="applications.submitted", subject=card.number).exists()

    def test_keeps_the_consents_under_the_person(self) -> None:
        requests.desk()

        card = requests.submit()

        assert {each.purpose for each in compliance.list_consents(
            subjects=[card.party or ""], viewer=HOUSE
        )} == {"personal_information", "sensitive_information"}  # fmt: skip

    def test_answers_the_same_request_with_the_same_application(self) -> None:
        requests.desk()

        assert requests.submit().number == requests.submit().number
        assert Application.objects.count() == 1

    def test_refuses_a_used_key_with_other_content(self) -> None:
        requests.desk()
        requests.submit()

        with pytest.raises(refusals.ContentChanged):
            requests.submit(amount_minor=1_000_100)

    def test_lets_two_senders_use_the_same_key(self) -> None:
        requests.desk()
        requests.submit(1)

        other = requests.submit(2, key="K-1", source="api:bank")

        assert other.key == "K-1"
        assert Application.objects.count() == 2

    def test_refuses_a_person_who_has_one_under_way_for_the_product(self) -> None:
        requests.desk()
        first = requests.submit(1)

        with pytest.raises(refusals.DuplicateApplication, match=first.number):
            requests.submit(1, key="K-2")

    def test_takes_a_person_again_after_a_withdrawal(self) -> None:
        requests.desk()
        first = requests.submit(1)
        operations.withdraw(
            number=first.number, reason="other", version=first.version, actor=HOUSE, at=AT
        )

        again = requests.submit(1, key="K-2")

        assert (again.party, again.duplicate["match"]) == (first.party, "same_person")

    def test_waits_for_the_cooling_off_period_after_a_decline(self) -> None:
        requests.desk()
        first = requests.submit(1)
        operations.decline(number=first.number, reasons=("D01",), actor=HOUSE, at=AT)
        until = TODAY + timedelta(days=requests.COOLING_OFF_DAYS)

        Book.objects.update(business_date=until - timedelta(days=1))
        with pytest.raises(refusals.CoolingOff, match=until.isoformat()):
            requests.submit(1, key="K-2")
        Book.objects.update(business_date=until)

        assert requests.submit(1, key="K-2").stage == "submitted"

    @pytest.mark.parametrize(
        ("changes", "match"),
        [
            ({"mobile": people.mobile(99)}, "mobile_changed"),
            ({"name": "赵芳"}, "same_person"),
        ],
    )
    def test_says_what_the_duplicate_check_found(self, changes: dict[str, Any], match: str) -> None:
        requests.desk()
        first = requests.submit(1)
        operations.withdraw(
            number=first.number, reason="other", version=first.version, actor=HOUSE, at=AT
        )

        again = requests.submit(1, key="K-2", applicant=requests.person(1, **changes))

        assert again.duplicate["match"] == match

    def test_sees_a_mobile_of_somebody_else(self) -> None:
        requests.desk()
        requests.submit(1)

        second = requests.submit(2, applicant=requests.person(2, mobile=people.mobile(1)))

        assert second.duplicate["match"] == "mobile_shared"

    def test_needs_the_grant_and_a_book_in_scope(self) -> None:
        requests.desk()

        with pytest.raises(NotPermitted):
            requests.submit(actor=NOBODY)
        with pytest.raises(NotFound):
            requests.submit(actor=stranger(permissions.SUBMIT))

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"key": " "}, cells.ValueMissing),
            ({"amount_minor": 0}, cells.OutOfRange),
            ({"term_months": 0}, cells.OutOfRange),
            ({"purpose": "da\x00ily"}, cells.TextUnclean),
            ({"facts": {"age_years": 30}}, cells.OutOfRange),
            ({"facts": {"Upper": 1}}, cells.OutOfRange),
            ({"product": "gold"}, refusals.ProductNotOffered),
            ({"amount_minor": 99_999}, refusals.AmountNotOffered),
            ({"term_months": 7}, refusals.TermNotOffered),
            ({"purpose": "securities"}, refusals.PurposeForbidden),
            ({"applicant": None}, refusals.ApplicantMissing),
            ({"applicant": requests.person(1, id_number="110105199005170000")}, IdNumberWrong),
            ({"applicant": requests.person(1, mobile="12345678901")}, MobileWrong),
            ({"consents": ()}, refusals.ConsentNeeded),
            ({"consents": (Consent("marketing", "", "M-0"),)}, refusals.ConsentNotKnown),
        ],
    )  # fmt: skip
    def test_refuses_what_cannot_be_taken(
        self, changes: dict[str, Any], refusal: type[Refusal]
    ) -> None:
        requests.desk()

        with pytest.raises(refusal):
            requests.submit(**changes)

        assert not Application.objects.exists()
        assert not Message.objects.filter(name__startswith="applications").exists()


class TestSubmitMany:
    def test_takes_the_good_and_says_of_each_bad_one_why(self) -> None:
        requests.desk()

        outcome = take(
            requests.request(1),
            requests.request(2, product="gold"),
            requests.request(3, amount_minor=1, term_months=7),
        )

        assert len(outcome.created) == 1
        assert [(bad.place, [type(why) for why in bad.refusals]) for bad in outcome.refused] == [
            (1, [refusals.ProductNotOffered]),
            (2, [refusals.AmountNotOffered, refusals.TermNotOffered]),
        ]

    def test_creates_nothing_twice_from_the_same_file(self) -> None:
        requests.desk()
        rows = [requests.request(serial) for serial in (1, 2)]
        first = take(*rows)

        again = take(*rows)

        assert (again.created, again.repeated) == ((), first.created)

    def test_needs_the_grant_and_a_book_in_scope(self) -> None:
        requests.desk()
        order: dict[str, Any] = {"source": "file:a", "requests": [requests.request()], "at": AT}

        with pytest.raises(NotPermitted):
            operations.submit_many(book="cn", actor=NOBODY, **order)
        with pytest.raises(NotFound):
            operations.submit_many(book="cn", actor=stranger(permissions.SUBMIT), **order)
        with pytest.raises(NotFound):
            operations.submit_many(book="xx", actor=HOUSE, **order)


# Rows of a small file: few persons and keys, so that they repeat and contradict each other.
ROWS = st.lists(
    st.builds(
        lambda serial, mobile, key, amount, product, given: requests.request(
            serial,
            key=f"K-{key}",
            amount_minor=amount,
            product=product,
            consents=given,
            applicant=requests.person(serial, mobile=people.mobile(mobile)),
        ),
        serial=st.integers(1, 3),
        mobile=st.integers(1, 3),
        key=st.integers(1, 4),
        amount=st.sampled_from([1_000_000, 1_000_100, 1]),
        product=st.sampled_from(["steady", "steady", "quick", "gold"]),
        given=st.sampled_from([requests.GIVEN, requests.GIVEN, ()]),
    ),
    max_size=7,
)


def left_by(book: str) -> list[tuple[Any, ...]]:
    """What is in a book, without numbers."""
    rows = Application.objects.filter(book_id=book).order_by("id")
    moves = Passage.objects.filter(application__book_id=book)
    return [
        (row.key, row.amount_minor, row.stage, row.version, row.facts, row.content_digest,
         row.duplicate["match"], moves.filter(application=row).count())
        for row in rows
    ]  # fmt: skip


class TestTwins:
    @pytest.fixture(autouse=True)
    def books(self) -> None:
        for book in ("one", "many"):
            requests.desk(book)
            publish("quick", book=book)

    @settings(max_examples=15)
    @given(rows=ROWS)
    def test_one_by_one_and_as_a_file_leave_the_same(self, rows: list[ApplicationRequest]) -> None:
        with transaction.atomic():
            singly = [self.refusal_of(row) for row in rows]

            outcome = operations.submit_many(
                book="many", source="file:a", requests=rows, actor=HOUSE, at=AT
            )

            refused = {bad.place: bad.refusals[0] for bad in outcome.refused}
            assert [type(refused.get(place)) for place in range(len(rows))] == singly
            assert left_by("one") == left_by("many")
            transaction.set_rollback(True)

    def refusal_of(self, row: ApplicationRequest) -> type[Refusal] | type[None]:
        try:
            operations.submit(
                book="one", source="file:a", key=row.key, request=row, actor=HOUSE, at=AT
            )
        except Refusal as refusal:
            return type(refusal)
        return type(None)

    def test_keys_of_another_book_are_others(self) -> None:
        first = requests.submit(book="one")
        second = requests.submit(book="many")

        assert (first.key, first.number != second.number) == (second.key, True)


class TestGetApplication:
    def test_answers_foreign_and_missing_alike(self) -> None:
        requests.desk()
        card = requests.submit()
        foreign = stranger(permissions.VIEW)

        for number, viewer in ((card.number, foreign), ("AP-NONE", HOUSE), ("\x00", HOUSE)):
            with pytest.raises(NotFound):
                queries.get_application(number, viewer=viewer)

    def test_shows_a_channel_its_own_alone(self) -> None:
        requests.desk()
        mine = Actor(person="wei", grants=frozenset({permissions.SUBMIT, permissions.VIEW}))
        card = requests.submit(actor=mine)
        own = replace(mine, scopes=replace(mine.scopes, channels=frozenset({card.channel})))
        other = replace(mine, scopes=replace(mine.scopes, channels=frozenset({"elsewhere"})))

        assert queries.get_application(card.number, viewer=own).number == card.number
        with pytest.raises(NotFound):
            queries.get_application(card.number, viewer=other)
