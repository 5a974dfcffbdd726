"""`loanops intake --run` in real processes: a file becomes loans, killed or not, once."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.factories import marketplace
from tests.installations import ROOT, Installation, until

pytestmark = pytest.mark.processes

MAP = ROOT / "examples" / "maps" / "lendingclub.toml"
KEYS = [
    "rows", "bad_rows", "applications", "approved", "declined", "referred", "disbursed",
    "instalment_equal",
]  # fmt: skip


def written(folder: Path, rows: list[dict[str, str]]) -> Path:
    path = folder / "loans.csv"
    path.write_bytes(marketplace.file_of(rows))
    return path


def ordinary(count: int) -> list[dict[str, str]]:
    return [marketplace.row(serial) for serial in range(count)]


def run(place: Installation, file: Path) -> dict[str, Any]:
    done = place.loanops("intake", str(file), "--map", str(MAP), "--run", "--json", check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def clean(place: Installation) -> bool:
    found = json.loads(place.loanops("verify", "--json", check=False).stdout)
    assert not found["violations"], found["violations"]
    return bool(found["ok"])


def paid_by_the_bank(place: Installation) -> list[str]:
    """The applications that the bank itself says it paid, one entry for every payout."""
    with sqlite3.connect(place.home / "sandbox" / "sandbox.sqlite3") as connection:
        rows = connection.execute(
            "select json_extract(content, '$.reference') from cases"
            " where kind = 'drawdown' and status = 'SUCCESS'"
        )
        return [str(reference) for (reference,) in rows]


def count(place: Installation, table: str, where: str = "1=1") -> int:
    return int(place.rows(f"SELECT count(*) FROM {table} WHERE {where}")[0][0])  # noqa: S608


class TestRun:
    def test_opens_the_book_on_an_empty_home_and_carries_rows_to_loans(
        self, bare: Installation, tmp_path: Path
    ) -> None:
        bad = marketplace.row(900, loan_amount="=1+1")
        declined = marketplace.row(901, annual_income="12000", loan_amount="40000")
        referred = marketplace.row(902, debt_to_income="NA")
        file = written(tmp_path, [*ordinary(12), bad, declined, referred])

        first = run(bare, file)

        assert list(first)[: len(KEYS)] == KEYS
        assert (first["rows"], first["bad_rows"], first["applications"]) == (15, 1, 14)
        assert first["declined"] >= 1
        assert first["referred"] >= 1
        assert first["disbursed"] == first["instalment_equal"] == 12
        assert first["waiting"] == 0
        assert count(bare, "servicing_loan") == 12
        assert clean(bare)

        again = run(bare, file)

        assert {key: again[key] for key in KEYS} == {key: first[key] for key in KEYS}
        assert again["created"] == 0
        assert count(bare, "servicing_loan") == len(paid_by_the_bank(bare)) == 12

    def test_leaves_no_bank_behind(self, place: Installation, tmp_path: Path) -> None:
        run(place, written(tmp_path, ordinary(1)))

        address = json.loads((place.home / "sandbox" / "address.json").read_text(encoding="utf-8"))
        parts = urlsplit(address["base_url"])
        with socket.socket() as probe:
            assert probe.connect_ex((str(parts.hostname), int(parts.port or 0))) != 0

    def test_a_port_that_somebody_else_took_is_no_obstacle(
        self, place: Installation, tmp_path: Path
    ) -> None:
        kept = place.home / "sandbox" / "address.json"
        kept.parent.mkdir(parents=True)
        with socket.socket() as somebody:
            somebody.bind(("127.0.0.1", 0))
            somebody.listen()
            taken = somebody.getsockname()[1]
            kept.write_text(json.dumps({"base_url": f"http://127.0.0.1:{taken}"}), encoding="utf-8")

            figures = run(place, written(tmp_path, ordinary(1)))

        assert figures["disbursed"] == 1


class TestBeside:
    """Others work on the same database at the same time."""

    def test_workers_that_do_the_same_work_double_nothing(
        self, place: Installation, tmp_path: Path
    ) -> None:
        worker = place.start("loanops.surfaces.cli", "worker", "--threads", "2")
        file = written(tmp_path, ordinary(60))

        figures = run(place, file)
        again = run(place, file)

        assert worker.poll() is None
        assert {key: again[key] for key in KEYS} == {key: figures[key] for key in KEYS}
        assert figures["disbursed"] == figures["approved"] - figures["funding_refused"]
        paid = paid_by_the_bank(place)
        assert len(paid) == len(set(paid)) == count(place, "servicing_loan") == figures["disbursed"]
        worker.kill()
        worker.wait()
        assert clean(place)

    def test_two_that_take_the_same_file_in_create_nothing_twice(
        self, place: Installation, tmp_path: Path
    ) -> None:
        place.loanops("book", "open", "us")
        words = ("loanops.surfaces.cli", "intake", str(written(tmp_path, ordinary(700))))
        both = [place.start(*words, "--map", str(MAP), "--json") for _ in range(2)]

        assert [process.wait() for process in both] == [0, 0]
        assert count(place, "applications_application") == 700


class TestKilled:
    """A run that is killed with SIGKILL goes on where it stopped: nothing lost, nothing twice."""

    @pytest.mark.parametrize(
        ("table", "where"),
        [
            ("routing_attempt", "state = 'planned'"),
            ("routing_payoutintent", "state = 'submitted'"),
            ("routing_payoutintent", "state = 'success'"),
        ],
        ids=["asking", "paying", "paid"],
    )
    def test_goes_on_where_it_stopped(
        self, place: Installation, tmp_path: Path, table: str, where: str
    ) -> None:
        file = written(tmp_path, ordinary(120))
        # What a bank never heard of is told to it again after this long.
        place.rows(
            "INSERT INTO parameters_parameter (name, value, effective_from, set_at, set_by)"
            " VALUES ('routing.resend_after_seconds', 1, '2018-01-01', '2018-01-01', 'test')"
        )
        words = ("loanops.surfaces.cli", "intake", str(file), "--map", str(MAP), "--run", "--json")
        process = place.start(*words)
        until(lambda: count(place, table, where), seconds=60)
        process.send_signal(signal.SIGKILL)
        process.wait()

        figures = run(place, file)

        assert figures["applications"] == count(place, "applications_application") == 120
        assert figures["disbursed"] == figures["approved"] - figures["funding_refused"]
        assert figures["disbursed"] == count(place, "servicing_loan") > 60
        assert figures["waiting"] == 0
        paid = paid_by_the_bank(place)
        assert len(paid) == len(set(paid)) == figures["disbursed"]
        assert clean(place)


@pytest.mark.realfile
class TestRealFile:
    def test_instalments_of_the_first_300_rows_are_the_files(
        self, place: Installation, tmp_path: Path, real_file: Path
    ) -> None:
        lines = real_file.read_bytes().splitlines(keepends=True)
        file = tmp_path / "part.csv"
        file.write_bytes(b"".join(lines[:301]))

        figures = run(place, file)

        assert (figures["rows"], figures["bad_rows"], figures["applications"]) == (300, 0, 300)
        assert figures["instalment_equal"] == figures["disbursed"] > 150
        assert figures["declined"] > 0
        assert figures["referred"] > 0
        assert figures["bad_rate_declined"] > figures["bad_rate_approved"]
        assert clean(place)
