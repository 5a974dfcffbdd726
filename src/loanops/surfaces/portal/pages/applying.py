"""An application in short steps: each is kept sealed when it is sent, and gone on with anywhere.

What is kept is what was typed. Rules are asked of the rooms: the product's bounds by a quote, the
person's particulars by the customer file, everything once more when the application is submitted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url

from loanops.kernel.money import format_amount
from loanops.kernel.refusals import NotFound
from loanops.registry.borrowers import queries as accounts
from loanops.registry.borrowers.queries import DraftCard
from loanops.registry.parties import queries as parties
from loanops.surfaces.portal.forms.applying import LoanForm, MeansForm, PersonForm
from loanops.surfaces.portal.forms.fields import PortalForm
from loanops.surfaces.portal.pages import asking
from loanops.surfaces.portal.pages.consenting import ask_next
from loanops.surfaces.portal.pages.costing import offered, quoted, usual
from loanops.surfaces.portal.pages.sending import check
from loanops.surfaces.portal.pages.shell import (
    PortalRequest,
    page,
    render,
)
from loanops.surfaces.portal.pages.steps import (
    ORDER,
    PERSON_FIELDS,
    draft_of,
    keep,
    show_step,
    to_step,
)


@page()
def apply(request: PortalRequest) -> HttpResponse:
    """Begin, or go on where it was left."""
    if request.borrower.must_prove:
        return HttpResponseRedirect(resolve_url("portal:identity"))
    draft = draft_of(request)
    return to_step(draft.step if draft else ORDER[0])


@page("GET", "HEAD", "POST")
def apply_step(request: PortalRequest, step: str) -> HttpResponse:
    """One step; one that was not reached yet leads to where to go on."""
    views: dict[str, Callable[[PortalRequest, DraftCard | None], HttpResponse]] = {
        "consents": _consents,
        "loan": _loan,
        "person": _person,
        "means": _means,
        "sharing": _sharing,
        "check": check,
    }
    if step not in views:
        raise NotFound(kind="page", number=step[:20])
    draft = draft_of(request)
    reached = ORDER.index(draft.step) if draft else 0
    if ORDER.index(step) > reached or request.borrower.must_prove:
        return HttpResponseRedirect(resolve_url("portal:apply"))
    return views[step](request, draft)


def _consents(request: PortalRequest, draft: DraftCard | None) -> HttpResponse:
    return ask_next(request, draft, "consents", asking.general_asks(request))


def _sharing(request: PortalRequest, draft: DraftCard | None) -> HttpResponse:
    product = str(draft.content.get("product", "")) if draft else ""
    return ask_next(request, draft, "sharing", asking.sharing_asks(request, product))


def _loan(request: PortalRequest, draft: DraftCard | None) -> HttpResponse:
    """Which product, how much and for how long, with what that would cost."""
    kept = dict(draft.content) if draft else {}
    said = request.POST if request.method == "POST" else {**kept, **request.GET.dict()}
    listed = offered(request)
    version = next((each for each in listed if each.product == said.get("product")), None)
    context: dict[str, Any] = {"draft": draft, "products": listed, "version": version}
    if version is None:
        return show_step(request, "loan", context)
    typed = {"amount_minor": said.get("amount", ""), "term_months": said.get("term", "")}
    if not typed["amount_minor"]:
        typed = usual(version)
    typed["purpose"] = said.get("purpose", "daily")
    if str(typed["term_months"]) not in {str(months) for months in version.terms_months}:
        typed["term_months"] = str(version.terms_months[-1])
    form = LoanForm(typed, version=version)
    context |= {"form": form, **quoted(request, version, typed)}
    if request.method == "POST" and form.is_valid() and "quote" in context:
        keep(
            request,
            draft,
            "person",
            product=version.product,
            amount=format_amount(form.cleaned_data["amount_minor"], version.currency),
            term=str(form.cleaned_data["term_months"]),
            purpose=form.cleaned_data["purpose"],
        )
        return to_step("person")
    form.mark()
    wrong = request.method == "POST"
    if request.headers.get("X-Part") == "quote":
        return render(request, "portal/parts/quote.html", context)
    return show_step(request, "loan", context, status=422 if wrong else 200)


def _person(request: PortalRequest, draft: DraftCard | None) -> HttpResponse:
    """Who applies, held against the rules of identity at once."""
    kept = dict(draft.content) if draft else {}
    context: dict[str, Any] = {"draft": draft}
    if request.method != "POST":
        return show_step(request, "person", {**context, "form": PersonForm(initial=kept)})
    form = PersonForm(request.POST)
    if form.is_valid():
        person = parties.PersonIn(
            mobile=accounts.get_mobile(request.borrower.account, viewer=request.actor),
            **{name: form.cleaned_data[name] for name in PERSON_FIELDS},
        )
        checked = parties.check_people(book=request.book.code, people=[person])[0]
        form.take(checked.refusals)
    if form.errors:
        form.mark()
        return show_step(request, "person", {**context, "form": form}, status=422)
    typed = {name: form.cleaned_data[name] for name in PERSON_FIELDS}
    keep(request, draft, "means", **typed)
    return to_step("means")


def _means(request: PortalRequest, draft: DraftCard | None) -> HttpResponse:
    """What comes in and goes out."""
    currency = request.frame.currency
    kept = dict(draft.content.get("means", {})) if draft else {}
    context: dict[str, Any] = {"draft": draft, "currency": currency}
    if request.method != "POST":
        form: PortalForm = MeansForm(initial=kept or None, currency=currency)
        return show_step(request, "means", {**context, "form": form})
    form = MeansForm(request.POST, currency=currency)
    if not form.is_valid():
        form.mark()
        return show_step(request, "means", {**context, "form": form}, status=422)
    typed = {name: request.POST.get(name, "").strip()[:40] for name in form.fields}
    keep(request, draft, "sharing", means=typed)
    return to_step("sharing")
