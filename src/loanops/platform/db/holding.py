"""Names held by transactions: by many at once, or by one alone that many would be in the way of."""

from __future__ import annotations

from django.db import OperationalError, connection, transaction

from loanops.platform.db.verbs import execute, fetch

_WAIT = "1s"
"""How long whoever wants a name alone stands in line; whoever comes meanwhile stands behind it."""
_TURNS_MAX = 300


def hold_shared(name: str) -> None:
    """Hold a name until the transaction ends, beside others; waits for who holds it alone.

    It must be the first thing that a transaction holds, so that nobody waits for it in a circle.
    What was read before may be old by now. On SQLite the immediate transaction holds everything.
    """
    if connection.vendor == "postgresql":
        fetch("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [name])


def hold_alone(name: str) -> None:
    """Hold a name alone until the transaction ends, when all who share it now have ended.

    It leaves the line after a second and joins it anew, so that a long transaction that shares the
    name holds up short ones that want to for no longer than that.

    :raises OperationalError: the name was not to be had for five minutes.
    """
    if connection.vendor != "postgresql":
        return
    for turn in range(1, _TURNS_MAX + 1):
        try:
            with transaction.atomic():
                execute(f"SET LOCAL lock_timeout = '{_WAIT}'")
                fetch("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        except OperationalError:
            if turn == _TURNS_MAX:
                raise
        else:
            execute("SET LOCAL lock_timeout TO DEFAULT")
            return
