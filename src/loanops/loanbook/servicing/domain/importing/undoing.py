"""Undoing: what taking a file of loans back would do, what stands in its way, and who lets it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple

from loanops.kernel.account import RateChanged, Reversed
from loanops.kernel.lifecycle import Lifecycle
from loanops.kernel.refusals import Refusal
from loanops.loanbook.servicing.domain.floating import RESET_KEY

SHOWN_MAX: Final = 20
"""Loans in the way that a preview names."""
NAMED_MAX: Final = 5
"""Loans in the way that a refusal names."""

WAITS: Final = "change_asked"
"""A change was asked for and waits for a second person."""
HELD: Final = "money_waits"
"""Money came in for the loan and has no place."""
OUT: Final = "debit_out"
"""A debit went out to its channel and is not answered."""


class UndoState(StrEnum):
    """Where a request stands that an import be taken back."""

    ASKED = "asked"
    APPROVED = "approved"
    """A second person let it; a job is taking the import back."""
    DONE = "done"
    REFUSED = "refused"
    LAPSED = "lapsed"
    """The loans moved on, or the day was closed, before it was done."""


class UndoMove(StrEnum):
    """What can happen to such a request."""

    APPROVE = "approve"
    REFUSE = "refuse"
    FINISH = "finish"
    LAPSE = "lapse"


UNDOS: Final[Lifecycle[UndoState, UndoMove]] = Lifecycle(
    {
        (UndoState.ASKED, UndoMove.APPROVE): UndoState.APPROVED,
        (UndoState.ASKED, UndoMove.REFUSE): UndoState.REFUSED,
        (UndoState.ASKED, UndoMove.LAPSE): UndoState.LAPSED,
        (UndoState.APPROVED, UndoMove.FINISH): UndoState.DONE,
        (UndoState.APPROVED, UndoMove.LAPSE): UndoState.LAPSED,
    },
    start=UndoState.ASKED,
)
UNDO_OPEN: Final = (UndoState.ASKED, UndoState.APPROVED)
"""States of a request beside which no other of its import is made."""


class LoansMovedOn(Refusal):
    """Something happened to loans of the file since they came; taking them back would lose it."""

    code = "servicing_undo_moved_on"
    sentence = (
        "{file} cannot be taken back: something happened to {count} of its loans, such as {first}. "
        "Undo that on their pages first, or correct these loans one by one."
    )


class UndoDiffers(Refusal):
    """What would be taken back is not what was shown."""

    code = "servicing_undo_differs"
    sentence = "The loans of {file} have changed since this was shown; look at it again."


class Row(NamedTuple):
    """An event of a loan, in the order in which events came; ``of`` is what it undoes, if any."""

    key: str
    kind: str
    of: str
    came_with_file: bool


@dataclass(frozen=True)
class Happened:
    """A loan to which something happened, by the kind of its event or by a word of this module."""

    loan: str
    what: str


@dataclass(frozen=True)
class StateTotal:
    """Loans of a file in one state as they stand now, and their principal."""

    state: str
    loans: int
    outstanding_minor: int


@dataclass(frozen=True)
class OwnerTotal:
    """Principal outstanding of one owner, written off or not."""

    owner: str
    outstanding_minor: int


@dataclass(frozen=True)
class PostingTotal:
    """Entries from one account to another, of all pools together."""

    debit: str
    credit: str
    entries: int
    amount_minor: int


@dataclass(frozen=True)
class UndoCard:
    """A file version taken back, or what that would do.

    ``owners`` share what is outstanding, by the portions of the agreements. ``opening_minor`` is
    what leaves ``migration.opening``, ``debits`` the orders that are stopped, ``happened`` the
    first few of ``happened_count`` loans that stand in the way. ``effect`` is the digest of what is
    shown. ``again`` says that it had been taken back before this order.
    """

    number: str
    book: str
    file: str
    digest: str
    cut_off: date
    imported_on: date
    loans: int
    states: tuple[StateTotal, ...]
    owners: tuple[OwnerTotal, ...]
    postings: tuple[PostingTotal, ...]
    outstanding_minor: int
    opening_minor: int
    events: int
    debits: int
    happened_count: int
    happened: tuple[Happened, ...]
    effect: str
    undone_on: date | None
    undone_by: str
    reason: str
    again: bool


def standing(rows: Sequence[Row]) -> list[Row]:
    """The events that were not undone, reversals left out, in the order in which they came."""
    undone: set[str] = set()
    # The last word first, as the account takes it.
    for row in reversed(rows):
        if row.kind == Reversed.KIND and row.key not in undone:
            undone.add(row.of)
    return [row for row in rows if row.key not in undone and row.kind != Reversed.KIND]


def moved_on(rows: Iterable[Row]) -> str:
    """The kind of the first standing event that makes a loan more than what its file brought.

    What closes do by themselves is none: a rate that was read anew from its index.
    """
    for row in rows:
        by_close = row.kind == RateChanged.KIND and row.key.startswith(RESET_KEY)
        if not row.came_with_file and not by_close:
            return row.kind
    return ""


def undoing_keys(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """A reversal for each standing event, the newest first: its key, and what it undoes."""
    last_first = reversed(standing(rows))
    return [
        (f"{Reversed.KIND}-{place}", row.key)
        for place, row in enumerate(last_first, start=len(rows) + 1)
    ]


def effect_of(values: Mapping[str, Any]) -> str:
    """The digest of what is shown, by which it is ordered."""
    text = json.dumps(values, default=str, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def shown_values(card: UndoCard, on: date) -> dict[str, Any]:
    """What of a card makes its digest: all that it would do, seen on a day."""
    values = asdict(card)
    for name in ("effect", "undone_on", "undone_by", "reason", "again"):
        values.pop(name)
    return {**values, "on": on}
