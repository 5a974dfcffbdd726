"""Keyed search tokens: what a person types finds a sealed name without a clear key beside it."""

from __future__ import annotations

from functools import cache
from types import ModuleType

from loanops.platform.vault.seals import blind_index

PREFIX_MAX = 8


@cache
def _pypinyin() -> ModuleType:
    """The dictionary of readings, loaded at the first Han name: it costs a third of a second."""
    import pypinyin

    return pypinyin


def _spellings(name: str) -> set[str]:
    compact = name.replace(" ", "").lower()
    prefixes = {compact[:length] for length in range(1, min(len(compact), PREFIX_MAX) + 1)}
    if compact.isascii():
        return {compact} | prefixes
    readings = _pypinyin()
    full = "".join(readings.lazy_pinyin(compact))
    initials = "".join(readings.lazy_pinyin(compact, style=readings.Style.FIRST_LETTER))
    return {compact, full, initials} | prefixes


def name_tokens(name: str) -> list[str]:
    """The tokens a name is found by: whole, prefix, full pinyin, initials."""
    return [blind_index("token:name", text) for text in sorted(_spellings(name)) if text]


def query_token(kind: str, text: str) -> str:
    """The one token that a search text stands for."""
    return blind_index(f"token:{kind}", text.replace(" ", "").lower())
