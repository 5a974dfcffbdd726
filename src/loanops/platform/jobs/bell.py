"""The bell: a commit that leaves work to do wakes the idle job threads of its own process.

Workers of other processes find the work when they next look, within a second.
"""

from __future__ import annotations

import threading


class Bell:
    """Rung by committers, waited for by idle threads; a ring between two waits is not lost."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rings = 0

    @property
    def rings(self) -> int:
        """How often it has rung so far; pass it to the next ``wait``."""
        return self._rings

    def ring(self) -> None:
        """Wake everybody who waits."""
        with self._condition:
            self._rings += 1
            self._condition.notify_all()

    def wait(self, seconds: float, *, heard: int) -> None:
        """Wait until it rings, at most ``seconds``; returns at once if it rang since ``heard``."""
        with self._condition:
            self._condition.wait_for(lambda: self._rings != heard, timeout=seconds)


BELL = Bell()
