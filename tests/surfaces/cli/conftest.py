from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import installations
from tests.installations import Installation


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with a book, a stored file, a sealed field and a sealed audit."""
    with installations.template(tmp_path_factory.mktemp("furnished")) as made:
        made.run("tests.surfaces.cli.furnish")
        yield made


@pytest.fixture
def place(furnished: Installation, tmp_path: Path) -> Iterator[Installation]:
    """A copy of it to work on."""
    with installations.copy_of(furnished, tmp_path / "home") as made:
        yield made


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Installation]:
    """A home and a database with nothing in them."""
    with installations.empty(tmp_path / "bare") as made:
        yield made
