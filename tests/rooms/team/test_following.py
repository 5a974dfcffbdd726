"""Work items come and go with what waits, whatever event says so, and however often."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from loanops.config import wiring
from loanops.kernel.refusals import NotPermitted
from loanops.loanbook.servicing import operations as servicing
from loanops.money.payments import operations as payments
from loanops.origination.applications import operations as applications
from loanops.origination.applications.operations import ItemIn
from loanops.origination.routing import operations as routing
from loanops.origination.routing import queries
from loanops.origination.routing.domain.judging import Trouble
from loanops.origination.routing.operations._noting import Opening, open_exceptions
from loanops.platform.identity.roles import known_grants
from loanops.platform.outbox.models import Message
from loanops.platform.work import unit_of_work
from loanops.registry.team import invariants, operations, reactions
from loanops.registry.team.domain.kinds import FOLLOWED, KINDS, Kind
from loanops.registry.team.models import Item
from loanops.registry.team.ports import WAITING, Waiting
from tests.corruption import names
from tests.factories import aside, loans, requests, work
from tests.factories.changes import COLLEAGUE, asked
from tests.factories.registry import AT, HOUSE, NOBODY, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> None:
    requests.desk()


def open_kinds(subject: str) -> list[str]:
    """The kinds of work that wait about a subject; the whole list is in order besides."""
    work.follow()
    assert list(invariants.unmatched()) == []
    return sorted(card.kind for card in work.items(text=subject))


def add(number: str, kind: str = "id_front") -> str:
    return applications.add_document(
        number=number, kind=kind, name="a.pdf", content=requests.PDF, actor=HOUSE, at=AT
    ).number


class TestKinds:
    def test_are_plugged_followed_and_done_with_grants_that_exist(self) -> None:
        assert set(WAITING) == {kind.value for kind in KINDS} == {kind.value for kind in Kind}
        grants = {grant for each in KINDS.values() for grant in (each.seen_with, each.done_with)}
        assert grants <= known_grants()
        followed = {name for name, each in wiring.REACTIONS.items() if reactions.follow in each}
        assert followed == FOLLOWED


@pytest.mark.usefixtures("desk")
class TestApplications:
    def test_wait_for_a_review_until_somebody_judges(self) -> None:
        [number] = work.referred(1)
        assert open_kinds(number) == ["review"]

        applications.approve(number=number, offered_minor=1_000_000, reasons=(), actor=HOUSE, at=AT)

        assert open_kinds(number) == []
        [done] = work.items(work.View.DONE)
        assert (done.subject, done.took_minutes, done.is_late) == (number, 0, False)

    def test_that_expire_wait_no_more(self) -> None:
        first, second = work.referred(1, 2)
        assert open_kinds(first) == ["review"]

        applications.expire_many(numbers=[first, second], actor=HOUSE, at=AT)

        assert open_kinds(first) == open_kinds(second) == []

    def test_wait_for_a_document_to_be_judged_and_for_another_one(self) -> None:
        number = requests.submit().number
        document = add(number)
        assert open_kinds(number) == ["document"]

        applications.send_back_document(document=document, reason="unreadable", actor=HOUSE, at=AT)
        assert open_kinds(number) == ["supplement"]

        better = add(number)
        assert open_kinds(number) == ["document"]

        applications.accept_document(document=better, actor=HOUSE, at=AT)
        assert open_kinds(number) == []

    def test_wait_for_what_the_checklist_asks_for_also_when_it_changes(self) -> None:
        number = requests.submit().number
        assert open_kinds(number) == []

        wanted = [ItemIn("id_front", mandatory=True)]
        applications.set_checklist(book="cn", product="steady", items=wanted, actor=HOUSE, at=AT)
        assert open_kinds(number) == ["supplement"]

        applications.set_checklist(book="cn", product="steady", items=[], actor=HOUSE, at=AT)
        assert open_kinds(number) == []

    def test_that_were_withdrawn_wait_for_nothing(self) -> None:
        [number] = work.referred(1)
        add(number)
        assert open_kinds(number) == ["document", "review"]

        applications.withdraw(number=number, reason="other", version=2, actor=HOUSE, at=AT)

        assert open_kinds(number) == []


class TestLoans:
    def test_wait_for_a_second_person_until_one_decides(self) -> None:
        loans.open_book()
        loan = loans.open_loan()
        wanted = asked(loan, "rate_changed", annual_rate="0.06")
        digest = servicing.preview_change(asked=wanted, viewer=HOUSE).digest
        request = servicing.ask_change(asked=wanted, seen=digest, reason="x", actor=HOUSE, at=AT)
        assert open_kinds(request) == ["change"]

        servicing.refuse_change(request=request, note="", actor=COLLEAGUE, at=AT)

        assert open_kinds(request) == []

    def test_wait_no_more_for_what_lapsed_when_the_day_was_closed(self) -> None:
        loans.open_book()
        loan = loans.open_loan()
        wanted = asked(loan, "rate_changed", annual_rate="0.06")
        digest = servicing.preview_change(asked=wanted, viewer=HOUSE).digest
        request = servicing.ask_change(asked=wanted, seen=digest, reason="x", actor=HOUSE, at=AT)
        assert open_kinds(request) == ["change"]

        loans.close_until(loans.DAY + timedelta(days=1))

        assert open_kinds(request) == []

    def test_that_were_set_aside_wait_for_their_release(self) -> None:
        loans.open_book()
        loan = loans.open_loan()
        aside.set_aside(loan)
        assert open_kinds(loan) == ["aside"]

        servicing.release(loan=loan, actor=HOUSE, at=AT)

        assert open_kinds(loan) == []


class TestMoney:
    def test_that_somebody_wants_to_give_back_waits_for_a_second_person(self) -> None:
        loans.open_book()
        receipt = payments.receive(
            book="cn", channel=loans.BANK, pay_no="P1", amount_minor=5_000, on=loans.DAY, loan="",
            actor=HOUSE, at=AT,
        ).number  # fmt: skip
        refund = payments.request_refund(
            receipt=receipt, amount_minor=5_000, reason="not_ours", actor=HOUSE, at=AT
        ).number
        assert open_kinds(refund) == ["refund"]

        payments.refuse_refund(number=refund, actor=COLLEAGUE, at=AT)

        assert open_kinds(refund) == []


class TestSettling:
    @pytest.mark.usefixtures("desk")
    def test_changes_nothing_when_it_is_told_the_same_again(self) -> None:
        work.referred(1, 2)
        work.follow()
        before = list(Item.objects.order_by("id").values())

        Message.objects.update(delivered_at=None)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM outbox_delivery")
        work.follow()

        assert list(Item.objects.order_by("id").values()) == before

    @pytest.mark.usefixtures("desk")
    def test_opens_nothing_for_what_was_over_before_it_was_heard_of(self) -> None:
        [number] = work.referred(1)
        applications.decline(number=number, reasons=("SCORE_LOW",), actor=HOUSE, at=AT)

        work.follow()

        assert not Item.objects.exists()

    @pytest.mark.usefixtures("desk")
    def test_builds_the_whole_list_anew(self) -> None:
        numbers = work.referred(1, 2)
        add(numbers[0])
        work.follow()
        before = {(card.kind, card.subject, card.due_at) for card in work.items()}
        Item.objects.all().delete()

        reactions.rebuild({}, actor=HOUSE, at=AT + timedelta(hours=1))

        assert {(card.kind, card.subject, card.due_at) for card in work.items()} == before
        assert len(before) == 3

    @pytest.mark.usefixtures("desk")
    def test_is_for_the_house_alone(self) -> None:
        given = {"book": "cn", "actor": NOBODY, "at": AT, "on": loans.DAY}

        with pytest.raises(NotPermitted):
            operations.rebuild(**given)
        with pytest.raises(NotPermitted):
            operations.settle(kind=Kind.REVIEW, subjects=None, may_open=True, **given)


@pytest.mark.usefixtures("desk")
class TestVerify:
    def test_names_what_waits_without_an_item_and_items_of_what_does_not_wait(self) -> None:
        [number] = work.referred(1)
        work.follow()
        [item] = work.items()

        Item.objects.update(subject="AP-OTHER")

        names(invariants.unmatched, item.number, number)

    def test_waits_for_events_that_are_not_delivered_yet(self) -> None:
        work.referred(1)

        assert list(invariants.unmatched()) == []

    def test_names_an_item_with_somebody_who_entered_what_it_is_about(self) -> None:
        work.referred(1)
        work.follow()
        [item] = work.items()

        Item.objects.update(state="held", holder="anna", not_by="|anna|", held_at=AT)

        names(invariants.held_by_the_wrong, item.number)


def test_an_event_that_fails_once_is_followed_all_the_same() -> None:
    requests.desk()
    [number] = work.referred(1)
    source = WAITING["review"]

    def broken(*, subjects: object) -> list[Waiting]:
        raise RuntimeError("away")

    WAITING.plug("review", broken)
    work.follow()
    assert not Item.objects.exists()
    WAITING.plug("review", source)
    work.follow(at=AT + timedelta(minutes=5))

    assert [card.subject for card in work.items()] == [number]


def test_an_exception_waits_until_it_is_closed() -> None:
    requests.desk()
    with unit_of_work(actor=HOUSE, at=AT, book="cn", on=TODAY) as unit:
        opening = Opening(kind=Trouble.CONTRADICTION, serial="S-1", application="", funder="bank")
        open_exceptions(unit, [opening])
    [case] = queries.list_exceptions(book="cn", viewer=HOUSE)
    assert open_kinds(case.number) == ["exception"]

    routing.close_exception(number=case.number, note="seen", actor=HOUSE, at=AT)

    assert open_kinds(case.number) == []
