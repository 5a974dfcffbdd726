"""One figure: what was measured, against what, and what it has to reach."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A measured value.

    `ratio` compares with the peer named by `against`, measured in the same run; `wanted` says what
    has to be reached in words, and `reached` whether it was (None: not judged, as in a quick run).
    """

    name: str
    value: float
    unit: str
    against: str = ""
    ratio: float | None = None
    wanted: str = ""
    reached: bool | None = None
    note: str = ""

    def plain(self) -> dict[str, Any]:
        """The figure as JSON carries it."""
        return asdict(self)

    def line(self) -> str:
        """The figure as a terminal shows it."""
        mark = {True: "ok  ", False: "LOW ", None: "    "}[self.reached]
        text = f"{mark}{self.name}: {readable(self.value)} {self.unit}"
        if self.ratio is not None:
            text += f" = {readable(self.ratio)} x {self.against}"
        elif self.against:
            text += f" ({self.against})"
        if self.wanted:
            text += f"; wanted {self.wanted}"
        return f"{text}. {self.note}" if self.note else text


def readable(value: float) -> str:
    """Three significant digits, thousands grouped."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def seconds(work: Callable[[], object], *, times: int = 3) -> float:
    """The median of so many runs."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return median(taken)
