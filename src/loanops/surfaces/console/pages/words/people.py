"""Words about people: industries and provinces, as every window calls them."""

from __future__ import annotations

from loanops.platform.web import people
from loanops.surfaces.console.pages.words.word import Word, Words

INDUSTRIES: Words = {code: Word(name) for code, name in people.INDUSTRIES.items()}
REGIONS: Words = {code: Word(name) for code, name in people.REGIONS.items()}
