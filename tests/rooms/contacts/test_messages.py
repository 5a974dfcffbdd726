"""Messages: written down, handed over by a job, asked about in doubt, forgotten at the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from loanops.kernel.access import Viewer
from loanops.kernel.refusals import NotFound, NotPermitted
from loanops.platform import vault
from loanops.platform.audit.models import Entry
from loanops.registry.contacts import invariants, operations, permissions, queries
from loanops.registry.contacts.domain.refusals import TemplateUnfilled, TemplateUnknown
from loanops.registry.contacts.models import Message
from loanops.registry.contacts.ports import Answer, Standing
from loanops.registry.contacts.queries import MessageCard
from tests.corruption import names
from tests.factories.carriers import Pocket, carry_due, pocket
from tests.factories.people import AT, HOUSE, open_american_book, open_chinese_book, staff

pytestmark = pytest.mark.django_db

MOBILE = "+8613800000001"
CODE = "480213"
VALUES = {"sender": "示例助贷", "code": CODE, "minutes": "5"}
EYES = Viewer.house("tests")


@pytest.fixture
def book() -> str:
    return open_chinese_book()


@pytest.fixture
def carrier() -> Iterator[Pocket]:
    with pocket() as held:
        yield held


def write(book: str, *, language: str = "zh-hans", values: dict[str, str] | None = None) -> str:
    return operations.send(
        book=book,
        template="sign_in_code",
        language=language,
        to=MOBILE,
        values=values or VALUES,
        subject="",
        expires_at=AT + timedelta(minutes=5),
        actor=HOUSE,
        at=AT,
    ).number


def card(number: str) -> MessageCard:
    return queries.get_message(number, viewer=EYES)


def later(**by: int) -> datetime:
    return AT + timedelta(**by)


class TestSend:
    def test_fills_the_words_of_the_version_in_force(self, book: str, carrier: Pocket) -> None:
        chinese, english = write(book), write(book, language="en")

        carry_due(AT)

        texts = {message.serial: message.text for message in carrier.sent}
        assert texts[chinese].startswith("【示例助贷】您的验证码是480213，5分钟内有效。")
        assert texts[english].startswith("[示例助贷] Your code is 480213, valid for 5 minutes.")
        assert card(chinese).template_version == "SC-1"

    def test_keeps_no_code_in_clear(self, book: str, carrier: Pocket) -> None:
        number = write(book)

        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM contacts_message")
            kept = repr(cursor.fetchall())
        said = repr(list(Entry.objects.values_list("values_json", flat=True)))

        assert CODE not in kept + said
        assert MOBILE[3:] not in kept + said
        assert card(number).values == {"sender": "示例助贷", "minutes": "5"}
        assert card(number).recipient_masked == "+86138****0001"

    def test_forgets_the_text_at_the_end(self, book: str, carrier: Pocket) -> None:
        number = write(book)
        assert CODE in vault.unseal(Message.objects.get(number=number).text_sealed)

        carry_due(AT)

        assert Message.objects.get(number=number).text_sealed == ""
        assert card(number).state == "delivered"

    def test_needs_the_grant(self, book: str) -> None:
        with pytest.raises(NotPermitted):
            operations.send(
                book=book,
                template="sign_in_code",
                language="en",
                to=MOBILE,
                values=VALUES,
                subject="",
                expires_at=AT,
                actor=staff("li.na"),
                at=AT,
            )

    def test_refuses_words_that_are_not_there(self, book: str) -> None:
        with pytest.raises(TemplateUnfilled, match="code"):
            write(book, values={"sender": "x", "minutes": "5"})
        with pytest.raises(TemplateUnknown):
            queries.get_template("nothing", on=AT.date())


class TestCarry:
    def test_asks_about_doubt_before_anything_is_sent_again(
        self, book: str, carrier: Pocket
    ) -> None:
        carrier.says = [Answer(Standing.UNKNOWN, problem="timeout"), Answer(Standing.MISSING)]
        number = write(book)

        carry_due(AT)
        doubted = card(number)
        carry_due(later(seconds=2))
        carry_due(later(seconds=7))

        assert (doubted.state, doubted.problem) == ("unknown", "timeout")
        assert carrier.asked == [number]
        assert [message.serial for message in carrier.sent] == [number, number]
        assert card(number).state == "delivered"

    def test_does_not_send_again_what_the_carrier_has(self, book: str, carrier: Pocket) -> None:
        carrier.says = [Answer(Standing.UNKNOWN), Answer(Standing.ACCEPTED)]
        number = write(book)

        carry_due(AT)
        carry_due(later(seconds=2))
        carry_due(later(seconds=7))

        assert len(carrier.sent) == 1
        assert card(number).state == "delivered"

    def test_tries_again_where_the_carrier_was_not_reached(
        self, book: str, carrier: Pocket
    ) -> None:
        carrier.says = [Answer(Standing.NOT_REACHED, problem="not_reached")]
        number = write(book)

        carry_due(AT)
        carry_due(later(seconds=2))

        assert len(carrier.sent) == 2
        assert (card(number).state, card(number).tries) == ("delivered", 2)

    def test_lets_a_message_lapse_that_is_of_no_use_any_more(
        self, book: str, carrier: Pocket
    ) -> None:
        carrier.says = [Answer(Standing.NOT_REACHED)]
        number = write(book)

        carry_due(AT)
        carry_due(later(minutes=6))

        assert len(carrier.sent) == 1
        assert card(number).state == "lapsed"

    def test_hears_late_what_became_of_a_message_and_then_waits_no_more(
        self, book: str, carrier: Pocket
    ) -> None:
        accepted = Answer(Standing.ACCEPTED)
        carrier.says = [accepted, accepted, Answer(Standing.DELIVERED), accepted]
        first, second = write(book), write(book)

        carry_due(AT)
        carry_due(later(hours=5))

        assert (card(first).state, card(second).state) == ("delivered", "lapsed")

    def test_keeps_why_the_carrier_refused(self, book: str, carrier: Pocket) -> None:
        carrier.says = [Answer(Standing.REFUSED, reason="BLOCKED")]
        number = write(book)

        carry_due(AT)

        assert (card(number).state, card(number).reason) == ("failed", "BLOCKED")
        assert carry_due(later(days=1)) == 0

    def test_takes_a_failing_adapter_for_doubt(self, book: str, carrier: Pocket) -> None:
        number = write(book)
        carrier.says = None  # type: ignore[assignment]
        carrier.sent = None  # type: ignore[assignment]

        carry_due(AT)

        assert (card(number).state, card(number).problem) == ("unknown", "adapter_failed")

    def test_needs_the_grant(self, book: str) -> None:
        number = write(book)

        with pytest.raises(NotPermitted):
            operations.carry(number=number, actor=staff("li.na"), at=AT)


class TestQueries:
    def test_need_the_grant_and_the_book(self, book: str) -> None:
        number = write(book)
        elsewhere = staff("li.na", permissions.VIEW, books=frozenset({open_american_book()}))

        with pytest.raises(NotPermitted):
            queries.list_messages(book=book, viewer=staff("li.na"))
        with pytest.raises(NotFound):
            queries.get_message(number, viewer=elsewhere)
        with pytest.raises(NotFound):
            queries.list_messages(book=book, viewer=elsewhere)

    def test_list_the_newest_first_page_by_page(self, book: str) -> None:
        first, second = write(book), write(book)

        listed = queries.list_messages(book=book, viewer=EYES)

        assert [each.number for each in listed] == [second, first]
        assert [each.number for each in queries.list_messages(
            book=book, before=second, viewer=EYES
        )] == [first]  # fmt: skip


class TestInvariants:
    def test_the_table_holds_no_text_of_a_message_that_has_ended(self, book: str) -> None:
        number = write(book)

        with pytest.raises(IntegrityError), transaction.atomic():
            Message.objects.filter(number=number).update(state="delivered")

    def test_name_a_recipient_that_is_another(self, book: str) -> None:
        number = write(book)
        Message.objects.filter(number=number).update(recipient_index="0" * 40)

        names(invariants.recipients_that_do_not_open, number)

    def test_name_a_recipient_that_does_not_open(self, book: str) -> None:
        number = write(book)
        Message.objects.filter(number=number).update(recipient_sealed="1.mobile.AAAA")

        names(invariants.recipients_that_do_not_open, number)
