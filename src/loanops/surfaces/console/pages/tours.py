"""The first tour of a person: the pages of their day, one after another, by the roles they hold.

A tour is a list of pages; what a stop says belongs to its page. Nobody is led to a page that they
may not open. It is offered on the board until it is ended, and can be taken again at any time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loanops.kernel.access import Actor
from loanops.platform.identity.roles import grants_of
from loanops.surfaces.console.pages.menu import titles_for

STOPS_MAX = 6
TOURS: dict[str, tuple[str, ...]] = {
    "reviewer": ("work_list", "applications", "parties", "loans"),
    "risk_manager": ("work_list", "strategies", "portfolio", "loans"),
    "operations": ("work_list", "applications", "contracts", "exceptions", "loans"),
    "partner_manager": ("partners", "exceptions", "rules"),
    "product_manager": ("products", "promotions", "strategies"),
    "service_agent": ("parties", "applications", "loans"),
    "collector": ("overdue", "loans", "change_requests"),
    "finance": ("unapplied", "debits", "ledger", "day_close"),
    "compliance_officer": ("rules", "strategies", "audit"),
    "manager": ("portfolio", "loans", "change_requests", "audit"),
    "administrator": ("people", "roles", "jobs", "parameters"),
}
STOPS: dict[str, Promise] = {
    "work_list": _(
        "Your day begins here: what waits for a person. J and K walk the rows, Enter opens one, "
        "E does what comes next."
    ),
    "applications": _(
        "Every request from draft to its end: who asks, why it stands where it stands, and what "
        "happened."
    ),
    "contracts": _("Contracts that wait to be signed, and the signed copies that are kept."),
    "exceptions": _(
        "What could not be settled by itself, each with an owner. A payout whose result is unknown "
        "is asked about, never sent twice."
    ),
    "parties": _(
        "Customers are found by name, pinyin, mobile or identity number and shown masked. To see a "
        "field one names a purpose, and that is recorded."
    ),
    "loans": _(
        "Every loan with what is owed and why. A change is shown with its exact effect before it "
        "is booked, and can be undone afterwards."
    ),
    "change_requests": _(
        "Changes that take two people wait here. The second approves exactly what the first saw."
    ),
    "portfolio": _(
        "How the book stands on any day, where it is at risk and what is to come in. Every number "
        "opens its loans."
    ),
    "overdue": _("The book by days past due. A bucket opens its loans."),
    "debits": _(
        "Each file of debits with its result. What one window does not bring, the next asks for."
    ),
    "unapplied": _("Money that came in and has no place yet. It belongs to who paid it."),
    "ledger": _("Every account as its postings make it; debit and credit are always equal."),
    "day_close": _(
        "The close runs step by step, each once. A loan that cannot be closed is set aside, and "
        "the others go on."
    ),
    "partners": _(
        "Funders, guarantors and channels, their agreements and how much is left of each."
    ),
    "products": _("What is offered, by version. A loan keeps the version it was made under."),
    "promotions": _(
        "Codes that lower fees or a rate, who pays for them and how often they were used."
    ),
    "strategies": _(
        "The rules by which applications are judged, each version with its test cases."
    ),
    "rules": _(
        "The law as data: each limit with its document, article and dates, and whether it was "
        "confirmed."
    ),
    "audit": _("Who did what and when, sealed in a chain that cannot be changed unseen."),
    "people": _("Who may sign in, and the roles they hold from a day on."),
    "roles": _("Which role may do what, read from the file that is enforced."),
    "jobs": _("Work done in the background. What failed too often waits here for a person."),
    "parameters": _(
        "What may be set while the system runs; the past keeps what was in force then."
    ),
}


@dataclass(frozen=True)
class Tour:
    """One stop of a tour, or the offer of one (``place`` 0): what it says and where it goes on."""

    place: int
    count: int
    title: Promise | str
    words: Promise | str
    back: str
    on: str


def tour_of(actor: Actor, *, here: str, asked: str, is_offered: bool) -> Tour | None:
    """The stop that the address asks for, or the offer of a tour on the board, or nothing."""
    if not asked:
        stops = list(_stops(actor)) if is_offered and here == "board" else []
        return Tour(0, len(stops), "", "", "", _address(stops, 1)) if stops else None
    stops = list(_stops(actor))
    place = next((place for place in range(1, len(stops) + 1) if str(place) == asked), 0)
    if not place or stops[place - 1][0] != here:
        return None
    return Tour(
        place=place,
        count=len(stops),
        title=stops[place - 1][1],
        words=STOPS[here],
        back=_address(stops, place - 1) if place > 1 else "",
        on=_address(stops, place + 1) if place < len(stops) else "",
    )


def first_stop(actor: Actor) -> str:
    """Where a person's tour begins; the board where there is nothing to show."""
    stops = list(_stops(actor))
    return _address(stops, 1) if stops else reverse("console:board")


def _address(stops: list[tuple[str, Promise]], place: int) -> str:
    return f"{reverse(f'console:{stops[place - 1][0]}')}?tour={place}"


def _stops(actor: Actor) -> Iterator[tuple[str, Promise]]:
    """The pages of all roles whose rights a person has, each once, and what they are called."""
    titles = titles_for(actor)
    held = [pages for role, pages in TOURS.items() if actor.grants >= grants_of(role)]
    pages = dict.fromkeys(page for pages in held for page in pages if page in titles)
    yield from ((page, titles[page]) for page in list(pages)[:STOPS_MAX])
