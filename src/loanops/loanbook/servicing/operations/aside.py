"""Setting aside: a loan that a step of the close cannot treat does not stop the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import DataError, IntegrityError

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound, Refusal
from loanops.loanbook.servicing import events, permissions
from loanops.loanbook.servicing.models import Loan, SetAside
from loanops.loanbook.servicing.operations.loading import LOAN, chunks, marks
from loanops.loanbook.servicing.ports import CloseStep, Closing
from loanops.loanbook.servicing.queries.loans import seen
from loanops.platform.books.operations import hold_date
from loanops.platform.db import execute, insert_many
from loanops.platform.work import unit_of_work

FAULTS = (IntegrityError, DataError, ArithmeticError, Refusal)
_REASON_MAX = 300


class _Tried(Exception):
    """Rolls a trial back."""


def set_culprits_aside(
    *,
    step: CloseStep,
    closing: Closing,
    fault: Exception,
    most: int,
    actor: Actor,
    at: datetime,
) -> list[int]:
    """Find the loans that make a step fail, by halves, and set them aside with a row each.

    Finds none where the step has no loans of its own, fails without any of them, or fails with
    more than ``most``: then the fault is not a loan's.
    """
    if step.loans is None:
        return []
    candidates = list(step.loans(closing))
    if not candidates or _fails(step, closing, candidates, [], actor, at):
        return []
    found = _culprits(step, closing, candidates, candidates, most, actor, at)
    if not found or len(found) > most:
        return []
    with unit_of_work(actor=actor, at=at, book=closing.book, on=closing.opens_on) as work:
        _mark(found)
        insert_many(
            SetAside._meta.db_table,
            ("loan_id", "book_id", "closed_on", "step", "reason", "at"),
            [
                (loan, closing.book, closing.closed_on, step.name, reason_of(fault), at)
                for loan in found
            ],
        )
        numbers = list(Loan.objects.filter(id__in=found).values_list("number", flat=True))
        for number in numbers:
            work.record("servicing.loan_set_aside", subject=number, step=step.name)
        told = tuple({"loan": number, "step": step.name} for number in numbers)
        work.announce(events.LoansSetAside(subject=numbers[0], rows=told))
    return found


def _culprits(
    step: CloseStep,
    closing: Closing,
    candidates: Sequence[int],
    among: Sequence[int],
    most: int,
    actor: Actor,
    at: datetime,
) -> list[int]:
    if not among or not _fails(step, closing, candidates, among, actor, at):
        return []
    if len(among) == 1:
        return list(among)
    middle = len(among) // 2
    found = _culprits(step, closing, candidates, among[:middle], most, actor, at)
    if len(found) > most:
        return found
    return found + _culprits(step, closing, candidates, among[middle:], most, actor, at)


def _fails(
    step: CloseStep,
    closing: Closing,
    candidates: Sequence[int],
    among: Sequence[int],
    actor: Actor,
    at: datetime,
) -> bool:
    """Whether the step fails with only these of its loans; nothing of the trial stays."""
    kept = set(among)
    on = closing.opens_on if step.on_new_day else closing.closed_on
    try:
        with unit_of_work(actor=actor, at=at, book=closing.book, on=on) as work:
            _mark([loan for loan in candidates if loan not in kept])
            step.run(work, closing)
            raise _Tried
    except _Tried:
        return False
    except FAULTS:
        return True


def _mark(loans: Sequence[int]) -> None:
    for part in chunks(loans):
        execute(
            f"UPDATE {LOAN} SET set_aside = %s WHERE id IN ({marks(part)})",  # noqa: S608
            [True, *part],
        )


def reason_of(fault: Exception) -> str:
    """What went wrong, without values: the words of the database may hold them."""
    if isinstance(fault, Refusal):
        return fault.code
    return f"{type(fault).__name__}: {str(fault).splitlines()[0]}"[:_REASON_MAX]


def release(*, loan: str, actor: Actor, at: datetime) -> None:
    """Give a loan that was set aside back to the close, after its fault was mended.

    :raises NotPermitted: the actor may not release loans.
    :raises NotFound: no such loan is set aside.
    """
    require(actor, permissions.RELEASE)
    row = Loan.objects.filter(number=loan, set_aside=True).first()
    if row is None or not seen([row], actor):
        raise NotFound(kind="loan set aside", number=loan)
    with unit_of_work(actor=actor, at=at, book=row.book_id, on=hold_date) as work:
        Loan.objects.filter(pk=row.pk).update(set_aside=False)
        SetAside.objects.filter(loan=row, released_at__isnull=True).update(released_at=at)
        work.record("servicing.loan_released", subject=loan)
        work.announce(events.LoanReleased(subject=loan))
