from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from loanops.config import startup
from loanops.platform.vault import seals

startup.start()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: object) -> Iterator[Path]:
    """A home of the test's own, so that keys, anchors and files begin empty."""
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    for kept in (seals._ciphers, seals._read, seals.index_key):
        kept.cache_clear()
    yield tmp_path
    for kept in (seals._ciphers, seals._read, seals.index_key):
        kept.cache_clear()
    shutil.rmtree(tmp_path / "files", ignore_errors=True)
