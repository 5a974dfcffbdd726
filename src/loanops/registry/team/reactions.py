"""What the team does when another room announced something: it looks at who waits now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from loanops.kernel.access import Actor, Viewer
from loanops.platform.books import queries as books
from loanops.platform.outbox import Announced
from loanops.registry.team import operations
from loanops.registry.team.domain.kinds import KINDS, subjects_of


def follow(announced: Announced, *, actor: Actor, at: datetime) -> None:
    """After any event of ``domain.kinds``: items of its subjects come and go.

    An item is done when that happened which ended it, not when we heard of it.
    """
    del at
    for kind, work in KINDS.items():
        name = announced.name
        anew = name in work.rebuilt_by
        if not anew and name not in (*work.opened_by, *work.ended_by):
            continue
        subjects = subjects_of(announced.payload, announced.subject, work.named_by)
        operations.settle(
            book=announced.book,
            kind=kind,
            subjects=None if anew else subjects,
            may_open=anew or name in work.opened_by,
            on=announced.on,
            actor=actor,
            at=announced.at,
        )


def rebuild(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """The job ``team.rebuild``: everything of every book is looked at anew."""
    del payload
    for book in books.list_books(viewer=Viewer.house("team")):
        operations.rebuild(book=book.code, on=book.business_date, actor=actor, at=at)


def go_on(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """The job ``team.run``: carry a run over many items on to its end."""
    operations.go_on(run=payload["run"], actor=actor, at=at)
