"""What goes wrong in a season, on which day: banks that err, so that people find it in the demo.

Days are counted back from the last one, so that a short season ends with the same open work.
"""

from __future__ import annotations

from typing import Any

from loanops.surfaces.cli.demo.story import Story
from loanops.surfaces.cli.demo.world import World

# Business days left: the rule that the banks' control desk is given in the morning.
RULES: dict[int, dict[str, Any]] = {
    # A payout whose answer is lost in a system error: unknown until a query ends it.
    40: {"bank": "jianglan", "operation": "drawdown", "behaviour": "system_error", "times": 1},
    34: {"operation": "credit", "behaviour": "late", "times": 2},
    28: {"operation": "drawdown", "behaviour": "duplicate_callbacks", "times": 2},
    22: {"operation": "credit", "behaviour": "system_error", "times": 1},
    # The bank takes back by callback what it said: an exception, which staff close.
    16: {"operation": "drawdown", "behaviour": "contradicting_callbacks", "times": 1},
    9: {"operation": "drawdown", "behaviour": "not_found_then_paid", "times": 1},
    # A refusal at the very end, and an amount that differs: exceptions that are left open.
    6: {"operation": "drawdown", "behaviour": "refuse", "times": 1},
    2: {"operation": "drawdown", "behaviour": "wrong_amount_callbacks", "times": 1},
}


def of_the_day(world: World, left: int) -> None:
    """Put the rule of the day in force."""
    if left in RULES:
        world.order("PUT", "behaviour", RULES[left])


def before_night(world: World, left: int, told: Story) -> None:
    """Nothing goes wrong at night yet."""
    del world, left, told
