"""One ceiling and one request are taken once, however many come for them at the same moment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import installations
from tests.installations import Installation

pytestmark = pytest.mark.processes
SCRIPT = "tests.rooms.servicing.racing_ceilings"
ONE_INSTALMENT = 88_849


@pytest.fixture(scope="module")
def built(
    migrated: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    with installations.copy_of(migrated, tmp_path_factory.mktemp("ceiling")) as made:
        made.run(SCRIPT, "build")
        yield made


def raced(built: Installation, way: str, home: Path) -> dict[str, Any]:
    with installations.copy_of(built, home) as made:
        done = made.run(SCRIPT, way, check=False)
        assert done.returncode == 0, done.stderr
        codes = ("INV-01", "INV-02", "INV-14", "INV-16")
        named = [word for code in codes for word in ("--code", code)]
        verified = made.loanops("verify", "--json", *named, check=False)
        assert verified.stdout, verified.stderr
        assert json.loads(verified.stdout)["violations"] == []
    told: dict[str, Any] = json.loads(done.stdout)
    return told


class TestTwoAtOneCeiling:
    @pytest.mark.parametrize("way", ["looked", "taken", "approved"])
    def test_have_room_for_one_and_the_other_is_told_what_is_left(
        self, built: Installation, tmp_path: Path, way: str
    ) -> None:
        assert raced(built, way, tmp_path / "home") == {
            "ends": ["booked", "servicing_ceiling_reached"],
            "kinds": ["compensated"],
            "used": [ONE_INSTALMENT],
        }


class TestTwoWhoApproveOneRequest:
    def test_book_it_once_and_the_other_is_told_that_it_was_decided(
        self, built: Installation, tmp_path: Path
    ) -> None:
        assert raced(built, "decided", tmp_path / "home") == {
            "ends": ["booked", "servicing_request_decided"],
            "kinds": ["extended"],
            "used": [0],
        }
