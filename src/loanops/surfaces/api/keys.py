"""Who calls: an API key, the grant an operation needs, and how often the key may call."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from math import ceil

from django.http import HttpRequest
from ninja.security import HttpBearer

from loanops.kernel.access import Actor, require
from loanops.platform.identity import queries as identity
from loanops.platform.identity.queries import Caller
from loanops.platform.parameters import queries as parameters
from loanops.platform.web.clock import now
from loanops.surfaces.api import refusals
from loanops.surfaces.api.reading import is_clean

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_LIMIT_SECONDS = 10.0
ANY = ""


class Asked(HttpRequest):
    """A request whose key is known."""

    auth: Caller


@dataclass
class _Bucket:
    tokens: float
    filled_at: float


class Rates:
    """A bucket of tokens for each key; one process's view, which bounds what that process does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: dict[str, _Bucket] = {}
        self._per_minute = 0
        self._known_until = 0.0

    def spend(self, caller: str) -> None:
        """Take one token of the caller.

        :raises TooManyRequests: there is none left.
        """
        per_second = self._limit() / 60
        at = time.monotonic()
        with self._lock:
            bucket = self._buckets.setdefault(caller, _Bucket(per_second * 10, at))
            gained = (at - bucket.filled_at) * per_second
            bucket.tokens = min(bucket.tokens + gained, max(per_second * 10, 1.0))
            bucket.filled_at = at
            if bucket.tokens < 1:
                wait = ceil((1 - bucket.tokens) / per_second)
                raise refusals.TooManyRequests(seconds=wait)
            bucket.tokens -= 1

    def _limit(self) -> int:
        at = time.monotonic()
        if at >= self._known_until:
            self._per_minute = parameters.value_on("api.requests_per_minute", now().date())
            self._known_until = at + _LIMIT_SECONDS
        return self._per_minute


RATES = Rates()


class Key(HttpBearer):
    """The key of a program that holds a grant; ``ANY`` lets every live key in.

    ``asks_only`` marks a question that is asked by POST: it changes nothing and needs no key.
    """

    def __init__(self, grant: str = ANY, *, asks_only: bool = False) -> None:
        self.grant, self.asks_only = grant, asks_only
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        caller = identity.caller_of_key(token) if is_clean(token) else None
        if caller is None:
            raise refusals.KeyUnknown
        RATES.spend(caller.actor.person)
        setattr(request, "actor_name", caller.actor.person)  # noqa: B010 - read by the log line
        if self.grant:
            require(caller.actor, self.grant)
        is_write = request.method in WRITES and not self.asks_only
        if is_write and not request.headers.get("Idempotency-Key"):
            raise refusals.KeyMissing
        return caller


def actor_of(request: Asked) -> Actor:
    """On whose behalf the request is carried out."""
    return request.auth.actor
