"""Every action code has a sentence, so that a timeline can be read by a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Sentence:
    """How an audit entry reads: an English template over ``subject`` and the entry's values."""

    text: str


SENTENCES: dict[str, Sentence] = {}


def register_sentences(sentences: Mapping[str, Sentence]) -> None:
    """Make a room's sentences known; wiring calls it once for each room."""
    SENTENCES.update(sentences)
