"""The job that the clock gives to borrowers' accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from loanops.kernel.access import Actor
from loanops.registry.borrowers import operations


def forget_codes(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """Codes that are of no use any more are removed."""
    del payload
    operations.forget_codes(actor=actor, at=at)
