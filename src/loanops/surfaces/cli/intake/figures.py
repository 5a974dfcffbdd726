"""What became of the applications of a file, counted from where they stand now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from loanops.loanbook.servicing import queries as servicing
from loanops.origination.applications import queries as applications
from loanops.origination.applications.queries import RowMap

_DECLINED = frozenset({"declined"})
_REFERRED = frozenset({"in_review"})
_UNDECIDED = frozenset({"draft", "submitted"})


def figures(numbers: Sequence[str], row_map: RowMap) -> dict[str, Any]:
    """The figures of the applications of one file; a rate is None where no outcome is known."""
    stages = applications.stages_of(numbers)
    declined = [number for number in numbers if stages[number] in _DECLINED]
    referred = [number for number in numbers if stages[number] in _REFERRED]
    undecided = [number for number in numbers if stages[number] in _UNDECIDED]
    apart = {*declined, *referred, *undecided}
    approved = [number for number in numbers if number not in apart]
    disbursed = [number for number in numbers if stages[number] == "disbursed"]
    bad = _bad(numbers, row_map)
    return {
        "applications": len(numbers),
        "approved": len(approved),
        "declined": len(declined),
        "referred": len(referred),
        "disbursed": len(disbursed),
        "instalment_equal": _equal(disbursed),
        "funding_refused": sum(stages[number] == "funding_refused" for number in numbers),
        "bad_rate_approved": _rate(approved, bad),
        "bad_rate_declined": _rate(declined, bad),
        "bad_rate_referred": _rate(referred, bad),
    }


def _equal(disbursed: Sequence[str]) -> int:
    """Loans whose first instalment is, to the cent, the one that the file names."""
    ours = servicing.first_dues_of(disbursed)
    asked = applications.cards_of(disbursed)
    return sum(ours.get(number) == asked[number].instalment_minor for number in disbursed)


def _bad(numbers: Iterable[str], row_map: RowMap) -> Mapping[str, bool]:
    """Whether each loan went bad later, as the map's ``bad`` says; empty where it says nothing."""
    names = [name for name, rule in row_map.outcome.items() if rule.column == row_map.bad_column]
    if not names:
        return {}
    outcomes: Mapping[str, Mapping[str, Any]] = applications.outcomes_of(numbers)
    return {
        number: outcome[names[0]] in row_map.bad_values
        for number, outcome in outcomes.items()
        if outcome.get(names[0]) is not None
    }


def _rate(numbers: Sequence[str], bad: Mapping[str, bool]) -> float | None:
    known = [bad[number] for number in numbers if number in bad]
    return round(sum(known) / len(known), 4) if known else None
