"""Working: the account while the fold runs, before it is frozen into a state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from loanops.kernel.account.state import Repayment, Treated
from loanops.kernel.aging import Pause
from loanops.kernel.allocation import PLACES, Component, PartLeft, Parts, Slice, Stage, parts_of
from loanops.kernel.calendar import WorkingDays
from loanops.kernel.schedule import Fee, Method, Row, Terms, late_fees
from loanops.kernel.schedule.plan import Plan

PartKey = tuple[int, Component, date]
PenaltyRun = tuple[int, int, int | None]


@dataclass(slots=True)
class Open:
    """An instalment while the fold runs: its row, and the penalty so far.

    Penalty is counted as minor units times days (``penal_minor_days``), which is exact.
    ``held_minor`` bears it since ``held_from``, when ``held_minor_days`` had been counted.
    ``late_fees`` were charged for being late, by charging party, in the order of the terms.
    ``rate`` is the annual rate of the loan that this is counted at, nothing for the agreed one;
    what was counted at an earlier rate is due beside it. From ``capped_on`` its cap leaves no more
    of it, where that rate changed. ``compounded_minor`` is what of its unpaid penalty bears
    penalty itself.
    """

    row: Row
    penalised_to: date
    penal_minor_days: int = 0
    held_minor: int = 0
    held_from: date | None = None
    held_minor_days: int = 0
    penalty_minor: int = 0
    settled_on: date | None = None
    late_fees: tuple[tuple[str, int], ...] = ()
    rate: Decimal | None = None
    capped_on: date | None = None
    compounded_minor: int = 0


@dataclass(slots=True)
class Working:
    """What is due and paid of every part, by instalment, component and due date.

    ``left`` is what is unpaid, of the parts of which something is: it grows with what is open, not
    with the loan's age. It follows ``due`` and ``paid``, which change in methods alone;
    ``parts_left`` is how many of them an instalment has. ``loose`` are the places of the repayments
    of which money has found no place.
    ``planned`` are the parts that the plan made; the others (charges, principal prepaid) stay
    when the plan changes. ``first`` is how many instalments stood before the first of the plan.
    ``advanced_minor`` is all principal that was disbursed or made of unpaid parts, less what of it
    was waived. ``ended_on`` is the day on which everything that was left fell due. ``carried``
    falls due with the first instalment of the plan beside what the plan asks. ``owner`` owns the
    claim where ``owners`` names no other for an instalment; it is empty while the claim is whose it
    was at the start. ``kept`` is what stayed with others when a claim passed and is unpaid, by
    instalment and component, in the order in which they are paid.
    ``settled`` is how many of the first instalments owe nothing, for good. ``reached_on`` is the
    day up to which time has passed. ``stage`` is that in which the first money of ``staged_on``
    came. From ``penalty_ended_on`` nothing bears penalty or fees for being late. ``penalty_run`` is
    the penalty of one minor unit for a day, as numerator and denominator, and how many days after
    the due date it ends, once somebody asked. Where penalty follows the loan's rate, ``rates`` are
    those of later days than the first, and ``rate`` is that of now where it is not the agreed one.
    ``treated`` tells of every
    restructuring, ``pauses`` when days past due stood still.
    """

    terms: Terms
    working_days: WorkingDays | None
    advanced_minor: int = 0
    plan: Plan | None = None
    first: int = 0
    items: list[Open] = field(default_factory=list)
    settled: int = 0
    due: dict[PartKey, int] = field(default_factory=dict)
    paid: dict[PartKey, int] = field(default_factory=dict)
    left: dict[PartKey, int] = field(default_factory=dict)
    planned: set[PartKey] = field(default_factory=set)
    parts_left: dict[int, int] = field(default_factory=dict)
    repayments: list[Repayment] = field(default_factory=list)
    loose: set[int] = field(default_factory=set)
    penalty_run: PenaltyRun | None = None
    rate: Decimal | None = None
    rates: list[tuple[date, Decimal]] = field(default_factory=list)
    carried: dict[Component, int] = field(default_factory=dict)
    capitalised_minor: int = 0
    waived: Parts = field(default_factory=Parts)
    treated: list[Treated] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    ended_on: date | None = None
    is_settling: bool = False
    staged_on: date | None = None
    stage: Stage = Stage.NORMAL
    written_off_on: date | None = None
    penalty_ended_on: date | None = None
    owner: str = ""
    owners: dict[int, str] = field(default_factory=dict)
    kept: dict[tuple[int, Component], list[tuple[str, int]]] = field(default_factory=dict)
    reached_on: date = date.min
    late_fees: tuple[Fee, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        """Find once what may be charged for being late: most terms have no such fee."""
        if self.terms.fees:
            self.late_fees = late_fees(self.terms.fees)

    @property
    def is_line(self) -> bool:
        """Whether money ahead of its due date lowers the balance it bears interest on."""
        plan = self.plan
        if plan is None or self.ended_on is not None:
            return False
        return plan.terms.method is Method.REVOLVING_DAILY

    def owner_of(self, number: int) -> str:
        """Who owns the claim on an instalment."""
        return self.owners.get(number, self.owner)

    def running_row(self, on: date) -> Row | None:
        """The row of the instalment whose period runs on a day."""
        return next((i.row for i in self.items if i.row.start_date <= on < i.row.due_date), None)

    def open_minor(self, key: PartKey) -> int:
        """What is unpaid of one part."""
        return self.left.get(key, 0)

    def _note(self, key: PartKey, left_minor: int) -> None:
        if left_minor:
            if key not in self.left:
                self.parts_left[key[0]] = self.parts_left.get(key[0], 0) + 1
            self.left[key] = left_minor
        elif self.left.pop(key, None) is not None:
            self.parts_left[key[0]] -= 1

    def forget(self, key: PartKey) -> None:
        """Let a part never have been."""
        self.due.pop(key, None)
        self.paid.pop(key, None)
        self._note(key, 0)

    def add_due(self, key: PartKey, amount_minor: int) -> None:
        """Let a part owe more, or with a negative amount less."""
        if amount_minor:
            self.due[key] = self.due.get(key, 0) + amount_minor
            self._note(key, self.left.get(key, 0) + amount_minor)

    def ask(self, number: int, due_date: date, amounts: Sequence[tuple[Component, int]]) -> None:
        """Let an instalment of the plan owe its parts."""
        for component, amount_minor in amounts:
            if not amount_minor:
                continue
            key = (number, component, due_date)
            self.planned.add(key)
            if key in self.due:
                self.add_due(key, amount_minor)
            else:
                self.due[key] = self.left[key] = amount_minor
                self.parts_left[number] = self.parts_left.get(number, 0) + 1

    def pay(self, slices: Sequence[Slice], sign: int = 1) -> None:
        """Count parts as paid; with a sign of -1 take it back."""
        paid, left = self.paid, self.left
        for piece in slices:
            key, amount_minor = piece[:3], sign * piece[3]
            paid[key] = paid.get(key, 0) + amount_minor
            self._note(key, left.get(key, 0) - amount_minor)

    def receive(self, repayment: Repayment) -> None:
        """Take one more repayment."""
        self.repayments.append(repayment)
        self.keep(len(self.repayments) - 1, repayment)

    def keep(self, place: int, repayment: Repayment) -> None:
        """Put a repayment, as it is now, in its place."""
        self.repayments[place] = repayment
        if repayment.unapplied_minor:
            self.loose.add(place)
        else:
            self.loose.discard(place)

    def lay(self, place: int, slices: Sequence[Slice]) -> None:
        """Note where money of a repayment went that :meth:`pay` counted."""
        if slices:
            self.keep(place, self.repayments[place].laid(slices, self.parted))

    def parted(self, slices: Sequence[Slice]) -> tuple[Sequence[Slice], Sequence[str]]:
        """Money in pieces that one owner each receives, and who: first who kept what is owed."""
        if not self.kept:
            if not self.owners:
                return slices, (self.owner,) * len(slices)
            return slices, [self.owner_of(piece.number) for piece in slices]
        pieces: list[Slice] = []
        names: list[str] = []
        for piece in slices:
            left_minor, waiting = piece.amount_minor, self.kept.get(piece[:2], [])
            while left_minor and waiting:
                name, kept_minor = waiting.pop(0)
                taken_minor = min(left_minor, kept_minor)
                if kept_minor > taken_minor:
                    waiting.insert(0, (name, kept_minor - taken_minor))
                pieces.append(piece._replace(amount_minor=taken_minor))
                names.append(name)
                left_minor -= taken_minor
            if left_minor:
                pieces.append(piece._replace(amount_minor=left_minor))
                names.append(self.owner_of(piece.number))
        return pieces, names

    def keep_back(self, number: int, component: Component, amount_minor: int) -> None:
        """Let what is owed of an instalment stay with whose it is, whoever owns the claim later."""
        waiting = self.kept.setdefault((number, component), [])
        more_minor = amount_minor - sum(minor for _, minor in waiting)
        if more_minor > 0:
            waiting.append((self.owner_of(number), more_minor))

    def kept_of(self, number: int, left: Parts) -> tuple[tuple[Component, str, int], ...]:
        """What others kept of what is ``left`` of an instalment."""
        found: list[tuple[Component, str, int]] = []
        for component in Component:
            left_minor = left.of(component)
            for name, kept_minor in self.kept.get((number, component), ()):
                if mine_minor := min(kept_minor, left_minor):
                    found.append((component, name, mine_minor))
                left_minor -= mine_minor
        return tuple(found)

    def due_by(self, day: date) -> list[PartLeft]:
        """The parts due by a day of which something is unpaid."""
        return [
            (*key, left_minor)
            for key, left_minor in self.left.items()
            if key[2] <= day and left_minor > 0
        ]

    def due_after(self, day: date) -> list[PartLeft]:
        """The parts due after a day of which something is unpaid."""
        return [
            (*key, left_minor)
            for key, left_minor in self.left.items()
            if key[2] > day and left_minor > 0
        ]

    def by_instalment(self, amounts: Mapping[PartKey, int]) -> dict[int, Parts]:
        """Amounts summed by instalment and component."""
        sums: dict[int, list[int]] = {}
        for (number, component, _), amount_minor in amounts.items():
            if number not in sums:
                sums[number] = [0, 0, 0, 0]
            sums[number][PLACES[component]] += amount_minor
        return {number: Parts(*each) for number, each in sums.items()}

    def unpaid(self, day: date, *, today: bool = True) -> Parts:
        """What is unpaid of the parts due by a day; without ``today`` of those due before it."""
        return parts_of(
            [
                Slice(*key, left)
                for key, left in self.left.items()
                if key[2] < day or (today and key[2] == day)
            ]
        )

    def oldest_unpaid(self) -> date | None:
        """The due date of the first instalment that owes more than penalty."""
        owing = {
            key[0]
            for key, left_minor in self.left.items()
            if key[1] is not Component.PENALTY and left_minor > 0
        }
        return next((i.row.due_date for i in self.items if i.row.number in owing), None)

    def take_back(self, since: date) -> list[tuple[int, Slice]]:
        """Take money back from parts of the plan due on or after a day, to be laid again.

        Returns what was taken, each piece with the place of its repayment.
        """
        taken: list[tuple[int, Slice]] = []
        for place, repayment in enumerate(self.repayments):
            ahead = {
                index: piece
                for index, piece in enumerate(repayment.slices)
                if piece.due_date >= since
                and (piece.number, piece.component, piece.due_date) in self.planned
            }
            if ahead:
                self.pay(tuple(ahead.values()), -1)
                self.keep(place, repayment.without(ahead))
                taken += [(place, piece) for piece in ahead.values()]
        return taken

    def adopt(self) -> None:
        """Give parts whose instalment is gone to the last one that is left."""
        last = len(self.items)
        lost = {key for key in self.due if key[0] > last}
        if not lost:
            return
        for key in lost:
            moved = (last, *key[1:])
            for amounts in (self.due, self.paid):
                if key in amounts:
                    amounts[moved] = amounts.get(moved, 0) + amounts.pop(key)
            self._note(key, 0)
            self._note(moved, self.due.get(moved, 0) - self.paid.get(moved, 0))
        for place in [place for place in self.kept if place[0] > last]:
            self.kept.setdefault((last, place[1]), []).extend(self.kept.pop(place))
        self.repayments = [
            replace(
                repayment,
                slices=tuple(
                    piece._replace(number=min(piece.number, last)) for piece in repayment.slices
                ),
            )
            for repayment in self.repayments
        ]
