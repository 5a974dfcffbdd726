"""What the steps of an application share: the draft, where it goes on, and the frame of a step."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url

from loanops.platform.web import clock
from loanops.registry.borrowers import operations as borrowers
from loanops.registry.borrowers import queries as accounts
from loanops.registry.borrowers.queries import DraftCard
from loanops.surfaces.portal.pages.door import channel_of
from loanops.surfaces.portal.pages.shell import PortalRequest, render
from loanops.surfaces.portal.pages.words import STEPS

ORDER: Final = tuple(STEPS)
SOURCE: Final = "portal"
# The house takes the words of these fields, the draft what was typed.
PERSON_FIELDS: Final = ("name", "id_number", "region", "address")


def draft_of(request: PortalRequest) -> DraftCard | None:
    """What was typed and not sent yet."""
    return accounts.find_draft(request.borrower.account, viewer=request.actor)


def keep(request: PortalRequest, draft: DraftCard | None, step: str, **typed: Any) -> None:
    """Keep what was typed beside what was before; the place to go on moves forward only."""
    before = dict(draft.content) if draft else {}
    place = step
    if draft and ORDER.index(draft.step) > ORDER.index(step):
        place = draft.step
    borrowers.keep_draft(
        account=request.borrower.account,
        content={**before, **typed},
        step=place,
        channel=draft.channel if draft else channel_of(request),
        version=draft.version if draft else None,
        actor=request.actor,
        at=clock.now(),
    )


def after(step: str) -> str:
    """The step behind a step."""
    return ORDER[ORDER.index(step) + 1]


def to_step(step: str) -> HttpResponse:
    """Go on with a step."""
    return HttpResponseRedirect(resolve_url("portal:apply_step", step))


def show_step(
    request: PortalRequest, step: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A step within the frame of all steps."""
    draft = context.get("draft")
    reached = ORDER.index(draft.step) if draft else 0
    frame = {
        "step": step,
        "place": ORDER.index(step) + 1,
        "places": len(ORDER),
        "steps": [(code, name, ORDER.index(code) <= reached) for code, name in STEPS.items()],
        "before": ORDER[ORDER.index(step) - 1] if ORDER.index(step) else "",
    }
    return render(request, f"portal/applying/{step}.html", {**frame, **context}, status=status)
