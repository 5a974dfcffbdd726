"""Workers and servers end when they are told to, however often they are told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.installations import ROOT

pytestmark = pytest.mark.processes

WAITS = """
from loanops.surfaces.cli.framing import told_to_end

ended = told_to_end()
print("ready", flush=True)
while not ended.wait(0.001):
    pass
"""


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_who_is_told_many_times_ends(sign: signal.Signals) -> None:
    waiting = subprocess.Popen(
        [sys.executable, "-c", WAITS],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
    )
    try:
        assert waiting.stdout
        assert waiting.stdout.readline() == b"ready\n"
        for _ in range(300):
            waiting.send_signal(sign)

        assert waiting.wait(timeout=20) in {0, -sign}
    finally:
        waiting.kill()
        waiting.wait()
