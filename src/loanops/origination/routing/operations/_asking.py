"""Asking funders: many calls at once, in threads that never touch the database.

Whatever goes wrong in a call is doubt. The rows that the calls are about are committed before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import structlog
from django.db import transaction

from loanops.kernel.access import Actor
from loanops.origination.routing.ports import GATEWAYS, FunderGateway, Outcome, Standing

CALLS_AT_ONCE: Final = 8
T = TypeVar("T")
A = TypeVar("A", bound=Outcome)

log = structlog.get_logger("loanops.routing")


@dataclass(frozen=True, slots=True)
class Reach:
    """How a funder is reached: the socket's key, the funder's code and its adapter's settings."""

    gateway: str
    funder: str
    config: tuple[tuple[str, str], ...]

    def open(self) -> FunderGateway:
        """The funder's gateway.

        :raises LookupError: nothing is plugged in for it
        """
        return GATEWAYS[self.gateway](self.funder, dict(self.config))


def ask_all(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Make all calls, some at once, and give their answers in order."""
    if len(calls) == 1:
        return [calls[0]()]
    with ThreadPoolExecutor(max_workers=CALLS_AT_ONCE, thread_name_prefix="funder") as pool:
        return list(pool.map(lambda call: call(), calls))


def doubting(kind: type[A], request_number: str, call: Callable[[], A]) -> A:
    """The answer of a call, or doubt where the adapter itself fails."""
    try:
        return call()
    except Exception as error:
        log.exception("adapter_failed", error=type(error).__name__)
        fields: dict[str, Any] = {
            "standing": Standing.UNKNOWN,
            "request_number": request_number,
            "problem": "adapter_failed",
        }
        return kind(**fields)


def committed() -> transaction.Atomic:
    """A transaction that is on disk when its block ends: nothing may be sent before that.

    Inside another transaction it raises, because then nothing would be on disk yet.
    """
    return transaction.atomic(durable=True)


def lend(actor: Actor, *grants: str) -> Actor:
    """The same actor with the grants of lower rooms that this room's orders need."""
    return Actor(actor.person, actor.grants | set(grants), actor.scopes)
