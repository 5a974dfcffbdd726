"""The menu: which pages there are, in groups, and which grant opens each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loanops.kernel.access import Actor
from loanops.loanbook.servicing import permissions as servicing
from loanops.loanbook.servicing import queries as servicing_queries
from loanops.money.ledger import permissions as ledger
from loanops.money.payments import permissions as payments
from loanops.origination.applications import permissions as applications
from loanops.origination.contracts import permissions as contracts
from loanops.origination.decisioning import permissions as decisioning
from loanops.origination.routing import permissions as routing
from loanops.origination.routing import queries as routing_queries
from loanops.platform.audit import permissions as audit
from loanops.platform.books import permissions as books
from loanops.platform.books.queries import BookCard
from loanops.platform.identity import permissions as identity
from loanops.platform.jobs import permissions as jobs
from loanops.platform.jobs import queries as job_queries
from loanops.platform.parameters import permissions as parameters
from loanops.registry.compliance import permissions as compliance
from loanops.registry.contacts import permissions as contacts
from loanops.registry.parties import permissions as parties
from loanops.registry.partners import permissions as partners
from loanops.registry.products import permissions as products
from loanops.registry.team import permissions as team
from loanops.registry.team import queries as team_queries

Count = Callable[[Actor, BookCard | None], int]


@dataclass(frozen=True)
class Entry:
    """One line of the menu; ``count`` is shown beside it when it is above zero.

    ``within`` names the further pages that are reached through it. A page that shows rows of a
    second room needs that room's grant too.
    """

    page: str
    title: Promise
    icon: str
    grant: str
    count: Count | None = None
    alarming: bool = False
    within: tuple[str, ...] = ()
    further_grant: str = ""


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


def _mine(actor: Actor, book: BookCard | None) -> int:
    return team_queries.count_mine(book=book.code, viewer=actor) if book else 0


def _exceptions(actor: Actor, book: BookCard | None) -> int:
    return routing_queries.count_exceptions(book=book.code, viewer=actor) if book else 0


def _unknown(actor: Actor, book: BookCard | None) -> int:
    return routing_queries.count_open_payouts(book=book.code, viewer=actor) if book else 0


def _requests(actor: Actor, book: BookCard | None) -> int:
    return servicing_queries.count_requests(book=book.code, viewer=actor) if book else 0


MENU: tuple[Group, ...] = (
    Group(
        _("Workbench"),
        (
            Entry("board", _("Day board"), "layout-dashboard", books.VIEW, within=("search",)),
            Entry(
                "work_list",
                _("Work list"),
                "inbox",
                team.VIEW,
                _mine,
                within=("work_runs", "work_run"),
            ),
            Entry("work_board", _("Service board"), "gauge", team.VIEW, within=("work_levels",)),
            Entry("teams", _("Teams"), "users-group", team.VIEW),
        ),
    ),
    Group(
        _("Origination"),
        (
            Entry(
                "applications",
                _("Applications"),
                "file-text",
                applications.VIEW,
                within=("application", "offer", "redemption"),
            ),
            Entry(
                "new_application",
                _("New application"),
                "plus",
                applications.SUBMIT,
                further_grant=products.VIEW,
            ),
            Entry("contracts", _("Contracts"), "signature", contracts.VIEW, within=("contract",)),
            Entry("payouts", _("Payouts"), "send", routing.VIEW, _unknown, within=("payout",)),
            Entry("exceptions", _("Exceptions"), "alert-triangle", routing.VIEW, _exceptions, True),
            Entry("parties", _("Customers"), "users", parties.VIEW, within=("party",)),
            Entry("messages", _("Messages"), "message", contacts.VIEW),
        ),
    ),
    Group(
        _("Loans and money"),
        (
            Entry(
                "loans",
                _("Loans"),
                "cash",
                servicing.VIEW,
                within=("loan", "loan_class", "changes", "change_loan", "past_loan", "papers"),
            ),
            Entry(
                "change_requests",
                _("Requests"),
                "user-check",
                servicing.VIEW,
                _requests,
                within=("change_request",),
            ),
            Entry(
                "portfolio",
                _("Portfolio"),
                "chart-donut",
                servicing.VIEW,
                within=("static_pool",),
            ),
            Entry("overdue", _("Overdue"), "alarm", servicing.VIEW),
            Entry("compensations", _("Compensations due"), "shield-check", servicing.VIEW),
            Entry(
                "imports",
                _("Imports"),
                "file-import",
                servicing.VIEW,
                within=("brought", "undo_import"),
            ),
            Entry("debits", _("Direct debits"), "repeat", payments.VIEW, within=("debit_file",)),
            Entry("unapplied", _("Unapplied money"), "receipt-refund", payments.VIEW),
            Entry("ledger", _("Trial balance"), "scale", ledger.VIEW),
            Entry("day_close", _("Day close"), "calendar-event", books.VIEW),
        ),
    ),
    Group(
        _("Partners and rules"),
        (
            Entry(
                "partners",
                _("Partners"),
                "building-bank",
                partners.VIEW,
                within=("partner", "agreement"),
            ),
            Entry("products", _("Products"), "briefcase", products.VIEW, within=("product",)),
            Entry("promotions", _("Promotions"), "tag", products.VIEW, within=("promotion",)),
            Entry(
                "strategies", _("Strategies"), "git-branch", decisioning.VIEW, within=("strategy",)
            ),
            Entry("rules", _("Compliance rules"), "gavel", compliance.VIEW),
            Entry(
                "reference_rates",
                _("Reference rates"),
                "percentage",
                compliance.VIEW,
                within=("rate_effects",),
            ),
            Entry(
                "rereads",
                _("Rates read again"),
                "refresh",
                servicing.VIEW,
                within=("reread",),
            ),
        ),
    ),
    Group(
        _("System"),
        (
            Entry("jobs", _("Jobs and dead letters"), "stack-2", jobs.VIEW, _dead, True),
            Entry("audit", _("Audit trail"), "history", audit.VIEW),
            Entry("people", _("People"), "user-circle", identity.VIEW, within=("person",)),
            Entry("roles", _("Permission matrix"), "shield-lock", identity.VIEW),
            Entry("keys", _("API keys"), "key", identity.VIEW),
            Entry("parameters", _("Parameters"), "adjustments-horizontal", parameters.VIEW),
        ),
    ),
)


def titles_for(actor: Actor) -> dict[str, Promise]:
    """The pages of the menu that a person may open, and what they are called."""
    return {
        entry.page: entry.title for group in MENU for entry in group.entries if _opens(actor, entry)
    }


def _opens(actor: Actor, entry: Entry) -> bool:
    return actor.may(entry.grant) and actor.may(entry.further_grant or entry.grant)


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
            if _opens(actor, entry)
        ]
        if lines:
            shown.append((group.title, lines))
    return shown
