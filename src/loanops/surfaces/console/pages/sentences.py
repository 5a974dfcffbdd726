"""Audit entries as sentences: the template of the action code, translated and filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from loanops.platform.audit import SENTENCES
from loanops.platform.audit.queries import EntryCard
from loanops.platform.web.templatetags import money, percent
from loanops.surfaces.console.pages.words import TABLES, word_of

_KINDS = {
    "stage": "stage",
    "outcome": "outcome",
    "purpose": "purpose",
    "verdict": "outcome",
}


class _Forgiving(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "—"


def spoken(name: str, value: Any, currency: str) -> str:
    """One value of an entry as a person reads it."""
    if value is None:
        return "—"
    if name.endswith("_minor") and isinstance(value, int):
        return money(value, currency)
    if name.endswith(("_annual", "_rate")) or name.startswith("rate_"):
        return percent(value)
    if isinstance(value, list | tuple):
        return ", ".join(spoken(name, each, currency) for each in value) or "—"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {spoken(key, each, currency)}" for key, each in value.items())
    kind = _KINDS.get(name, name)
    if isinstance(value, str) and value in TABLES.get(kind, {}):
        return str(word_of(kind, value).text)
    return str(value)


def in_words(entry: EntryCard, currency: str) -> str:
    """What an entry says, in the reader's language."""
    known = SENTENCES.get(entry.code)
    values = _Forgiving(
        {name: spoken(name, value, currency) for name, value in entry.values.items()},
        subject=entry.subject,
    )
    return gettext(known.text).format_map(values) if known else f"{entry.code} {entry.subject}"
