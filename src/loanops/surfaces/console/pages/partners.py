"""Pages of partners: the register, one partner, agreements with their versions, the list."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from loanops.loanbook.servicing import permissions as loan_grants
from loanops.loanbook.servicing import queries as servicing
from loanops.loanbook.servicing.queries import CeilingCard
from loanops.money.limits import permissions as limit_grants
from loanops.money.limits import queries as limits
from loanops.origination.routing import queries as routing
from loanops.platform.web import clock
from loanops.platform.web.templatetags import in_language, listed, money, percent
from loanops.registry.partners import operations, permissions, queries
from loanops.registry.partners.queries import Filter
from loanops.surfaces.console.forms.partners import ListingForm, PartnerForm, ReasonForm
from loanops.surfaces.console.pages.naming import partner_names, product_names
from loanops.surfaces.console.pages.sentences import Names
from loanops.surfaces.console.pages.shell import ConsoleRequest, Undo, done, order, page, render
from loanops.surfaces.console.pages.telling import guarantee_in_words
from loanops.surfaces.console.pages.words import word_of
from loanops.surfaces.console.pages.words.registry import AGREEMENT_TERMS, PARTNER_KINDS

_MOVES = {
    "suspend": operations.suspend,
    "end": operations.end_partner,
}
# Terms that bind nothing while they are empty.
_UNBOUND = frozenset({"products", "regions"})
_NAMED = frozenset({"products", "guarantor"})
_WORDED = {
    "regions": "region",
    "signing_mode": "signing",
    "cost_measure": "measure",
    "gateway": "gateway",
}
_AGREEMENT_MOVES = {
    "suspend": operations.suspend_agreement,
    "end": operations.end_agreement,
}


@page(permissions.VIEW, needs_book=True)
def partners(request: ConsoleRequest) -> HttpResponse:
    """The partners of the book."""
    kind = request.GET.get("kind", "")
    wanted = Filter(book=request.book.code, kind=kind if kind in PARTNER_KINDS else "")
    listed = queries.list_partners(where=wanted, viewer=request.actor)
    on = request.book.business_date
    context = {
        "partners": listed,
        "kind": kind,
        "kinds": PARTNER_KINDS,
        "agreements": _count_agreements(request),
        "on": on,
        "form": PartnerForm(),
        "may_register": request.actor.may(permissions.REGISTER),
    }
    return render(request, "console/partners/partners.html", context)


def _count_agreements(request: ConsoleRequest) -> dict[str, int]:
    live = queries.list_agreements(book=request.book.code, on=request.book.business_date)
    counted: dict[str, int] = {}
    for card in live:
        counted[card.partner] = counted.get(card.partner, 0) + 1
    return counted


@order(permissions.REGISTER, needs_book=True)
def register_partner(request: ConsoleRequest) -> HttpResponse:
    """Enter a partner into the register."""
    typed = PartnerForm(request.POST).read()
    card = operations.register_partner(
        book=request.book.code,
        code=typed["code"],
        kind=typed["kind"],
        name={"zh-hans": typed["name_zh"], "en": typed["name_en"]},
        legal_name=typed["legal_name"],
        licence_number=typed["licence_number"],
        licence_expires_on=typed["licence_expires_on"],
        contact=typed["contact"],
        actor=request.actor,
        at=clock.now(),
    )
    return done(request, _("The partner is in the register."), "console:partner", card.code)


@page(permissions.VIEW, needs_book=True)
def partner(request: ConsoleRequest, code: str) -> HttpResponse:
    """One partner: licence, agreements, places on the list."""
    card = queries.get_partner(code, viewer=request.actor)
    agreements = queries.list_agreements_of(partner=code, viewer=request.actor)
    on = request.book.business_date
    context = {
        "partner": card,
        "agreements": agreements,
        "names": product_names(request),
        "currency": _currency(request, card.book),
        "entries": queries.list_entries(partner=code, viewer=request.actor),
        "quotas": _quotas(request, card.book, agreements),
        "on": on,
        "reason_form": ReasonForm(),
        "listing_form": ListingForm(initial={"valid_from": on}),
        "may_suspend": request.actor.may(permissions.SUSPEND),
        "may_list": request.actor.may(permissions.WHITELIST),
    }
    return render(request, "console/partners/partner.html", context)


def _quotas(
    request: ConsoleRequest, book: str, agreements: list[queries.AgreementCard]
) -> list[tuple[limits.QuotaCard, int]]:
    """The quotas of a partner's agreements, each with how much of it is taken in per cent."""
    if not agreements or not request.actor.may(limit_grants.VIEW):
        return []
    listed = limits.list_quotas(
        book=book,
        on=request.book.business_date,
        owners=[routing.quota_owner(each.partner, each.number) for each in agreements],
        viewer=request.actor,
    )
    return [(card, _taken(card)) for card in listed]


def _taken(card: limits.QuotaCard) -> int:
    taken = card.reserved_minor + card.used_minor
    return min(taken * 100 // card.limit_minor, 100) if card.limit_minor else 100


@order(permissions.SUSPEND)
def move_partner(request: ConsoleRequest, code: str, move: str) -> HttpResponse:
    """Suspend a partner, take it back, or end the work with it."""
    if move == "resume":
        operations.resume(partner=code, actor=request.actor, at=clock.now())
    else:
        reason = ReasonForm(request.POST).read()["reason"]
        _MOVES[move](partner=code, reason=reason, actor=request.actor, at=clock.now())
    undo = Undo(resolve_url("console:resume_partner", code)) if move == "suspend" else None
    words = _("The partner's standing has changed.")
    return done(request, words, "console:partner", code, undo=undo)


@order(permissions.WHITELIST)
def whitelist(request: ConsoleRequest, code: str) -> HttpResponse:
    """Put a partner on the list."""
    card = queries.get_partner(code, viewer=request.actor)
    typed = ListingForm(request.POST).read()
    operations.whitelist(
        book=card.book,
        partner=code,
        role=typed["role"],
        valid_from=typed["valid_from"],
        valid_to=typed["valid_to"],
        source_url=typed["source_url"],
        actor=request.actor,
        at=clock.now(),
    )
    return done(request, _("The partner is on the list."), "console:partner", code)


@page(permissions.VIEW, needs_book=True)
def agreement(request: ConsoleRequest, number: str) -> HttpResponse:
    """One agreement: every version with its terms, and what changed between them."""
    card = queries.get_agreement(number, viewer=request.actor)
    versions = queries.list_versions(number=number, viewer=request.actor)
    context = {
        "agreement": card,
        "versions": versions,
        "ceilings": _ceilings(request, number),
        "currency": _currency(request, card.book),
        "rows": _compared(
            versions,
            _currency(request, card.book),
            {**product_names(request), **partner_names(request)},
        ),
        "reason_form": ReasonForm(),
        "may_suspend": request.actor.may(permissions.SUSPEND),
    }
    return render(request, "console/partners/agreement.html", context)


@order(permissions.SUSPEND)
def move_agreement(request: ConsoleRequest, number: str, move: str) -> HttpResponse:
    """Suspend an agreement, take it back, or end it."""
    if move == "resume":
        operations.resume_agreement(number=number, actor=request.actor, at=clock.now())
    else:
        reason = ReasonForm(request.POST).read()["reason"]
        _AGREEMENT_MOVES[move](number=number, reason=reason, actor=request.actor, at=clock.now())
    undo = Undo(resolve_url("console:resume_agreement", number)) if move == "suspend" else None
    words = _("The agreement's standing has changed.")
    return done(request, words, "console:agreement", number, undo=undo)


def _ceilings(request: ConsoleRequest, number: str) -> list[tuple[CeilingCard, int]]:
    """What guarantors may pay under an agreement, each with how much is used in per cent."""
    sees_all = request.actor.scopes.channels is None
    if not sees_all or not request.actor.may(loan_grants.VIEW):
        return []
    listed = servicing.list_ceilings(agreement=number, viewer=request.actor)
    return [
        (card, min(card.used_minor * 100 // card.cap_minor, 100) if card.cap_minor else 100)
        for card in listed
    ]


def _currency(request: ConsoleRequest, book: str) -> str:
    return next(each.currency for each in request.desk.books if each.code == book)


def _compared(
    versions: list[queries.VersionCard], currency: str, names: Names
) -> list[tuple[str, list[tuple[str, bool]]]]:
    """Each term over the versions, newest first; True marks a value that changed."""
    rows = []
    for name in AGREEMENT_TERMS:
        said = [_said(name, version.terms.get(name), currency, names) for version in versions]
        older = [*said[1:], said[-1]]
        pairs = [(text, text != before) for text, before in zip(said, older, strict=True)]
        rows.append((name, pairs))
    return rows


def _said(name: str, value: Any, currency: str, names: Names) -> str:
    if value in (None, "", [], {}, ()):
        return _("all") if name in _UNBOUND else "—"
    if name in _NAMED:
        codes = value if isinstance(value, list | tuple) else [value]
        return " · ".join(in_language(names.get(code)) or str(code) for code in codes)
    if name in _WORDED:
        codes = value if isinstance(value, list | tuple) else [value]
        return " · ".join(str(word_of(_WORDED[name], code).text) for code in codes)
    if name.endswith("_minor"):
        return money(int(value), currency)
    if name in {"rate_annual", "cost_cap_annual", "concentration_max"}:
        return percent(value)
    if name == "share":
        return f"{percent(value.get('rate'))} · {word_of('share_base', value.get('base', '')).text}"
    if name == "guarantee":
        return guarantee_in_words(value, currency)
    if name == "co_lending":
        return (
            listed(
                f"{in_language(names.get(each['owner'])) or each['owner']} {percent(each['share'])}"
                for each in value["principal"]
            )
            or "—"
        )
    if name == "fees":
        return " · ".join(str(fee.get("name", "")) for fee in value)
    if isinstance(value, list | tuple):
        return " · ".join(str(each) for each in value)
    if isinstance(value, dict):
        return listed(f"{key}: {each}" for key, each in value.items())
    return str(value)
