"""Two reviewers who take what is next at once never get the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import installations
from tests.installations import Installation

pytestmark = pytest.mark.processes
SCRIPT = "tests.rooms.team.racing"


def test_four_who_take_all_there_is_get_each_item_once(
    migrated: Installation, tmp_path: Path
) -> None:
    with installations.copy_of(migrated, tmp_path / "home") as made:
        made.run(SCRIPT, "build")
        told = json.loads(made.run(SCRIPT, "race").stdout)

    assert told == {"held": 24, "free": 0, "claims": 24, "different": 24}
