"""An application in short steps: each is kept sealed when it is sent, and gone on with anywhere.

What is kept is what was typed. Rules are asked of the rooms: the product's bounds by a quote, the
person's particulars by the customer file, everything once more when the application is submitted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from loanops.kernel.money import format_amount, parse_amount
from loanops.kernel.refusals import NotFound, Refusal
from loanops.origination.applications import operations as applications
from loanops.origination.applications.operations import Applicant, ApplicationRequest
from loanops.origination.contracts import queries as contracts
from loanops.platform.web import clock
from loanops.platform.web.words import words_of
from loanops.registry.borrowers import operations as borrowers
from loanops.registry.borrowers import queries as accounts
from loanops.registry.borrowers.queries import DraftCard
from loanops.registry.compliance import operations as compliance
from loanops.registry.parties import queries as parties
from loanops.registry.products import queries as products
from loanops.registry.products.queries import ProductVersionCard
from loanops.surfaces.portal.forms.applying import LoanForm, MeansForm, PersonForm
from loanops.surfaces.portal.forms.fields import PortalForm
from loanops.surfaces.portal.pages import asking
from loanops.surfaces.portal.pages.door import channel_of
from loanops.surfaces.portal.pages.shell import (
    PortalRequest,
    done,
    evidence_of,
    order,
    page,
    render,
)
from loanops.surfaces.portal.pages.words import STEPS

ORDER: Final = tuple(STEPS)
SOURCE: Final = "portal"
# The house takes the words of these fields, the draft what was typed.
PERSON_FIELDS: Final = ("name", "id_number", "region", "address")


def _draft(request: PortalRequest) -> DraftCard | None:
    return accounts.find_draft(request.borrower.account, viewer=request.actor)


def _keep(request: PortalRequest, draft: DraftCard | None, step: str, **typed: Any) -> None:
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


def _after(step: str) -> str:
    return ORDER[ORDER.index(step) + 1]


def _to(step: str) -> HttpResponse:
    return HttpResponseRedirect(resolve_url("portal:apply_step", step))


def _show(
    request: PortalRequest, step: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
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


@page()
def apply(request: PortalRequest) -> HttpResponse:
    """Begin, or go on where it was left."""
    if request.borrower.must_prove:
        return HttpResponseRedirect(resolve_url("portal:identity"))
    draft = _draft(request)
    return _to(draft.step if draft else ORDER[0])


@page("GET", "HEAD", "POST")
def apply_step(request: PortalRequest, step: str) -> HttpResponse:
    """One step; one that was not reached yet leads to where to go on."""
    views: dict[str, Callable[[PortalRequest, DraftCard | None], HttpResponse]] = {
        "consents": _consents,
        "loan": _loan,
        "person": _person,
        "means": _means,
        "sharing": _sharing,
        "check": _check,
    }
    if step not in views:
        raise NotFound(kind="page", number=step[:20])
    draft = _draft(request)
    reached = ORDER.index(draft.step) if draft else 0
    if ORDER.index(step) > reached or request.borrower.must_prove:
        return HttpResponseRedirect(resolve_url("portal:apply"))
    return views[step](request, draft)


def _declined(draft: DraftCard | None) -> list[str]:
    return list(draft.content.get("declined", ())) if draft else []


def _consents(request: PortalRequest, draft: DraftCard | None) -> HttpResponse:
    return _ask(request, draft, "consents", asking.general_asks(request))


def _sharing(request: PortalRequest, draft: DraftCard | None) -> HttpResponse:
    product = str(draft.content.get("product", "")) if draft else ""
    return _ask(request, draft, "sharing", asking.sharing_asks(request, product))


def _ask(
    request: PortalRequest, draft: DraftCard | None, step: str, asks: list[asking.Ask]
) -> HttpResponse:
    """The next consent that was neither given nor declined; when there is none, the next step."""
    held = asking.given(request)
    waiting = asking.open_asks(asks, held, _declined(draft))
    if request.method == "POST" and waiting:
        return _answer(request, draft, step, waiting)
    context: dict[str, Any] = {
        "draft": draft,
        "asked": [(ask, held.get(ask.key), ask.key in _declined(draft)) for ask in asks],
        "answered": len(asks) - len(waiting),
        "count": len(asks),
        "declined": [ask for ask in asks if ask.key in _declined(draft)],
    }
    if waiting:
        context |= {"ask": waiting[0], "at": len(asks) - len(waiting) + 1}
    elif request.method == "POST":
        if step == "sharing" and not any(ask.key in held for ask in asks):
            context["problem"] = _("Nobody could lend you the money then; let one funder see it.")
            return _show(request, step, context, status=422)
        _keep(request, draft, _after(step))
        return _to(_after(step))
    return _show(request, step, context)


def _answer(
    request: PortalRequest, draft: DraftCard | None, step: str, waiting: list[asking.Ask]
) -> HttpResponse:
    """Take the answer to the consent that was shown, if those were its words."""
    ask = waiting[0]
    if (request.POST.get("key"), request.POST.get("version")) != (ask.key, ask.version):
        return _to(step)
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
        _keep(request, draft, step, declined=[*_declined(draft), ask.key])
    else:
        context = {"draft": draft, "ask": ask, "refused": True}
        return _show(request, step, context, status=422)
    if len(waiting) == 1 and step == "consents":
        _keep(request, _draft(request), _after(step))
        return _to(_after(step))
    return _to(step)


@order()
def reconsider(request: PortalRequest) -> HttpResponse:
    """Ask once more for the consents that were declined."""
    draft = _draft(request)
    if draft is not None:
        _keep(request, draft, draft.step, declined=[])
    return _to("sharing")


def _offered(request: PortalRequest) -> list[ProductVersionCard]:
    listed = products.list_versions(
        book=request.book.code, on=request.book.business_date, viewer=request.actor
    )
    return [each for each in listed if each.terms["method"] != "custom"]


def _loan(request: PortalRequest, draft: DraftCard | None) -> HttpResponse:
    """Which product, how much and for how long, with what that would cost."""
    kept = dict(draft.content) if draft else {}
    said = request.POST if request.method == "POST" else {**kept, **request.GET.dict()}
    listed = _offered(request)
    version = next((each for each in listed if each.product == said.get("product")), None)
    context: dict[str, Any] = {"draft": draft, "products": listed, "version": version}
    if version is None:
        return _show(request, "loan", context)
    typed = {"amount_minor": said.get("amount", ""), "term_months": said.get("term", "")}
    if not typed["amount_minor"]:
        typed = _usual(version)
    typed["purpose"] = said.get("purpose", "daily")
    if str(typed["term_months"]) not in {str(months) for months in version.terms_months}:
        typed["term_months"] = str(version.terms_months[-1])
    form = LoanForm(typed, version=version)
    context |= {"form": form, **_quoted(request, version, typed)}
    if request.method == "POST" and form.is_valid() and "quote" in context:
        _keep(
            request,
            draft,
            "person",
            product=version.product,
            amount=format_amount(form.cleaned_data["amount_minor"], version.currency),
            term=str(form.cleaned_data["term_months"]),
            purpose=form.cleaned_data["purpose"],
        )
        return _to("person")
    form.mark()
    wrong = request.method == "POST"
    if request.headers.get("X-Part") == "quote":
        return render(request, "portal/parts/quote.html", context)
    return _show(request, "loan", context, status=422 if wrong else 200)


def _usual(version: ProductVersionCard) -> dict[str, Any]:
    """What the form shows first: an amount between the bounds, and the longest term."""
    between = version.amount_min_minor + (version.amount_max_minor - version.amount_min_minor) // 4
    step = 100_000
    amount = max(between // step * step, version.amount_min_minor)
    return {
        "amount_minor": format_amount(amount, version.currency),
        "term_months": str(version.terms_months[-1]),
    }


def _quoted(
    request: PortalRequest, version: ProductVersionCard, typed: dict[str, Any]
) -> dict[str, Any]:
    """What it would cost by the product's own rate, or why that cannot be said."""
    try:
        amount_minor = parse_amount(str(typed["amount_minor"]).replace(",", ""), version.currency)
        quote = contracts.quote(
            book=request.book.code,
            product=version.product,
            principal_minor=amount_minor,
            term_months=int(typed["term_months"]),
            annual_rate=None,
        )
    except Refusal as refusal:
        return {"quote_problem": words_of(refusal)}
    return {"quote": quote}


def _person(request: PortalRequest, draft: DraftCard | None) -> HttpResponse:
    """Who applies, held against the rules of identity at once."""
    kept = dict(draft.content) if draft else {}
    context: dict[str, Any] = {"draft": draft}
    if request.method != "POST":
        return _show(request, "person", {**context, "form": PersonForm(initial=kept)})
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
        return _show(request, "person", {**context, "form": form}, status=422)
    typed = {name: form.cleaned_data[name] for name in PERSON_FIELDS}
    _keep(request, draft, "means", **typed)
    return _to("means")


def _means(request: PortalRequest, draft: DraftCard | None) -> HttpResponse:
    """What comes in and goes out."""
    currency = request.frame.currency
    kept = dict(draft.content.get("means", {})) if draft else {}
    context: dict[str, Any] = {"draft": draft, "currency": currency}
    if request.method != "POST":
        form: PortalForm = MeansForm(initial=kept or None, currency=currency)
        return _show(request, "means", {**context, "form": form})
    form = MeansForm(request.POST, currency=currency)
    if not form.is_valid():
        form.mark()
        return _show(request, "means", {**context, "form": form}, status=422)
    typed = {name: request.POST.get(name, "").strip()[:40] for name in form.fields}
    _keep(request, draft, "sharing", means=typed)
    return _to("sharing")


def _check(request: PortalRequest, draft: DraftCard | None) -> HttpResponse:
    """Everything once more before it is sent; sending gives the one order that everybody gives."""
    if draft is None:
        return HttpResponseRedirect(resolve_url("portal:apply"))
    context: dict[str, Any] = {"draft": draft, "kept": draft.content}
    listed = {each.product: each for each in _offered(request)}
    version = listed.get(str(draft.content.get("product", "")))
    if version is not None:
        typed = {"amount_minor": draft.content["amount"], "term_months": draft.content["term"]}
        context |= {"version": version, **_quoted(request, version, typed)}
    asks = asking.sharing_asks(request, str(draft.content.get("product", "")))
    held = asking.given(request)
    context["recipients"] = [ask for ask in asks if ask.key in held]
    if request.method != "POST":
        return _show(request, "check", context)
    try:
        number = _send(request, draft)
    except Refusal as refusal:
        context["problem"] = words_of(refusal)
        return _show(request, "check", context, status=refusal.status)
    return done(request, _("Your application was sent."), "portal:application", number)


def _send(request: PortalRequest, draft: DraftCard) -> str:
    """Submit the draft for the own person, who is tied to the account by it; its number.

    A draft has one key: sent again after whatever went wrong, it is the same application.
    """
    _be(request, draft)
    who = accounts.find_borrower_of(request.borrower.session, at=clock.now()) or request.borrower
    card = applications.submit(
        book=request.book.code,
        source=f"{SOURCE}:{who.account}",
        key=f"draft-{draft.begun_at:%Y%m%d%H%M%S%f}",
        request=_request_of(request, draft),
        actor=who.actor,
        at=clock.now(),
    )
    _be(request, draft)
    borrowers.drop_draft(account=who.account, actor=who.actor, at=clock.now())
    return card.number


def _be(request: PortalRequest, draft: DraftCard) -> None:
    borrowers.claim(
        account=request.borrower.account,
        session=request.borrower.session,
        id_number=str(draft.content.get("id_number", "")),
        actor=request.actor,
        at=clock.now(),
    )


def _request_of(request: PortalRequest, draft: DraftCard) -> ApplicationRequest:
    kept, currency = draft.content, request.frame.currency
    means = MeansForm(kept.get("means", {}), currency=currency)
    means.is_valid()
    read = means.cleaned_data
    return ApplicationRequest(
        key="",
        product=kept["product"],
        amount_minor=parse_amount(kept["amount"], currency),
        term_months=int(kept["term"]),
        purpose=kept["purpose"],
        region=kept["region"],
        channel=draft.channel,
        applicant=Applicant(
            mobile=accounts.get_mobile(request.borrower.account, viewer=request.actor),
            industry=read["industry"],
            income_monthly_minor=read["income_monthly_minor"],
            **{name: kept[name] for name in PERSON_FIELDS},
        ),
        facts={name: read[name] for name in MeansForm.FACTS if read.get(name) is not None},
        consents=asking.as_consents(asking.given(request).values()),
    )
