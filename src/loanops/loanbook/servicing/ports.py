"""The steps of the close, plugged by wiring: ordered, as data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from loanops.platform.work import Work


@dataclass(frozen=True, slots=True)
class Closing:
    """The day that is being closed, and the day that begins after it."""

    book: str
    closed_on: date
    opens_on: date


@dataclass(frozen=True, slots=True)
class CloseStep:
    """One step: its name, once per book and day, and what it does.

    ``run`` gets the open unit of work and returns how many rows it touched. ``on_new_day`` says
    that what it books counts for the day that begins, not for the day that is closed. ``loans``
    names the loans it treats, among which one that makes it fail is looked for. ``is_later`` says
    that books were closed before there was such a step: none of their days lacks it until the
    first that has it.
    """

    name: str
    run: Callable[[Work, Closing], int]
    on_new_day: bool = False
    loans: Callable[[Closing], Sequence[int]] | None = None
    is_later: bool = False


class Steps:
    """The steps in force, in order."""

    def __init__(self) -> None:
        """No step is in force until some are plugged."""
        self._steps: tuple[CloseStep, ...] = ()

    def plug(self, steps: Sequence[CloseStep]) -> None:
        """Set the steps; names are unique.

        :raises ValueError: a name stands twice.
        """
        names = [step.name for step in steps]
        if len(set(names)) != len(names):
            raise ValueError("a step of the close stands twice")
        self._steps = tuple(steps)

    def is_finished(self, done: Collection[str]) -> bool:
        """Whether a close that did these steps came to its end: the last step is done last."""
        return bool(self._steps) and self._steps[-1].name in done

    def __iter__(self) -> Iterator[CloseStep]:
        """The steps in the order in which they run."""
        return iter(self._steps)


CLOSE = Steps()
"""What a close does, in order; ``config/wiring`` plugs it."""
