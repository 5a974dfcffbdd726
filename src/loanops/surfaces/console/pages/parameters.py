"""Pages of the parameters: runtime values, each with the day it holds from."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from loanops.platform.parameters import operations, permissions, queries
from loanops.platform.web import clock
from loanops.surfaces.console.forms.parameters import ParameterForm
from loanops.surfaces.console.pages.shell import (
    ConsoleRequest,
    Undo,
    done,
    order,
    page,
    render,
    today,
)


@page(permissions.VIEW)
def parameters(request: ConsoleRequest) -> HttpResponse:
    """Every parameter with today's value."""
    context = {
        "parameters": queries.list_parameters(on=today()),
        "may_set": request.actor.may(permissions.SET),
    }
    return render(request, "console/parameters/parameters.html", context)


@order(permissions.SET)
def set_parameter(request: ConsoleRequest, name: str) -> HttpResponse:
    """A new value from a day on."""
    typed = ParameterForm(request.POST).read()
    before = {each.name: each.value for each in queries.list_parameters(on=typed["effective_from"])}
    operations.set_parameter(
        name=name,
        value=typed["value"],
        effective_from=typed["effective_from"],
        actor=request.actor,
        at=clock.now(),
    )
    undo = Undo(
        resolve_url("console:set_parameter", name),
        {"value": str(before[name]), "effective_from": typed["effective_from"].isoformat()},
    )
    return done(request, _("The new value is set."), "console:parameters", undo=undo)
