"""Probes: asked by machines that know neither our name nor TLS."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from pydantic import SecretStr

from loanops.surfaces.api import probes

PROBES = ("/healthz", "/readyz", "/metrics")


@pytest.fixture
def behind_tls(settings: Any) -> Client:
    """A client of a server that sends everybody to https, as in production."""
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    return Client()


class TestBehindTls:
    @pytest.mark.parametrize("probe", PROBES)
    def test_a_probe_is_answered_in_the_clear(
        self, db: None, behind_tls: Client, probe: str
    ) -> None:
        assert behind_tls.get(probe).status_code == 200

    @pytest.mark.parametrize(
        "path", ["/api/v1/me", "/healthz/", "/console/healthz", "/healthzz", "/console/"]
    )
    def test_nothing_else_is(self, db: None, behind_tls: Client, path: str) -> None:
        answer = behind_tls.get(path)

        assert answer.status_code == 301
        assert answer["Location"].startswith("https://")


class TestReadyz:
    def test_says_what_is_in_order(self, db: None, client: Client) -> None:
        assert client.get("/readyz").json() == {
            "status": "ok",
            "checks": {"database": True, "migrations": True, "keys": True},
        }

    def test_is_503_while_a_migration_is_missing(
        self, db: None, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            probes.MigrationExecutor, "migration_plan", lambda *_: [("some.migration", False)]
        )

        answer = client.get("/readyz")

        assert answer.status_code == 503
        assert answer.json()["checks"] == {"database": True, "migrations": False, "keys": True}

    def test_is_503_while_the_database_is_away(
        self, db: None, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_: object) -> None:
            raise DatabaseError("gone")

        monkeypatch.setattr(probes, "MigrationExecutor", away)

        answer = client.get("/readyz")

        assert answer.status_code == 503
        assert answer.json()["status"] == "not ready"
        assert client.get("/healthz").status_code == 200


class TestMetrics:
    def test_hold_the_queue_and_the_outbox(self, db: None, client: Client) -> None:
        figures = client.get("/metrics").content.decode()

        for name in ("loanops_jobs", "loanops_outbox_pending", "loanops_outbox_dead"):
            assert f"# TYPE {name} gauge" in figures

    @pytest.mark.parametrize(
        "asked",
        [{"REMOTE_ADDR": "10.0.0.9"}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}],
    )
    def test_are_for_this_machine_alone(
        self, db: None, client: Client, asked: dict[str, str]
    ) -> None:
        assert client.get("/metrics", **asked).status_code == 403

    def test_are_for_whoever_shows_the_token_where_there_is_one(
        self, db: None, client: Client, settings: Any
    ) -> None:
        settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(
            update={"metrics_token": SecretStr("scrape-me")}
        )
        shown = [{}, {"Authorization": "Bearer other"}, {"Authorization": "Bearer scrape-me"}]

        answers = [client.get("/metrics", headers=each).status_code for each in shown]

        assert answers == [403, 403, 200]


class TestUnknownHost:
    @pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/openapi.json"])
    def test_is_refused_as_a_problem(self, db: None, settings: Any, path: str) -> None:
        settings.ALLOWED_HOSTS = ["ops.example.com"]

        answer = Client().get(path, headers={"Host": "evil.example"})

        assert answer.status_code == 400
        assert answer["Content-Type"] == "application/problem+json"
        assert "evil" not in answer.content.decode()

    @pytest.mark.parametrize("probe", ["/healthz", "/readyz"])
    def test_is_no_matter_to_a_probe(self, db: None, settings: Any, probe: str) -> None:
        settings.ALLOWED_HOSTS = ["ops.example.com"]

        assert Client().get(probe, headers={"Host": "10.1.2.3:8000"}).status_code == 200
