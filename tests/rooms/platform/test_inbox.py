"""The inbox: one effect per key, one answer per effect."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from loanops.kernel.refusals import BadField, KeyReused, MoveNotAllowed
from loanops.platform.inbox import operations as inbox
from loanops.platform.inbox.invariants import unanswered
from loanops.platform.inbox.models import Answer, Notification
from loanops.platform.inbox.operations import Reply

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ORDER = {"amount": "100.00", "loan": "LN-1"}


class Till:
    """Counts what it is told to do."""

    def __init__(self) -> None:
        self.done = 0

    def pay(self) -> Reply:
        self.done += 1
        return Reply(status=201, body={"receipt": f"RC-{self.done}"})

    def refuse(self) -> Reply:
        raise MoveNotAllowed(state="closed", move="pay")


def once(till: Till, content: dict[str, Any] = ORDER, **options: Any) -> tuple[Reply, bool]:
    given = {"source": "api:a", "key": "one", "do": till.pay, **options}
    return inbox.once(content=content, at=MONDAY, **given)


class TestOnce:
    def test_gives_the_first_answer_again(self) -> None:
        till = Till()

        first, is_repeat = once(till)
        again, is_repeat_again = once(till, dict(reversed(ORDER.items())))

        assert (first, is_repeat) == (Reply(201, {"receipt": "RC-1"}), False)
        assert (again, is_repeat_again) == (first, True)
        assert till.done == 1

    def test_refuses_a_key_with_other_content(self) -> None:
        till = Till()
        once(till)

        with pytest.raises(KeyReused):
            once(till, {**ORDER, "amount": "200.00"})

        assert till.done == 1

    def test_gives_two_effects_to_two_keys_of_the_same_content(self) -> None:
        till = Till()

        once(till)
        once(till, key="two")

        assert till.done == 2

    def test_keeps_the_keys_of_two_senders_apart(self) -> None:
        till = Till()

        once(till)
        once(till, source="api:b")

        assert till.done == 2

    def test_leaves_the_key_free_when_the_order_is_refused(self) -> None:
        till = Till()
        with pytest.raises(MoveNotAllowed):
            once(till, do=till.refuse)

        once(till, {**ORDER, "amount": "200.00"})

        assert till.done == 1
        assert Answer.objects.count() == 1

    @pytest.mark.parametrize("key", ["", "k" * 129, "a\nb", "\x00"])
    def test_refuses_a_key_that_cannot_be_kept(self, key: str) -> None:
        with pytest.raises(BadField) as refused:
            once(Till(), key=key)

        assert refused.value.field == "Idempotency-Key"


class TestKeep:
    def test_keeps_a_notification_once_and_a_contradiction_beside_it(self) -> None:
        said = ["paid", "paid", "failed"]

        new = [inbox.keep(source="bank", key="SN-1", raw=raw, at=MONDAY) for raw in said]

        assert new == [True, False, True]
        assert Notification.objects.count() == 2


class TestInvariant:
    def test_names_the_key_without_an_answer(self) -> None:
        once(Till())
        assert not list(unanswered())

        Answer.objects.update(status=0)

        (violation,) = unanswered()
        assert (violation.code, violation.object) == ("INV-12", "api:a:one")
