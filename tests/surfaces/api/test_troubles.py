"""A machine in trouble: writes answer 503 and change nothing, reads go on, and it recovers."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from loanops.platform.audit.models import Entry
from loanops.platform.files import operations as files
from loanops.platform.web.troubles import trouble_of
from tests.factories.registry import AT, HOUSE
from tests.surfaces.api.conftest import Program

Issue = Callable[..., Program]
_NO_ROOM = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER no_room BEFORE INSERT ON audit_entry EXECUTE FUNCTION no_room();
"""


@contextmanager
def no_room() -> Iterator[None]:
    """The database's disk is full: truly for SQLite, by a trigger on PostgreSQL."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA page_count")
            cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
        else:
            cursor.execute(_NO_ROOM)
    yield
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA max_page_count = 1073741823")
        else:
            cursor.execute("DROP FUNCTION no_room CASCADE")


def subscribe(caller: Program, serial: int) -> Any:
    body = {"url": f"http://127.0.0.1:9/{serial:04d}/{'x' * 400}", "events": ["*"]}
    return caller.post("/webhooks", body, key=f"hook-{serial}")


class TestNoRoom:
    @pytest.mark.django_db(transaction=True)
    def test_refuses_writes_reads_on_and_recovers_without_repair(self, program: Issue) -> None:
        caller = program("administrator")
        subscribe(caller, 0)
        with no_room():
            answers = [subscribe(caller, serial) for serial in range(1, 60)]
            refused = [each for each in answers if each.status_code != 201]
            listed = caller.get("/webhooks?limit=100")
        again = subscribe(caller, 59)

        assert {each.status_code for each in refused} == {503}
        assert {each.json()["title"] for each in refused} == {"storage_full"}
        assert refused[0]["Retry-After"] == "5"
        assert listed.status_code == 200
        assert len(listed.json()["items"]) == 1 + len(answers) - len(refused)
        assert again.status_code == 201
        recorded = Entry.objects.filter(code="webhooks.subscribed").count()
        assert recorded == len(listed.json()["items"]) + 1

    @pytest.mark.django_db(transaction=True)
    def test_at_the_door_is_said_on_a_page(self, client: Client) -> None:
        tries = ({"login": f"nobody-{serial}", "password": "guess"} for serial in range(200))
        with no_room():
            answers = (client.post("/console/sign-in", each) for each in tries)
            answer = next(each for each in answers if each.status_code != 422)

        assert answer.status_code == 503
        assert "text/html" in answer["Content-Type"]
        assert answer["Retry-After"] == "5"

    @pytest.mark.django_db
    def test_for_an_upload_leaves_no_row_without_bytes(
        self, program: Issue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from loanops.platform.files.models import StoredFile
        from loanops.platform.work import unit_of_work

        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(files.os, "fsync", full)
        with (
            pytest.raises(OSError, match="No space"),
            unit_of_work(actor=HOUSE, at=AT, book="cn", on=AT.date()) as work,
        ):
            files.store(work=work, kind="x", name="x", content=b"scan", actor=HOUSE, at=AT)

        assert StoredFile.objects.count() == 0
        trouble = trouble_of(OSError(errno.ENOSPC, "No space left on device"))
        assert (trouble and (trouble.code, trouble.status)) == ("storage_full", 503)


class TestTroubleOf:
    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (OperationalError("database is locked"), "busy"),
            (OperationalError("deadlock detected"), "busy"),
            (OperationalError("could not serialize access due to concurrent update"), "busy"),
            (OperationalError("database or disk is full"), "storage_full"),
            (OperationalError('could not extend file "base/1": No space left'), "storage_full"),
            (OperationalError("disk I/O error"), "database_away"),
            (OperationalError("server closed the connection unexpectedly"), "database_away"),
            (InterfaceError("connection already closed"), "database_away"),
            (OSError(errno.EROFS, "Read-only file system"), "storage_full"),
        ],
    )
    def test_says_what_to_do(self, error: Exception, code: str) -> None:
        trouble = trouble_of(error)

        assert trouble is not None
        assert (trouble.code, trouble.status) == (code, 503)

    @pytest.mark.parametrize(
        "error",
        [
            OperationalError("no such table: loans"),
            ValueError("locked"),
            OSError(errno.ENOENT, "No such file"),
        ],
    )
    def test_leaves_bugs_to_be_bugs(self, error: Exception) -> None:
        assert trouble_of(error) is None


class TestDatabaseAway:
    @pytest.mark.django_db
    def test_is_503_for_programs_people_and_probes(
        self, program: Issue, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        caller = program("administrator")

        def gone(*_: object, **__: object) -> None:
            raise OperationalError("server closed the connection unexpectedly")

        monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", gone)
        client.cookies["sessionid"] = "a" * 32
        client.raise_request_exception = False
        answers = [caller.get("/books"), client.get("/console/"), client.get("/readyz")]
        healthy = client.get("/healthz")

        assert [each.status_code for each in answers] == [503, 503, 503]
        assert answers[0].json()["title"] == "database_away"
        assert healthy.status_code == 200
