"""Turn: what changes about a loan when its instalments change, as one value to write and post."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from loanops.kernel.account import AccountState
from loanops.kernel.aging import WRITTEN_OFF_BUCKET, Pause, bucket, counted_dpd
from loanops.kernel.allocation import Parts, parts_of
from loanops.loanbook.servicing.domain.lifecycle import (
    LIVE,
    LOANS,
    LoanMove,
    LoanState,
    moves_between,
)
from loanops.loanbook.servicing.domain.position import NO_PENAL, Item, Penal, bear, standing
from loanops.loanbook.servicing.domain.rules import Rules


class Figures(NamedTuple):
    """The figures of a loan that follow from its instalments, and its credit.

    ``counted_from`` is the day from which the bucket counts, where that is not the oldest due day.
    """

    state: LoanState
    bucket: int
    outstanding_minor: int
    oldest_due_on: date | None
    credit_minor: int
    last_event_on: date
    settled_on: date | None
    counted_from: date | None = None


class Step(NamedTuple):
    """One line of the log of states and buckets."""

    move: LoanMove
    from_state: LoanState
    to_state: LoanState
    from_bucket: int
    to_bucket: int


@dataclass(frozen=True, slots=True)
class Backing:
    """What an account holds beside instalments: ``drawn_minor`` came with later tranches,
    ``capital`` are the parts that were made principal, ``waived_minor`` is principal given up.
    ``owner`` is empty for the first one; ``pauses`` are when days past due stood still.
    """

    drawn_minor: int = 0
    capital: Parts = field(default_factory=Parts)
    waived_minor: int = 0
    owner: str = ""
    is_written_off: bool = False
    pauses: tuple[Pause, ...] = ()


NO_BACKING: Final = Backing()


def backing_of(account: AccountState, principal_minor: int) -> Backing:
    """What an account holds beside instalments; ``principal_minor`` was disbursed at first."""
    capital = sum((parts_of(r.slices) for r in account.repayments if r.is_capital), Parts())
    waived_minor = account.waived.principal_minor
    advanced_minor = account.advanced_minor + waived_minor
    return Backing(
        drawn_minor=advanced_minor - account.capitalised_minor - principal_minor,
        capital=capital,
        waived_minor=waived_minor,
        owner=account.owner,
        is_written_off=account.written_off_on is not None,
        pauses=account.pauses,
    )


@dataclass(frozen=True, slots=True)
class Turn:
    """Figures before and after, the instalments to write, and what is to be posted.

    ``parts`` is what was paid by component since the figures before; a correction of history may
    make a component negative. ``penal`` is the growth of what bears penalty, by the
    rate it runs at. ``drawn_minor`` and
    ``capital`` are the growth of the backing, ``waived_minor`` that of principal given up. ``gone``
    are instalments that exist no more, and ``was`` all instalments before the turn, nothing where
    no schedule can have changed.
    ``received`` is the growth of what each owner has received, of a loan with several lenders.
    """

    before: Figures
    after: Figures
    items: tuple[Item, ...]
    parts: Parts
    penal: Mapping[str, Penal]
    steps: tuple[Step, ...]
    was: Mapping[int, Item] | None = None
    gone: tuple[Item, ...] = ()
    drawn_minor: int = 0
    capital: Parts = field(default_factory=Parts)
    waived_minor: int = 0
    owner: str = ""
    received: Mapping[str, Parts] = field(default_factory=dict)

    @property
    def is_replanned(self) -> bool:
        """Whether instalments ask for something else than before."""
        was = self.was
        if was is None:
            return False
        return bool(self.gone) or any(
            item.number not in was or asks(item) != asks(was[item.number]) for item in self.items
        )


def asks(item: Item) -> tuple[object, ...]:
    """What an instalment asks and when: everything about it that payments do not change."""
    return (
        item.starts_on,
        item.due_on,
        item.principal_minor,
        item.interest_minor,
        item.fee_minor,
        item.penalty_adjust_minor,
        item.penal_end,
        item.owner,
        item.late_fee_minor,
        item.late_fee_count,
        item.penal_rate,
        item.compounded_minor,
        item.capped_on,
    )


def turn(
    *,
    before: Figures,
    stored: Mapping[int, Item],
    changed: Mapping[int, Item],
    rules: Rules,
    credit_minor: int,
    event_on: date,
    on: date,
    gone: Iterable[int] = (),
    was: Backing | None = None,
    now: Backing = NO_BACKING,
) -> Turn:
    """What a change of instalments makes of a loan, seen on the business day ``on``.

    ``stored`` are the instalments that may still owe something, ``changed`` those to write,
    ``gone`` the numbers of those that are no more; ``was`` and ``now`` are the backing, left out
    where only money is laid on the stored instalments.
    """
    lost = {number: stored[number] for number in gone}
    parts, penal = Parts(), dict[str, Penal]()
    for number, item in changed.items():
        earlier = stored.get(number)
        parts += item.paid - (earlier.paid if earlier else Parts())
        bear(penal, item, rules)
        if earlier:
            bear(penal, earlier, rules, -1)
    for item in lost.values():
        parts -= item.paid
        bear(penal, item, rules, -1)
    items = {n: item for n, item in {**stored, **changed}.items() if n not in lost}
    earlier_backing = was or NO_BACKING
    capital = now.capital - earlier_backing.capital
    drawn_minor = now.drawn_minor - earlier_backing.drawn_minor
    waived_minor = now.waived_minor - earlier_backing.waived_minor
    seen = standing(list(items.values()), rules, on, now.pauses)
    after = Figures(
        state=state_of(seen.is_settled, now.is_written_off, seen.bucket),
        bucket=bucket_of(seen.is_settled, now.is_written_off, seen.bucket),
        outstanding_minor=(
            before.outstanding_minor
            + drawn_minor
            + capital.total_minor
            - waived_minor
            - parts.principal_minor
        ),
        oldest_due_on=seen.oldest_due_on,
        credit_minor=credit_minor,
        last_event_on=max(before.last_event_on, event_on),
        settled_on=(
            settled_on(items.values()) or before.settled_on or event_on if seen.is_settled else None
        ),
        counted_from=seen.counted_from,
    )
    return Turn(
        before=before,
        after=after,
        items=tuple(changed.values()),
        parts=parts,
        penal={rate: grown for rate, grown in penal.items() if grown != NO_PENAL},
        steps=tuple(_steps(before, after, on, earlier_backing.pauses)),
        was=None if was is None else dict(stored),
        gone=tuple(lost.values()),
        drawn_minor=drawn_minor,
        capital=capital,
        waived_minor=waived_minor,
        owner=now.owner,
    )


def settled_on(items: Iterable[Item]) -> date | None:
    """The day on which the last of instalments was paid; nothing where none is."""
    return max((item.settled_on for item in items if item.settled_on), default=None)


def figures_of(
    account: AccountState,
    items: Mapping[int, Item],
    rules: Rules,
    *,
    last_event_on: date,
    settled_before: date | None,
) -> Figures:
    """The figures of a loan as its whole history makes them, seen on the day of the account.

    ``settled_before`` is the day on which the loan was settled where no instalment says one: a
    loan that came settled from another system.
    """
    if not account.instalments:
        # Whatever brought it here was undone: it is no loan of this book.
        return Figures(LoanState.WITHDRAWN, 0, 0, None, 0, last_event_on, None)
    seen = standing(list(items.values()), rules, account.on, account.pauses)
    is_off = account.written_off_on is not None
    ended_on = settled_on(items.values()) or settled_before or last_event_on
    return Figures(
        state=state_of(seen.is_settled, is_off, seen.bucket),
        bucket=bucket_of(seen.is_settled, is_off, seen.bucket),
        outstanding_minor=account.principal_outstanding_minor,
        oldest_due_on=seen.oldest_due_on,
        credit_minor=sum(r.unapplied_minor for r in account.repayments if not r.is_capital),
        last_event_on=last_event_on,
        settled_on=ended_on if seen.is_settled else None,
        counted_from=seen.counted_from,
    )


def state_of(is_settled: bool, is_written_off: bool, months: int) -> LoanState:
    """The state of a loan with so many months past due."""
    if is_settled:
        return LoanState.SETTLED
    if is_written_off:
        return LoanState.WRITTEN_OFF
    return LoanState.OVERDUE if months else LoanState.ACTIVE


def bucket_of(is_settled: bool, is_written_off: bool, months: int) -> int:
    """The bucket of a loan with so many months past due; its own where it is written off."""
    return WRITTEN_OFF_BUCKET if is_written_off and not is_settled else months


def stands(account: AccountState) -> tuple[LoanState, int]:
    """The state and the bucket of a loan as its events make them on the day of the account."""
    if not account.instalments:
        return LoanState.WITHDRAWN, 0
    is_off = account.written_off_on is not None
    return (
        state_of(account.is_settled, is_off, account.bucket),
        bucket_of(account.is_settled, is_off, account.bucket),
    )


def _steps(before: Figures, after: Figures, on: date, pauses: Sequence[Pause]) -> Iterator[Step]:
    """The log of the turn. A loan that the close has not reached yet is aged first."""
    state, number = before.state, before.bucket
    aged = bucket(counted_dpd(before.oldest_due_on, on, pauses))
    if state in LIVE and aged > number:
        [move] = moves_between(state, LoanState.OVERDUE)
        yield Step(move, state, LoanState.OVERDUE, number, aged)
        state, number = LoanState.OVERDUE, aged
    if (state, number) == (after.state, after.bucket):
        return
    for move in moves_between(state, after.state):
        reached = LOANS.after(state, move)
        to = after.bucket if reached is after.state else 0
        yield Step(move, state, reached, number, to)
        state, number = reached, to
