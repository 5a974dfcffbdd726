"""The job that contacts runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from loanops.kernel.access import Actor
from loanops.registry.contacts import operations


def carry(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """One message is taken one step on."""
    operations.carry(number=str(payload["number"]), actor=actor, at=at)
