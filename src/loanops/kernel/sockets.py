"""Sockets: where a room waits for an adapter.

A room names what it needs (a protocol) and holds a socket for it; ``config/wiring`` plugs the
adapters in. A room never imports an adapter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

P = TypeVar("P")


class Socket(Generic[P]):
    """Named places for adapters that satisfy one port."""

    def __init__(self, name: str) -> None:
        """A socket with nothing plugged in; ``name`` is how errors call it."""
        self.name = name
        self._plugged: dict[str, P] = {}

    def plug(self, key: str, adapter: P) -> None:
        """Put an adapter in; a second one under the same key replaces the first."""
        self._plugged[key] = adapter

    def __getitem__(self, key: str) -> P:
        """The adapter plugged in under ``key``."""
        try:
            return self._plugged[key]
        except KeyError:
            known = ", ".join(sorted(self._plugged)) or "none"
            raise LookupError(
                f"nothing is plugged into {self.name}[{key}] (known: {known})"
            ) from None

    def __contains__(self, key: str) -> bool:
        """Whether something is plugged in under ``key``."""
        return key in self._plugged

    def __iter__(self) -> Iterator[str]:
        """Every key, in order."""
        return iter(sorted(self._plugged))
