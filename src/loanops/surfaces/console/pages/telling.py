"""Telling: what an event of a loan says, and what an effect comes to, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loanops.loanbook.servicing.queries import EventCard
from loanops.platform.web.templatetags import day, in_language, money, percent
from loanops.surfaces.console.forms.changing import FORMS
from loanops.surfaces.console.pages.sentences import Names
from loanops.surfaces.console.pages.words import word_of

_BOOLEANS = {True: "yes", False: "no"}
# What no form asks for: how it is called, and which table has the words of its codes.
_UNASKED = {
    "base": (gettext_lazy("Paid for"), "guarantee_base"),
    "index": (gettext_lazy("Follows"), "reference_rate"),
}


def said_in_words(
    kind: str, values: Mapping[str, Any], currency: str, partners: Names
) -> list[tuple[str, str]]:
    """What a change says, part by part: the names of its form beside the values in words."""
    fields = FORMS[kind].base_fields if kind in FORMS else {}
    told = []
    for name, value in values.items():
        if value in (None, "") or (value == 0 and not isinstance(value, bool)):
            continue
        field = fields.get(name)
        unasked, _table = _UNASKED.get(name, (name.replace("_", " "), ""))
        label = unasked if field is None else field.label
        told.append((str(label), _in_words(name, value, field, currency, partners)))
    return told


def _in_words(
    name: str, value: Any, field: forms.Field | None, currency: str, partners: Names
) -> str:
    if isinstance(field, forms.ChoiceField):
        code = _BOOLEANS[value] if isinstance(value, bool) else value
        words = dict(field.choices) if not callable(field.choices) else {}
        if code in words:
            return str(words[code])
    if name in _UNASKED:
        return str(word_of(_UNASKED[name][1], value).text)
    if name == "owner":
        return in_language(partners.get(value)) or str(value)
    if name.endswith("_minor") and isinstance(value, int):
        return money(value, currency)
    if name.endswith("_rate"):
        return percent(Decimal(str(value)))
    return str(value)


def event_in_words(
    event: EventCard, events: Mapping[str, EventCard], currency: str, partners: Names
) -> list[tuple[str, str]]:
    """What an event says beside its day and amount; a reversal names what it undoes."""
    content = dict(event.content)
    target = events.get(content.pop("of", ""))
    told = said_in_words(event.kind, content, currency, partners)
    if target is not None:
        what = f"{word_of('loan_event', target.kind).text} · {day(target.counts_on)}"
        of = _("What is undone") if event.kind == "reversed" else _("Of the payment")
        told.insert(0, (of, what))
    return told


def figure_in_words(name: str, value: Any, currency: str, partners: Names) -> str:
    """One figure of an effect as a person reads it."""
    if value is None:
        return "—"
    if name.endswith("_minor"):
        return money(value, currency)
    if name == "claim_owner":
        return in_language(partners.get(value)) or value or "—"
    if name == "state":
        return str(word_of("loan", value).text)
    return day(value) if isinstance(value, date) else str(value)


def guarantee_in_words(value: Mapping[str, Any], currency: str) -> str:
    """What a guarantor pays for, and up to how much, by the plain values of a guarantee."""
    said = [
        str(word_of("guarantee_scope", value["scope"]).text),
        str(word_of("guarantee_base", value["base"]).text),
    ]
    cap = ""
    if value["cap_rate"] is not None:
        cap = _("%(share)s of the principal paid out") % {"share": percent(value["cap_rate"])}
    elif value["cap_minor"] is not None:
        cap = money(value["cap_minor"], currency)
    if cap:
        said.append(str(word_of("guarantee_cap", value["cap_per"]).text) % {"cap": cap})
    return " · ".join(said)
