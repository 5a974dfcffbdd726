"""Pages of changes: what may be done with a loan, its exact effect, and the second person."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loanops.kernel.access import require
from loanops.kernel.money import format_amount
from loanops.kernel.refusals import BadField, NotFound, Refusal
from loanops.loanbook.servicing import operations, permissions, queries
from loanops.loanbook.servicing.operations import ORDERS, ChangeIn, EffectCard
from loanops.loanbook.servicing.queries import LoanCard
from loanops.money.ledger import queries as ledger
from loanops.platform.web import clock
from loanops.platform.web.templatetags import day, in_language, money
from loanops.platform.web.words import words_of
from loanops.surfaces.console.forms.changing import FORMS, About, ChangeForm, Choices
from loanops.surfaces.console.pages.guarantees import (
    agreed_in_words,
    claims_to_choose,
    why_not_compensated,
)
from loanops.surfaces.console.pages.ledger import account_name, kept_apart_for
from loanops.surfaces.console.pages.naming import actor_name, partner_names
from loanops.surfaces.console.pages.shell import ConsoleRequest, done, order, page, render
from loanops.surfaces.console.pages.telling import figure_in_words, said_in_words
from loanops.surfaces.console.pages.words import word_of
from loanops.surfaces.console.pages.words.changes import CHANGE_ICONS, EFFECT_FIGURES

GROUPS = (
    (gettext_lazy("Paid early"), ("prepaid", "settled_early", "refunded")),
    (
        gettext_lazy("Terms"),
        (
            "due_moved",
            "deferred",
            "extended",
            "rate_changed",
            "restructured",
            "accelerated",
            "drawn",
        ),
    ),
    (gettext_lazy("Days past due"), ("counting_paused", "counting_resumed")),
    (gettext_lazy("Charges"), ("waived", "fee_charged")),
    (gettext_lazy("The claim"), ("compensated", "bought_back", "assigned", "written_off")),
    (gettext_lazy("Correction"), ("reversed",)),
)
_ALWAYS = ("outstanding_minor", "to_pay_minor", "next_due_minor", "instalments_left", "last_due_on")


@page(permissions.VIEW, needs_book=True)
def changes(request: ConsoleRequest, number: str) -> HttpResponse:
    """Everything that can be done with a loan, and what of it fits now."""
    card = queries.get_loan(number=number, viewer=request.actor)
    groups = []
    for title, kinds in GROUPS:
        mine = [kind for kind in kinds if request.actor.may(permissions.CHANGES[kind])]
        lines = [
            (kind, CHANGE_ICONS[kind], ORDERS[kind], _why_not(request, kind, card)) for kind in mine
        ]
        if lines:
            groups.append((title, lines))
    context = {
        "loan": card,
        "groups": groups,
        "requests": queries.list_requests(
            book=card.book, loan=number, waiting=True, viewer=request.actor
        ),
    }
    return render(request, "console/changing/changes.html", context)


def _why_not(request: ConsoleRequest, kind: str, card: LoanCard) -> str:
    """Why a kind of change does not fit a loan now; empty where it does."""
    if card.state not in {state.value for state in ORDERS[kind].states}:
        state = word_of("loan", card.state).text
        return _("Does not fit a loan in this state: %(state)s.") % {"state": state}
    return why_not_compensated(request, card) if kind == "compensated" else ""


@page(permissions.VIEW, needs_book=True)
def change(request: ConsoleRequest, number: str, kind: str) -> HttpResponse:
    """One kind of change: its form, and the exact effect of what was typed."""
    card, form = _asked(
        request, number, kind, {name: str(value) for name, value in request.GET.items()}
    )
    context: dict[str, Any] = {"loan": card, "kind": kind, "form": form, "order": ORDERS[kind]}
    if kind == "compensated":
        context["agreed"] = agreed_in_words(request, card)
    if form.is_bound:
        context |= _effect_of(request, card, kind, form)
    return render(request, "console/changing/change.html", context)


def _asked(
    request: ConsoleRequest, number: str, kind: str, said: dict[str, str]
) -> tuple[LoanCard, ChangeForm]:
    if kind not in FORMS:
        raise NotFound(kind="change", number=kind)
    require(request.actor, permissions.CHANGES[kind])
    card = queries.get_loan(number=number, viewer=request.actor)
    about = _about(request, card, kind)
    if kind == "settled_early" and said.get("on") and not said.get("amount_minor"):
        said["amount_minor"] = _payoff(request, card, said["on"], about.currency)
    return card, FORMS[kind](said or None, about=about)


def _payoff(request: ConsoleRequest, card: LoanCard, on: str, currency: str) -> str:
    """What it takes to end the loan on a day; nothing where the day or the loan cannot be."""
    try:
        payoff_minor = queries.payoff_minor(
            number=card.number, on=date.fromisoformat(on), viewer=request.actor
        )
    except (Refusal, ValueError):
        return ""
    return format_amount(payoff_minor, currency)


def _about(request: ConsoleRequest, card: LoanCard, kind: str) -> About:
    currency = next(each.currency for each in request.desk.books if each.code == card.book)
    rows = queries.get_schedule(number=card.number, viewer=request.actor)
    named = [
        (row, f"{row.number} · {day(row.due_on)} · {money(row.open_minor, currency)}")
        for row in rows
        if row.open_minor
    ]
    names = partner_names(request)
    floating = queries.find_floating(number=card.number, viewer=request.actor)
    first = [code for code in (card.guarantor, card.funder) if code]
    codes = [*first, *(code for code in names if code not in first)]
    return About(
        currency=currency,
        on=card.on,
        channel=card.channel or "counter",
        dues=[(row.due_on.isoformat(), text) for row, text in named if row.due_on >= card.on],
        instalments=[("", _("the whole claim")), *((str(row.number), text) for row, text in named)],
        owners=[
            (code, in_language(names.get(code)) or code)
            for code in codes
            if code != card.claim_owner
        ],
        events=_undoable(request, card, currency),
        floats=None if floating is None else floating.fixed_on is None,
        guarantors=[
            (each, in_language(names.get(each)) or each) for each in [card.guarantor] if each
        ],
        claims=claims_to_choose(request, card, currency) if kind == "compensated" else None,
        credits=[
            (each.key, f"{day(each.on)} · {money(each.left_minor, currency)}")
            for each in queries.list_credits(number=card.number, viewer=request.actor)
        ],
    )


def _undoable(request: ConsoleRequest, card: LoanCard, currency: str) -> Choices:
    events = queries.list_events(number=card.number, viewer=request.actor)
    undone = {event.content.get("of") for event in events if event.kind == "reversed"}
    choices = []
    for event in reversed(events):
        if event.kind in {"disbursed", "brought_in"} or event.key in undone:
            continue
        amount = f" · {money(event.amount_minor, currency)}" if event.amount_minor else ""
        what = word_of("loan_event", event.kind).text
        choices.append((event.key, f"{day(event.counts_on)} · {what}{amount}"))
    return choices


def _effect_of(
    request: ConsoleRequest, card: LoanCard, kind: str, form: ChangeForm
) -> dict[str, Any]:
    """The effect as the page shows it, or why there is none."""
    try:
        asked = form.asked(card.number, kind)
        # Money that nobody has named yet goes by a dash: it may be looked at, not booked.
        looked_at = asked if asked.pay_no else replace(asked, pay_no="-")
        effect = operations.preview_change(asked=looked_at, viewer=request.actor)
        ways = _ways(request, looked_at, effect) if kind == "prepaid" else []
    except Refusal as refusal:
        return {"problem": words_of(refusal)}
    return {
        **shown_effect(request, effect),
        "ways": ways,
        "said": list(form.data.items()),
        "may_book": not ORDERS[kind].takes_money or bool(asked.pay_no),
    }


def _ways(
    request: ConsoleRequest, asked: ChangeIn, effect: EffectCard
) -> list[tuple[str, str, EffectCard]]:
    """Both ways to repay early, each with the address of its own effect."""
    ways = []
    for keep in ("term", "instalment"):
        found = effect
        if asked.values["keep"] != keep:
            other = replace(asked, values={**asked.values, "keep": keep})
            found = operations.preview_change(asked=other, viewer=request.actor)
        query = request.GET.copy()
        query["keep"] = keep
        ways.append((keep, query.urlencode(), found))
    return ways


def shown_effect(request: ConsoleRequest, effect: EffectCard) -> dict[str, Any]:
    """An effect as pages show it: figures side by side, schedule with what it was, postings."""
    before, after = asdict(effect.before), asdict(effect.after)
    old = {line.number: line for line in effect.schedule_before}
    new = {line.number for line in effect.schedule_after}
    partners, currency = partner_names(request), request.book.currency

    def told(name: str, value: Any) -> str:
        return figure_in_words(name, value, currency, partners)

    floating = None
    if effect.kind == "restructured":
        floating = queries.find_floating(number=effect.loan, viewer=request.actor)
    return {
        "effect": effect,
        "floating": floating,
        "figures": [
            (name, told(name, before[name]), told(name, after[name]))
            for name in EFFECT_FIGURES
            if name in _ALWAYS or before[name] != after[name]
        ],
        "lines": [
            (line, old.get(line.number), line.fee_minor + line.penalty_minor)
            for line in effect.schedule_after
        ],
        "gone": [
            (line, line.fee_minor + line.penalty_minor)
            for line in effect.schedule_before
            if line.number not in new
        ],
        "postings": [
            (
                each,
                kept_apart_for(request, each.debit_dimension),
                kept_apart_for(request, each.credit_dimension),
            )
            for each in effect.postings
        ],
        "more_minor": -effect.saving_minor,
        "partners": partners,
        "accounts": {code: account_name(line) for code, line in ledger.chart().items()},
        "currency": currency,
    }


@order(permissions.VIEW, needs_book=True)
def order_change(request: ConsoleRequest, number: str, kind: str) -> HttpResponse:
    """Book a change exactly as it was shown, or ask a colleague for it."""
    said = {name: str(value) for name, value in request.POST.items()}
    _card, form = _asked(request, number, kind, said)
    asked = form.asked(number, kind)
    if ORDERS[kind].takes_money and not asked.pay_no:
        raise BadField(field=str(form.fields["pay_no"].label), problem=_("is missing"))
    carry_out = operations.ask_change if said.get("second") else operations.change
    booked = carry_out(
        asked=asked,
        seen=said.get("digest", ""),
        reason=said.get("reason", ""),
        actor=request.actor,
        at=clock.now(),
    )
    if isinstance(booked, str):
        words = _("Request %(number)s waits for a colleague.") % {"number": booked}
        return done(request, words, "console:change_request", booked)
    return done(request, _("The change is booked."), "console:loan", number)


@page(permissions.VIEW, needs_book=True)
def change_requests(request: ConsoleRequest) -> HttpResponse:
    """Changes that wait for a second person, or all of them."""
    everything = request.GET.get("state") == "all"
    cards = queries.list_requests(
        book=request.book.code, waiting=not everything, viewer=request.actor
    )
    context = {
        "requests": [(card, actor_name(request, card.asked_by)) for card in cards],
        "everything": everything,
        "imports": queries.count_undo_requests(book=request.book.code, viewer=request.actor),
    }
    return render(request, "console/changing/requests.html", context)


@page(permissions.VIEW, needs_book=True)
def change_request(request: ConsoleRequest, number: str) -> HttpResponse:
    """One request: who asked and why, and its effect worked out anew for who decides."""
    card = queries.get_request(number=number, viewer=request.actor)
    mine = card.asked_by == request.actor.person
    waits = card.state == "asked"
    may_decide = request.actor.may(permissions.APPROVE)
    context: dict[str, Any] = {
        "card": card,
        "asked_by": actor_name(request, card.asked_by),
        "decided_by": actor_name(request, card.decided_by) if card.decided_by else "",
        "loan": queries.get_loan(number=card.loan, viewer=request.actor),
        "may_refuse": waits and (may_decide or mine),
        "mine": mine,
        "told": said_in_words(
            card.kind, card.values, request.book.currency, partner_names(request)
        ),
    }
    if context["may_refuse"]:
        try:
            effect = operations.preview_request(request=number, viewer=request.actor)
        except Refusal as refusal:
            context["problem"] = words_of(refusal)
        else:
            context |= shown_effect(request, effect)
            is_same = effect.digest == card.digest
            context |= {"is_same": is_same, "may_approve": is_same and may_decide and not mine}
    return render(request, "console/changing/request.html", context)


@order(permissions.APPROVE, needs_book=True)
def approve_request(request: ConsoleRequest, number: str) -> HttpResponse:
    """Book a change that a colleague asked for."""
    effect = operations.approve_change(request=number, actor=request.actor, at=clock.now())
    return done(request, _("The change is booked."), "console:loan", effect.loan)


@order(permissions.VIEW, needs_book=True)
def refuse_request(request: ConsoleRequest, number: str) -> HttpResponse:
    """Refuse a change that was asked for, or take an own request back."""
    operations.refuse_change(
        request=number,
        note=request.POST.get("reason", ""),
        actor=request.actor,
        at=clock.now(),
    )
    return done(request, _("The request is refused."), "console:change_request", number)
