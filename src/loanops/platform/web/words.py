"""The words of a refusal in the reader's language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from loanops.kernel.refusals import NotPermitted, Refusal


def words_of(refusal: Refusal) -> str:
    """The refusal's sentence, translated, with its values filled in."""
    values = {
        name: gettext(value) if name in {"problem", "kind", "state", "move"} else value
        for name, value in refusal.values.items()
    }
    field = gettext(refusal.field) if refusal.field else ""
    translated = gettext(refusal.sentence)
    spoken = type(refusal).__new__(type(refusal))
    spoken.field, spoken.values = field, values
    return spoken.text(translated)


def problem_of(refusal: Refusal) -> dict[str, Any]:
    """The refusal as problem details (RFC 9457); a missing grant is a member of its own."""
    return {
        "type": f"urn:loanops:refusal:{refusal.code}",
        "title": refusal.code,
        "status": refusal.status,
        "detail": words_of(refusal),
        **({"field": refusal.field} if refusal.field else {}),
        **({"grant": refusal.values["grant"]} if isinstance(refusal, NotPermitted) else {}),
    }
