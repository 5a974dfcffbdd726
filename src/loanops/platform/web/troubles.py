"""Troubles of the machine: no room, no database, a lock. Neither the client's fault nor a bug."""

from __future__ import annotations

import errno

import structlog
from django.db import InterfaceError, OperationalError

from loanops.kernel.refusals import Refusal

log = structlog.get_logger("loanops.trouble")

_FULL = ("disk is full", "no space left", "disk full", "could not extend file")
_HELD = ("locked", "deadlock detected", "could not serialize")
# SQLite says these of a query that is wrong: a bug of ours, or tables of another version.
_WRONG = ("no such table", "no such column", "has no column", "syntax error")
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})


class Busy(Refusal):
    """Somebody else holds what is needed."""

    code = "busy"
    sentence = "The system is busy; try again in a moment with the same Idempotency-Key."
    status = 503


class StorageFull(Refusal):
    """Nothing can be written."""

    code = "storage_full"
    sentence = (
        "There is no room left to keep this; nothing was changed. Reading still works; the "
        "administrator must make room, then try again."
    )
    status = 503


class DatabaseAway(Refusal):
    """The database does not answer."""

    code = "database_away"
    sentence = "The database does not answer; try again in a moment with the same Idempotency-Key."
    status = 503


def trouble_of(error: BaseException | None) -> Refusal | None:
    """The trouble behind an error, noted for the engineer on call; None where there is none."""
    found = _found(error)
    if found is not None:
        log.error("trouble", trouble=found.code, error=type(error).__name__, said=str(error)[:200])
    return found


def _found(error: BaseException | None) -> Refusal | None:
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return StorageFull()
    if isinstance(error, InterfaceError):
        return DatabaseAway()
    if not isinstance(error, OperationalError):
        return None
    said = str(error).lower()
    if any(words in said for words in _WRONG):
        return None
    if any(words in said for words in _FULL):
        return StorageFull()
    return Busy() if any(words in said for words in _HELD) else DatabaseAway()
