"""Importing: the running loans of another system enter the book at a cut-off, all or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import Refusal
from loanops.loanbook.servicing import events, permissions
from loanops.loanbook.servicing.domain.importing.entering import (
    contract_of,
    entering,
    intent_of,
)
from loanops.loanbook.servicing.domain.importing.loans import Incoming
from loanops.loanbook.servicing.models import BookImport
from loanops.loanbook.servicing.operations.entries import (
    EarnedBefore,
    insert_loans,
    post_earned,
    post_loans,
)
from loanops.loanbook.servicing.operations.loading import LOAN, chunks, marks, see_book
from loanops.loanbook.servicing.operations.pools import PoolIn, open_pools
from loanops.loanbook.servicing.queries.imports import BookFile, person_of
from loanops.platform.books.operations import hold_date
from loanops.platform.db import fetch, new_number, new_numbers
from loanops.platform.work import Work, unit_of_work
from loanops.registry.parties import operations as parties
from loanops.registry.parties import permissions as parties_permissions

ROWS_PER_EVENT = 1_000
_AT_ONCE = 5_000


class RowsRefused(Refusal):
    """Rows of the file are wrong; nothing of it is taken."""

    code = "servicing_import_rows_refused"
    sentence = "{count} rows of {file} cannot be taken, the first is row {line}; mend them all."
    status = 422


class NothingToImport(Refusal):
    """The file holds no loan."""

    code = "servicing_import_nothing"
    sentence = "{file} holds no loan to bring in."
    status = 422


class CutOffAhead(Refusal):
    """The cut-off lies after the business day of the book."""

    code = "servicing_import_cut_off_ahead"
    sentence = (
        "The balances are those of {cut_off}, but the book {book} stands at {on}; close its days "
        "up to the cut-off first."
    )


class LoansKnown(Refusal):
    """Loans of the file are in the book already; what is booked is not replaced."""

    code = "servicing_import_loans_known"
    sentence = (
        "{count} loans of {file} are in the book already, the first is {number}; what is booked is "
        "not replaced. Leave them out and import the others."
    )


@dataclass(frozen=True)
class ImportCard:
    """A file that was brought in; ``again`` says that it had been before this order."""

    number: str
    book: str
    source: str
    file: str
    digest: str
    cut_off: date
    imported_on: date
    loans: int
    skipped: int
    outstanding_minor: int
    again: bool


def import_book(*, read: BookFile, actor: Actor, at: datetime) -> ImportCard:
    """Bring every loan of a file into its book, with its balances at the cut-off, or none.

    The same file again changes nothing and answers what was done, unless that was taken back.

    :raises NotPermitted: the actor may not import loans.
    :raises NotFound: there is no such book in the actor's scope.
    :raises RowsRefused: a row of the file is wrong.
    :raises NothingToImport: it holds no loan.
    :raises CutOffAhead: the book has not reached the cut-off.
    :raises LoansKnown: a loan of it is in the book already.
    :raises RestDiffers: the terms of a loan do not schedule what runs on.
    """
    require(actor, permissions.IMPORT)
    see_book(actor, read.book)
    with unit_of_work(actor=actor, at=at, book=read.book, on=hold_date) as work:
        known = BookImport.objects.filter(
            book_id=read.book, sha256=read.digest, undone_at__isnull=True
        ).first()
        if known is not None:
            work.unchanged()
            return _card(known, again=True)
        _check(read, work.on)
        people = _register(read, actor=actor, at=at)
        turns = _turns([contract_of(read.source, loan.number) for loan in read.loans])
        numbers = new_numbers("LN", at, len(read.loans))
        row = _keep(work, read, numbers)

        earned = EarnedBefore(read.cut_off)
        for part in chunks(list(zip(numbers, read.loans, people, turns, strict=True)), _AT_ONCE):
            _enter(work, read, part, earned, origin=row.number)
        post_earned(work, earned, origin=row.number)

        work.record_batch(
            "servicing.brought_in",
            subjects=numbers,
            source=read.source,
            cut_off=read.cut_off,
            file_sha256=read.digest,
            outstanding_minor=read.outstanding_minor,
        )
    return _card(row, again=False)


def _check(read: BookFile, open_on: date) -> None:
    """Refuse what cannot be brought in as a whole."""
    if read.refused:
        lines = sorted({refusal.line for refusal in read.refused})
        raise RowsRefused(count=len(lines), file=read.name, line=lines[0])
    if not read.loans:
        raise NothingToImport(file=read.name)
    if read.cut_off > open_on:
        raise CutOffAhead(cut_off=read.cut_off, book=read.book, on=open_on)
    contracts = sorted(contract_of(read.source, loan.number) for loan in read.loans)
    known = [
        str(contract)
        for part in chunks(contracts)
        for (contract,) in fetch(
            f"SELECT contract FROM {LOAN} WHERE contract IN ({marks(part)})",  # noqa: S608
            part,
        )
    ]
    if known:
        raise LoansKnown(count=len(known), file=read.name, number=min(known))


def _turns(contracts: Sequence[str]) -> list[int]:
    """For which time each loan comes: one more than it was taken back, most often the first."""
    turns = dict.fromkeys(contracts, 1)
    asked = list(contracts)
    while asked:
        names = {intent_of(contract, turns[contract]): contract for contract in asked}
        asked = [
            names[str(intent)]
            for part in chunks(sorted(names))
            for (intent,) in fetch(
                f"SELECT intent FROM {LOAN} WHERE intent IN ({marks(part)})",  # noqa: S608
                part,
            )
        ]
        for contract in asked:
            turns[contract] += 1
    return [turns[contract] for contract in contracts]


def _register(read: BookFile, *, actor: Actor, at: datetime) -> list[str]:
    """The customer's number of each loan; those whom the file describes are registered first."""
    described = [loan for loan in read.loans if loan.person]
    if not described:
        return [loan.borrower for loan in read.loans]
    found = parties.register_many(
        book=read.book,
        people=[person_of(loan) for loan in described],
        actor=replace(actor, grants=actor.grants | {parties_permissions.REGISTER}),
        at=at,
    )
    numbers = dict(zip((loan.number for loan in described), found, strict=True))
    return [numbers.get(loan.number, loan.borrower) for loan in read.loans]


def _keep(work: Work, read: BookFile, numbers: Sequence[str]) -> BookImport:
    return BookImport.objects.create(
        number=new_number("IM", work.at),
        book_id=work.book,
        source=read.source,
        file="".join(letter for letter in read.name if letter.isprintable())[:120],
        sha256=read.digest,
        cut_off=read.cut_off,
        imported_on=work.on,
        at=work.at,
        loan_count=len(read.loans),
        skipped_count=read.skipped,
        outstanding_minor=read.outstanding_minor,
        by=work.actor.person,
        first_loan=numbers[0],
        last_loan=numbers[-1],
    )


def _card(row: BookImport, *, again: bool) -> ImportCard:
    return ImportCard(
        number=row.number,
        book=row.book_id,
        source=row.source,
        file=row.file,
        digest=row.sha256,
        cut_off=row.cut_off,
        imported_on=row.imported_on,
        loans=row.loan_count,
        skipped=row.skipped_count,
        outstanding_minor=row.outstanding_minor,
        again=again,
    )


def _enter(
    work: Work,
    read: BookFile,
    part: Sequence[tuple[str, Incoming, str, int]],
    earned: EarnedBefore,
    *,
    origin: str,
) -> None:
    """Write, post and announce some of the loans: a book of any size enters through little memory.

    :raises RestDiffers: the terms of a loan do not schedule what runs on.
    """
    numbers = [number for number, *_ in part]
    made = [
        entering(loan, source=read.source, cut_off=read.cut_off, on=work.on, party=party, turn=turn)
        for _, loan, party, turn in part
    ]
    wanted = [
        PoolIn(new.pool, new.loan.product, new.loan.funder, new.loan.channel, new.rules)
        for new in made
    ]
    insert_loans(work, numbers, made, open_pools(read.book, wanted), origin=origin)
    post_loans(work, numbers, made)
    earned.add(made)
    rows = [
        {
            "loan": number,
            "contract": new.contract,
            "funder": new.loan.funder,
            "product": new.loan.product,
            "state": new.figures.state.value,
            "outstanding_minor": new.loan.outstanding_minor,
        }
        for number, new in zip(numbers, made, strict=True)
    ]
    for some in chunks(rows, ROWS_PER_EVENT):
        work.announce(
            events.LoansBroughtIn(
                subject=work.book,
                source=read.source,
                cut_off=read.cut_off.isoformat(),
                rows=tuple(some),
            )
        )
