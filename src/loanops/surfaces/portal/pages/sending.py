"""The last step: everything once more, and the one order that everybody gives."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from loanops.kernel.money import parse_amount
from loanops.kernel.refusals import Refusal
from loanops.origination.applications import operations as applications
from loanops.origination.applications.operations import Applicant, ApplicationRequest
from loanops.platform.web import clock
from loanops.platform.web.words import words_of
from loanops.registry.borrowers import operations as borrowers
from loanops.registry.borrowers import queries as accounts
from loanops.registry.borrowers.queries import DraftCard
from loanops.surfaces.portal.forms.applying import MeansForm
from loanops.surfaces.portal.pages import asking
from loanops.surfaces.portal.pages.costing import offered, quoted
from loanops.surfaces.portal.pages.shell import PortalRequest, done
from loanops.surfaces.portal.pages.steps import PERSON_FIELDS, SOURCE, show_step


def check(request: PortalRequest, draft: DraftCard | None) -> HttpResponse:
    """Everything once more before it is sent; sending gives the one order that everybody gives."""
    if draft is None:
        return HttpResponseRedirect(resolve_url("portal:apply"))
    context: dict[str, Any] = {"draft": draft, "kept": draft.content}
    listed = {each.product: each for each in offered(request)}
    version = listed.get(str(draft.content.get("product", "")))
    if version is not None:
        typed = {"amount_minor": draft.content["amount"], "term_months": draft.content["term"]}
        context |= {"version": version, **quoted(request, version, typed)}
    asks = asking.sharing_asks(request, str(draft.content.get("product", "")))
    held = asking.given(request)
    context["recipients"] = [ask for ask in asks if ask.key in held]
    if request.method != "POST":
        return show_step(request, "check", context)
    try:
        number = _send(request, draft)
    except Refusal as refusal:
        context["problem"] = words_of(refusal)
        return show_step(request, "check", context, status=refusal.status)
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
