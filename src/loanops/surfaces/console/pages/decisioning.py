"""Pages of decisioning: how an application was judged, reviews, strategies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from loanops.origination.applications import queries as applications
from loanops.origination.applications.queries import ApplicationCard
from loanops.origination.decisioning import operations, permissions, queries
from loanops.origination.decisioning.queries import StrategyCard, VerdictCard
from loanops.platform.web import clock
from loanops.platform.web.templatetags import in_language
from loanops.surfaces.console.forms.deciding import (
    AssignForm,
    PointsForm,
    PublishForm,
    ReviewForm,
)
from loanops.surfaces.console.pages import traces
from loanops.surfaces.console.pages.naming import product_names
from loanops.surfaces.console.pages.shell import ConsoleRequest, done, order, page, render

IN_REVIEW = "in_review"
WAITING = "submitted"
APPROVE, DECLINE = "approve", "decline"


def decision_of(request: ConsoleRequest, card: ApplicationCard, currency: str) -> dict[str, Any]:
    """What a page shows of the verdicts of an application, and what may be judged now."""
    actor = request.actor
    if not actor.may(permissions.VIEW):
        return {}
    verdicts = queries.verdicts_of(application=card.number, viewer=actor)
    judged = next((each for each in reversed(verdicts) if each.strategy), None)
    reviews = card.stage == IN_REVIEW and actor.may(permissions.REVIEW)
    context: dict[str, Any] = {
        "verdict": verdicts[-1] if verdicts else None,
        "judged": judged,
        "reviewed": next((each for each in reversed(verdicts) if not each.strategy), None),
        "may_decide": card.stage == WAITING and actor.may(permissions.DECIDE),
        "own_entry": reviews and card.entered_by == actor.person,
    }
    if judged:
        context |= _explained(request, judged, currency)
    if reviews and not context["own_entry"]:
        limit = judged.limit_minor if judged else None
        most = card.amount_minor if limit is None else min(card.amount_minor, limit)
        context |= {
            "most_minor": most,
            "approve_form": _review_form(APPROVE, currency=currency, most_minor=most),
            "decline_form": _review_form(DECLINE, currency=currency),
        }
    return context


def _explained(request: ConsoleRequest, judged: VerdictCard, currency: str) -> dict[str, Any]:
    strategy = queries.get_strategy(
        code=judged.strategy, version=judged.strategy_version or 0, viewer=request.actor
    )
    return {
        "strategy": strategy,
        "steps": traces.steps(judged, strategy, currency),
        "points": traces.points(judged, currency),
        "base_points": (strategy.document.get("scorecard") or {}).get("base"),
        "judged_on": traces.inputs(judged, currency),
        "missing": [traces.field_name(name) for name in judged.outputs.get("missing", ())],
        "wrong": [traces.field_name(name) for name in judged.outputs.get("wrong", ())],
        "replay": queries.replay(judged.number, viewer=request.actor),
    }


def _review_form(
    outcome: str, data: Any = None, *, currency: str, most_minor: int | None = None
) -> ReviewForm:
    return ReviewForm(
        data,
        outcome=outcome,
        reasons=queries.review_reasons(outcome),
        currency=currency,
        most_minor=most_minor,
    )


@order(permissions.DECIDE)
def decide(request: ConsoleRequest, number: str) -> HttpResponse:
    """Let the strategy in force judge a submitted application, now."""
    verdict = operations.decide(number=number, actor=request.actor, at=clock.now())
    words = {
        "approve": _("The strategy approves."),
        "decline": _("The strategy declines."),
    }.get(verdict.outcome, _("The strategy refers it to a person."))
    return done(request, words, "console:application", number)


@order(permissions.REVIEW, needs_book=True)
def review(request: ConsoleRequest, number: str, outcome: str) -> HttpResponse:
    """Approve or decline what the strategy referred."""
    card = applications.get_application(number, viewer=request.actor)
    currency = next(each.currency for each in request.desk.books if each.code == card.book)
    typed = _review_form(outcome, request.POST, currency=currency).read()
    operations.review(
        number=number,
        outcome=outcome,
        reasons=typed["reasons"],
        offered_minor=typed.get("offered_minor"),
        note=typed["note"],
        actor=request.actor,
        at=clock.now(),
    )
    words = (
        _("The application is approved.")
        if outcome == APPROVE
        else _("The application is declined.")
    )
    return done(request, words, "console:application", number)


@page(permissions.VIEW, needs_book=True)
def strategies(request: ConsoleRequest) -> HttpResponse:
    """Every published strategy, and which one judges what in the book."""
    published = queries.list_strategies(viewer=request.actor)
    assignments = queries.list_assignments(book=request.book.code, viewer=request.actor)
    on = request.book.business_date
    in_force: dict[str, queries.AssignmentCard] = {}
    for each in assignments:
        if each.starts_on <= on:
            in_force.setdefault(each.product, each)
    names = product_names(request)
    context = {
        "strategies": published,
        "by_code": {(each.code, each.version): each for each in published},
        "in_force": list(in_force.values()),
        "upcoming": [each for each in assignments if each.starts_on > on],
        "earlier": [
            each for each in assignments if each.starts_on <= on and each not in in_force.values()
        ],
        "names": names,
        "strategy_names": {each.code: in_language(dict(each.name)) for each in published},
        "publish_form": PublishForm(),
        "assign_form": _assign_form(request, published),
    }
    return render(request, "console/decisioning/strategies.html", context)


def _assign_form(
    request: ConsoleRequest, published: list[StrategyCard], data: Any = None
) -> AssignForm:
    fitting = [each for each in published if request.book.pack in each.packs]
    return AssignForm(
        data,
        strategies=fitting,
        products=product_names(request),
        initial={"starts_on": request.book.business_date},
    )


@page(permissions.VIEW, needs_book=True)
def strategy(request: ConsoleRequest, code: str, version: int) -> HttpResponse:
    """One version: inputs, points, tables, reasons, and its own test cases."""
    card = queries.get_strategy(code=code, version=version, viewer=request.actor)
    document, currency = card.document, request.book.currency
    card_of_points = document.get("scorecard") or {}
    context = {
        "strategy": card,
        "description": document["description"],
        "inputs": [(traces.field_name(each["name"]), each) for each in document["inputs"]],
        "points": traces.characteristics(document, currency),
        "base": card_of_points.get("base"),
        "grades": card_of_points.get("grades", ()),
        "tables": traces.tables(document, currency),
        "reasons": document["reasons"].items(),
        "cases": [
            (
                each["name"],
                each["outcome"],
                [
                    in_language(document["reasons"].get(code, code))
                    for code in each.get("reasons", ())
                ],
                [
                    (traces.field_name(name), traces.value_in_words(name, value, currency))
                    for name, value in each["facts"].items()
                ],
            )
            for each in document["tests"]
        ],
        "in_force": [
            each
            for each in queries.list_assignments(book=request.book.code, viewer=request.actor)
            if (each.strategy, each.version) == (card.code, card.version)
        ],
        "names": product_names(request),
    }
    return render(request, "console/decisioning/strategy.html", context)


def _said(document: Mapping[str, Any], code: str) -> str:
    """The sentence of a reason, of the strategy's own or the house's."""
    house = queries.house_reasons().get(code)
    return in_language(dict(document["reasons"].get(code) or (house.sentence if house else {})))


@page(permissions.PUBLISH, needs_book=True)
def scorecard(request: ConsoleRequest, code: str, version: int) -> HttpResponse:
    """The points of a scorecard to be changed; what comes of it is the next version."""
    card = queries.get_strategy(code=code, version=version, viewer=request.actor)
    form = PointsForm(points=card.points)
    shown = traces.characteristics(card.document, request.book.currency)
    grades = (card.document.get("scorecard") or {}).get("grades", ())
    context = {
        "strategy": card,
        "form": form,
        "rows": [
            (name, list(zip(bins, form.bins(place), strict=True)), form.absent(place))
            for place, (name, bins, _absent) in enumerate(shown)
        ],
        "grades": list(zip(grades, form.grades(), strict=True)),
    }
    return render(request, "console/decisioning/scorecard.html", context)


@order(permissions.PUBLISH)
def revise_scorecard(request: ConsoleRequest, code: str, version: int) -> HttpResponse:
    """Publish the next version with the points that were typed, if it passes the gate."""
    seen = queries.get_strategy(code=code, version=version, viewer=request.actor)
    card = operations.revise_scorecard(
        code=code,
        version=version,
        points=PointsForm(request.POST, points=seen.points).read_points(),
        actor=request.actor,
        at=clock.now(),
    )
    words = _("The strategy is published; somebody else puts it in force.")
    return done(request, words, "console:strategy", card.code, str(card.version))


@order(permissions.PUBLISH)
def publish_strategy(request: ConsoleRequest) -> HttpResponse:
    """Publish a strategy's document, if it passes the gate."""
    document = PublishForm(request.POST, request.FILES).read()["document"]
    card = operations.publish_strategy(document=document, actor=request.actor, at=clock.now())
    words = _("The strategy is published; somebody else puts it in force.")
    return done(request, words, "console:strategy", card.code, str(card.version))


@order(permissions.ASSIGN, needs_book=True)
def assign_strategy(request: ConsoleRequest) -> HttpResponse:
    """Let a published version judge from a day on."""
    published = queries.list_strategies(viewer=request.actor)
    typed = _assign_form(request, published, request.POST).read()
    chosen = next(each for each in published if each.number == typed["strategy"])
    operations.assign_strategy(
        book=request.book.code,
        product=typed["product"],
        strategy=chosen.code,
        version=chosen.version,
        starts_on=typed["starts_on"],
        actor=request.actor,
        at=clock.now(),
    )
    return done(request, _("The strategy judges from that day on."), "console:strategies")
