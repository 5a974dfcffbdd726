"""Audit entries as sentences: the template of the action code, translated and filled in."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from loanops.platform.audit import SENTENCES
from loanops.platform.audit.queries import EntryCard
from loanops.platform.web.templatetags import in_language, listed, money, percent
from loanops.surfaces.console.pages.words import TABLES, word_of

Names = Mapping[str, dict[str, str]]
_KINDS = {"verdict": "outcome"}
# Values that are the code of a partner.
_PARTNERS = frozenset({"funder", "guarantor", "partner", "recipient"})
# One name means different things in different entries: which table reads it, by code and name.
_KINDS_OF: dict[tuple[str, str], str] = {
    ("contracts.signed", "mode"): "signing",
    ("limits.set", "kind"): "quota",
    ("partners.registered", "kind"): "partner_kind",
    ("routing.answered", "state"): "attempt",
    ("routing.exception_opened", "kind"): "trouble",
    ("routing.lapsed", "reason"): "funder_reason",
    ("routing.payout_answered", "state"): "payout",
    ("routing.payout_failed", "reason"): "funder_reason",
    ("routing.refused", "reasons"): "exclusion_name",
    ("routing.signing_answered", "state"): "signing_state",
    ("servicing.close_step_done", "step"): "step",
    ("servicing.undone", "what"): "loan_event",
    ("vault.unmasked", "kind"): "personal",
}
# The frozen facts of an application.
_FACTS = {"purpose": "loan_purpose", "region": "region", "industry": "industry"}


class _Forgiving(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "—"


def fact_in_words(name: str, value: Any, currency: str) -> str:
    """One frozen fact of an application as a person reads it."""
    if name in _FACTS and isinstance(value, str):
        return str(word_of(_FACTS[name], value).text)
    if isinstance(value, int) and name.endswith("_ppm"):
        return percent(Decimal(value).scaleb(-6))
    if isinstance(value, int) and name.endswith("_bp"):
        return percent(Decimal(value).scaleb(-4))
    return spoken(name, value, currency)


def spoken(name: str, value: Any, currency: str, kind: str = "") -> str:
    """One value of an entry as a person reads it; ``kind`` names the table of its codes."""
    if value is None:
        return "—"
    if name.endswith("_minor") and isinstance(value, int):
        return money(value, currency)
    if name.endswith(("_annual", "_rate")) or name.startswith("rate_"):
        return percent(value)
    if isinstance(value, list | tuple):
        return listed(spoken(name, each, currency, kind) for each in value) or "—"
    if isinstance(value, Mapping):
        return listed(f"{key}: {spoken(key, each, currency)}" for key, each in value.items())
    kind = kind or _KINDS.get(name, name)
    if isinstance(value, str) and value in TABLES.get(kind, {}):
        return str(word_of(kind, value).text)
    return str(value)


def channel_in_words(code: str, partners: Names) -> str:
    """By which way money or an application came; ``gateway:party`` names both."""
    way, _, party = code.partition(":")
    known = TABLES["channel"].get(way)
    words = str(known.text) if known else in_language(partners.get(way)) or way
    return f"{words} · {in_language(partners.get(party)) or party}" if party else words


def _named(name: str, value: Any, partners: Names) -> Any:
    if not isinstance(value, str):
        return value
    if name == "channel":
        return channel_in_words(value, partners)
    return in_language(partners.get(value)) or value if name in _PARTNERS else value


def in_words(entry: EntryCard, currency: str, partners: Names) -> str:
    """What an entry says, in the reader's language; ``partners`` are named by their codes."""
    known = SENTENCES.get(entry.code)
    values = _Forgiving(
        {
            name: spoken(
                name,
                _named(name, value, partners),
                currency,
                _KINDS_OF.get((entry.code, name), ""),
            )
            for name, value in entry.values.items()
        },
        subject=entry.subject,
    )
    return gettext(known.text).format_map(values) if known else f"{entry.code} {entry.subject}"
