"""Search: a number leads straight to its page, a name or a mobile to the customers it fits."""

from __future__ import annotations

from django.http import HttpResponse

from loanops.surfaces.console.pages.shell import ConsoleRequest, page, render


@page()
def search(request: ConsoleRequest) -> HttpResponse:
    """What the words in the search box lead to."""
    asked = request.GET.get("q", "").strip()[:80]
    return render(request, "console/search.html", {"asked": asked})
