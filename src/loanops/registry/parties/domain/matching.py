"""Is this somebody we know? Decided on keyed indexes, so that no rule sees a number in clear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Match(StrEnum):
    """What the duplicate check found."""

    NOT_CHECKED = "not_checked"
    PASSED = "passed"
    SAME_PERSON = "same_person"
    MOBILE_CHANGED = "mobile_changed"
    MOBILE_SHARED = "mobile_shared"


SENTENCES: Mapping[Match, str] = {
    Match.NOT_CHECKED: "Not checked: this book keeps no identities.",
    Match.PASSED: "Nobody with this identity number or this mobile is known.",
    Match.SAME_PERSON: "The same identity number and the same mobile are known.",
    Match.MOBILE_CHANGED: (
        "The identity number is known with another mobile; confirm which of the two is in use."
    ),
    Match.MOBILE_SHARED: (
        "The mobile belongs to a person with another identity number; confirm who is applying."
    ),
}
# These two can be an error, a new telephone, or somebody using another person's papers.
CONFLICTS = frozenset({Match.MOBILE_CHANGED, Match.MOBILE_SHARED})


@dataclass(frozen=True)
class Known:
    """A party as the check sees it: its number and its two keyed indexes."""

    number: str
    id_index: str
    mobile_index: str


@dataclass(frozen=True)
class Duplicate:
    """The answer for one person: what was found, which party is meant, and why."""

    match: Match
    party: str | None
    others: tuple[str, ...]
    sentence: str

    @property
    def is_conflict(self) -> bool:
        """Whether a person must look before anything is granted."""
        return self.match in CONFLICTS


NOT_CHECKED = Duplicate(Match.NOT_CHECKED, None, (), SENTENCES[Match.NOT_CHECKED])


def match(*, id_index: str, mobile_index: str, known: Sequence[Known]) -> Duplicate:
    """Compare one person with the parties that share an index.

    The identity number decides who somebody is; the mobile only supports or contradicts it.
    """
    same = next((party for party in known if party.id_index == id_index), None)
    sharing = tuple(
        party.number
        for party in known
        if party.mobile_index == mobile_index and party.id_index != id_index
    )
    if sharing:
        found = Match.MOBILE_SHARED
    elif same is None:
        found = Match.PASSED
    elif same.mobile_index == mobile_index:
        found = Match.SAME_PERSON
    else:
        found = Match.MOBILE_CHANGED
    return Duplicate(found, same.number if same else None, sharing, SENTENCES[found])
