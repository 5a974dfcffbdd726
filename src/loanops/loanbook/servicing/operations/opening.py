"""Opening: a paid-out drawdown becomes a loan with its schedule, events and journal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from loanops.kernel.access import Actor, require
from loanops.kernel.account import Disbursed, disbursement_differs
from loanops.kernel.schedule import Row, Terms, schedule
from loanops.kernel.sharing import ONE_LENDER, Sharing
from loanops.loanbook.servicing import events, permissions
from loanops.loanbook.servicing.domain.lifecycle import LoanState
from loanops.loanbook.servicing.domain.rules import Rules, pool_code, rules_of
from loanops.loanbook.servicing.models import Loan, Unfolded
from loanops.loanbook.servicing.operations.floating import note_floating
from loanops.loanbook.servicing.operations.lateness import charge_late
from loanops.loanbook.servicing.operations.loading import (
    EVENT,
    INSTALMENT,
    LOAN,
    TERMS,
    chunks,
    marks,
    see_book,
)
from loanops.loanbook.servicing.operations.paid_out import count_paid_out
from loanops.loanbook.servicing.operations.pools import PoolIn, open_pools
from loanops.loanbook.servicing.operations.projecting import lent, payable, principal
from loanops.money.ledger import operations as ledger
from loanops.money.ledger.operations import EntryIn, JournalIn
from loanops.platform.books.operations import hold_date
from loanops.platform.db import fetch, insert_many, new_numbers
from loanops.platform.work import Work, unit_of_work

ROWS_PER_EVENT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DisbursedIn:
    """A payout that succeeded: who lent how much, by which contract, on which terms.

    ``terms`` are the kernel's terms as plain values; ``channel`` is where the loan is debited,
    ``gateway:party``, empty where it is not; ``origin_channel`` by which it was asked for.
    ``sharing`` says who lends together; it and the version of the agreement stay with the loan,
    whatever is agreed later.
    """

    application: str
    contract: str
    intent: str
    serial: str
    funder: str
    principal_minor: int
    terms: Mapping[str, Any]
    disbursed_on: date
    product: str
    product_version: str = ""
    guarantor: str = ""
    party: str = ""
    channel: str = ""
    origin_channel: str = ""
    agreement: str = ""
    agreement_version: int = 0
    sharing: Sharing = ONE_LENDER


class _New(NamedTuple):
    given: DisbursedIn
    terms: Terms
    rules: Rules
    pool: str
    rows: tuple[Row, ...]


def open_loans(
    *, book: str, disbursed: Sequence[DisbursedIn], actor: Actor, at: datetime
) -> list[str]:
    """Open a loan for every payout that has none yet; returns the numbers of the new ones.

    :raises NotPermitted: the actor may not open loans.
    :raises NotFound: there is no such book in the actor's scope.
    :raises BadField: terms cannot be read.
    :raises DisbursementDiffers: the principal of the terms is not what was paid out.
    """
    require(actor, permissions.OPEN)
    see_book(actor, book)
    with unit_of_work(actor=actor, at=at, book=book, on=hold_date) as work:
        fresh = _without_known(disbursed)
        if not fresh:
            work.unchanged()
            return []
        made = [_new(given) for given in fresh]

        pools = open_pools(book, [_pool(new) for new in made])
        numbers = new_numbers("LN", at, len(made))
        ids = _insert_loans(work, numbers, made, pools)
        _insert_parts(work, numbers, made, pools, ids)
        _charge_late(work, numbers, made, pools, ids)
        _post(work, numbers, made)

        _tell(work, numbers, made)
    return numbers


def _pool(new: _New) -> PoolIn:
    given = new.given
    return PoolIn(new.pool, given.product, given.funder, given.channel, new.rules)


def _without_known(disbursed: Sequence[DisbursedIn]) -> list[DisbursedIn]:
    """One payout per contract, and none that has its loan already."""
    by_contract = {given.contract: given for given in disbursed}
    known = {
        row[0]
        for part in chunks(sorted(by_contract))
        for row in fetch(
            f"SELECT contract FROM {LOAN} WHERE contract IN ({marks(part)})",  # noqa: S608
            part,
        )
    }
    return [given for contract, given in by_contract.items() if contract not in known]


def _new(given: DisbursedIn) -> _New:
    terms = Terms.from_dict(given.terms)
    if terms.start_date != given.disbursed_on:
        terms = replace(terms, start_date=given.disbursed_on)
    if terms.principal_minor != given.principal_minor:
        raise disbursement_differs(terms, given.principal_minor)
    rules = rules_of(terms, given.sharing)
    code = pool_code(product=given.product, funder=given.funder, rules=rules, channel=given.channel)
    return _New(given, terms, rules, code, schedule(terms).rows)


LOAN_COLUMNS = (
    "number",
    "book_id",
    "pool_id",
    "application",
    "contract",
    "intent",
    "serial",
    "party",
    "funder",
    "guarantor",
    "claim_owner",
    "product",
    "product_version",
    "origin_channel",
    "principal_minor",
    "advanced_minor",
    "disbursed_on",
    "instalment_count",
    "state",
    "bucket",
    "outstanding_minor",
    "oldest_due_on",
    "credit_minor",
    "last_event_on",
    "set_aside",
)


def _insert_loans(
    work: Work, numbers: Sequence[str], made: Sequence[_New], pools: Mapping[str, int]
) -> dict[str, int]:
    insert_many(
        LOAN,
        LOAN_COLUMNS,
        (
            (
                number,
                work.book,
                pools[new.pool],
                new.given.application,
                new.given.contract,
                new.given.intent,
                new.given.serial,
                new.given.party,
                new.given.funder,
                new.given.guarantor,
                new.given.funder,
                new.given.product,
                new.given.product_version,
                new.given.origin_channel,
                new.given.principal_minor,
                new.given.principal_minor,
                new.given.disbursed_on,
                len(new.rows),
                LoanState.ACTIVE.value,
                0,
                new.given.principal_minor,
                min((row.due_date for row in new.rows if row.total_minor), default=None),
                0,
                new.given.disbursed_on,
                False,
            )
            for number, new in zip(numbers, made, strict=True)
        ),
    )
    # The numbers of one call lie together, so that one range read finds their ids.
    found = Loan.objects.filter(number__range=(numbers[0], numbers[-1]))
    return dict(found.values_list("number", "id"))


def _insert_parts(
    work: Work,
    numbers: Sequence[str],
    made: Sequence[_New],
    pools: Mapping[str, int],
    ids: Mapping[str, int],
) -> None:
    """What hangs on the loans: terms, the first event, instalments, the mark for the close."""
    loans = [(ids[number], new) for number, new in zip(numbers, made, strict=True)]
    insert_many(
        TERMS,
        ("loan_id", "terms_json", "agreement", "agreement_version"),
        (
            (
                id_,
                json.dumps(new.terms.to_dict(), separators=(",", ":"), sort_keys=True),
                new.given.agreement,
                new.given.agreement_version,
            )
            for id_, new in loans
        ),
    )
    insert_many(
        EVENT,
        EVENT_COLUMNS,
        (
            (
                id_,
                "disbursed",
                Disbursed.KIND,
                new.given.disbursed_on,
                work.on,
                work.at,
                new.given.principal_minor,
                "",
                "",
            )
            for id_, new in loans
        ),
    )
    insert_many(
        INSTALMENT,
        INSTALMENT_COLUMNS,
        (instalment_row(id_, pools[new.pool], row) for id_, new in loans for row in new.rows),
    )
    insert_many(
        Unfolded._meta.db_table, ("loan_id", "book_id"), ((id_, work.book) for id_, _ in loans)
    )
    count_paid_out(work, [_paid_out(new.given) for new in made if new.given.agreement])
    note_floating(work, [(id_, new.terms, new.given.disbursed_on) for id_, new in loans])


def _paid_out(given: DisbursedIn) -> tuple[str, int, int]:
    return given.agreement, given.disbursed_on.year, given.principal_minor


def _charge_late(
    work: Work,
    numbers: Sequence[str],
    made: Sequence[_New],
    pools: Mapping[str, int],
    ids: Mapping[str, int],
) -> None:
    """What loans of an earlier day bear already for being late."""
    late = [
        (ids[number], new)
        for number, new in zip(numbers, made, strict=True)
        if new.rules.late_fees and new.rows[0].due_date < work.on
    ]
    rules = {pools[new.pool]: new.rules for _, new in late}
    charge_late([id_ for id_, _ in late], rules, work.on)


EVENT_COLUMNS = (
    "loan_id",
    "key",
    "kind",
    "counts_on",
    "booked_on",
    "at",
    "amount_minor",
    "receipt",
    "values_json",
)
INSTALMENT_COLUMNS = (
    "loan_id",
    "pool_id",
    "number",
    "starts_on",
    "due_on",
    "principal_minor",
    "interest_minor",
    "fee_minor",
    "paid_principal_minor",
    "paid_interest_minor",
    "paid_fee_minor",
    "paid_penalty_minor",
    "open_minor",
    "penal_minor_days",
)


def instalment_row(loan_id: int, pool_id: int, row: Row) -> tuple[object, ...]:
    """An instalment of which nothing is paid, in the order of ``INSTALMENT_COLUMNS``."""
    return (
        loan_id,
        pool_id,
        row.number,
        row.start_date,
        row.due_date,
        row.principal_minor,
        row.interest_minor,
        row.fees_minor,
        0,
        0,
        0,
        0,
        row.total_minor,
        0,
    )


def _post(work: Work, numbers: Sequence[str], made: Sequence[_New]) -> None:
    ledger.post_many(
        work=work,
        on=work.on,
        journals=[
            JournalIn(
                kind="servicing.disbursed",
                subject=number,
                entries=tuple(
                    EntryIn(principal(new.pool, 0), payable(owner), lent_minor)
                    for owner, lent_minor in lent(
                        new.rules, new.given.funder, new.given.principal_minor
                    ).items()
                    if lent_minor
                ),
                once=f"disbursed:{new.given.intent}",
            )
            for number, new in zip(numbers, made, strict=True)
        ],
    )


def _tell(work: Work, numbers: Sequence[str], made: Sequence[_New]) -> None:
    rows = [_opened(number, new.given) for number, new in zip(numbers, made, strict=True)]
    if len(rows) == 1:
        [row] = rows
        given = made[0].given
        work.record(
            "servicing.loan_opened",
            subject=numbers[0],
            application=given.application,
            funder=given.funder,
            principal_minor=given.principal_minor,
        )
        values = {name: value for name, value in row.items() if name != "loan"}
        work.announce(events.LoanOpened(subject=numbers[0], **values))
        return
    work.record_batch(
        "servicing.loans_opened",
        subjects=numbers,
        principal_minor=sum(new.given.principal_minor for new in made),
    )
    for part in chunks(rows, ROWS_PER_EVENT):
        work.announce(events.LoansOpened(subject=work.book, rows=tuple(part)))


def _opened(number: str, given: DisbursedIn) -> dict[str, Any]:
    return {
        "loan": number,
        "application": given.application,
        "contract": given.contract,
        "funder": given.funder,
        "product": given.product,
        "principal_minor": given.principal_minor,
        "disbursed_on": given.disbursed_on.isoformat(),
    }
