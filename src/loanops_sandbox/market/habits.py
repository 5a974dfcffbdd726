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


_SCALE: Final = 100


@dataclass(frozen=True)
class Payment:
    """What a borrower does about one instalment: which per cent of it lies in the account on the
    due day, and the day on which they make up for the rest (`date.max`: not in sight)."""

    in_account_pct: int
    makes_up_on: date

    @property
    def in_account(self) -> bool:
        """Whether all of it lies there."""
        return self.in_account_pct == _SCALE


@dataclass(frozen=True)
class Answer:
    """What a borrower does about an offer: take it after some days, give up, or not react."""

    takes: bool
    after_days: int = 0
    gives_up: bool = False


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
        return Payment(0, due_on + late if cured else _NEVER)
    short = rng.random() < 0.02 + 0.22 * who.strain**1.5
    if not short:
        return Payment(_SCALE, due_on)
    part = rng.choice((0, 0, 0, 30, 55, 80))
    if rng.random() < 0.12 * who.strain:
        return Payment(part, _NEVER)
    return Payment(part, due_on + timedelta(days=_lateness(rng.random())))


def _lateness(throw: float) -> int:
    """Most are late by days, some by weeks: 1 to 40."""
    return 1 + int(39 * throw**3)


def answer_to_offer(seed: int, who: Borrower, *, cost_annual: float) -> Answer:
    """What the borrower does with an offer at this all-in cost: the dearer, the fewer take it."""
    rng = dice(seed, "offer", who.serial)
    wish = 0.97 - 1.1 * max(cost_annual - 0.12, 0.0) + 0.1 * who.strain
    if rng.random() < wish:
        return Answer(takes=True, after_days=rng.choice((0, 0, 0, 0, 1, 1, 2, 4)))
    return Answer(takes=False, gives_up=rng.random() < 0.45)


def behaviour_at_bank(seed: int, who: Borrower) -> str:
    """What the borrower does on the bank's page: `agree` and come back, agree and close the window
    (`closes`), `decline`, or leave the page as it is (`leaves`)."""
    throw = dice(seed, "page", who.serial).random()
    for limit, what in ((0.92, "agree"), (0.95, "closes"), (0.98, "decline")):
        if throw < limit:
            return what
    return "leaves"


def changes_mind(seed: int, who: Borrower) -> bool:
    """Whether the borrower withdraws right after applying."""
    return dice(seed, "mind", who.serial).random() < 0.02


def comes_by_portal(who: Borrower) -> bool:
    """Whether the borrower fills the pages in alone, and not a channel's program or the branch.

    Some of those who come by the own app do, if they know all that the pages ask for.
    """
    return who.channel == "app-store" and who.serial % 3 == 0 and "employment_months" in who.facts
