"""Restructuring: how a loan stood before and after it was agreed anew, as its row keeps it.

Both sides are what was shown and booked: the loan on the business day of the booking, by the events
that were known then. What is learned later, be it a payment for an earlier day or the undoing of
the restructuring, changes the loan and not the row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Final

from loanops.kernel.account import AccountState, Event, Restructured, Treated, state
from loanops.kernel.allocation import Parts
from loanops.kernel.schedule import Terms
from loanops.loanbook.servicing.domain.effects import ScheduleLine, lines_of

KEPT: Final = "kept_sha256"
"""Under which name an event says what was kept of it; restructurings of before say nothing."""

FOLD: Final = 1
"""Which folding of events both sides are made by: one more wherever the kernel comes to make other
figures of the same history, so that what was kept before is not held to what it makes now."""

_DAYS = ("starts_on", "due_on")


@dataclass(frozen=True, slots=True)
class AgreedSide:
    """A loan before or after: its schedule, all that is unpaid, and what of that is due by now."""

    schedule: tuple[ScheduleLine, ...]
    unpaid: Parts
    owed: Parts


@dataclass(frozen=True, slots=True)
class AgreedAnew:
    """One restructuring: both sides of it, and what it made of what was owed."""

    before: AgreedSide
    after: AgreedSide
    treated: Treated


def agreed_anew(before: AccountState, after: AccountState, key: str) -> AgreedAnew:
    """What the restructuring ``key`` did, from the accounts without and with it, of one day."""
    [treated] = [each for each in after.treated if each.key == key]
    return AgreedAnew(_side(before), _side(after), treated)


def derived(terms: Terms, events: Sequence[Event], on: date) -> AgreedAnew:
    """The same from the events known when it was booked on ``on``; it is the last of them.

    :raises Refusal: the events do not fit each other.
    """
    *known, booked = events
    if not isinstance(booked, Restructured):
        raise TypeError(booked)
    return agreed_anew(state(terms, known, on), state(terms, events, on), booked.key)


def _side(account: AccountState) -> AgreedSide:
    lines = lines_of(account)
    return AgreedSide(tuple(lines), account.due - account.paid, account.owed)


def _side_text(side: AgreedSide) -> str:
    """A side as its column keeps it: amounts in minor units, days as ISO dates."""
    lines = [asdict(line) for line in side.schedule]
    for line in lines:
        del line["is_changed"]
    said = {"schedule": lines, "unpaid": asdict(side.unpaid), "owed": asdict(side.owed)}
    return json.dumps(said, default=str, separators=(",", ":"), sort_keys=True)


def _treated_text(treated: Treated) -> str:
    """What became of what was owed, by treatment and component, as its column keeps it."""
    said = {name: asdict(parts) for name, parts in treated._asdict().items() if name != "key"}
    return json.dumps(said, separators=(",", ":"), sort_keys=True)


def texts_of(agreed: AgreedAnew) -> tuple[str, str, str]:
    """A restructuring as its columns keep it: before, after, and what became of what was owed."""
    return _side_text(agreed.before), _side_text(agreed.after), _treated_text(agreed.treated)


def digest_kept(agreed: AgreedAnew) -> str:
    """The name of what is kept: its event holds it, so that a row that is lost is missed."""
    return digest_of_texts(texts_of(agreed))


def digest_of_texts(texts: Sequence[str]) -> str:
    """The same of what its columns keep, whoever made it."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def marked(after: AgreedSide, before: AgreedSide) -> AgreedSide:
    """The side after, its instalments marked where they are others than before."""
    known = {line.number: line for line in before.schedule}
    lines = [replace(line, is_changed=known.get(line.number) != line) for line in after.schedule]
    return replace(after, schedule=tuple(lines))


def read_agreed(key: str, before: str, after: str, treated: str) -> AgreedAnew:
    """A restructuring from its columns.

    :raises ValueError, KeyError, TypeError, AttributeError: a column was not written by us.
    """
    said: Mapping[str, Mapping[str, int]] = json.loads(treated)
    parts = {name: Parts(**said[name]) for name in ("capitalised", "carried", "waived")}
    return AgreedAnew(_read_side(before), _read_side(after), Treated(key, **parts))


def _read_side(text: str) -> AgreedSide:
    said: Mapping[str, Any] = json.loads(text)
    lines = [
        ScheduleLine(**{**line, **{name: date.fromisoformat(line[name]) for name in _DAYS}})
        for line in said["schedule"]
    ]
    return AgreedSide(tuple(lines), Parts(**said["unpaid"]), Parts(**said["owed"]))
