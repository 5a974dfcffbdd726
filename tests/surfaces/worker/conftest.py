from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import installations
from tests.installations import Installation


@pytest.fixture
def place(migrated: Installation, tmp_path: Path) -> Iterator[Installation]:
    """A fresh installation whose leases last one second."""
    with installations.copy_of(migrated, tmp_path / "home") as made:
        made.environment["LOANOPS_JOB_LEASE_SECONDS"] = "1"
        yield made
