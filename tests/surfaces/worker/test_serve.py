"""`serve` and `verify` as real processes: answering, ending, restarting, and refusing."""

from __future__ import annotations

import json
import signal
import socket
from typing import Any

import httpx
import pytest

from tests.installations import Installation, until

pytestmark = pytest.mark.processes
SQL_DEMO = (
    "INSERT INTO identity_person (login, name, password, language, is_active, is_demo) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(port: int, path: str) -> httpx.Response | None:
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=5)
    except httpx.HTTPError:
        return None


def verified(place: Installation, *words: str) -> tuple[int, dict[str, Any]]:
    done = place.loanops("verify", "--json", *words, check=False)
    return done.returncode, json.loads(done.stdout)


class TestServe:
    def test_answers_the_probes_and_ends_when_told(self, place: Installation) -> None:
        port = free_port()
        server = place.start("loanops.surfaces.cli", "serve", "--port", str(port))

        ready = until(lambda: answer(port, "/readyz"), seconds=60)
        figures = answer(port, "/metrics")
        server.send_signal(signal.SIGTERM)

        assert ready.json()["status"] == "ok"
        assert figures is not None
        assert 'loanops_jobs{state="waiting"}' in figures.text
        assert server.wait(timeout=30) == 0
        assert answer(port, "/healthz") is None

    def test_refuses_demo_logins_in_production(self, place: Installation) -> None:
        place.rows(SQL_DEMO, ("demo", "Demo", "!", "en", True, True))
        place.environment |= {
            "LOANOPS_MODE": "production",
            "LOANOPS_SECRET_KEY": "k" * 40,
            "LOANOPS_PUBLIC_URL": "https://loanops.example",
        }

        done = place.loanops("serve", "--port", str(free_port()), check=False)

        assert done.returncode == 2
        assert "demo logins" in done.stderr


class TestVerify:
    def test_says_clean_then_warns_then_names_the_violation(self, place: Installation) -> None:
        clean = verified(place)
        place.rows(
            "INSERT INTO jobs_job (name, key, queue, payload_json, run_at, state, attempts, "
            "attempts_max, lease_token, last_error) VALUES ('tests.job', 'a', 'default', '{}', "
            "'2026-01-05 00:00:00', 'dead', 8, 8, '', '')"
        )
        warned = verified(place, "--code", "INV-11")
        place.rows(
            "INSERT INTO inbox_answer (source, key, content_hash, status, answer_json, at) "
            "VALUES ('api:a', 'one', '', 0, '{}', '2026-01-05 00:00:00')"
        )
        violated = verified(place)

        assert (clean[0], clean[1]["violations"]) == (0, [])
        assert clean[1]["checks"] == len(clean[1]["rules"]) > 8
        assert (warned[0], len(warned[1]["warnings"])) == (1, 1)
        assert violated[0] == 2
        assert [row["object"] for row in violated[1]["violations"]] == ["api:a:one"]

    def test_refuses_a_rule_that_does_not_exist(self, place: Installation) -> None:
        done = place.loanops("verify", "--code", "INV-99", check=False)

        assert done.returncode == 2
        assert done.stdout == ""
        assert "INV-99" in done.stderr
