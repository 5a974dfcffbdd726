"""What protects a signed-in person: headers, sessions that change, rights that end at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from axes.models import AccessAttempt
from django.test import Client

from loanops.platform.identity import operations as identity
from tests.factories import desk
from tests.factories.registry import AT, HOUSE
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter

ROOT = Path(__file__).resolve().parents[3]
# A process of its own, because settings are read once: production, behind a proxy with TLS.
_PRODUCTION = """
import json
from loanops.config import startup
startup.start()
from django.test import Client
client = Client(headers={"host": "ops.example.com", "x-forwarded-proto": "https"})
answer = client.get("/console/sign-in")
plain = Client(headers={"host": "ops.example.com"}).get("/console/sign-in")
cookie = answer.cookies["csrftoken"]
print(json.dumps({
    "headers": dict(answer.headers), "secure": cookie["secure"],
    "plain": [plain.status_code, plain.get("Location", "")],
    "stranger": Client(headers={"host": "evil.example"}).get("/console/sign-in").status_code,
}))
"""


def sources(policy: str, directive: str) -> set[str]:
    """What a content security policy allows for one directive."""
    parts = dict(each.strip().partition(" ")[::2] for each in policy.split(";"))
    return set(parts.get(directive, "").split())


class TestHeaders:
    def test_keep_scripts_frames_and_types_in_their_place(self, client: Client) -> None:
        for path in ("/console/sign-in", "/nowhere", "/api/v1/nowhere"):
            headers = client.get(path).headers

            policy = headers["Content-Security-Policy"]
            assert sources(policy, "script-src") == {"'self'"}
            assert sources(policy, "style-src") == {"'self'"}
            assert sources(policy, "object-src") == sources(policy, "frame-ancestors") == {"'none'"}
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["X-Frame-Options"] == "DENY"
            assert headers["Referrer-Policy"] == "same-origin"

    def test_force_https_in_production(self, tmp_path: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-c", _PRODUCTION], capture_output=True, text=True, check=True,
            env={
                **os.environ, "PYTHONPATH": str(ROOT / "src"), "LOANOPS_HOME": str(tmp_path),
                "DATABASE_URL": "", "LOANOPS_MODE": "production", "LOANOPS_SECRET_KEY": "k" * 40,
                "LOANOPS_ALLOWED_HOSTS": "ops.example.com",
                "LOANOPS_PUBLIC_URL": "https://ops.example.com",
            },
        )  # fmt: skip
        said = json.loads(done.stdout)

        assert said["headers"]["Strict-Transport-Security"].startswith("max-age=31536000")
        assert said["secure"] is True
        assert said["plain"] == [301, "https://ops.example.com/console/sign-in"]
        assert said["stranger"] == 400


class TestSession:
    def test_is_another_one_after_signing_in(
        self, operation: desk.Operation, client: Client
    ) -> None:
        session = client.session
        session["planted"] = "by somebody else"
        session.save()
        before = client.cookies["sessionid"].value

        client.post(address("sign_in"), {"login": "manager", "password": desk.PASSWORD})

        assert client.cookies["sessionid"].value != before
        stolen = Client()
        stolen.cookies["sessionid"] = before
        assert stolen.get(address("board")).status_code == 302

    def test_loses_its_rights_the_moment_a_role_ends(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("manager")
        before = client.get(address("loans")).status_code

        identity.end_role(
            login="manager", role="manager", valid_to=date(2026, 1, 2), actor=HOUSE, at=AT
        )

        assert (before, client.get(address("loans")).status_code) == (200, 403)

    def test_ends_the_moment_its_person_is_shut_out(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("manager")

        identity.deactivate(login="manager", actor=HOUSE, at=AT)

        answer = client.get(address("board"))
        assert answer.status_code == 302
        assert "/console/sign-in" in answer["Location"]


class TestLockOut:
    def test_begins_anew_with_each_further_try(
        self, operation: desk.Operation, client: Client
    ) -> None:
        for _ in range(8):
            client.post(address("sign_in"), {"login": "manager", "password": "guess"})
        nearly_over = datetime.now(UTC) - timedelta(minutes=14)
        AccessAttempt.objects.update(attempt_time=nearly_over)

        answer = client.post(address("sign_in"), {"login": "manager", "password": "guess"})

        assert answer.status_code == 429
        assert AccessAttempt.objects.get().attempt_time > nearly_over + timedelta(minutes=13)

    def test_ends_after_a_quarter_of_an_hour(
        self, operation: desk.Operation, client: Client
    ) -> None:
        for _ in range(8):
            client.post(address("sign_in"), {"login": "manager", "password": "guess"})
        AccessAttempt.objects.update(attempt_time=datetime.now(UTC) - timedelta(minutes=16))

        answer = client.post(address("sign_in"), {"login": "manager", "password": desk.PASSWORD})

        assert answer.status_code == 302

    @pytest.mark.parametrize("other", ["finance", "somebody-else"])
    def test_of_one_login_leaves_the_others_alone(
        self, operation: desk.Operation, client: Client, other: str
    ) -> None:
        for _ in range(8):
            client.post(address("sign_in"), {"login": other, "password": "guess"})

        answer = client.post(address("sign_in"), {"login": "manager", "password": desk.PASSWORD})

        assert answer.status_code == 302
