"""The page of the audit: everything that was done, in words."""

from __future__ import annotations

from django.http import HttpResponse

from loanops.platform.audit import SENTENCES, permissions, queries
from loanops.platform.audit.queries import PAGE, Filter
from loanops.surfaces.console.pages.shell import ConsoleRequest, page, render


@page(permissions.VIEW)
def audit(request: ConsoleRequest) -> HttpResponse:
    """One page of entries, newest first."""
    asked = request.GET
    before = asked.get("before", "")
    room = asked.get("room", "")
    wanted = Filter(
        subject=asked.get("subject", "").strip(),
        code=f"{room}." if room else "",
        actor=asked.get("actor", "").strip(),
        book=asked.get("book", ""),
        before=int(before) if before.isdecimal() and len(before) < 19 else None,
    )
    entries = queries.list_entries(wanted=wanted, viewer=request.actor)
    context = {
        "entries": entries,
        "wanted": wanted,
        "room": room,
        "rooms": sorted({code.split(".", 1)[0] for code in SENTENCES}),
        "next": entries[-1].id if len(entries) == PAGE else None,
    }
    return render(request, "console/audit/audit.html", context)
