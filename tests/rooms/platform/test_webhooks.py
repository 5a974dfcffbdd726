"""Outgoing webhooks: signed, in sequence, tried again, and never sent inside the network."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from standardwebhooks.webhooks import Webhook

from loanops.config import startup
from loanops.kernel.access import Actor, Scopes
from loanops.kernel.refusals import BadField, NotFound, NotPermitted
from loanops.platform.identity import operations as identity
from loanops.platform.identity import queries as keys
from loanops.platform.jobs import runner
from loanops.platform.outbox import Event, pump
from loanops.platform.webhooks import addresses, invariants, operations, queries, sending
from loanops.platform.webhooks.models import Posting, Subscription
from loanops.platform.work import unit_of_work
from tests.rooms.platform.receiver import Receiver, listening

startup.start()
pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HOUSE = Actor.house("tests")


@dataclass(frozen=True, kw_only=True)
class Approved(Event):
    NAME: ClassVar[str] = "tests.approved"
    channel: str = ""


@dataclass(frozen=True, kw_only=True)
class ApprovedMany(Event):
    NAME: ClassVar[str] = "tests.approved_many"
    count: int
    rows: tuple[dict[str, str], ...]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as made:
        yield made


def announce(*events: Event, book: str = "cn") -> None:
    with unit_of_work(actor=HOUSE, at=MONDAY, book=book, on=MONDAY.date()) as work:
        for event in events:
            work.announce(event)
        work.record("tests.approved", subject="AP-1")


def work_off(at: datetime = MONDAY) -> None:
    pump.deliver(at=at)
    for job in runner.claim(at=at, limit=100):
        runner.run_one(job, clock=lambda: at)


def subscribe(receiver: Receiver, *events: str, **options: Any) -> operations.Subscribed:
    actor = options.pop("actor", HOUSE)
    return operations.subscribe(
        url=receiver.url, events=events or ("*",), partner=options.pop("partner", ""),
        actor=actor, at=MONDAY,
    )  # fmt: skip


def postings() -> list[tuple[int, str, int]]:
    return list(Posting.objects.order_by("id").values_list("sequence", "state", "attempts"))


class TestPost:
    def test_sends_a_signed_event_that_the_receiver_can_verify(self, receiver: Receiver) -> None:
        made = subscribe(receiver)

        announce(Approved(subject="AP-1", channel="C1"))
        work_off()

        (request,) = receiver.received
        event = Webhook(made.secret).verify(request.body, request.headers)
        assert event["type"] == "tests.approved"
        assert event["data"] == {"subject": "AP-1", "channel": "C1"}
        assert event["id"] == request.headers["webhook-id"]
        assert (event["subscription"], event["sequence"]) == (made.card.number, 1)
        assert postings() == [(1, "delivered", 1)]

    def test_numbers_the_events_of_a_subscription_without_a_gap(self, receiver: Receiver) -> None:
        subscribe(receiver, "tests.approved")

        announce(*(Approved(subject=f"AP-{number}") for number in range(5)))
        announce(ApprovedMany(subject="batch", count=0, rows=()))
        work_off()

        assert [json.loads(each.body)["sequence"] for each in receiver.received] == [1, 2, 3, 4, 5]
        assert not list(invariants.gaps())

    def test_tries_again_under_the_same_name_after_a_failure(self, receiver: Receiver) -> None:
        made = subscribe(receiver)
        receiver.answers = [500, "nonsense"]

        announce(Approved(subject="AP-1"))
        work_off()
        work_off(MONDAY + timedelta(seconds=4))
        work_off(MONDAY + timedelta(seconds=6))
        work_off(MONDAY + timedelta(seconds=40))

        assert len(receiver.received) == 3
        assert len({each.headers["webhook-id"] for each in receiver.received}) == 1
        assert {each.body for each in receiver.received} == {receiver.received[0].body}
        Webhook(made.secret).verify(receiver.received[2].body, receiver.received[2].headers)
        assert postings() == [(1, "delivered", 3)]

    def test_gives_up_after_the_last_try(
        self, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("loanops.platform.webhooks.reactions.TRIES", (1,))
        subscribe(receiver)
        receiver.answers = [503, 503]

        announce(Approved(subject="AP-1"))
        work_off()
        work_off(MONDAY + timedelta(seconds=2))

        assert postings() == [(1, "failed", 2)]
        assert Subscription.objects.get().state == "active"

    def test_does_not_follow_a_redirect(self, receiver: Receiver) -> None:
        subscribe(receiver)
        receiver.answers = [307]

        announce(Approved(subject="AP-1"))
        work_off()

        assert len(receiver.received) == 1
        assert postings() == [(1, "waiting", 1)]

    def test_takes_an_answer_that_comes_after_early_hints(self, receiver: Receiver) -> None:
        subscribe(receiver)
        receiver.answers = ["early hints"]

        announce(Approved(subject="AP-1"))
        work_off()

        assert postings() == [(1, "delivered", 1)]

    @pytest.mark.parametrize("how", ["drip", "flood", "nonsense"])
    def test_bounds_what_a_hostile_receiver_costs(
        self, receiver: Receiver, how: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sending, "DEADLINE_SECONDS", 0.5)
        receiver.answers = [how]
        target = addresses.target_of(receiver.url)

        with pytest.raises(sending.Unanswered):
            sending.post(target, b"{}", {})

    def test_disables_a_subscription_that_is_gone(self, receiver: Receiver) -> None:
        subscribe(receiver)
        receiver.answers = [410]

        announce(Approved(subject="AP-1"), Approved(subject="AP-2"))
        work_off()

        assert len(receiver.received) == 1
        assert postings() == [(1, "failed", 1), (2, "dropped", 1)]
        assert Subscription.objects.values_list("state", "reason").get() == ("disabled", "gone")

    def test_stops_at_once_when_it_is_disabled_by_hand(self, receiver: Receiver) -> None:
        made = subscribe(receiver)
        announce(Approved(subject="AP-1"))
        pump.deliver(at=MONDAY)

        operations.disable(number=made.card.number, reason="by hand", actor=HOUSE, at=MONDAY)
        work_off()
        announce(Approved(subject="AP-2"))
        work_off()

        assert not receiver.received
        assert postings() == [(1, "dropped", 1)]

    def test_stops_at_once_when_the_key_of_its_owner_is_revoked(self, receiver: Receiver) -> None:
        key = identity.issue_key(
            name="channel", partner="C1", role="channel", books=(), actor=HOUSE, at=MONDAY
        )
        caller = keys.caller_of_key(key)
        assert caller is not None
        subscribe(receiver, actor=caller.actor, partner="C1")
        identity.revoke_key(prefix=key.partition(".")[0], actor=HOUSE, at=MONDAY)

        announce(Approved(subject="AP-1", channel="C1"))
        work_off()

        assert not receiver.received
        assert postings() == [(1, "dropped", 1)]


class TestSubscriber:
    def test_that_is_a_partner_sees_only_what_names_the_partner(self, receiver: Receiver) -> None:
        subscribe(receiver, partner="C1")

        announce(
            Approved(subject="AP-1", channel="C1"),
            Approved(subject="AP-2", channel="C2"),
            Approved(subject="AP-3"),
        )
        work_off()

        assert [json.loads(each.body)["subject"] for each in receiver.received] == ["AP-1"]

    def test_that_is_a_partner_sees_only_its_own_rows_of_a_batch(self, receiver: Receiver) -> None:
        subscribe(receiver, partner="C1")
        rows = ({"number": "AP-1", "channel": "C1"}, {"number": "AP-2", "channel": "C2"})

        announce(ApprovedMany(subject="batch", count=2, rows=rows))
        work_off()

        (request,) = receiver.received
        assert json.loads(request.body)["data"] == {"rows": [rows[0]]}

    def test_of_one_book_sees_no_event_of_another(self, receiver: Receiver) -> None:
        scoped = Actor("key:x", frozenset({"*"}), Scopes(books=frozenset({"us"})))
        subscribe(receiver, actor=scoped)

        announce(Approved(subject="AP-1"), book="cn")
        work_off()

        assert not receiver.received

    def test_sees_only_subscriptions_of_its_own(self, receiver: Receiver) -> None:
        made = subscribe(receiver)
        stranger = Actor("key:stranger", frozenset({"webhooks.view", "webhooks.manage"}))

        assert queries.list_subscriptions(viewer=stranger) == []
        with pytest.raises(NotFound):
            operations.disable(number=made.card.number, reason="x", actor=stranger, at=MONDAY)

    def test_without_the_grant_is_refused(self, receiver: Receiver) -> None:
        with pytest.raises(NotPermitted):
            subscribe(receiver, actor=Actor("key:x"))


class TestRotateSecret:
    def test_signs_with_both_secrets_for_a_day(self, receiver: Receiver) -> None:
        before = subscribe(receiver)
        after = operations.rotate_secret(number=before.card.number, actor=HOUSE, at=MONDAY)
        tomorrow = MONDAY + timedelta(days=1)

        announce(Approved(subject="AP-1"))
        work_off()
        announce(Approved(subject="AP-2"))
        work_off(tomorrow)

        today, later = receiver.received
        for secret in (before.secret, after.secret):
            Webhook(secret).verify(today.body, today.headers)
        assert len(later.headers["webhook-signature"].split(" ")) == 1
        Webhook(after.secret).verify(later.body, later.headers)

    def test_keeps_no_secret_in_clear(self, receiver: Receiver) -> None:
        made = subscribe(receiver)

        assert made.secret not in Subscription.objects.get().secret


class TestAddress:
    @pytest.mark.parametrize(
        "url",
        [
            "http://partner.example/hook", "https://partner.example:22/hook", "ftp://a.example/",
            "https://user:pass@partner.example/", "https://partner.example/#part", "javascript:x",
            "https://", "https://[::1", "https://a.example:99999/", "https://a.example/\n",
            "https://\u4f8b\u5b50.example/", "https://a.example/" + "x" * 500, "", "\x00",
            "https://10.0.0.1/", "https://169.254.169.254/latest", "https://[fd00::1]/",
            "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::a00:1]/", "https://[2002:a00:1::]/",
            "https://0.0.0.0/", "https://224.0.0.1/", "https://100.64.0.1/", "http://192.168.0.1/",
        ],
    )  # fmt: skip
    def test_that_may_not_be_posted_to_is_refused(self, url: str) -> None:
        with pytest.raises(BadField) as refused:
            addresses.target_of(url)

        assert refused.value.field == "url"

    @pytest.mark.parametrize(
        "url",
        ["http://127.0.0.1/", "http://localhost:8000/", "https://localhost/", "https://[::1]/"],
    )
    def test_of_this_machine_is_refused_in_production(
        self, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert addresses.target_of(url)
        monkeypatch.setattr(addresses, "in_development", lambda: False)

        with pytest.raises(BadField):
            addresses.target_of(url)

    @pytest.mark.parametrize("answers", [["10.1.2.3"], ["93.184.216.34", "127.0.0.1"], ["::1"]])
    def test_is_refused_where_any_address_of_its_name_is_inside(
        self, answers: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(addresses, "in_development", lambda: False)
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in answers]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

        with pytest.raises(addresses.Forbidden):
            sending.post(addresses.target_of("https://partner.example/"), b"{}", {})

    def test_is_connected_to_at_the_address_that_was_checked(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        dialled: list[Any] = []
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

        def dial(address: Any, timeout: float) -> Any:
            dialled.append(address)
            raise ConnectionRefusedError

        monkeypatch.setattr(socket, "create_connection", dial)

        with pytest.raises(sending.Unanswered):
            sending.post(addresses.target_of("https://partner.example/"), b"{}", {})
        assert dialled == [("93.184.216.34", 443)]


class TestInvariant:
    def test_names_the_subscription_with_a_gap(self, receiver: Receiver) -> None:
        made = subscribe(receiver)
        announce(*(Approved(subject=f"AP-{number}") for number in range(3)))
        pump.deliver(at=MONDAY)

        Posting.objects.filter(sequence=2).delete()

        (violation,) = invariants.gaps()
        assert (violation.code, violation.object) == ("INV-27", made.card.number)

    def test_names_an_event_posted_to_a_stranger(self, receiver: Receiver) -> None:
        made = subscribe(receiver)
        announce(Approved(subject="AP-1"))
        pump.deliver(at=MONDAY)

        Subscription.objects.update(books=["us"])

        (violation,) = invariants.foreign()
        assert (violation.code, violation.object) == ("INV-27", f"{made.card.number} no. 1")

    def test_names_the_event_that_nobody_delivered_in_time(self) -> None:
        announce(Approved(subject="AP-1"))
        with unit_of_work(
            actor=HOUSE, at=MONDAY + timedelta(hours=1), book="cn", on=MONDAY.date()
        ) as work:
            work.announce(Approved(subject="AP-2"))
            work.record("tests.approved", subject="AP-2")

        (violation,) = invariants.overdue()

        assert violation.code == "INV-11"
        assert "tests.approved of AP-1" in violation.object
