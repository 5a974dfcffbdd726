"""Laws of rooms: their card, their inside, their doors."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture import house

INSIDE = {
    "__init__", "domain", "models", "permissions", "events", "queries", "operations", "reactions",
    "ports", "invariants", "facts", "data", "migrations",
}  # fmt: skip
# `config/wiring` knows everyone: it alone also reads these.
WIRED = house.DOORS | {"reactions", "invariants", "facts"}


def name_of(room: Path) -> str:
    return f"{room.parent.name}/{room.name}"


@pytest.mark.parametrize("room", house.rooms(), ids=name_of)
def test_every_room_has_a_card(room: Path) -> None:
    card = ast.get_docstring(house.tree_of(room / "__init__.py")) or ""

    missing = [word for word in ("Owns:", "Never:", "Read first:") if word not in card]

    assert not missing, f"{name_of(room)}/__init__.py does not say {missing}"


@pytest.mark.parametrize("room", house.rooms(*house.BUSINESS_FLOORS), ids=name_of)
def test_every_business_room_has_the_same_inside(room: Path) -> None:
    entries = {path.stem for path in room.iterdir() if path.name != "__pycache__"}

    assert entries <= INSIDE, f"{name_of(room)} holds {sorted(entries - INSIDE)}"


def test_a_room_is_entered_only_by_its_doors() -> None:
    trespasses = []
    for path in house.modules():
        here = house.dotted(path)
        for line, name in house.imports_of(path):
            room = house.room_of(name)
            if room and room != house.room_of(here) and not may_enter(here, room, name):
                trespasses.append(f"{house.at(path, line)} imports {name}")

    assert not trespasses, "\n".join(trespasses)


def may_enter(here: str, room: str, name: str) -> bool:
    """Whether the module `here` may import `name` of a room that is not its own."""
    inside = name.split(".")[3:]
    if not inside:
        return True
    if room.startswith("platform."):
        # Rooms of the platform are free among themselves: one transaction writes them together.
        from_inside = (house.room_of(here) or "").startswith("platform.")
        return from_inside or "models" not in inside
    doors = WIRED if here == "loanops.config.wiring" else house.DOORS
    return inside[0] in doors


class TestMayEnter:
    def test_lets_another_room_in_by_a_door(self) -> None:
        assert may_enter(
            "loanops.origination.routing.operations",
            "registry.partners",
            "loanops.registry.partners.queries.get_agreement",
        )

    @pytest.mark.parametrize("inside", ["models.Agreement", "domain.terms", "reactions.x"])
    def test_keeps_another_room_out_of_the_inside(self, inside: str) -> None:
        assert not may_enter(
            "loanops.origination.routing.operations",
            "registry.partners",
            f"loanops.registry.partners.{inside}",
        )


def test_foreign_keys_to_other_rooms_protect_and_are_not_traversed() -> None:
    loose = []
    for room in house.rooms(*house.BUSINESS_FLOORS):
        for path in house.files_of(room, "models"):
            for name, call in house.calls(path):
                target = house.text_of(call.args[0]) if call.args else None
                if name in {"ForeignKey", "OneToOneField"} and target and "." in target:
                    words = {word.arg: ast.unparse(word.value) for word in call.keywords}
                    positional = ast.unparse(call.args[1]) if len(call.args) > 1 else ""
                    if "PROTECT" not in words.get("on_delete", positional):
                        loose.append(f"{house.at(path, call.lineno)} {target}: not PROTECT")
                    if words.get("related_name") != "'+'":
                        loose.append(f"{house.at(path, call.lineno)} {target}: related_name")

    assert not loose, "\n".join(loose)


def test_windows_never_look_with_the_eyes_of_the_house() -> None:
    peeking = [
        house.at(path, call.lineno)
        for window in ("console", "portal", "api")
        for path in house.modules(under=house.SOURCE / "surfaces" / window)
        for name, call in house.calls(path)
        if name == "house"
    ]

    assert not peeking, "\n".join(peeking)
