"""Working: the account while the fold runs, before it is frozen into a state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from loanops.kernel.account.state import Repayment
from loanops.kernel.allocation import Component, OpenPart, Parts
from loanops.kernel.calendar import WorkingDays
from loanops.kernel.schedule import Row, Terms
from loanops.kernel.schedule.plan import Plan

PartKey = tuple[int, Component, date]


@dataclass(slots=True)
class Open:
    """An instalment while the fold runs: its row, and the penalty so far."""

    row: Row
    penalised_to: date
    penalty_exact: Fraction = Fraction(0)
    penalty_minor: int = 0
    settled_on: date | None = None


@dataclass(slots=True)
class Working:
    """What is due and paid of every part, by instalment, component and due date."""

    terms: Terms
    working_days: WorkingDays | None
    disbursed_minor: int = 0
    plan: Plan | None = None
    items: list[Open] = field(default_factory=list)
    due: dict[PartKey, int] = field(default_factory=dict)
    paid: dict[PartKey, int] = field(default_factory=dict)
    repayments: list[Repayment] = field(default_factory=list)

    def open_minor(self, key: PartKey) -> int:
        """What is unpaid of one part."""
        return self.due.get(key, 0) - self.paid.get(key, 0)

    def pay(self, key: PartKey, amount_minor: int) -> None:
        """Count money as paid on one part."""
        self.paid[key] = self.paid.get(key, 0) + amount_minor

    def open_parts(self) -> list[OpenPart]:
        """Every part with what is unpaid of it."""
        return [OpenPart(*key, self.open_minor(key)) for key in self.due]

    def by_instalment(self, amounts: Mapping[PartKey, int]) -> dict[int, Parts]:
        """Amounts summed by instalment and component."""
        sums: dict[int, Parts] = {}
        for (number, component, _), amount_minor in amounts.items():
            sums[number] = sums.get(number, Parts()).plus(component, amount_minor)
        return sums

    def unpaid(self, until: date) -> Parts:
        """What is unpaid of the parts due on or before a day."""
        parts = Parts()
        for key in self.due:
            if key[2] <= until:
                parts = parts.plus(key[1], self.open_minor(key))
        return parts
