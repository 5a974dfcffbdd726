"""Reason codes and their sentences: the house's own, and those of each strategy."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Reason:
    """One reason code of the house; ``outcomes`` are those a reviewer may give it with."""

    code: str
    sentence: Mapping[str, str]
    outcomes: tuple[str, ...]


@cache
def house_reasons() -> Mapping[str, Reason]:
    """Every reason code that is not a strategy's own."""
    path = Path(__file__).parent.parent / "data" / "reasons.toml"
    return {
        code: Reason(code, {"zh-hans": row["zh-hans"], "en": row["en"]}, tuple(row["for"]))
        for code, row in tomllib.loads(path.read_text(encoding="utf-8")).items()
    }


def review_reasons(outcome: str) -> tuple[Reason, ...]:
    """The reasons that a reviewer may give with an outcome (``approve`` or ``decline``)."""
    return tuple(reason for reason in house_reasons().values() if outcome in reason.outcomes)
