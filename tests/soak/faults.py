"""What befalls a process in the middle of its work: a statement that fails, a sudden death."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError

# What is never made to fail: a database that cannot even undo is another story (power loss).
_FRAME = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
WORDS = "a fault of the soak"


class Death(BaseException):
    """The process ends here: nothing that is not committed happened."""


class Faults:
    """Fails or dies at the n-th statement from now."""

    def __init__(self) -> None:
        self.left = 0
        self.kind: type[BaseException] = OperationalError

    def arm(self, left: int, kind: type[BaseException]) -> None:
        self.left, self.kind = left, kind

    def disarm(self) -> None:
        self.left = 0

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if self.left and is_work(sql):
            self.left -= 1
            if not self.left:
                raise self.kind(WORDS)
        return execute(sql, params, many, context)


def is_work(sql: str) -> bool:
    """Whether a statement does something, and does not only frame what does."""
    return not sql.lstrip().upper().startswith(_FRAME)


class Dice:
    """Stands in for the machine's own chance."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def token_bytes(self, count: int) -> bytes:
        return self._chance.randbytes(count)


@contextmanager
def quiet_logs() -> Iterator[None]:
    """Failures are what a soak is made of; they are counted, not told."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
