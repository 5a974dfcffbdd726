"""A new key: taken up by running processes, and every older field sealed under it, under load."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from loanops.kernel.access import Actor, Viewer
from loanops.kernel.refusals import NotPermitted
from loanops.platform import vault
from loanops.platform.audit.models import Entry
from loanops.platform.vault import rotation, seals
from loanops.platform.webhooks import operations as webhooks
from loanops.registry.parties import invariants, queries
from loanops.registry.parties import operations as parties
from loanops.registry.parties.models import Party
from tests.factories import people
from tests.factories.people import AT, HOUSE

NOBODY = Actor(person="nobody")
PARTIES = 3


@pytest.fixture
def registered(db: None) -> list[str]:
    """Three persons and a webhook, sealed under the first key."""
    book = people.open_chinese_book()
    webhooks.subscribe(url="http://127.0.0.1:9/x", events=("*",), partner="", actor=HOUSE, at=AT)
    everybody = [people.person(serial) for serial in range(PARTIES)]
    return parties.register_many(book=book, people=everybody, actor=HOUSE, at=AT)


def complete() -> int:
    return sum(
        count
        for column in rotation.columns()
        for count in rotation.reseal(column=column, actor=HOUSE, at=AT)
    )


def versions() -> set[str]:
    """The key versions of all ciphertext in the database."""
    found = set()
    for column in rotation.columns():
        rows = apps.get_model(column.model)._meta.base_manager.exclude(**{column.column: ""})
        found |= {each.split(".")[0] for each in rows.values_list(column.column, flat=True)}
    return found


class TestRotate:
    def test_seals_every_older_field_under_the_new_key(self, registered: list[str]) -> None:
        old = vault.seal("name", "旧密文")

        reference = rotation.add_key(actor=HOUSE, at=AT)
        done = complete()

        assert reference.startswith("2:")
        assert done == 3 * PARTIES + 1
        assert versions() == {"2"}
        assert vault.unseal(old) == "旧密文"
        assert list(invariants.sealed_fields_that_do_not_open()) == []
        assert complete() == 0
        recorded = Entry.objects.filter(code__startswith="vault.").values_list("code", flat=True)
        assert set(recorded) == {"vault.key_added", "vault.resealed"}

    def test_still_finds_everybody(self, registered: list[str]) -> None:
        rotation.add_key(actor=HOUSE, at=AT)
        complete()

        card = queries.get_party(registered[1], viewer=Viewer.house())
        assert card.mobile_masked.endswith(people.person(1).mobile[-4:])
        assert Party.objects.filter(
            mobile_index=vault.blind_index("mobile", f"+86{people.person(1).mobile}")
        ).exists()

    def test_leaves_a_field_that_changes_meanwhile_to_its_change(
        self, registered: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rotation.add_key(actor=HOUSE, at=AT)
        real = seals.resealed

        def overtaken(token: str) -> str:
            Party.objects.filter(name_sealed=token).update(name_sealed=vault.seal("name", "新名"))
            return real(token)

        monkeypatch.setattr(seals, "resealed", overtaken)
        column = rotation.Sealed("parties.Party", "name_sealed")
        list(rotation.reseal(column=column, actor=HOUSE, at=AT))

        names = {vault.unseal(each) for each in Party.objects.values_list("name_sealed", flat=True)}
        assert names == {"新名"}

    def test_needs_its_grant(self, registered: list[str]) -> None:
        column = rotation.columns()[0]

        with pytest.raises(NotPermitted):
            rotation.add_key(actor=NOBODY, at=AT)
        with pytest.raises(NotPermitted):
            list(rotation.reseal(column=column, actor=NOBODY, at=AT))

        assert seals.newest_version() == 1


class TestNewKey:
    def test_is_taken_up_by_threads_that_seal_without_pause(self, home: Path) -> None:
        sealed: list[str] = []
        ended = threading.Event()

        def work() -> None:
            while not ended.is_set():
                sealed.append(vault.seal("name", "张三"))
                assert vault.unseal(sealed[-1]) == "张三"

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for _ in range(5):
            seals.append_key()
        ended.set()
        for thread in threads:
            thread.join()

        assert vault.seal("name", "x").startswith("6.")
        assert {vault.unseal(each) for each in sealed} == {"张三"}

    def test_is_found_whole_by_all_who_need_the_first_one_at_once(self, home: Path) -> None:
        path = home / "keys" / "vault.key"
        together = threading.Barrier(4)

        def work(_: int) -> str:
            together.wait()
            return vault.seal("name", "张三")

        with ThreadPoolExecutor(4) as pool:
            for _ in range(50):
                path.unlink(missing_ok=True)
                sealed = list(pool.map(work, range(4)))
                assert {vault.unseal(each) for each in sealed} == {"张三"}

    def test_is_readable_by_the_owner_alone_and_keeps_the_older_ones(self, home: Path) -> None:
        before = (vault.key_reference(), vault.blind_index("name", "张三"))
        seals.append_key()

        path = home / "keys" / "vault.key"
        assert path.stat().st_mode & 0o077 == 0
        assert seals.key_references()[0] == before[0]
        assert vault.blind_index("name", "张三") == before[1]


def test_every_column_of_ciphertext_is_known(registered: list[str]) -> None:
    """Whatever looks sealed in any table stands in a column that a rotation reaches."""
    known = {
        (apps.get_model(each.model)._meta.db_table, each.column) for each in rotation.columns()
    }
    mark = f"{seals.newest_version()}."
    kinds = (f"{mark}name.", f"{mark}id_number.", f"{mark}mobile.", f"{mark}webhook")
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                found |= {
                    (table, name)
                    for name, value in zip(names, row, strict=True)
                    if isinstance(value, str) and value.startswith(kinds)
                }

    assert len(found) >= 4
    assert found <= known
