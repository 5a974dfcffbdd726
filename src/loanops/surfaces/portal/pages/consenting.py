"""The steps in which consents are asked for, one after the other."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from loanops.platform.web import clock
from loanops.registry.borrowers.queries import DraftCard
from loanops.registry.compliance import operations as compliance
from loanops.surfaces.portal.pages import asking
from loanops.surfaces.portal.pages.shell import PortalRequest, evidence_of, order
from loanops.surfaces.portal.pages.steps import (
    SOURCE,
    after,
    draft_of,
    keep,
    show_step,
    to_step,
)


def declined_of(draft: DraftCard | None) -> list[str]:
    """The consents that were declined, by what tells them apart."""
    return list(draft.content.get("declined", ())) if draft else []


def ask_next(
    request: PortalRequest, draft: DraftCard | None, step: str, asks: list[asking.Ask]
) -> HttpResponse:
    """The next consent that was neither given nor declined; when there is none, the next step."""
    held = asking.given(request)
    waiting = asking.open_asks(asks, held, declined_of(draft))
    if request.method == "POST" and waiting:
        return _answer(request, draft, step, waiting)
    context: dict[str, Any] = {
        "draft": draft,
        "asked": [(ask, held.get(ask.key), ask.key in declined_of(draft)) for ask in asks],
        "answered": len(asks) - len(waiting),
        "count": len(asks),
        "declined": [ask for ask in asks if ask.key in declined_of(draft)],
    }
    if waiting:
        context |= {"ask": waiting[0], "at": len(asks) - len(waiting) + 1}
    elif request.method == "POST":
        if step == "sharing" and not any(ask.key in held for ask in asks):
            context["problem"] = _("Nobody could lend you the money then; let one funder see it.")
            return show_step(request, step, context, status=422)
        keep(request, draft, after(step))
        return to_step(after(step))
    return show_step(request, step, context)


def _answer(
    request: PortalRequest, draft: DraftCard | None, step: str, waiting: list[asking.Ask]
) -> HttpResponse:
    """Take the answer to the consent that was shown, if those were its words."""
    ask = waiting[0]
    if (request.POST.get("key"), request.POST.get("version")) != (ask.key, ask.version):
        return to_step(step)
    if request.POST.get("decision") == "agree":
        compliance.record_consent(
            book=request.book.code,
            consent=compliance.ConsentIn(
                subject=request.borrower.account,
                purpose=ask.purpose,
                recipient=ask.recipient,
                wording_version=ask.version,
                channel=SOURCE,
                evidence={**evidence_of(request), "language": request.frame.language},
            ),
            actor=request.actor,
            at=clock.now(),
        )
    elif not ask.needed:
        keep(request, draft, step, declined=[*declined_of(draft), ask.key])
    else:
        context = {"draft": draft, "ask": ask, "refused": True}
        return show_step(request, step, context, status=422)
    if len(waiting) == 1 and step == "consents":
        keep(request, draft_of(request), after(step))
        return to_step(after(step))
    return to_step(step)


@order()
def reconsider(request: PortalRequest) -> HttpResponse:
    """Ask once more for the consents that were declined."""
    draft = draft_of(request)
    if draft is not None:
        keep(request, draft, draft.step, declined=[])
    return to_step("sharing")
