"""A carrier in the hand of a test: it says what it is told to say, and remembers what it got."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from loanops.kernel.access import Actor
from loanops.platform.jobs import runner
from loanops.platform.jobs.models import Job
from loanops.registry.contacts import operations
from loanops.registry.contacts.ports import (
    CARRIERS,
    SHORT_MESSAGES,
    Answer,
    MessageOut,
    Standing,
)

CODE = re.compile(r"\d{6}")


@dataclass
class Pocket:
    """A telephone that answers for its carrier; ``says`` is used up in order, then delivery."""

    says: list[Answer] = field(default_factory=list)
    sent: list[MessageOut] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    kept: list[Mapping[str, Any]] = field(default_factory=list)

    def send(self, message: MessageOut) -> Answer:
        self.sent.append(message)
        return self.says.pop(0) if self.says else Answer(Standing.DELIVERED)

    def find(self, serial: str) -> Answer:
        self.asked.append(serial)
        return self.says.pop(0) if self.says else Answer(Standing.DELIVERED)

    def keep(self, introduction: Mapping[str, Any]) -> str:
        self.kept.append(introduction)
        return SHORT_MESSAGES

    @property
    def code(self) -> str:
        """The code of the newest message."""
        return CODE.findall(self.sent[-1].text)[0]


@contextmanager
def pocket() -> Iterator[Pocket]:
    """A pocket plugged in as the carrier, until the block ends."""
    before = {name: CARRIERS[name] for name in CARRIERS}
    held = Pocket()
    CARRIERS.plug(SHORT_MESSAGES, held)
    yield held
    for name, carrier in before.items():
        CARRIERS.plug(name, carrier)


def carry_due(at: datetime) -> int:
    """Run the jobs of contacts that are due, as a worker would; how many."""
    due = Job.objects.filter(name=operations.CARRY, state="waiting", run_at__lte=at)
    ids = list(due.values_list("pk", flat=True))
    for held in [each for each in runner.claim(at=at, limit=100) if each.id in ids]:
        operations.carry(number=held.payload["number"], actor=Actor.house(operations.CARRY), at=at)
    return len(ids)
