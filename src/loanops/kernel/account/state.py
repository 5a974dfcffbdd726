"""State: the account on one day, as frozen values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from loanops.kernel.aging import Pause, bucket, counted_dpd, dpd
from loanops.kernel.allocation import Component, Parts, Slice, parts_of

NO_PARTS: Final = Parts()
Parted = Callable[[Sequence[Slice]], tuple[Sequence[Slice], Sequence[str]]]


class Instalment(NamedTuple):
    """An instalment with what is due and what is paid, by component.

    ``due`` holds the penalty accrued so far and the fees charged so far, less what was waived.
    ``accrued_penalty_minor`` is the penalty that followed from days past due alone, and
    ``penal_minor_days`` the minor units times days it comes of; of these ``held_minor_days`` had
    been counted on ``held_from``, since when the same amount bears it. ``owner`` owns the claim on
    it, empty while that is who owned it at the start; ``kept`` is what is unpaid of it that stayed
    with others when the claim passed, by component and owner. ``fees`` are those that were planned,
    and ``late_fees`` those charged for being late, by charging party. ``penalty_rate`` is the
    annual rate of the loan that these days were counted at, nothing for the agreed one;
    ``capped_on`` the day from which the cap leaves no more, where that rate changed; and
    ``compounded_minor`` what of its unpaid penalty bears penalty itself.
    """

    number: int
    start_date: date
    due_date: date
    due: Parts
    paid: Parts
    settled_on: date | None
    accrued_penalty_minor: int = 0
    penal_minor_days: int = 0
    held_from: date | None = None
    held_minor_days: int = 0
    owner: str = ""
    fees: tuple[tuple[str, int], ...] = ()
    kept: tuple[tuple[Component, str, int], ...] = ()
    late_fees: tuple[tuple[str, int], ...] = ()
    penalty_rate: Decimal | None = None
    capped_on: date | None = None
    compounded_minor: int = 0

    @property
    def open(self) -> Parts:
        """What is still unpaid."""
        return self.due - self.paid

    @property
    def is_settled(self) -> bool:
        """Whether principal, interest and fees are paid; penalty does not keep it open."""
        left = self.open
        return left.total_minor == left.penalty_minor


@dataclass(frozen=True, slots=True)
class Repayment:
    """A repayment and where its money went.

    ``is_capital`` marks parts that were made principal: they were paid, but not with money.
    ``refunded_minor`` of it went back to the borrower.
    ``owners`` names who received each slice: who owned the claim on it when the money came to lie
    there, empty while that is who owned it at the start. Money that is laid anew stays with who
    has it; ``held`` is what was taken off its place meanwhile, by owner.
    """

    key: str
    on: date
    amount_minor: int
    slices: tuple[Slice, ...]
    is_capital: bool = False
    refunded_minor: int = 0
    owners: tuple[str, ...] = ()
    held: tuple[tuple[str, int], ...] = ()
    unapplied_minor: int = field(init=False)
    """What found no place yet."""

    def __post_init__(self) -> None:
        """Work out once what found no place: a fold asks it again for each later event."""
        laid_minor = sum(piece.amount_minor for piece in self.slices)
        object.__setattr__(
            self, "unapplied_minor", self.amount_minor - laid_minor - self.refunded_minor
        )

    @property
    def laid_minor(self) -> int:
        """What found its place."""
        return self.amount_minor - self.refunded_minor - self.unapplied_minor

    @property
    def parts(self) -> Parts:
        """The money by component."""
        return parts_of(self.slices)

    def laid(self, slices: Sequence[Slice], parted: Parted) -> Repayment:
        """The repayment with more of its money laid; what somebody holds already stays theirs.

        ``parted`` says who receives slices, in pieces of one owner each.
        """
        if not self.held:
            fresh, names = parted(slices)
            # Not by replace, which asks every field for its name: each payment comes along here.
            return Repayment(
                self.key,
                self.on,
                self.amount_minor,
                (*self.slices, *fresh),
                self.is_capital,
                self.refunded_minor,
                (*self.owners, *names),
            )
        held, pieces, owners_held = list(self.held), list[Slice](), list[str]()
        for piece in slices:
            left_minor = piece.amount_minor
            while left_minor and held:
                owner, held_minor = held.pop(0)
                taken_minor = min(left_minor, held_minor)
                pieces.append(piece._replace(amount_minor=taken_minor))
                owners_held.append(owner)
                left_minor -= taken_minor
                if held_minor > taken_minor:
                    held.insert(0, (owner, held_minor - taken_minor))
            if left_minor:
                more, names = parted((piece._replace(amount_minor=left_minor),))
                pieces += more
                owners_held += names
        return replace(
            self,
            slices=(*self.slices, *pieces),
            owners=(*self.owners, *owners_held),
            held=tuple(held),
        )

    def without(self, places: Collection[int]) -> Repayment:
        """The repayment with the money of some slices off its place, held by who received it."""
        kept = [place for place in range(len(self.slices)) if place not in places]
        taken = [(self.owners[p], self.slices[p].amount_minor) for p in sorted(places)]
        return replace(
            self,
            slices=tuple(self.slices[place] for place in kept),
            owners=tuple(self.owners[place] for place in kept),
            held=(*self.held, *taken),
        )


class Treated(NamedTuple):
    """What a restructuring, named by the key of its event, made of what was owed on its day.

    ``capitalised`` became principal and ``waived`` was given up. ``carried`` joined the first new
    instalment; penalty that was carried stayed due where it was.
    """

    key: str
    capitalised: Parts
    carried: Parts
    waived: Parts


@dataclass(frozen=True, slots=True)
class AccountState:
    """The account at the end of day ``on``.

    ``accrued_interest_minor`` is the interest of the running period up to ``on``, not yet due.
    ``owed`` is unpaid and due on or before ``on``; ``overdue`` is unpaid and was due before it.
    ``advanced_minor`` is all principal disbursed, and what was made principal since, less what of
    it was waived. ``received``
    is the money paid by whom it was received, under an empty name who owned the claim at the
    start; ``received_fees`` are the fees among it, by the same owner and by instalment.
    ``oldest_unpaid_due_date`` is that of the first instalment that is not settled, be it
    overdue or still to come: days past due follow from it on any later day. ``treated`` tells of
    every restructuring that counts, ``pauses`` when days past due stood still.
    """

    on: date
    currency: str
    advanced_minor: int
    instalments: tuple[Instalment, ...]
    repayments: tuple[Repayment, ...]
    accrued_interest_minor: int
    owed: Parts
    overdue: Parts
    capitalised_minor: int = 0
    waived: Parts = NO_PARTS
    received: tuple[tuple[str, Parts], ...] = ()
    received_fees: tuple[tuple[str, int, int], ...] = ()
    owner: str = ""
    written_off_on: date | None = None
    penalty_ended_on: date | None = None
    treated: tuple[Treated, ...] = ()
    pauses: tuple[Pause, ...] = ()

    @property
    def principal_outstanding_minor(self) -> int:
        """Principal advanced and not repaid."""
        return self.advanced_minor - self.paid.principal_minor

    @property
    def due(self) -> Parts:
        """Everything the borrower owes over the life of the loan, as known on ``on``."""
        return sum((item.due for item in self.instalments), Parts())

    @property
    def paid(self) -> Parts:
        """Everything that was paid, by component."""
        return sum((item.paid for item in self.instalments), Parts())

    @property
    def overdue_minor(self) -> int:
        """The amount overdue, penalty included."""
        return self.overdue.total_minor

    @property
    def unapplied_minor(self) -> int:
        """Money received that found no place: the borrower's credit."""
        return sum(repayment.unapplied_minor for repayment in self.repayments)

    @property
    def oldest_unpaid_due_date(self) -> date | None:
        """The due date of the first instalment that is not settled."""
        return next((i.due_date for i in self.instalments if not i.is_settled), None)

    @property
    def next_due_date(self) -> date | None:
        """The next due date, today included, that is not settled."""
        waiting = (i.due_date for i in self.instalments if not i.is_settled)
        return next((due for due in waiting if due >= self.on), None)

    @property
    def dpd(self) -> int:
        """Days past due, those in pauses among them."""
        return dpd(self.oldest_unpaid_due_date, self.on)

    @property
    def counted_dpd(self) -> int:
        """Days past due but for those in pauses: the bucket follows from them."""
        return counted_dpd(self.oldest_unpaid_due_date, self.on, self.pauses)

    @property
    def bucket(self) -> int:
        """The bucket of months past due, 0 to 7."""
        return bucket(self.counted_dpd)

    @property
    def is_settled(self) -> bool:
        """Whether everything is paid, penalty included."""
        return bool(self.instalments) and (self.due - self.paid).total_minor == 0

    @property
    def settled_on(self) -> date | None:
        """The day the last of it was paid."""
        if not self.is_settled:
            return None
        return max((i.settled_on for i in self.instalments if i.settled_on), default=self.on)
