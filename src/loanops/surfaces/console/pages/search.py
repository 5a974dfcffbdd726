"""Search: a number leads straight to its page, a name or a mobile to the customers it fits.

What is asked is personal, so it is posted and never part of an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loanops.loanbook.servicing import permissions as loan_grants
from loanops.loanbook.servicing import queries as loans
from loanops.loanbook.servicing.queries import LoanFilter
from loanops.origination.applications import permissions as application_grants
from loanops.origination.applications import queries as applications
from loanops.origination.applications.queries import Filter
from loanops.platform.web.templatetags import in_language, money
from loanops.registry.parties import permissions, queries
from loanops.registry.partners import permissions as partner_grants
from loanops.surfaces.console.pages.naming import partner_names, product_names
from loanops.surfaces.console.pages.shell import ConsoleRequest, order, page, render
from loanops.surfaces.console.pages.words import word_of

PAGES = {
    "AP": "application",
    "LN": "loan",
    "CT": "contract",
    "OF": "offer",
    "PA": "party",
    "AG": "agreement",
    "PV": "product",
}
FOUND_MAX = 5
ASKED_MIN = 2
_NUMBER = re.compile(r"[A-Z0-9]+-[A-Z0-9-]*|[A-Z0-9-]*[0-9][A-Z0-9-]*")


@dataclass(frozen=True)
class Hit:
    """One thing that was found: where it leads, what it is called, and what tells it apart."""

    url: str
    name: str
    about: str


@dataclass(frozen=True)
class Hits:
    """What was found of one kind."""

    title: Promise
    icon: str
    hits: list[Hit]


@page(asks=True)
def search(request: ConsoleRequest) -> HttpResponse:
    """What the words in the search box lead to; they are never part of an address."""
    asked = _asked(request)
    found = PAGES.get(asked[:2].upper()) if asked[2:3] == "-" else None
    if found:
        return HttpResponseRedirect(reverse(f"console:{found}", args=[asked]))
    may_search = request.actor.may(permissions.VIEW) and request.desk.book is not None
    people = (
        queries.search(book=request.book.code, text=asked, viewer=request.actor)
        if asked and may_search
        else []
    )
    context = {"asked": asked, "people": people, "may_search": may_search}
    return render(request, "console/search.html", context)


@order(needs_book=True)
def find(request: ConsoleRequest) -> HttpResponse:
    """The first few things of each kind that fit what is typed into the palette."""
    asked = _asked(request)
    groups = list(_found(request, asked)) if len(asked) >= ASKED_MIN else []
    context = {"groups": [group for group in groups if group.hits]}
    return render(request, "console/found.html", context)


def _asked(request: ConsoleRequest) -> str:
    return request.POST.get("q", "").replace("\x00", "").strip()[:80]


def _found(request: ConsoleRequest, asked: str) -> Iterator[Hits]:
    """What a person may see and find; every kind is looked up by an index of its own."""
    may = request.actor.may
    if may(permissions.VIEW):
        yield Hits(_("Customers"), "user", _customers(request, asked))
    if may(application_grants.VIEW):
        yield Hits(_("Applications"), "file-text", _applications(request, asked))
    if may(loan_grants.VIEW) and _NUMBER.fullmatch(asked.upper()):
        yield Hits(_("Loans"), "cash", _loans(request, asked.upper()))
    if may(partner_grants.VIEW):
        yield Hits(_("Partners"), "building-bank", _partners(request, asked.lower()))


def _customers(request: ConsoleRequest, asked: str) -> list[Hit]:
    people = queries.search(
        book=request.book.code, text=asked, viewer=request.actor, limit=FOUND_MAX
    )
    return [
        Hit(
            url=reverse("console:party", args=[each.number]),
            name=each.name_masked or each.number,
            about=f"{each.mobile_masked} · {each.number}" if each.mobile_masked else each.number,
        )
        for each in people
    ]


def _applications(request: ConsoleRequest, asked: str) -> list[Hit]:
    wanted = Filter(book=request.book.code, text=asked, limit=FOUND_MAX)
    cards = applications.list_applications(wanted, viewer=request.actor).cards
    return [
        Hit(
            url=reverse("console:application", args=[each.number]),
            name=f"{each.applicant_masked} · {each.number}"
            if each.applicant_masked
            else each.number,
            about=f"{word_of('stage', each.stage).text} · "
            f"{money(each.amount_minor, request.book.currency)}",
        )
        for each in cards
    ]


def _loans(request: ConsoleRequest, asked: str) -> list[Hit]:
    wanted = LoanFilter(book=request.book.code, number=asked[:32], brief=True, limit=FOUND_MAX)
    lines = loans.list_loans(wanted=wanted, viewer=request.actor).lines
    names = product_names(request)
    return [
        Hit(
            url=reverse("console:loan", args=[each.number]),
            name=each.number,
            about=f"{in_language(names.get(each.product)) or each.product} · "
            f"{money(each.outstanding_minor, request.book.currency)}",
        )
        for each in lines
    ]


def _partners(request: ConsoleRequest, asked: str) -> list[Hit]:
    """Partners are few: their names are read whole on most pages."""
    fitting = (
        (code, name)
        for code, name in partner_names(request).items()
        if asked in code.lower() or any(asked in text.lower() for text in name.values())
    )
    return [
        Hit(reverse("console:partner", args=[code]), in_language(name), code)
        for code, name in fitting
    ][:FOUND_MAX]
