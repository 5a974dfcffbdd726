"""The unit of work: nothing without its witness, nothing left of what was refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import ClassVar

import pytest

from loanops.kernel.access import Actor
from loanops.kernel.refusals import MoveNotAllowed
from loanops.platform.audit.models import Entry
from loanops.platform.jobs.models import Job
from loanops.platform.outbox import Event
from loanops.platform.outbox.models import Message
from loanops.platform.parameters.models import Parameter
from loanops.platform.work import NoWitness, Work, unit_of_work

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ZHAO = Actor(person="zhao.min")


@dataclass(frozen=True, kw_only=True)
class Changed(Event):
    NAME: ClassVar[str] = "tests.changed"
    due: date
    rate: Decimal


@contextmanager
def unit() -> Iterator[Work]:
    with unit_of_work(actor=ZHAO, at=MONDAY, book="cn", on=MONDAY.date()) as work:
        yield work


def change(name: str = "a") -> None:
    Parameter.objects.create(
        name=name, value=1, effective_from=MONDAY.date(), set_at=MONDAY, set_by="zhao.min"
    )


def left() -> tuple[int, int, int, int]:
    return tuple(model.objects.count() for model in (Parameter, Entry, Message, Job))  # type: ignore[return-value]


def refused_change(name: str = "a") -> None:
    """An operation that says no after it has written everything."""
    with unit() as work:
        change(name)
        work.record("parameters.set", subject=name, value=1)
        work.announce(Changed(subject=name, due=date(2026, 12, 1), rate=Decimal(0)))
        work.enqueue("tests.job", key=name, payload={})
        raise MoveNotAllowed(state="closed", move="open")


def silent_change() -> None:
    with unit():
        change()


def change_inside_a_refusal() -> None:
    with unit():
        with unit() as inner:
            change()
            inner.record("parameters.set", subject="b", value=2)
        raise MoveNotAllowed(state="closed", move="open")


def silent_change_inside_a_record() -> None:
    with unit() as outer:
        outer.record("parameters.set", subject="a", value=1)
        silent_change()


class TestUnitOfWork:
    def test_commits_change_witness_event_and_job_together(self) -> None:
        with unit() as work:
            change()
            work.record("parameters.set", subject="a", value=1)
            work.announce(Changed(subject="a", due=date(2026, 12, 1), rate=Decimal("0.12")))
            work.enqueue("tests.job", key="a", payload={"number": "a"})

        assert left() == (1, 1, 1, 1)
        entry, message = Entry.objects.get(), Message.objects.get()
        assert (entry.actor, entry.book, entry.subject) == ("zhao.min", "cn", "a")
        assert message.payload_json == '{"due":"2026-12-01","rate":"0.12","subject":"a"}'

    def test_refuses_to_close_without_a_record(self) -> None:
        with pytest.raises(NoWitness):
            silent_change()

        assert left() == (0, 0, 0, 0)

    def test_leaves_no_trace_when_refused(self) -> None:
        with pytest.raises(MoveNotAllowed):
            refused_change()

        assert left() == (0, 0, 0, 0)

    def test_joins_the_unit_around_it(self) -> None:
        with unit() as outer:
            outer.record("parameters.set", subject="a", value=1)
            with unit() as inner:
                change()
                inner.record("parameters.set", subject="b", value=2)
            assert Entry.objects.count() == 0, "witnesses are written when the outer unit closes"

        assert list(Entry.objects.order_by("id").values_list("subject", flat=True)) == ["a", "b"]

    def test_falls_with_the_unit_around_it(self) -> None:
        with pytest.raises(MoveNotAllowed):
            change_inside_a_refusal()

        assert left() == (0, 0, 0, 0)

    def test_goes_on_without_what_an_inner_unit_refused(self) -> None:
        with unit() as outer:
            change("kept")
            outer.record("parameters.set", subject="kept", value=1)
            with pytest.raises(MoveNotAllowed):
                refused_change("refused")

        assert Parameter.objects.get().name == "kept"
        assert Entry.objects.get().subject == "kept"
        assert not Job.objects.exists()

    def test_needs_a_witness_of_the_inner_unit_too(self) -> None:
        with pytest.raises(NoWitness):
            silent_change_inside_a_record()

        assert left() == (0, 0, 0, 0)

    def test_enqueues_a_key_once_for_ever(self) -> None:
        for _ in range(2):
            with unit() as work:
                work.record("parameters.set", subject="a", value=1)
                work.enqueue("tests.job", key="once", payload={})
        Job.objects.update(state="done")
        with unit() as work:
            work.record("parameters.set", subject="a", value=1)
            work.enqueue("tests.job", key="once", payload={})

        assert Job.objects.get().state == "done"

    def test_witnesses_a_batch_with_one_entry_and_its_digest(self) -> None:
        with unit() as work:
            work.record_batch("parameters.set", subjects=["a", "b"], value=1)
        with unit() as work:
            work.record_batch("parameters.set", subjects=["b", "a"], value=1)

        first, second = Entry.objects.order_by("id")
        assert '"count":2' in first.values_json
        assert first.subject != second.subject

    def test_takes_plain_values_only(self) -> None:
        with pytest.raises(TypeError, match="not a plain value"), unit() as work:
            work.record("parameters.set", subject="a", value=object())

    def test_says_that_nothing_was_changed(self) -> None:
        with unit() as work:
            work.unchanged()

        assert left() == (0, 0, 0, 0)
