"""Search: a number leads straight to its page, a name or a mobile to the customers it fits."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from loanops.registry.parties import permissions, queries
from loanops.surfaces.console.pages.shell import ConsoleRequest, page, render

PAGES = {
    "AP": "application",
    "LN": "loan",
    "CT": "contract",
    "OF": "offer",
    "PA": "party",
    "AG": "agreement",
    "PV": "product",
}


@page(asks=True)
def search(request: ConsoleRequest) -> HttpResponse:
    """What the words in the search box lead to; they are never part of an address."""
    asked = request.POST.get("q", "").strip()[:80]
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
