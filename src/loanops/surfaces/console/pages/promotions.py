"""Pages of promotions: what runs, who uses it, and taking one for an offer."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from loanops.kernel.refusals import Refusal
from loanops.origination.contracts import operations as contract_orders
from loanops.origination.contracts import permissions as contract_grants
from loanops.origination.contracts import queries as contracts
from loanops.platform.web import clock
from loanops.platform.web.words import words_of
from loanops.registry.partners import queries as partners
from loanops.registry.products import operations, permissions, queries
from loanops.surfaces.console.forms.promotions import CodeForm, EndingForm, PromotionForm
from loanops.surfaces.console.pages.naming import partner_names, product_names
from loanops.surfaces.console.pages.shell import ConsoleRequest, done, order, page, render


@page(permissions.VIEW, needs_book=True)
def promotions(request: ConsoleRequest) -> HttpResponse:
    """The promotions of the book with what they cost so far."""
    listed = queries.list_promotions(book=request.book.code, viewer=request.actor)
    may_promote = request.actor.may(permissions.PROMOTE)
    context = {
        "promotions": listed,
        "on": request.book.business_date,
        "running": {card.number for card in listed if card.runs_on(request.book.business_date)},
        "form": _form(request) if may_promote else None,
        "may_promote": may_promote,
    }
    return render(request, "console/promotions/promotions.html", context)


def _form(request: ConsoleRequest) -> PromotionForm:
    names = partner_names(request)
    live = partners.list_agreements(book=request.book.code, on=request.book.business_date)
    funders = {code: names[code] for code in sorted({card.partner for card in live} & set(names))}
    return PromotionForm(
        request.POST if request.method == "POST" else None,
        currency=request.book.currency,
        products=product_names(request),
        funders=funders,
    )


@order(permissions.PROMOTE, needs_book=True)
def launch_promotion(request: ConsoleRequest) -> HttpResponse:
    """Launch a promotion."""
    form = _form(request)
    rule, typed = form.rule(), form.read()
    card = operations.launch_promotion(
        book=request.book.code,
        code=typed["code"],
        name={"zh-hans": typed["name_zh"], "en": typed["name_en"]},
        rule=rule,
        effective_from=typed["effective_from"],
        effective_to=typed["effective_to"],
        uses_max=typed["uses_max"],
        actor=request.actor,
        at=clock.now(),
    )
    return done(request, _("The promotion is launched."), "console:promotion", card.number)


@page(permissions.VIEW, needs_book=True)
def promotion(request: ConsoleRequest, number: str) -> HttpResponse:
    """One promotion: its rule, its uses and what they save the borrowers."""
    card = queries.get_promotion(number, viewer=request.actor)
    on = request.book.business_date
    may_end = request.actor.may(permissions.PROMOTE) and (
        card.effective_to is None or card.effective_to > on
    )
    context = {
        "promotion": card,
        "uses": queries.list_promotion_uses(number, viewer=request.actor),
        "on": on,
        "runs": card.runs_on(on),
        "products": product_names(request),
        "partners": partner_names(request),
        "form": EndingForm(initial={"effective_to": max(on, card.effective_from)}),
        "may_end": may_end,
    }
    return render(request, "console/promotions/promotion.html", context)


@order(permissions.PROMOTE, needs_book=True)
def end_promotion(request: ConsoleRequest, number: str) -> HttpResponse:
    """End a promotion before its day."""
    typed = EndingForm(request.POST).read()
    operations.end_promotion(
        number=number,
        effective_to=typed["effective_to"],
        reason=typed["reason"],
        actor=request.actor,
        at=clock.now(),
    )
    return done(request, _("The promotion ends."), "console:promotion", number)


@page(contract_grants.CONFIRM, needs_book=True)
def redemption(request: ConsoleRequest, number: str) -> HttpResponse:
    """What an offer would become under the code that the borrower brings."""
    offer = contracts.get_offer(number, viewer=request.actor)
    form = CodeForm(request.GET if "code" in request.GET else None)
    shown, problem = None, ""
    if form.is_bound:
        try:
            code = form.read()["code"]
            shown = contract_orders.preview_promotion(offer=number, code=code, viewer=request.actor)
        except Refusal as refusal:
            problem = words_of(refusal)
    context = {
        "offer": offer,
        "form": form,
        "shown": shown,
        "problem": problem,
        "names": partner_names(request),
    }
    return render(request, "console/promotions/redemption.html", context)


@order(contract_grants.CONFIRM)
def redeem_promotion(request: ConsoleRequest, number: str) -> HttpResponse:
    """Replace the offer by the one that was shown."""
    code = CodeForm(request.POST).read()["code"]
    card = contract_orders.redeem_promotion(
        offer=number, code=code, actor=request.actor, at=clock.now()
    )
    words = _("The promotion is used: this is the new offer. Its statement is to be shown anew.")
    return done(request, words, "console:offer", card.number)
