"""Templates of messages: their words by language and version, and which of their values are secret.

A version never changes; new words are a new version with its first day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from loanops.registry.contacts.domain.refusals import TemplateUnfilled

_PLACE: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Template:
    """One version of a message; values that are ``secret`` are sent and never kept."""

    code: str
    version: str
    effective_from: date
    secret: frozenset[str]
    text: Mapping[str, str]

    def fill(self, language: str, values: Mapping[str, str]) -> str:
        """The words in a language with every place filled.

        :raises TemplateUnfilled: a value is missing.
        """
        words = self.text[language]
        missing = sorted(set(_PLACE.findall(words)) - set(values))
        if missing:
            raise TemplateUnfilled(template=self.code, missing=", ".join(missing))
        return _PLACE.sub(lambda place: values[place[1]], words)

    def kept(self, values: Mapping[str, str]) -> dict[str, str]:
        """The values that may be kept."""
        return {name: value for name, value in values.items() if name not in self.secret}


def read_templates(document: Mapping[str, Any]) -> tuple[Template, ...]:
    """Every version that a file of templates holds."""
    return tuple(
        Template(
            code=table["code"],
            version=table["version"],
            effective_from=table["effective_from"],
            secret=frozenset(table["secret"]),
            text=dict(table["text"]),
        )
        for table in document["templates"]
    )


def current(templates: tuple[Template, ...], code: str, on: date) -> Template | None:
    """The newest version of a template that is in force on a day."""
    live = [each for each in templates if each.code == code and each.effective_from <= on]
    return max(live, key=lambda each: each.effective_from, default=None)
