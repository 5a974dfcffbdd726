"""What goes wrong in a season, on which day: banks that err, so that people find it in the demo.

Days are counted back from the last one, so that a short season ends with the same open work.
"""

from __future__ import annotations

from typing import Any

from loanops.surfaces.cli.demo.world import World

LAST, AWAY = 0, "yunting"
# The banks forget most of their callbacks about signatures: who comes back is asked about at once,
# and the sweep finds those who closed the window.
FORGETFUL = {
    "operation": "signing", "field": "share", "pattern": "0.75", "behaviour": "lost_callbacks",
}  # fmt: skip
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


def from_the_start(world: World) -> None:
    """Put in force what holds all season."""
    world.order("PUT", "behaviour", FORGETFUL)


def of_the_day(world: World, left: int) -> None:
    """Put the rule of the day in force."""
    if left in RULES:
        world.order("PUT", "behaviour", RULES[left])


def is_down(left: int, *, world: World) -> bool:
    """Whether a bank is away on the night before this day; its debit file finds nobody."""
    if left == LAST:
        world.order("PUT", "down", {"bank": AWAY, "down": True})
    return left == LAST


def back_again(world: World) -> None:
    """The bank answers again; what gave up meanwhile waits for a person."""
    world.order("PUT", "down", {"bank": AWAY, "down": False})
