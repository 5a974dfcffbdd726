"""Lifecycles: what may follow what, as one table.

A move that is not in the table raises; it never does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from loanops.kernel.refusals import MoveNotAllowed

S = TypeVar("S", bound=StrEnum)
M = TypeVar("M", bound=StrEnum)


class Lifecycle(Generic[S, M]):
    """A table of permitted moves ``{(state, move): next state}`` with one start."""

    def __init__(self, table: Mapping[tuple[S, M], S], *, start: S) -> None:
        """Keep a copy of the table, and where everything begins."""
        self._table = dict(table)
        self.start = start

    def after(self, state: S, move: M) -> S:
        """The state that ``move`` leads to.

        :raises MoveNotAllowed: the table has no such move from ``state``.
        """
        try:
            return self._table[(state, move)]
        except KeyError:
            raise MoveNotAllowed(state=state.value, move=move.value) from None

    def moves(self, state: S) -> tuple[M, ...]:
        """Every move permitted from ``state``, in the order of the table."""
        return tuple(move for origin, move in self._table if origin == state)

    def states(self) -> frozenset[S]:
        """Every state the table mentions."""
        origins = {origin for origin, _ in self._table}
        return frozenset({self.start, *origins, *self._table.values()})

    def ends(self) -> frozenset[S]:
        """The states without a way out."""
        return self.states() - {origin for origin, _ in self._table}

    def edges(self) -> Iterator[tuple[S, M, S]]:
        """Every permitted move as ``(from, move, to)``."""
        for (origin, move), target in self._table.items():
            yield origin, move, target
