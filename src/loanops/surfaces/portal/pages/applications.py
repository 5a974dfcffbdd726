"""One application: where it stands in plain words, its documents, its offers side by side."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loanops.kernel.refusals import Refusal
from loanops.loanbook.servicing import queries as servicing
from loanops.origination.applications import operations, queries
from loanops.origination.applications.queries import ApplicationCard
from loanops.origination.contracts import queries as contracts
from loanops.origination.decisioning import permissions as decision_grants
from loanops.origination.decisioning import queries as decisioning
from loanops.platform.web import clock
from loanops.platform.web.templatetags import in_language
from loanops.platform.web.words import words_of
from loanops.registry.partners import queries as partners
from loanops.registry.products import queries as products
from loanops.surfaces.portal.forms.fields import PortalForm
from loanops.surfaces.portal.pages.offers import yuan_of
from loanops.surfaces.portal.pages.shell import PortalRequest, done, order, page, render, seeing
from loanops.surfaces.portal.pages.words import PLACES, STAGES, WAITING, WITHDRAW_REASONS

OPEN_OFFERS = frozenset({"made", "confirmed", "drawn_up"})


class DocumentForm(PortalForm):
    """A document: a picture from the camera, or a file."""

    kind = forms.CharField(max_length=40)
    file = forms.FileField(label=gettext_lazy("File"))


@page()
def application(request: PortalRequest, number: str) -> HttpResponse:
    """Where an application stands and what comes next; it looks again by itself while it moves."""
    card = queries.get_application(number, viewer=request.actor)
    return _shown(request, card)


def _shown(
    request: PortalRequest, card: ApplicationCard, *, problem: str = "", status: int = 200
) -> HttpResponse:
    names = products.list_names(book=card.book, viewer=request.actor)
    loan = None
    if card.stage == "disbursed":
        loan = servicing.find_loan_of(application=card.number, viewer=request.actor)
    context: dict[str, Any] = {
        "application": card,
        "product_name": names.get(card.product, {}),
        "stage": STAGES[card.stage],
        "places": list(PLACES),
        "is_waiting": card.stage in WAITING,
        "story": queries.timeline(card.number, viewer=request.actor),
        "stages": STAGES,
        "reasons": _reasons(request, card),
        "documents": _documents(request, card),
        "loan": loan,
        "withdraw_reasons": WITHDRAW_REASONS,
        "problem": problem,
        **_offered(request, card),
    }
    if request.headers.get("X-Part") == "standing":
        return render(request, "portal/parts/standing.html", context)
    return render(request, "portal/application.html", context, status=status)


def _reasons(request: PortalRequest, card: ApplicationCard) -> list[str]:
    """Why it was declined, in the words of the last verdict; a code without words stays unsaid."""
    if card.stage != "declined":
        return []
    viewer = seeing(request, decision_grants.VIEW)
    verdicts = decisioning.verdicts_of(application=card.number, viewer=viewer)
    said = verdicts[-1].sentences.values() if verdicts else ()
    return [in_language(dict(words)) for words in said if words]


def _documents(request: PortalRequest, card: ApplicationCard) -> list[dict[str, Any]]:
    """Each kind that is asked for with the newest document of it."""
    sent = queries.list_documents(card.number, viewer=request.actor)
    newest = {each.kind: each for each in sent}
    reasons = queries.document_reasons()
    return [
        {
            "line": line,
            "newest": (found := newest.get(line.kind)),
            "reason": reasons.get(found.reason, {}) if found else {},
            "may_send": "add_documents" in card.rights and not line.is_there,
        }
        for line in queries.get_checklist(card.number, viewer=request.actor)
    ]


def _offered(request: PortalRequest, card: ApplicationCard) -> dict[str, Any]:
    listed = contracts.list_offers(application=card.number, viewer=request.actor)
    offers = [each for each in listed if each.state in OPEN_OFFERS]
    names = partners.list_names(book=card.book, viewer=request.actor)
    return {
        "offers": [(each, yuan_of(each)) for each in offers] if card.stage == "offered" else [],
        "partners": names,
        "signed": next((each for each in listed if each.state == "signed"), None),
    }


@order()
def send_document(request: PortalRequest, number: str) -> HttpResponse:
    """Keep a document of the application."""
    card = queries.get_application(number, viewer=request.actor)
    form = DocumentForm(request.POST, request.FILES)
    if not form.is_valid():
        words = _("Choose a picture or a file first.")
        return _shown(request, card, problem=words, status=422)
    file = form.cleaned_data["file"]
    try:
        operations.add_document(
            number=number,
            kind=form.cleaned_data["kind"],
            name=file.name or "",
            content=file.read(),
            actor=request.actor,
            at=clock.now(),
        )
    except Refusal as refusal:
        return _shown(request, card, problem=words_of(refusal), status=refusal.status)
    return done(request, _("The document was received."), "portal:application", number)


@page()
def read_document(request: PortalRequest, document: str) -> HttpResponse:
    """One's own document as it was sent."""
    card, content = queries.read_document(document, viewer=request.actor)
    response = HttpResponse(content, content_type=card.media_type)
    response["Content-Disposition"] = f'attachment; filename="{card.name}"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@order()
def withdraw(request: PortalRequest, number: str) -> HttpResponse:
    """Give the application up."""
    card = queries.get_application(number, viewer=request.actor)
    operations.withdraw(
        number=number,
        reason=request.POST.get("reason", "no_longer_needed"),
        version=card.version,
        actor=request.actor,
        at=clock.now(),
    )
    return done(request, _("Your application was withdrawn."), "portal:application", number)
