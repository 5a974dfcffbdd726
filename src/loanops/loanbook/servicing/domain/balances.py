"""Balances: what each component of a loan stood at before and after a period, and what moved it.

Fees for being late are part of the fees, and what being late costs beside penalty: they are told
apart from the others by the rule that pays them, after the planned fees of their instalment and
before any other. What is waived of fees is taken from the others first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from loanops.kernel.account import AccountState, Instalment
from loanops.kernel.allocation import Component

PARTS: Final = ("principal", "interest", "fee", "penalty")
LATE_FEE: Final = "late_fee"


@dataclass(frozen=True)
class Balance:
    """What a component stood at before and after a period, in minor units, and what moved it.

    ``opening_minor + added_minor - waived_minor - paid_minor == closing_minor``. Principal stands
    at what is outstanding; interest, fees and penalty at what is due and unpaid. ``added_minor`` is
    principal paid out or made of interest, and else what fell due or was paid ahead of its day.
    """

    component: str
    opening_minor: int
    added_minor: int
    waived_minor: int
    paid_minor: int
    closing_minor: int

    @property
    def is_empty(self) -> bool:
        """Whether it stands at nothing and nothing moved it."""
        return not any((self.opening_minor, self.added_minor, self.waived_minor, self.paid_minor))

    def without(self, other: Balance) -> Balance:
        """The rest of it beside a part of it."""
        return Balance(
            component=self.component,
            opening_minor=self.opening_minor - other.opening_minor,
            added_minor=self.added_minor - other.added_minor,
            waived_minor=self.waived_minor - other.waived_minor,
            paid_minor=self.paid_minor - other.paid_minor,
            closing_minor=self.closing_minor - other.closing_minor,
        )


def balances_of(before: AccountState, after: AccountState) -> tuple[Balance, ...]:
    """The four balances of a period from the account before it and at its end."""
    return tuple(_balances(before, after))


def _balances(before: AccountState, after: AccountState) -> Iterator[Balance]:
    for name in PARTS:
        column = f"{name}_minor"
        opening_minor, closing_minor = (
            account.principal_outstanding_minor
            if name == "principal"
            else int(getattr(account.owed, column))
            for account in (before, after)
        )
        yield _moved(
            name,
            opening_minor,
            closing_minor,
            waived_minor=getattr(after.waived, column) - getattr(before.waived, column),
            paid_minor=getattr(after.paid, column) - getattr(before.paid, column),
        )


def _moved(
    component: str, opening_minor: int, closing_minor: int, *, waived_minor: int, paid_minor: int
) -> Balance:
    return Balance(
        component=component,
        opening_minor=opening_minor,
        added_minor=closing_minor - opening_minor + waived_minor + paid_minor,
        waived_minor=waived_minor,
        paid_minor=paid_minor,
        closing_minor=closing_minor,
    )


class _Late(NamedTuple):
    """Fees for being late of an account: paid, waived and still to be paid."""

    paid_minor: int = 0
    waived_minor: int = 0
    open_minor: int = 0


def late_fees_of(before: AccountState, after: AccountState) -> Balance:
    """The balance of fees for being late alone, which is part of that of the fees."""
    was, now = _late(before), _late(after)
    return _moved(
        LATE_FEE,
        was.open_minor,
        now.open_minor,
        waived_minor=now.waived_minor - was.waived_minor,
        paid_minor=now.paid_minor - was.paid_minor,
    )


def _late(account: AccountState) -> _Late:
    paid_minor = waived_minor = open_minor = 0
    for item in account.instalments:
        charged_minor = _charged(item)
        if not charged_minor:
            continue
        mine_minor = _late_of(item, item.paid.fee_minor)
        left_minor = min(charged_minor - mine_minor, item.open.fee_minor)
        paid_minor += mine_minor
        open_minor += left_minor
        waived_minor += charged_minor - mine_minor - left_minor
    return _Late(paid_minor, waived_minor, open_minor)


def _charged(item: Instalment) -> int:
    return sum(minor for _, minor in item.late_fees)


def _late_of(item: Instalment, paid_minor: int) -> int:
    """What of so much that was paid of an instalment's fees paid those for being late."""
    planned_minor = sum(minor for _, minor in item.fees)
    return min(max(paid_minor - planned_minor, 0), _charged(item))


def late_fees_paid(account: AccountState) -> Mapping[str, int]:
    """What each repayment paid of fees for being late, by its key; those that paid some."""
    late = {item.number: item for item in account.instalments if _charged(item)}
    paid: dict[int, int] = dict.fromkeys(late, 0)
    found: dict[str, int] = {}
    for repayment in account.repayments if late else ():
        for piece in repayment.slices:
            if piece.component is not Component.FEE or piece.number not in late:
                continue
            item, was_minor = late[piece.number], paid[piece.number]
            paid[piece.number] = was_minor + piece.amount_minor
            mine_minor = _late_of(item, paid[piece.number]) - _late_of(item, was_minor)
            if mine_minor:
                found[repayment.key] = found.get(repayment.key, 0) + mine_minor
    return found
