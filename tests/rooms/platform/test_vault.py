"""The vault: sealed with the kind bound in, found without being read, shown only on purpose."""

from __future__ import annotations

import base64
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.access import Actor
from loanops.kernel.refusals import BadField, NotPermitted
from loanops.platform import vault
from loanops.platform.audit.models import Entry
from loanops.platform.vault import seals

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ID_NUMBER = "11010519491231002X"


def forget_keys() -> None:
    for kept in (seals._ciphers, seals._read, seals.index_key):
        kept.cache_clear()


class TestSeal:
    def test_opens_again_and_never_reads_the_same_twice(self) -> None:
        first, second = (vault.seal("id_number", ID_NUMBER) for _ in range(2))

        assert vault.unseal(first) == vault.unseal(second) == ID_NUMBER
        assert first != second
        assert ID_NUMBER not in first

    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
    def test_opens_to_what_was_sealed(self, text: str) -> None:
        assert vault.unseal(vault.seal("name", text)) == text

    def test_binds_the_kind_of_the_field(self) -> None:
        token = vault.seal("mobile", "13800138000").replace(".mobile.", ".name.")

        with pytest.raises(seals.Unsealable):
            vault.unseal(token)

    @pytest.mark.parametrize(
        "token", ["", "1.name", "9.name.AAAA", "1.name.AAAA", "x.y.z", "1.name.!"]
    )
    def test_says_that_a_corrupted_token_cannot_be_opened(self, token: str) -> None:
        with pytest.raises(seals.Unsealable):
            vault.unseal(token)

    def test_survives_a_new_key(self, home: Path) -> None:
        before, index = vault.seal("name", "张三"), vault.blind_index("name", "张三")
        reference = vault.key_reference()
        path = home / "keys" / "vault.key"
        added = base64.b64encode(os.urandom(32)).decode()
        path.write_text(path.read_text() + f"2 {added}\n")
        forget_keys()

        after = vault.seal("name", "张三")

        assert (before.split(".")[0], after.split(".")[0]) == ("1", "2")
        assert vault.unseal(before) == vault.unseal(after) == "张三"
        assert vault.blind_index("name", "张三") == index, "rotation must not lose the searches"
        assert vault.key_reference() != reference

    def test_cannot_be_opened_with_the_keys_of_another_home(self, home: Path) -> None:
        token = vault.seal("name", "张三")
        (home / "keys" / "vault.key").unlink()
        forget_keys()

        with pytest.raises(seals.Unsealable):
            vault.unseal(token)

    def test_keeps_its_key_from_others_on_the_machine(self, home: Path) -> None:
        vault.seal("name", "张三")

        assert (home / "keys" / "vault.key").stat().st_mode & 0o077 == 0


class TestBlindIndex:
    def test_tells_equal_values_and_kinds_apart_only(self) -> None:
        assert vault.blind_index("mobile", "1") == vault.blind_index("mobile", "1")
        assert vault.blind_index("mobile", "1") != vault.blind_index("mobile", "2")
        assert vault.blind_index("mobile", "1") != vault.blind_index("id_number", "1")

    @pytest.mark.parametrize(
        "typed", ["王小明", "王小", "王", "wangxiaoming", "wxm", "WXM", " 王 小明 "]
    )
    def test_finds_a_name_by_what_a_person_types(self, typed: str) -> None:
        assert vault.query_token("name", typed) in vault.name_tokens("王小明")

    @pytest.mark.parametrize("typed", ["小明", "李", "wangxm", ""])
    def test_does_not_find_another_name(self, typed: str) -> None:
        assert vault.query_token("name", typed) not in vault.name_tokens("王小明")


class TestMask:
    @pytest.mark.parametrize(
        ("kind", "plain", "masked"),
        [
            ("name", "王小明", "王**"),
            ("name", "Alice", "A***"),
            ("mobile", "13800138000", "138****8000"),
            ("mobile", "+8613800138000", "+86138****8000"),
            ("id_number", ID_NUMBER, "1101**********002X"),
            ("card", "6222020200011112222", "**** 2222"),
            ("email", "wang@example.com", "w***@example.com"),
            ("address", "北京市朝阳区某路", "北京***"),
            ("mobile", "123", "****"),
            ("name", "", ""),
        ],
    )
    def test_shows_enough_to_recognise(self, kind: str, plain: str, masked: str) -> None:
        assert vault.mask(kind, plain) == masked


@pytest.mark.django_db
class TestUnmask:
    def show(self, actor: Actor, purpose: str = "complaint") -> str:
        return vault.unmask(
            actor=actor, at=MONDAY, book="cn", on=MONDAY.date(), subject="CU-1",
            kind="mobile", token=vault.seal("mobile", "13800138000"), purpose=purpose,
        )  # fmt: skip

    def test_records_who_saw_what_and_why_without_the_value(self) -> None:
        shown = self.show(Actor("zhao.min", frozenset({"vault.unmask"})))

        entry = Entry.objects.get()
        assert shown == "13800138000"
        assert (entry.actor, entry.subject) == ("zhao.min", "CU-1")
        assert entry.values_json == '{"kind":"mobile","purpose":"complaint"}'

    def test_needs_the_grant(self) -> None:
        with pytest.raises(NotPermitted):
            self.show(Actor("zhao.min"))

        assert not Entry.objects.exists()

    def test_needs_a_known_purpose(self) -> None:
        with pytest.raises(BadField) as refused:
            self.show(Actor.house(), purpose="curiosity")

        assert refused.value.field == "purpose"
        assert "complaint" in str(refused.value)
