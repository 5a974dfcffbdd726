"""The account in stages: money of a day is laid by the stage in which its first money came."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from loanops.kernel.account import AccountState, Disbursed, Repaid, state
from loanops.kernel.allocation import Order, Stage, StageOrder
from tests.domain.kernel.loans import JANUARY_15, plain

LATE = date(2026, 2, 20)
KEPT = plain(stage_orders=(StageOrder(stage=Stage.OVERDUE, order=Order(in_advance=())),))


def paid(*payments: tuple[date, int]) -> AccountState:
    out = Disbursed(key="out", on=JANUARY_15, amount_minor=1_000_000)
    repaid = [
        Repaid(key=f"in-{place}", on=on, amount_minor=amount_minor)
        for place, (on, amount_minor) in enumerate(payments)
    ]
    return state(KEPT, [out, *repaid], payments[-1][0] if payments else LATE)


OWED = paid().owed.total_minor


class TestADayThatBeganOverdue:
    @pytest.mark.parametrize("parts", [(OWED + 500,), (OWED, 500), (1, OWED - 1, 500), (500, OWED)])
    def test_keeps_what_is_over_however_the_money_came(self, parts: tuple[int, ...]) -> None:
        account = paid(*((LATE, part) for part in parts))

        assert account.owed.total_minor == 0
        assert account.unapplied_minor == 500

    def test_is_followed_by_one_in_which_money_is_laid_ahead(self) -> None:
        account = paid((LATE, OWED), (LATE + timedelta(days=1), 500))

        assert account.unapplied_minor == 0
