"""Laws of lifecycles: every state can be reached, and an end has no way out."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from loanops.kernel.lifecycle import Lifecycle
from tests.architecture import house


def lifecycles() -> dict[str, Lifecycle[Any, Any]]:
    """Every lifecycle that a module under a `domain` folder holds."""
    found = {}
    for room in house.rooms(*house.BUSINESS_FLOORS):
        for path in sorted((room / "domain").glob("*.py")):
            module = importlib.import_module(house.dotted(path))
            found |= {
                f"{house.dotted(path)}.{name}": value
                for name, value in vars(module).items()
                if isinstance(value, Lifecycle)
            }
    return found


LIFECYCLES = lifecycles()


def reachable(lifecycle: Lifecycle[Any, Any]) -> set[Any]:
    seen = {lifecycle.start}
    open_states = [lifecycle.start]
    while open_states:
        state = open_states.pop()
        for move in lifecycle.moves(state):
            after = lifecycle.after(state, move)
            if after not in seen:
                seen.add(after)
                open_states.append(after)
    return seen


@pytest.mark.parametrize("name", LIFECYCLES)
def test_every_state_can_be_reached(name: str) -> None:
    lifecycle = LIFECYCLES[name]

    assert set(lifecycle.states()) == reachable(lifecycle)


@pytest.mark.parametrize("name", LIFECYCLES)
def test_there_is_an_end_and_it_has_no_way_out(name: str) -> None:
    lifecycle = LIFECYCLES[name]

    # What ended a loan can be undone: it is settled, or written off, until then.
    assert lifecycle.ends() or name.endswith(".LOANS")
    assert all(not lifecycle.moves(state) for state in lifecycle.ends())


@pytest.mark.parametrize("name", LIFECYCLES)
def test_every_word_of_the_state_is_used(name: str) -> None:
    lifecycle = LIFECYCLES[name]

    assert set(type(lifecycle.start)) == set(lifecycle.states())


def test_rooms_have_lifecycles() -> None:
    assert LIFECYCLES, "no lifecycle was found: the test reads the wrong place"
