"""Files: bytes kept once, recognised by themselves, and missed when they are gone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from loanops.kernel.access import Actor
from loanops.kernel.refusals import BadField, NotFound
from loanops.platform.files import operations, queries
from loanops.platform.files.invariants import wrong_bytes
from loanops.platform.work import unit_of_work

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PDF = b"%PDF-1.7 a contract"
HOUSE = Actor.house("tests")


def store(content: bytes = PDF, name: str = "contract.pdf") -> queries.FileCard:
    with unit_of_work(actor=HOUSE, at=MONDAY, book="cn", on=MONDAY.date()) as work:
        return operations.store(
            work=work, kind="contract", name=name, content=content, actor=HOUSE, at=MONDAY
        )


class TestStore:
    def test_keeps_equal_bytes_once_under_two_numbers(self, home: Path) -> None:
        first, second = store(), store(name="copy.pdf")

        kept = [path for path in (home / "files").rglob("*") if path.is_file()]
        assert len(kept) == 1
        assert first.number != second.number
        assert queries.read(second.number) == PDF

    @pytest.mark.parametrize("name", ["../../etc/passwd", "a\x00b.pdf", "C:\\x", "\u202efdp.exe"])
    def test_never_uses_the_name_it_was_given_as_a_path(self, home: Path, name: str) -> None:
        card = store(name=name)

        assert queries.place_of(card.sha256).is_relative_to(home / "files")
        assert card.name.isprintable()

    @pytest.mark.parametrize(
        ("content", "media_type"),
        [
            (PDF, "application/pdf"),
            (b"\x89PNG\r\n\x1a\n....", "image/png"),
            ("姓名,金额\n".encode(), "text/plain"),
        ],
    )
    def test_goes_by_the_bytes(self, content: bytes, media_type: str) -> None:
        assert store(content, name="anything.exe").media_type == media_type

    @pytest.mark.parametrize("content", [b"", b"MZ\x90\x00\xff\xfe", b"\xff" * 10])
    def test_refuses_what_it_does_not_keep(self, content: bytes) -> None:
        with pytest.raises(BadField) as refused:
            store(content)

        assert refused.value.field == "file"

    def test_refuses_more_than_it_takes(self) -> None:
        with pytest.raises(BadField):
            store(PDF + b" " * operations.SIZE_MAX_BYTES)


class TestRead:
    def test_of_a_number_that_is_none_is_refused(self) -> None:
        with pytest.raises(NotFound):
            queries.read("FL-0")


class TestInvariant:
    def test_names_the_file_whose_bytes_changed_or_are_gone(self) -> None:
        card = store()
        assert not list(wrong_bytes())

        queries.place_of(card.sha256).write_bytes(b"%PDF-1.7 another")
        (changed,) = wrong_bytes()
        queries.place_of(card.sha256).unlink()
        (missing,) = wrong_bytes()

        assert (changed.code, changed.object) == ("INV-26", card.number)
        assert missing.found == "missing"
