"""The sandbox ends when it is told to, however often it is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.installations import ROOT

pytestmark = pytest.mark.processes


def test_a_sandbox_that_is_told_many_times_ends(tmp_path: Path) -> None:
    banks = subprocess.Popen(
        [sys.executable, "-m", "loanops_sandbox", "serve", "--home", str(tmp_path), "--port", "0"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
    )
    try:
        assert banks.stdout
        assert banks.stdout.readline()
        for _ in range(300):
            banks.send_signal(signal.SIGTERM)

        assert banks.wait(timeout=20) in {0, -signal.SIGTERM}
    finally:
        banks.kill()
        banks.wait()
