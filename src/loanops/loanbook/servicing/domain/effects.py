"""Effects: exactly what a change does to a loan, worked out before it is booked.

The same effect is shown by a preview and booked by the operation; its digest names it, so that
nobody books anything but what was shown.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date

from loanops.kernel.account import AccountState, Event, event_to_dict
from loanops.loanbook.servicing.domain.counting import CountedDay


@dataclass(frozen=True)
class ScheduleLine:
    """One instalment; amounts in minor units. ``is_changed`` says that the change touches it."""

    number: int
    starts_on: date
    due_on: date
    principal_minor: int
    interest_minor: int
    fee_minor: int
    penalty_minor: int
    paid_minor: int
    open_minor: int
    owner: str
    is_changed: bool = False


@dataclass(frozen=True)
class AccountFigures:
    """A loan on a day, in minor units.

    ``owed_minor`` is unpaid and due by the day, ``to_pay_minor`` all that is unpaid, of which
    ``cost_minor`` is interest, fees and penalty. ``received_minor`` was paid with money so far.
    """

    outstanding_minor: int
    owed_minor: int
    overdue_minor: int
    penalty_minor: int
    to_pay_minor: int
    cost_minor: int
    received_minor: int
    credit_minor: int
    instalments_left: int
    next_due_on: date | None
    next_due_minor: int
    last_due_on: date | None
    claim_owner: str
    state: str
    bucket_name: str


@dataclass(frozen=True)
class Posting:
    """One entry as it will be posted: from which account to which, in minor units."""

    debit: str
    debit_dimension: str
    credit: str
    credit_dimension: str
    amount_minor: int


@dataclass(frozen=True)
class EffectCard:
    """What a change does: figures, schedule and postings before and after.

    ``saving_minor`` is how much less the borrower pays in all from now on, money of the change
    included; below zero it costs more. ``floats`` says whether the rate follows an index after it.
    ``counting`` tells of a change of pauses how days past due count with and without it.
    ``digest`` names all of it.
    """

    loan: str
    key: str
    kind: str
    on: date
    before: AccountFigures
    after: AccountFigures
    schedule_before: tuple[ScheduleLine, ...]
    schedule_after: tuple[ScheduleLine, ...]
    postings: tuple[Posting, ...]
    saving_minor: int
    digest: str
    needs_second: bool
    floats: bool
    counting: tuple[CountedDay, ...]


def lines_of(account: AccountState, before: Sequence[ScheduleLine] = ()) -> list[ScheduleLine]:
    """The schedule of an account; with one before it, what differs from that is marked."""
    known = {line.number: line for line in before}
    lines = []
    for item in account.instalments:
        line = ScheduleLine(
            number=item.number,
            starts_on=item.start_date,
            due_on=item.due_date,
            principal_minor=item.due.principal_minor,
            interest_minor=item.due.interest_minor,
            fee_minor=item.due.fee_minor,
            penalty_minor=item.due.penalty_minor,
            paid_minor=item.paid.total_minor,
            open_minor=item.open.total_minor,
            owner=item.owner,
        )
        was = known.get(item.number)
        is_changed = bool(before) and (was is None or replace(was, is_changed=False) != line)
        lines.append(replace(line, is_changed=is_changed))
    return lines


def figures_of(
    account: AccountState, *, claim_owner: str, state: str, bucket_name: str
) -> AccountFigures:
    """The figures of an account on its day."""
    left = account.due - account.paid
    waiting = [item for item in account.instalments if item.open.total_minor > 0]
    later = [item for item in waiting if item.due_date >= account.on]
    return AccountFigures(
        outstanding_minor=account.principal_outstanding_minor,
        owed_minor=account.owed.total_minor,
        overdue_minor=account.overdue.total_minor,
        penalty_minor=account.owed.penalty_minor,
        to_pay_minor=left.total_minor,
        cost_minor=left.total_minor - left.principal_minor,
        received_minor=sum(parts.total_minor for _, parts in account.received),
        credit_minor=account.unapplied_minor,
        instalments_left=len(waiting),
        next_due_on=later[0].due_date if later else None,
        next_due_minor=later[0].open.total_minor if later else 0,
        last_due_on=waiting[-1].due_date if waiting else None,
        claim_owner=claim_owner,
        state=state,
        bucket_name=bucket_name,
    )


def total_cost_minor(account: AccountState) -> int:
    """Everything the borrower pays beside principal over the life of the loan, as known now."""
    return account.due.total_minor - account.due.principal_minor


def digest_of(
    *,
    loan: str,
    event: Event,
    on: date,
    history: Sequence[Event],
    schedule: Sequence[ScheduleLine],
    postings: Sequence[Posting],
) -> str:
    """The name of an effect: the same only if event, history, schedule and postings are."""
    said = {
        "loan": loan,
        "event": event_to_dict(event),
        "on": on,
        "history": [each.key for each in history],
        "schedule": [astuple(line)[:-1] for line in schedule],
        "postings": [astuple(posting) for posting in postings],
    }
    text = json.dumps(said, default=str, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
