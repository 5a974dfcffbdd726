"""First come, first served: which requests fit under ceilings that they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wish:
    """One key that wants an amount of one owner's ceilings."""

    key: str
    owner: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Shortfall:
    """The ceiling that was in the way, and what was left of it."""

    ceiling: str
    left_minor: int


def fill(
    wishes: Sequence[Wish], *, ceilings: Mapping[str, Sequence[str]], left_minor: Mapping[str, int]
) -> dict[str, Shortfall | None]:
    """Grant wishes in order; by key ``None`` where granted, else what was in the way.

    ``ceilings`` names every ceiling of an owner (an owner without ceilings may take anything),
    ``left_minor`` what each ceiling has left. A wish takes from all ceilings of its owner or from
    none.
    """
    left = dict(left_minor)
    found: dict[str, Shortfall | None] = {}
    for wish in wishes:
        names = ceilings.get(wish.owner, ())
        short = next((name for name in names if left[name] < wish.amount_minor), None)
        if short is not None:
            found[wish.key] = Shortfall(short, left[short])
            continue
        for name in names:
            left[name] -= wish.amount_minor
        found[wish.key] = None
    return found
