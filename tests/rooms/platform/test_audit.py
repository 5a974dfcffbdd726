"""The audit's chain: an edit, a loss, a change of order or a cut tail is seen and named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from loanops.kernel.access import Actor, Scopes, Viewer
from loanops.kernel.refusals import NotPermitted
from loanops.platform.audit import chain, operations, queries
from loanops.platform.audit.invariants import broken_chain
from loanops.platform.audit.models import Entry, Seal
from loanops.platform.work import unit_of_work

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HOUSE = Actor.house("tests")


def write(*subjects: str, book: str = "cn") -> None:
    with unit_of_work(actor=HOUSE, at=MONDAY, book=book, on=MONDAY.date()) as work:
        for subject in subjects:
            work.record("parameters.set", subject=subject, value=1)


@pytest.fixture
def sealed(home: object) -> list[Seal]:
    """Three seals of three entries each."""
    for batch in range(3):
        write(*(f"{batch}-{number}" for number in range(3)))
        operations.seal(actor=HOUSE, at=MONDAY)
    return list(Seal.objects.order_by("id"))


class TestSeal:
    def test_links_every_entry_to_the_seal_before(self, sealed: list[Seal]) -> None:
        assert sealed[0].previous_hash == chain.GENESIS
        assert [seal.previous_hash for seal in sealed[1:]] == [seal.hash for seal in sealed[:-1]]
        assert not Entry.objects.filter(seal__isnull=True).exists()
        assert not list(broken_chain())

    def test_leaves_nothing_to_seal_twice(self, sealed: list[Seal]) -> None:
        assert operations.seal(actor=HOUSE, at=MONDAY) == 0

    def test_goes_in_batches(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(chain, "BATCH", 2)
        write(*"abcde")

        assert operations.seal(actor=HOUSE, at=MONDAY) == 5
        assert list(Seal.objects.order_by("id").values_list("entries", flat=True)) == [2, 2, 1]
        assert not list(broken_chain())

    def test_needs_the_grant(self) -> None:
        with pytest.raises(NotPermitted):
            operations.seal(actor=Actor("zhao.min"), at=MONDAY)


def edit_an_entry(seals: list[Seal]) -> None:
    Entry.objects.filter(seal=seals[1], subject="1-1").update(actor="somebody.else")


def edit_a_moment(seals: list[Seal]) -> None:
    Entry.objects.filter(seal=seals[1], subject="1-1").update(at=MONDAY + timedelta(microseconds=1))


def delete_an_entry(seals: list[Seal]) -> None:
    Entry.objects.filter(seal=seals[1], subject="1-1").delete()


def swap_two_entries(seals: list[Seal]) -> None:
    first, second = Entry.objects.filter(seal=seals[1]).order_by("id")[:2]
    Entry.objects.filter(pk=first.pk).update(subject=second.subject)
    Entry.objects.filter(pk=second.pk).update(subject=first.subject)


def slip_an_entry_in(seals: list[Seal]) -> None:
    write("forged")
    Entry.objects.filter(subject="forged").update(seal=seals[1])


def reseal_an_edit(seals: list[Seal]) -> None:
    """The edit of somebody who knows how seals are made, but does not hold the anchor."""
    edit_an_entry(seals)
    entries = Entry.objects.filter(seal=seals[1]).order_by("id")
    forged = chain.batch_hash(seals[1].previous_hash, operations.lines_of(iter(entries)))
    Seal.objects.filter(pk=seals[1].pk).update(hash=forged)


def lose_a_seal(seals: list[Seal]) -> None:
    Entry.objects.filter(seal=seals[1]).delete()
    seals[1].delete()


class TestVerify:
    @pytest.mark.parametrize(
        "tamper",
        [edit_an_entry, edit_a_moment, delete_an_entry, swap_two_entries, slip_an_entry_in,
         reseal_an_edit],
    )  # fmt: skip
    def test_names_the_seal_that_was_tampered_with(
        self, sealed: list[Seal], tamper: Callable[[list[Seal]], None]
    ) -> None:
        tamper(sealed)

        found = list(broken_chain())

        assert found
        assert {each.code for each in found} == {"INV-14"}
        assert f"seal {sealed[1].pk}" in {each.object for each in found}

    def test_names_the_seal_after_one_that_was_lost(self, sealed: list[Seal]) -> None:
        lose_a_seal(sealed)

        assert [each.object for each in broken_chain()] == [f"seal {sealed[2].pk}"]

    def test_sees_a_tail_that_was_cut_off(self, sealed: list[Seal]) -> None:
        last = sealed[-1].pk
        Entry.objects.filter(seal=last).delete()
        sealed[-1].delete()

        (found,) = broken_chain()

        assert (found.object, found.hint) == (f"seal {last}", "the tail was cut off")

    def test_sees_a_chain_that_was_rewritten_as_a_whole(self, sealed: list[Seal]) -> None:
        previous = chain.GENESIS
        Entry.objects.filter(subject="0-0").update(actor="somebody.else")
        for seal in sealed:
            entries = Entry.objects.filter(seal=seal).order_by("id")
            made = chain.batch_hash(previous, operations.lines_of(iter(entries)))
            Seal.objects.filter(pk=seal.pk).update(previous_hash=previous, hash=made)
            previous = made

        assert {each.hint for each in broken_chain()} == {"the chain was rewritten"}


class TestTimeline:
    def test_shows_what_was_done_within_the_viewers_books(self) -> None:
        write("AP-1")
        write("AP-1", book="us")
        chinese = Viewer("zhao.min", scopes=Scopes(books=frozenset({"cn"})))

        shown = queries.timeline(subjects=("AP-1",), viewer=chinese)

        assert [entry.book for entry in shown] == ["cn"]

    def test_is_read_as_a_whole_only_with_the_grant(self) -> None:
        with pytest.raises(NotPermitted):
            queries.list_entries(wanted=queries.Filter(), viewer=Viewer("zhao.min"))
