"""Rereading: floating loans read their index again where a figure of it came late.

A run is worked out loan by loan by a job, shown, approved by a second person, and booked by the
same function in parts. A part that fails is booked loan by loan: one that fails alone is set aside
with its error. A run that was interrupted goes on where it stood; booked twice, it changes nothing.
"""

from __future__ import annotations

from loanops.loanbook.servicing.operations.rereading.asking import (
    JOB,
    FigureMissing,
    FiguresMoved,
    RereadUnderWay,
    approve_reread,
    ask_reread,
    refuse_reread,
)
from loanops.loanbook.servicing.operations.rereading.booking import go_on_rereading

__all__ = [
    "JOB",
    "FigureMissing",
    "FiguresMoved",
    "RereadUnderWay",
    "approve_reread",
    "ask_reread",
    "go_on_rereading",
    "refuse_reread",
]
