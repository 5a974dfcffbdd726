"""Pages of compliance: the rule packs with every figure's source and standing, and decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from loanops.loanbook.servicing import permissions as servicing_permissions
from loanops.loanbook.servicing import queries as servicing
from loanops.platform.web import clock
from loanops.platform.web.templatetags import in_language, listed, money, percent
from loanops.registry.compliance import operations, permissions, queries
from loanops.surfaces.console.forms.compliance import (
    DecisionForm,
    RateEffectForm,
    ReferenceRateForm,
)
from loanops.surfaces.console.pages.shell import ConsoleRequest, done, order, page, render
from loanops.surfaces.console.pages.words import word_of


@dataclass(frozen=True)
class RuleLine:
    """One figure of a pack as a person reads it."""

    rule: str
    key: str
    value: str
    lenders: list[str]
    effect: str
    note: str
    document: str
    document_number: str
    url: str
    article: str
    effective_from: date
    effective_to: date | None
    standing: str
    verified: bool


@page(permissions.VIEW, needs_book=True)
def rules(request: ConsoleRequest) -> HttpResponse:
    """One rule pack: the chosen one, or the one that binds the book."""
    packs = queries.list_packs(viewer=request.actor)
    wanted = request.GET.get("pack", request.book.pack)
    chosen = next((pack for pack in packs if pack.code == wanted), packs[0])
    on = request.book.business_date
    lines = _lines(chosen.code, request.book.currency, on)
    context = {
        "packs": packs,
        "pack": chosen,
        "on": on,
        "lines": lines,
        "in_force": sum(line.standing == "in_force" for line in lines),
        "decisions": queries.list_decisions(book=request.book.code, viewer=request.actor),
        "form": DecisionForm(initial={"topic": "signing.ours", "valid_from": on}),
        "may_decide": request.actor.may(permissions.DECIDE),
    }
    return render(request, "console/compliance/rules.html", context)


def _lines(code: str, currency: str, on: date) -> list[RuleLine]:
    return [
        RuleLine(
            rule=rule.id,
            key=rule.key,
            value=_value(rule.value, rule.unit.value, currency, rate=rule.rate),
            lenders=sorted(rule.scope.lenders),
            effect=rule.effect.value,
            note=in_language(dict(rule.note)),
            document=rule.source.document,
            document_number=rule.source.number,
            url=rule.source.url,
            article=rule.article,
            effective_from=rule.effective_from,
            effective_to=rule.effective_to,
            standing=_standing(rule.effective_from, rule.effective_to, on),
            verified=rule.verified,
        )
        for rule in queries.get_pack(code).rules
    ]


def _standing(begins: date, ends: date | None, on: date) -> str:
    if begins > on:
        return "upcoming"
    return "past" if ends is not None and ends <= on else "in_force"


def _value(value: Decimal | tuple[str, ...], unit: str, currency: str, *, rate: str) -> str:
    """A figure with its unit, as a person reads it; ``rate`` names what it is a multiple of."""
    if isinstance(value, tuple):
        if unit == "clock":
            return " – ".join(value)
        return listed(str(word_of("listed", code).text) for code in value)
    if rate:
        return f"{value.normalize():f} × {word_of('reference_rate', rate).text}"
    if unit in {"rate_annual", "rate"}:
        return percent(value)
    if unit == "money_minor":
        return money(int(value), currency)
    return f"{value.normalize():f} {word_of('rule_unit', unit).text}"


@order(permissions.DECIDE, needs_book=True)
def record_decision(request: ConsoleRequest) -> HttpResponse:
    """Record that compliance decided."""
    typed = DecisionForm(request.POST).read()
    card = operations.record_decision(
        book=request.book.code,
        topic=typed["topic"],
        partner=typed["partner"],
        reason=typed["reason"],
        document=typed["document"],
        valid_from=typed["valid_from"],
        valid_to=typed["valid_to"],
        actor=request.actor,
        at=clock.now(),
    )
    words = _("Decision %(number)s is recorded.") % {"number": card.number}
    return done(request, words, "console:rules")


@order(permissions.DECIDE)
def revoke_decision(request: ConsoleRequest, number: str) -> HttpResponse:
    """Revoke a decision from today on."""
    operations.revoke_decision(number=number, actor=request.actor, at=clock.now())
    return done(request, _("The decision was revoked."), "console:rules")


@page(permissions.VIEW, needs_book=True)
def reference_rates(request: ConsoleRequest) -> HttpResponse:
    """Every figure of the reference rates, by the day from which it holds."""
    book, on = request.book.code, request.book.business_date
    context = {
        "rates": [
            (card, f"{(card.rate_annual * 100).normalize():f}")
            for card in queries.list_reference_rates(book=book, viewer=request.actor)
        ],
        "on": on,
        "form": ReferenceRateForm(initial={"effective_from": on}),
        "may_set": request.actor.may(permissions.SET_RATE),
        "may_see_loans": request.actor.may(servicing_permissions.VIEW),
    }
    return render(request, "console/compliance/reference_rates.html", context)


@page(permissions.VIEW, servicing_permissions.VIEW, needs_book=True)
def rate_effects(request: ConsoleRequest) -> HttpResponse:
    """Which loans read a rate otherwise than they would with a figure; nothing changes."""
    form = RateEffectForm(
        request.GET or None, initial={"effective_from": request.book.business_date}
    )
    context: dict[str, object] = {"form": form}
    if form.is_bound:
        typed = form.read()
        context["found"] = servicing.index_effects(
            book=request.book.code,
            key=typed["key"],
            effective_from=typed["effective_from"],
            rate_annual=typed["rate_annual"],
            viewer=request.actor,
        )
    return render(request, "console/compliance/rate_effects.html", context)


@order(permissions.SET_RATE, needs_book=True)
def record_reference_rate(request: ConsoleRequest) -> HttpResponse:
    """Record what a published rate is from a day on."""
    typed = ReferenceRateForm(request.POST).read()
    operations.record_reference_rate(
        book=request.book.code,
        key=typed["key"],
        rate_annual=typed["rate_annual"],
        effective_from=typed["effective_from"],
        document=typed["document"],
        actor=request.actor,
        at=clock.now(),
    )
    to = resolve_url("console:reference_rates")
    if typed["effective_from"] < request.book.business_date and request.actor.may(
        servicing_permissions.VIEW
    ):
        # Loans may have read an older figure on that day: who records it sees which at once.
        figure = {name: request.POST[name] for name in ("key", "effective_from", "rate_annual")}
        to = f"{resolve_url('console:rate_effects')}?{urlencode(figure)}"
    return done(request, _("The rate is recorded."), to)
