"""Questions to the parameters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from loanops.platform.parameters.catalogue import CATALOGUE, Definition
from loanops.platform.parameters.models import Parameter


@dataclass(frozen=True)
class ParameterCard:
    """A parameter with the value of a day."""

    name: str
    value: int
    definition: Definition
    effective_from: date | None


def value_on(name: str, on: date) -> int:
    """The value in force on a day; the default where none was set."""
    row = (
        Parameter.objects.filter(name=name, effective_from__lte=on)
        .order_by("-effective_from", "-id")
        .values_list("value", flat=True)
        .first()
    )
    return CATALOGUE[name].default if row is None else row


def list_parameters(*, on: date) -> list[ParameterCard]:
    """Every parameter with its value on a day."""
    latest: dict[str, Parameter] = {}
    for row in Parameter.objects.filter(effective_from__lte=on).order_by("effective_from", "id"):
        latest[row.name] = row
    return [
        ParameterCard(
            name=name,
            value=latest[name].value if name in latest else definition.default,
            definition=definition,
            effective_from=latest[name].effective_from if name in latest else None,
        )
        for name, definition in CATALOGUE.items()
    ]
