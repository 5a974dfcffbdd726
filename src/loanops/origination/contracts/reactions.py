"""What contracts do when another room announced something, and the jobs they run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from loanops.kernel.access import Actor
from loanops.origination.contracts import operations
from loanops.platform.outbox import Announced


def withdraw_offers(announced: Announced, *, actor: Actor, at: datetime) -> None:
    """After ``applications.withdrawn``: nothing is offered any more."""
    operations.withdraw_offers_of(
        application=announced.subject, reason="the application was withdrawn", actor=actor, at=at
    )


def expire_offers(announced: Announced, *, actor: Actor, at: datetime) -> None:
    """After ``books.day_closed``: offers whose last day is over expire."""
    operations.expire_offers_many(book=announced.book, actor=actor, at=at)


def render(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """The job ``contracts.render``: the PDFs of contracts that were drawn up."""
    operations.render_many(contracts=payload["contracts"], actor=actor, at=at)


def render_waiting(payloads: Sequence[Mapping[str, Any]], *, actor: Actor, at: datetime) -> None:
    """Many jobs ``contracts.render`` at once."""
    numbers = [number for each in payloads for number in each["contracts"]]
    operations.render_many(contracts=numbers, actor=actor, at=at)
