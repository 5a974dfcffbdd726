"""The class of one loan: why it stands so, and what people may order about it."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from loanops.loanbook.servicing import operations, permissions, queries
from loanops.platform.web import clock
from loanops.surfaces.console.forms.classing import EndForm, JudgeForm, PauseForm
from loanops.surfaces.console.pages.naming import actor_name
from loanops.surfaces.console.pages.shell import ConsoleRequest, done, order, page, render


@page(permissions.VIEW, needs_book=True)
def loan_class(request: ConsoleRequest, number: str) -> HttpResponse:
    """The class of a loan by days, by judgement, with its history."""
    card = queries.get_class(number=number, viewer=request.actor)
    loan = queries.get_loan(number=number, viewer=request.actor)
    live = loan.state in {"active", "overdue"}
    context = {
        "card": card,
        "loan": loan,
        "live": live,
        "orders": [
            (each, actor_name(request, each.by), actor_name(request, each.ended_by))
            for each in card.orders
        ],
        "figures": queries.class_figures(book=loan.book, on=card.on),
        "observation_figures": queries.observation_figures(book=loan.book, on=card.on),
        "may_judge": live and card.days_tier != "loss" and request.actor.may(permissions.CLASSIFY),
        "may_pause": live and request.actor.may(permissions.PAUSE),
        "judge_form": JudgeForm(auto_id="judge_%s", above=card.days_tier),
        "pause_form": PauseForm(auto_id="pause_%s"),
        "withdraw_form": EndForm(auto_id="withdraw_%s"),
        "resume_form": EndForm(auto_id="resume_%s"),
    }
    return render(request, "console/portfolio/loan_class.html", context)


@order(permissions.CLASSIFY)
def reclassify(request: ConsoleRequest, number: str) -> HttpResponse:
    """Judge a loan to be in a lower class."""
    typed = JudgeForm(request.POST).read()
    operations.reclassify(
        loan=number,
        tier=typed["tier"],
        reason=typed["reason"],
        until=typed["until"],
        actor=request.actor,
        at=clock.now(),
    )
    return done(request, _("The loan is in its new class."), "console:loan_class", number)


@order(permissions.CLASSIFY)
def withdraw_judgement(request: ConsoleRequest, number: str) -> HttpResponse:
    """End a judgement: the class follows days past due again."""
    typed = EndForm(request.POST).read()
    operations.withdraw_judgement(
        loan=number, reason=typed["reason"], actor=request.actor, at=clock.now()
    )
    return done(request, _("The judgement is withdrawn."), "console:loan_class", number)


@order(permissions.PAUSE)
def pause_ageing(request: ConsoleRequest, number: str) -> HttpResponse:
    """Hold the class of a loan while its days past due go on."""
    typed = PauseForm(request.POST).read()
    operations.pause_ageing(
        loan=number,
        reason=typed["reason"],
        until=typed["until"],
        actor=request.actor,
        at=clock.now(),
    )
    return done(request, _("Ageing is paused."), "console:loan_class", number)


@order(permissions.PAUSE)
def resume_ageing(request: ConsoleRequest, number: str) -> HttpResponse:
    """Let the class of a loan follow its days past due again."""
    typed = EndForm(request.POST).read()
    operations.resume_ageing(
        loan=number, reason=typed["reason"], actor=request.actor, at=clock.now()
    )
    return done(request, _("Ageing goes on."), "console:loan_class", number)
