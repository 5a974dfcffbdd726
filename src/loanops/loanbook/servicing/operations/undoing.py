"""Undoing an import: every loan that a file brought in is taken back, or none.

Nothing is removed of what happened: every standing event of a loan gets a reversal, every entry of
the import its opposite. What closes accrued since falls away with the next close.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from loanops.kernel.access import Actor, Viewer, require
from loanops.kernel.account import Reversed
from loanops.kernel.allocation import Component
from loanops.loanbook.servicing import events, permissions
from loanops.loanbook.servicing.domain.asking import AskState
from loanops.loanbook.servicing.domain.importing.undoing import (
    HELD,
    NAMED_MAX,
    OUT,
    SHOWN_MAX,
    UNDO_OPEN,
    WAITS,
    Happened,
    LoansMovedOn,
    OwnerTotal,
    PostingTotal,
    Row,
    StateTotal,
    UndoCard,
    UndoDiffers,
    UndoState,
    effect_of,
    moved_on,
    shown_values,
    standing,
    undoing_keys,
)
from loanops.loanbook.servicing.domain.lifecycle import LoanState
from loanops.loanbook.servicing.domain.reasons import reason_given
from loanops.loanbook.servicing.domain.rules import read_rules
from loanops.loanbook.servicing.models import (
    BookImport,
    ChangeRequest,
    ClassOrder,
    ImportUndo,
    Pool,
)
from loanops.loanbook.servicing.operations.entries import OPENING
from loanops.loanbook.servicing.operations.loading import EVENT, LOAN, POOL, chunks
from loanops.loanbook.servicing.operations.projecting import principal
from loanops.loanbook.servicing.operations.withdrawing import (
    CAME,
    came_by,
    insert_reversals,
    withdraw_loans,
)
from loanops.loanbook.servicing.queries.brought import find_import
from loanops.money.ledger import operations as ledger
from loanops.money.ledger import queries as accounts
from loanops.money.ledger.operations import AccountKey, EntryIn, JournalIn
from loanops.money.payments import operations as payments
from loanops.money.payments import queries as receipts
from loanops.platform.books import queries as books
from loanops.platform.books.operations import hold_date
from loanops.platform.db import fetch, for_change, lock
from loanops.platform.work import Work, unit_of_work

ROWS_PER_EVENT = 1_000
_EVERY = 1_000_000_000
_HOUSE = Viewer.house("servicing")


@dataclass(slots=True)
class Held:
    """A loan of the file as it stands now, with its events."""

    id: int
    number: str
    contract: str
    pool: str
    state: LoanState
    bucket: int
    outstanding_minor: int
    owner: str
    rows: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Worked:
    """An undoing worked out: what is shown, and what is to be posted of it."""

    card: UndoCard
    loans: list[Held]
    journals: list[JournalIn]


def preview_undo(*, number: str, viewer: Viewer) -> UndoCard:
    """What taking an import back would do, and what stands in its way; nothing is written.

    Of one that was taken back: what was done.

    :raises NotPermitted: the viewer may neither take imports back, nor ask for it, nor approve.
    :raises NotFound: there is no such import in the viewer's books.
    """
    if not viewer.may(permissions.APPROVE) and not viewer.may(permissions.UNDO_IMPORT):
        require(viewer, permissions.ASK_UNDO_IMPORT)
    row = find_import(number, viewer)
    return work_out(row, books.business_date(row.book_id), locked=False).card


def undo_import(*, number: str, seen: str, reason: str, actor: Actor, at: datetime) -> UndoCard:
    """Take every loan of an import back, or none; ``seen`` is the ``effect`` that was shown.

    What closes did to the loans by themselves is no obstacle. An import that was taken back
    already answers what was done.

    :raises NotPermitted: the actor may not take imports back.
    :raises NotFound: there is no such import in the actor's books.
    :raises BadField: no reason is given, or one that is too long.
    :raises LoansMovedOn: something happened to a loan since it came.
    :raises UndoDiffers: the loans changed since the effect was shown.
    """
    require(actor, permissions.UNDO_IMPORT)
    reason = reason_given(reason)
    known = find_import(number, actor)
    with unit_of_work(actor=actor, at=at, book=known.book_id, on=hold_date) as work:
        lock(BookImport._meta.db_table, [known.pk])
        row = find_import(number, actor)
        worked = work_out(row, work.on, locked=True)
        if worked.card.again:
            work.unchanged()
            return worked.card
        refuse_moved(worked.card)
        if worked.card.effect != seen:
            raise UndoDiffers(file=row.file)
        return undo_all(work, row, worked, reason, by=actor.person)


def undo_all(work: Work, row: BookImport, worked: Worked, reason: str, *, by: str) -> UndoCard:
    """Write an undoing that was worked out, inside a unit of work.

    :raises LoansMovedOn: a debit went out meanwhile.
    """
    numbers = [held.number for held in worked.loans]
    out = payments.withdraw_debits(work=work, subjects=numbers)
    if out:
        found = [Happened(number, OUT) for number in sorted(out)]
        refuse_moved(replace(worked.card, happened_count=len(found), happened=tuple(found)))
    ledger.post_many(work=work, on=work.on, journals=worked.journals)
    insert_reversals(
        work,
        row.number,
        reason,
        ((held.id, *keys) for held in worked.loans for keys in undoing_keys(held.rows)),
    )
    withdraw_loans(work, row)
    BookImport.objects.filter(pk=row.pk).update(
        undone_on=work.on, undone_at=work.at, undone_by=by, undone_reason=reason
    )
    ImportUndo.objects.filter(brought=row, state__in=[each.value for each in UNDO_OPEN]).update(
        state=UndoState.LAPSED.value, decided_at=work.at
    )
    _tell(work, row, worked)
    return replace(worked.card, undone_on=work.on, undone_by=by, reason=reason)


def refuse_moved(card: UndoCard) -> None:
    """Let pass what nothing stands in the way of.

    :raises LoansMovedOn: something happened to a loan since it came.
    """
    if card.happened_count:
        named = ", ".join(each.loan for each in card.happened[:NAMED_MAX])
        raise LoansMovedOn(file=card.file, count=card.happened_count, first=named)


def work_out(row: BookImport, on: date, *, locked: bool) -> Worked:
    """What taking an import back does on a business day, and what is in its way."""
    loans = _loans(row, locked=locked)
    is_done = row.undone_at is not None
    debits = {} if is_done else receipts.open_debits(subjects=[held.number for held in loans])
    happened = [] if is_done else _happened(row, loans, debits)
    journals = [] if is_done else _journals(row, loans)
    card = UndoCard(
        number=row.number,
        book=row.book_id,
        file=row.file,
        digest=row.sha256,
        cut_off=row.cut_off,
        imported_on=row.imported_on,
        loans=row.loan_count,
        states=_states(loans),
        owners=_owners(row, loans),
        postings=_postings(journals),
        outstanding_minor=sum(held.outstanding_minor for held in loans),
        opening_minor=_leaving(journals),
        events=sum(len(standing(held.rows)) for held in loans),
        debits=sum(not is_out for is_out in debits.values()),
        happened_count=len({each.loan for each in happened}),
        happened=tuple(happened[:SHOWN_MAX]),
        effect="",
        undone_on=row.undone_on,
        undone_by=row.undone_by,
        reason=row.undone_reason,
        again=is_done,
    )
    effect = effect_of(shown_values(card, on))
    return Worked(replace(card, effect=effect), loans, journals)


def _loans(row: BookImport, *, locked: bool) -> list[Held]:
    """The loans of the file, each with its events, in two statements."""
    *_, came = mine = came_by(row)
    loans = {
        id_: Held(id_, number, contract, pool, LoanState(state), bucket, outstanding_minor, owner)
        for id_, number, contract, pool, state, bucket, outstanding_minor, owner in fetch(
            f"""
            SELECT l.id, l.number, l.contract, p.code, l.state, l.bucket, l.outstanding_minor,
                l.claim_owner
            FROM {LOAN} l JOIN {POOL} p ON p.id = l.pool_id
            WHERE {CAME} ORDER BY l.id {for_change("l") if locked else ""}
            """,  # noqa: S608 - names come from the models
            mine,
        )
    }
    for loan_id, key, kind, content, values in fetch(
        f"""
        SELECT e.loan_id, e.key, e.kind, CASE WHEN e.kind = %s THEN e.content_json END,
            CASE WHEN e.values_json = %s THEN 1 ELSE 0 END
        FROM {LOAN} l JOIN {EVENT} e ON e.loan_id = l.id
        WHERE l.book_id = %s AND l.number BETWEEN %s AND %s ORDER BY e.id
        """,  # noqa: S608 - names come from the models
        [Reversed.KIND, came, row.book_id, row.first_loan, row.last_loan],
    ):
        if loan_id in loans:
            of = json.loads(content)["of"] if content else ""
            loans[loan_id].rows.append(Row(key, kind, of, bool(values)))
    return list(loans.values())


def _happened(row: BookImport, loans: Sequence[Held], debits: Mapping[str, bool]) -> list[Happened]:
    """The loans to which something happened since they came, one line for each loan."""
    found = {held.id: what for held in loans if (what := moved_on(standing(held.rows)))}
    between = {
        "loan__book": row.book_id,
        "loan__number__gte": row.first_loan,
        "loan__number__lte": row.last_loan,
    }
    asked = ChangeRequest.objects.filter(state=AskState.ASKED.value, **between)
    ordered = ClassOrder.objects.filter(ended_on__isnull=True, **between)
    for loan_id, kind in ordered.values_list("loan_id", "kind"):
        found.setdefault(loan_id, kind)
    for loan_id in asked.values_list("loan_id", flat=True):
        found.setdefault(loan_id, WAITS)
    money = receipts.unapplied_of(subjects=[held.number for held in loans])
    for held in loans:
        if held.number in money:
            found.setdefault(held.id, HELD)
        elif debits.get(held.number):
            found.setdefault(held.id, OUT)
    return [Happened(held.number, found[held.id]) for held in loans if held.id in found]


def _states(loans: Sequence[Held]) -> tuple[StateTotal, ...]:
    counts: Counter[LoanState] = Counter()
    sums: dict[LoanState, int] = defaultdict(int)
    for held in loans:
        counts[held.state] += 1
        sums[held.state] += held.outstanding_minor
    return tuple(
        StateTotal(state.value, counts[state], sums[state]) for state in LoanState if counts[state]
    )


def _owners(row: BookImport, loans: Sequence[Held]) -> tuple[OwnerTotal, ...]:
    """Who owns how much of what is outstanding; lenders together by their agreed portions."""
    pools = Pool.objects.filter(book_id=row.book_id, code__in={held.pool for held in loans})
    sharings = {pool.code: (pool.funder, read_rules(pool.rules_json).sharing) for pool in pools}
    sums: dict[str, int] = defaultdict(int)
    for held in loans:
        funder, sharing = sharings[held.pool]
        if sharing and held.owner == funder:
            for owner, minor in sharing.split(Component.PRINCIPAL, held.outstanding_minor).items():
                sums[owner] += minor
        else:
            sums[held.owner] += held.outstanding_minor
    return tuple(OwnerTotal(owner, sums[owner]) for owner in sorted(sums) if sums[owner])


def _postings(journals: Sequence[JournalIn]) -> tuple[PostingTotal, ...]:
    counts: Counter[tuple[str, str]] = Counter()
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for journal in journals:
        for each in journal.entries:
            between = each.debit.code, each.credit.code
            counts[between] += 1
            sums[between] += each.amount_minor
    return tuple(PostingTotal(*key, counts[key], sums[key]) for key in sorted(sums))


def _journals(row: BookImport, loans: Sequence[Held]) -> list[JournalIn]:
    """The opposite of what the import posted: of each loan from the bucket where it stands now."""
    kind = f"servicing.{Reversed.KIND}"
    journals = [
        JournalIn(kind=kind, subject=held.number, entries=(_principal(held),))
        for held in loans
        if held.outstanding_minor
    ]
    posted = accounts.entries_of(subject=row.number, viewer=_HOUSE, limit=_EVERY)
    back = tuple(
        EntryIn(
            AccountKey(each.credit, each.credit_dimension),
            AccountKey(each.debit, each.debit_dimension),
            each.amount_minor,
        )
        for each in posted
    )
    return [*journals, JournalIn(kind=kind, subject=row.number, entries=back)] if back else journals


def _principal(held: Held) -> EntryIn:
    is_off = held.state is LoanState.WRITTEN_OFF
    against = AccountKey("loans.written_off", held.pool) if is_off else OPENING
    return EntryIn(against, principal(held.pool, held.bucket), held.outstanding_minor)


def _leaving(journals: Sequence[JournalIn]) -> int:
    """By how much the account of what was brought in falls."""
    entries = [entry for journal in journals for entry in journal.entries]
    down = sum(entry.amount_minor for entry in entries if entry.debit == OPENING)
    return down - sum(entry.amount_minor for entry in entries if entry.credit == OPENING)


def _tell(work: Work, row: BookImport, worked: Worked) -> None:
    work.record_batch(
        "servicing.import_undone",
        subjects=[held.number for held in worked.loans],
        of=row.number,
        source=row.source,
        file_sha256=row.sha256,
        outstanding_minor=worked.card.outstanding_minor,
        effect=worked.card.effect,
    )
    rows = [{"loan": held.number, "contract": held.contract} for held in worked.loans]
    for part in chunks(rows, ROWS_PER_EVENT):
        work.announce(
            events.LoansTakenBack(
                subject=work.book, source=row.source, of=row.number, rows=tuple(part)
            )
        )
