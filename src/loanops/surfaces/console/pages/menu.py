"""The menu: which pages there are, in groups, and which grant opens each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loanops.kernel.access import Actor
from loanops.platform.audit import permissions as audit
from loanops.platform.books import permissions as books
from loanops.platform.books.queries import BookCard
from loanops.platform.identity import permissions as identity
from loanops.platform.jobs import permissions as jobs
from loanops.platform.jobs import queries as job_queries
from loanops.platform.parameters import permissions as parameters

Count = Callable[[Actor, BookCard | None], int]


@dataclass(frozen=True)
class Entry:
    """One line of the menu; ``count`` is shown beside it when it is above zero.

    ``within`` names the further pages that are reached through it.
    """

    page: str
    title: Promise
    icon: str
    grant: str
    count: Count | None = None
    alarming: bool = False
    within: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Lines of the menu that belong together."""

    title: Promise
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Line:
    """A line as one person sees it now."""

    title: Promise
    icon: str
    url: str
    current: bool
    count: int
    alarming: bool


def _dead(actor: Actor, book: BookCard | None) -> int:
    del book
    return job_queries.count_dead(viewer=actor)


MENU: tuple[Group, ...] = (
    Group(
        _("Workbench"),
        (Entry("board", _("Day board"), "layout-dashboard", books.VIEW),),
    ),
    Group(
        _("Money and books"),
        (Entry("day_close", _("Day close"), "calendar-event", books.VIEW),),
    ),
    Group(
        _("System"),
        (
            Entry("jobs", _("Jobs and dead letters"), "stack-2", jobs.VIEW, _dead, True),
            Entry("audit", _("Audit trail"), "history", audit.VIEW),
            Entry("people", _("People"), "users", identity.VIEW),
            Entry("roles", _("Permission matrix"), "shield-lock", identity.VIEW),
            Entry("keys", _("API keys"), "key", identity.VIEW),
            Entry("parameters", _("Parameters"), "adjustments-horizontal", parameters.VIEW),
        ),
    ),
)


def menu_of(
    actor: Actor, book: BookCard | None, *, here: str | None
) -> list[tuple[Promise, list[Line]]]:
    """The groups and lines that a person may open, ``here`` marked."""
    shown = []
    for group in MENU:
        lines = [
            Line(
                title=entry.title,
                icon=entry.icon,
                url=reverse(f"console:{entry.page}"),
                current=here in (entry.page, *entry.within),
                count=entry.count(actor, book) if entry.count else 0,
                alarming=entry.alarming,
            )
            for entry in group.entries
            if actor.may(entry.grant)
        ]
        if lines:
            shown.append((group.title, lines))
    return shown
