"""The seal: a hash chain over batches of entries, anchored outside the database.

Entries are sealed in batches by a job, so that writers never queue for one hot row. Each seal
covers the hash before it; its newest hash is also appended to an anchor file, which is what a
truncated tail or a rewritten chain is compared with.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

GENESIS = "0" * 64
BATCH = 5_000


def batch_hash(previous: str, lines: Iterable[str]) -> str:
    """SHA-256 over the hash before and the canonical line of each entry, in id order."""
    digest = hashlib.sha256(previous.encode("ascii"))
    for line in lines:
        digest.update(b"\n")
        digest.update(line.encode())
    return digest.hexdigest()


def entry_line(
    *,
    entry_id: int,
    at: datetime,
    on: str,
    book: str,
    actor: str,
    code: str,
    subject: str,
    values: str,
) -> str:
    """One entry as canonical text: every column, in a fixed order."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return "\x1f".join((str(entry_id), moment, on, book, actor, code, subject, values))


class Anchor:
    """The file outside the database that remembers each seal: one line ``id hash`` per seal."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, seal_id: int, seal_hash: str) -> None:
        """Remember a seal durably."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="ascii") as file:
            file.write(f"{seal_id} {seal_hash}\n")
            file.flush()

    def read(self) -> dict[int, str]:
        """Every seal the anchor remembers, by id; the last line of an id counts."""
        if not self.path.exists():
            return {}
        lines = self.path.read_text(encoding="ascii").splitlines()
        return {int(line.split()[0]): line.split()[1] for line in lines if line.strip()}
