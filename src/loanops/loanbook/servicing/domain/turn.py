"""Turn: what changes about a loan when its instalments change, as one value to write and post."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from loanops.kernel.aging import bucket, dpd
from loanops.kernel.allocation import Parts
from loanops.loanbook.servicing.domain.lifecycle import LOANS, LoanMove, LoanState, move_between
from loanops.loanbook.servicing.domain.position import NO_PENAL, Item, Penal, penal_of, standing
from loanops.loanbook.servicing.domain.rules import Rules


class Figures(NamedTuple):
    """The figures of a loan that follow from its instalments, and its credit."""

    state: LoanState
    bucket: int
    outstanding_minor: int
    oldest_due_on: date | None
    credit_minor: int
    last_event_on: date
    settled_on: date | None


class Step(NamedTuple):
    """One line of the log of states and buckets."""

    move: LoanMove
    from_state: LoanState
    to_state: LoanState
    from_bucket: int
    to_bucket: int


@dataclass(frozen=True, slots=True)
class Turn:
    """Figures before and after, the instalments to write, and what is to be posted.

    ``parts`` is what was paid by component since the figures before; a correction of history may
    make a component negative. ``penal`` is the growth of what bears penalty.
    """

    before: Figures
    after: Figures
    items: tuple[Item, ...]
    parts: Parts
    penal: Penal
    steps: tuple[Step, ...]


def turn(
    *,
    before: Figures,
    stored: Mapping[int, Item],
    changed: Mapping[int, Item],
    rules: Rules,
    credit_minor: int,
    event_on: date,
    on: date,
) -> Turn:
    """What a change of instalments makes of a loan, seen on the business day ``on``.

    ``stored`` are the instalments that may still owe something, ``changed`` those to write.
    """
    items = {**stored, **changed}
    parts, penal = Parts(), NO_PENAL
    for number, item in changed.items():
        was = stored.get(number)
        parts += item.paid - (was.paid if was else Parts())
        penal = penal.plus(penal_of(item, rules))
        penal = penal.minus(penal_of(was, rules)) if was else penal
    after = _after(before, items.values(), rules, parts, credit_minor, event_on, on)
    return Turn(
        before=before,
        after=after,
        items=tuple(changed.values()),
        parts=parts,
        penal=penal,
        steps=tuple(_steps(before, after, on)),
    )


def _after(
    before: Figures,
    items: Iterable[Item],
    rules: Rules,
    parts: Parts,
    credit_minor: int,
    event_on: date,
    on: date,
) -> Figures:
    seen = standing(list(items), rules, on)
    state = LoanState.OVERDUE if seen.bucket else LoanState.ACTIVE
    settled = seen.is_settled
    return Figures(
        state=LoanState.SETTLED if settled else state,
        bucket=seen.bucket,
        outstanding_minor=before.outstanding_minor - parts.principal_minor,
        oldest_due_on=seen.oldest_due_on,
        credit_minor=credit_minor,
        last_event_on=max(before.last_event_on, event_on),
        settled_on=(before.settled_on or event_on) if settled else None,
    )


def _steps(before: Figures, after: Figures, on: date) -> Iterable[Step]:
    """The log of the turn. A loan that the close has not reached yet is aged first."""
    state, number = before.state, before.bucket
    aged = bucket(dpd(before.oldest_due_on, on))
    if state is not LoanState.SETTLED and aged > number:
        yield _step(state, LoanState.OVERDUE, number, aged)
        state, number = LoanState.OVERDUE, aged
    if (state, number) != (after.state, after.bucket):
        yield _step(state, after.state, number, after.bucket)


def _step(state: LoanState, target: LoanState, from_bucket: int, to_bucket: int) -> Step:
    move = move_between(state, target)
    return Step(move, state, LOANS.after(state, move), from_bucket, to_bucket)
