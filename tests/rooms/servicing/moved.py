"""Rows of a file of running loans, one in each state, for tests that bring them in and back."""

from __future__ import annotations

from typing import Any

from loanops.kernel.access import Viewer
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.operations import ImportCard, UndoCard
from loanops.money.ledger import queries as ledger
from tests.factories.loans import AT, HOUSE
from tests.factories.moving import CURRENT

LATE = {
    **CURRENT, "no": "K-2", "state": "B", "left": "7173.48", "late principal": "994.46",
    "late interest": "71.73", "late penalty": "5.00", "late since": "2026-06-20",
}  # fmt: skip
SETTLED = {**CURRENT, "no": "K-3", "state": "C", "left": "0"}
WRITTEN_OFF = {
    **CURRENT, "no": "K-4", "state": "D", "left": "9000.00", "late since": "2026-01-20",
    "late interest": "360.00",
}  # fmt: skip
EVERYTHING = (CURRENT, LATE, SETTLED, WRITTEN_OFF)

WHY = "wrong rate column"


def undo(card: ImportCard, **values: Any) -> UndoCard:
    """Take an import back as it is shown."""
    given: dict[str, Any] = {"reason": WHY, "actor": HOUSE, "at": AT}
    seen = servicing.preview_undo(number=card.number, viewer=HOUSE).effect
    return servicing.undo_import(number=card.number, **{"seen": seen, **given, **values})


def stands() -> dict[str, int]:
    """Every account of the book that holds something."""
    heads = tuple(ledger.chart())
    kept = ledger.balances_of(book="cn", heads=heads, viewer=Viewer.house("tests"))
    return {f"{key.code} {key.dimension}": minor for key, minor in kept.items() if minor}
