"""Reading loans for a change: locked, with the instalments that may still owe something."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from loanops.kernel.access import Actor
from loanops.kernel.account import AccountState, Event, Repayment, state
from loanops.kernel.allocation import Component, Parts
from loanops.kernel.refusals import NotFound
from loanops.kernel.schedule import Terms
from loanops.loanbook.servicing.domain.lifecycle import LoanState
from loanops.loanbook.servicing.domain.owners import RECEIVED
from loanops.loanbook.servicing.domain.position import Item
from loanops.loanbook.servicing.domain.replay import event_of, items_of
from loanops.loanbook.servicing.domain.rules import Rules, read_rules
from loanops.loanbook.servicing.domain.turn import Backing, Figures, backing_of
from loanops.loanbook.servicing.models import Instalment, Loan, LoanEvent, LoanTerms, Pool
from loanops.money.ledger import queries as ledger
from loanops.platform.db import fetch, for_change

LOAN = Loan._meta.db_table
POOL = Pool._meta.db_table
INSTALMENT = Instalment._meta.db_table
EVENT = LoanEvent._meta.db_table
TERMS = LoanTerms._meta.db_table

ITEM_COLUMNS = """
    i.number, i.due_on, i.principal_minor, i.interest_minor, i.fee_minor, i.paid_principal_minor,
    i.paid_interest_minor, i.paid_fee_minor, i.paid_penalty_minor, i.penal_to, i.penal_minor_days,
    i.settled_on, i.starts_on, i.penalty_adjust_minor, i.penal_end, i.owner,
    i.late_fee_minor, i.late_fee_count, i.penal_rate,
    i.compounded_minor, i.capped_on
    """

_CHUNK = 5_000


@dataclass(slots=True)
class Held:
    """A loan held for change: who it is, its figures, and its open instalments.

    ``received`` is what the ledger says each owner received, of a whole loan that lenders share.
    """

    id: int
    number: str
    pool_id: int
    pool: str
    channel: str
    rules: Rules
    figures: Figures
    changed_on: date | None
    advanced_minor: int
    funder: str
    claim_owner: str
    principal_minor: int
    instalment_count: int
    set_aside: bool
    items: dict[int, Item]
    guarantor: str = ""
    received: dict[str, Parts] = field(default_factory=dict)


def as_date(value: Any) -> date:
    """A date as the engine answers it: SQLite answers text."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def as_date_or_none(value: Any) -> date | None:
    """A date, or none, as the engine answers it."""
    return None if value is None else as_date(value)


def chunks(values: Sequence[Any], size: int = _CHUNK) -> Iterable[Sequence[Any]]:
    """A sequence in pieces that fit one statement."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def marks(values: Sequence[Any]) -> str:
    """As many placeholders as values."""
    return ", ".join(["%s"] * len(values))


def see_book(actor: Actor, book: str) -> None:
    """Let an order over a whole book pass only within the actor's scope.

    :raises NotFound: there is no such book for the actor.
    """
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)


def ids_of(numbers: Sequence[str]) -> dict[str, tuple[int, str]]:
    """The id and the book of loans by number."""
    return {
        number: (id_, book)
        for part in chunks(sorted(set(numbers)))
        for number, id_, book in fetch(
            f"SELECT number, id, book_id FROM {LOAN} WHERE number IN ({marks(part)})",  # noqa: S608
            part,
        )
    }


def hold(
    ids: Sequence[int], *, whole: bool = False, until: date | None = None, locked: bool = True
) -> list[Held]:
    """Loans by id, locked in ascending order until the transaction ends.

    ``whole`` reads every instalment, also those that owe nothing any more; ``until`` leaves out
    what falls due later. Not ``locked`` is for those who only look.
    """
    wanted = sorted(set(ids))
    loans: dict[int, Held] = {}
    owing = "" if whole else "AND i.settled_on IS NULL"
    owing += "" if until is None else " AND i.due_on <= %s"
    for part in chunks(wanted):
        for row in fetch(
            f"""
            SELECT l.id, l.number, l.pool_id, p.code, p.channel, p.rules_json, l.state, l.bucket,
                l.outstanding_minor, l.oldest_due_on, l.credit_minor, l.last_event_on,
                l.settled_on, l.changed_on, l.funder, l.claim_owner, l.principal_minor,
                l.advanced_minor, l.instalment_count, l.set_aside, l.guarantor,
                l.counted_from
            FROM {LOAN} l JOIN {POOL} p ON p.id = l.pool_id WHERE l.id IN ({marks(part)})
            ORDER BY l.id {for_change("l") if locked else ""}
            """,  # noqa: S608 - names come from the models
            part,
        ):
            loans[row[0]] = _held(row)
        for loan_id, *values in fetch(
            f"""
            SELECT i.loan_id, {ITEM_COLUMNS}
            FROM {INSTALMENT} i WHERE i.loan_id IN ({marks(part)}) {owing}
            """,  # noqa: S608 - names come from the models
            [*part, until] if until else part,
        ):
            loans[loan_id].items[values[0]] = item_of(values)
    if whole:
        _add_received([loan for loan in loans.values() if loan.rules.sharing])
    return [loans[id_] for id_ in wanted if id_ in loans]


def _add_received(loans: Sequence[Held]) -> None:
    """Read what owners received; nothing is asked where no loan is shared."""
    by_number = {loan.number: loan for loan in loans}
    for subject, code, dimension, minor in ledger.moved_of(head=RECEIVED, subjects=by_number):
        owner = code.removeprefix(f"{RECEIVED}:")
        received = by_number[subject].received
        received[owner] = received.get(owner, Parts()).plus(Component(dimension), minor)


def _held(row: Sequence[Any]) -> Held:
    return Held(
        id=row[0],
        number=row[1],
        pool_id=row[2],
        pool=row[3],
        channel=row[4],
        rules=read_rules(row[5]),
        figures=Figures(
            state=LoanState(row[6]),
            bucket=row[7],
            outstanding_minor=row[8],
            oldest_due_on=as_date_or_none(row[9]),
            credit_minor=row[10],
            last_event_on=as_date(row[11]),
            settled_on=as_date_or_none(row[12]),
            counted_from=as_date_or_none(row[21]),
        ),
        changed_on=as_date_or_none(row[13]),
        funder=row[14],
        claim_owner=row[15],
        principal_minor=row[16],
        advanced_minor=row[17],
        instalment_count=row[18],
        set_aside=bool(row[19]),
        items={},
        guarantor=row[20],
    )


def item_of(values: Sequence[Any]) -> Item:
    """An instalment from the columns of ``ITEM_COLUMNS``."""
    return Item(
        number=values[0],
        due_on=as_date(values[1]),
        principal_minor=values[2],
        interest_minor=values[3],
        fee_minor=values[4],
        paid_principal_minor=values[5],
        paid_interest_minor=values[6],
        paid_fee_minor=values[7],
        paid_penalty_minor=values[8],
        penal_to=as_date_or_none(values[9]),
        penal_minor_days=values[10],
        settled_on=as_date_or_none(values[11]),
        starts_on=as_date(values[12]),
        penalty_adjust_minor=values[13],
        penal_end=as_date_or_none(values[14]),
        owner=values[15],
        late_fee_minor=values[16],
        late_fee_count=values[17],
        penal_rate=values[18],
        compounded_minor=values[19],
        capped_on=as_date_or_none(values[20]),
    )


@dataclass(frozen=True, slots=True)
class History:
    """A loan's terms and events, and which receipt stands behind which event."""

    terms: Terms
    events: tuple[Event, ...]
    receipts: dict[str, str]


def histories(ids: Sequence[int]) -> dict[int, History]:
    """The terms and events of loans, events in the order in which they came."""
    terms: dict[int, Terms] = {}
    events: dict[int, list[Event]] = defaultdict(list)
    receipts: dict[int, dict[str, str]] = defaultdict(dict)
    for part in chunks(sorted(set(ids))):
        for loan_id, text in fetch(
            f"SELECT loan_id, terms_json FROM {TERMS} WHERE loan_id IN ({marks(part)})",  # noqa: S608
            part,
        ):
            terms[loan_id] = Terms.from_dict(json.loads(text))
        for loan_id, key, kind, counts_on, amount_minor, content, receipt in fetch(
            f"SELECT loan_id, key, kind, counts_on, amount_minor, content_json, receipt "  # noqa: S608
            f"FROM {EVENT} WHERE loan_id IN ({marks(part)}) ORDER BY id",
            part,
        ):
            events[loan_id].append(event_of(key, kind, as_date(counts_on), amount_minor, content))
            if receipt:
                receipts[loan_id][key] = receipt
    return {id_: History(terms[id_], tuple(events[id_]), receipts[id_]) for id_ in terms}


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a history makes of a loan: its account, and the projection of it."""

    account: AccountState
    items: dict[int, Item]
    repayments: dict[str, Repayment]
    backing: Backing


def replayed(history: History, held: Held, extra: Sequence[Event], on: date) -> Replayed:
    """What the whole history makes of a loan, seen at the end of a day.

    :raises Refusal: an event does not fit the loan as it stands on its day.
    """
    account = state(history.terms, (*history.events, *extra), on)
    return Replayed(
        account,
        {item.number: item for item in items_of(account, held.rules)},
        {each.key: each for each in account.repayments if not each.is_capital},
        backing_of(account, held.principal_minor),
    )
