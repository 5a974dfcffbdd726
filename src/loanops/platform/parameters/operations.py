"""Orders to the parameters."""

from __future__ import annotations

from datetime import date, datetime

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, NotFound
from loanops.platform.parameters import permissions
from loanops.platform.parameters.catalogue import CATALOGUE
from loanops.platform.parameters.models import Parameter
from loanops.platform.work import unit_of_work


def set_parameter(
    *, name: str, value: int, effective_from: date, actor: Actor, at: datetime
) -> None:
    """Give a parameter a value from a day on.

    :raises NotPermitted: the actor may not set parameters.
    :raises NotFound: there is no such parameter.
    :raises BadField: the value is out of its range.
    """
    require(actor, permissions.SET)
    definition = CATALOGUE.get(name)
    if definition is None:
        raise NotFound(kind="parameter", number=name)
    if not definition.minimum <= value <= definition.maximum:
        raise BadField(
            field="value",
            problem="enter a whole number from {minimum} to {maximum}",
            minimum=definition.minimum,
            maximum=definition.maximum,
        )
    with unit_of_work(actor=actor, at=at, book="", on=effective_from) as work:
        Parameter.objects.create(
            name=name, value=value, effective_from=effective_from, set_at=at, set_by=actor.person
        )

        work.record("parameters.set", subject=name, value=value, effective_from=effective_from)
