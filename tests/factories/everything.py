"""A book in which everything that can happen to a loan has happened, and some of it was undone."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import Penalty
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing import queries
from tests.factories.changes import CASES, dues, order
from tests.factories.loans import AT, DAY, HOUSE, close_until, open_loan, repay, terms
from tests.factories.moving import CURRENT, MAP, open_moving_book, reading

BROUGHT = (
    CURRENT,
    {**CURRENT, "no": "K-2", "state": "B", "left": "7173.48", "late principal": "994.46",
     "late interest": "71.73", "late penalty": "5.00", "late since": "2026-10-20"},
    {**CURRENT, "no": "K-3", "state": "C", "left": "0"},
    {**CURRENT, "no": "K-4", "state": "D", "left": "9000.00", "late since": "2026-01-20",
     "late interest": "360.00"},
)  # fmt: skip


def live(*, kinds: tuple[str, ...] = tuple(CASES)) -> date:
    """Open the book ``cn`` and let four months pass over it; returns its business day.

    Of each kind of change one loan keeps it and one has it undone. Others are paid late, back-
    dated, partly, too much, or not at all, and four were brought in from elsewhere.
    """
    open_moving_book(on=DAY)
    servicing.import_book(
        read=reading(BROUGHT, text=MAP.replace("2026-06-30", DAY.isoformat())), actor=HOUSE, at=AT
    )
    agreed = terms(penalty=Penalty(multiplier=Decimal("1.5"), grace_days=3))
    kept = {kind: open_loan(agreed=agreed, guarantor="guard") for kind in kinds}
    undone = {kind: open_loan(agreed=agreed, guarantor="guard") for kind in kinds}
    plain = [open_loan(agreed=terms()) for _ in range(4)]
    first, second = dues(plain[0])[:2]
    close_until(first)
    for loan in (*kept.values(), *undone.values(), plain[0]):
        repay(loan, 88_849)
    repay(plain[1], 300_000)
    close_until(second + timedelta(days=12))
    on = second + timedelta(days=12)
    keys = {}
    for kind in kinds:
        order(kept[kind], kind, on, **CASES[kind](kept[kind]))
        keys[kind] = order(undone[kind], kind, on, **CASES[kind](undone[kind])).key
    _overpay(plain[3], on)
    repay(plain[2], 50_000, second + timedelta(days=1))
    close_until(on + timedelta(days=3))
    if "counting_paused" in kinds:
        order(kept["counting_paused"], "counting_resumed", on + timedelta(days=3))
    for kind in kinds:
        order(undone[kind], "reversed", on + timedelta(days=2), of=keys[kind])
    _pay_on([*kept.values(), *undone.values()], on + timedelta(days=1))
    close_until(on + timedelta(days=45))
    return on + timedelta(days=45)


def _overpay(loan: str, on: date) -> None:
    """Settle a loan with too much, and give a part of what is left over back."""
    payoff_minor = queries.payoff_minor(number=loan, on=on, viewer=HOUSE)
    order(loan, "settled_early", on, amount_minor=payoff_minor + 100_000)
    [credit] = queries.list_credits(number=loan, viewer=HOUSE)
    order(loan, "refunded", on, of=credit.key, amount_minor=40_000)


def _pay_on(loans: list[str], on: date) -> None:
    """A back-dated payment of every loan that still takes one."""
    for place, loan in enumerate(loans):
        try:
            repay(loan, 10_000 + 7_001 * place, on)
        except Refusal:
            # A loan that was changed after the day may not take money before it.
            continue
