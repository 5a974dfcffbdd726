"""How simulated borrowers pay: what lies in an account on a day, and when somebody makes up.

A borrower's income may fail for a while (the chance is the industry's); strain decides how much
is left when an instalment falls due. All of it follows from the seed, so a run can be repeated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from loanops_sandbox.market.people import Borrower, dice, table

_SHOCK_MONTHS: Final = (1, 2, 2, 3, 5)
_NEVER: Final = date.max


@dataclass(frozen=True)
class Payment:
    """What a borrower does about one instalment: money in the account on the due day or not, and
    the day on which they make up for it themselves (`date.max`: not in sight)."""

    in_account: bool
    makes_up_on: date


def _month(day: date) -> int:
    return day.year * 12 + day.month


def in_shock(seed: int, who: Borrower, on: date) -> bool:
    """Whether the borrower's income has failed at that time."""
    chance = float(table("industries")[who.industry]["shock"]) * (0.6 + 1.6 * who.strain)
    for back in range(max(_SHOCK_MONTHS)):
        rng = dice(seed, "shock", who.serial, _month(on) - back)
        if rng.random() < chance and rng.choice(_SHOCK_MONTHS) > back:
            return True
    return False


def payment(seed: int, who: Borrower, *, due_on: date) -> Payment:
    """What happens to the instalment that falls due on a day."""
    rng = dice(seed, "pay", who.serial, due_on.isoformat())
    if in_shock(seed, who, due_on):
        cured = rng.random() < 0.35
        late = timedelta(days=rng.randrange(12, 55))
        return Payment(in_account=False, makes_up_on=due_on + late if cured else _NEVER)
    short = rng.random() < 0.02 + 0.22 * who.strain**1.5
    if not short:
        return Payment(in_account=True, makes_up_on=due_on)
    if rng.random() < 0.12 * who.strain:
        return Payment(in_account=False, makes_up_on=_NEVER)
    return Payment(in_account=False, makes_up_on=due_on + timedelta(days=_lateness(rng.random())))


def _lateness(throw: float) -> int:
    """Most are late by days, some by weeks: 1 to 40."""
    return 1 + int(39 * throw**3)


def takes_offer(seed: int, who: Borrower, *, cost_annual: float) -> bool:
    """Whether the borrower takes an offer at this all-in cost: the dearer, the fewer."""
    wish = 0.97 - 1.1 * max(cost_annual - 0.12, 0.0) + 0.1 * who.strain
    return dice(seed, "offer", who.serial).random() < wish
