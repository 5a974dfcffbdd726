"""`loanops new`: the skeleton of a room, an operation or a page, with a failing test."""

from __future__ import annotations

import re
from pathlib import Path

import click

from loanops.surfaces.cli import skeletons
from loanops.surfaces.cli.framing import checkout, stop

FLOORS = ("registry", "money", "origination", "loanbook", "engagement", "governance", "insight")
WINDOWS = ("console", "portal")
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@click.group()
def new() -> None:
    """Write the skeleton of a room, an operation or a page, with a failing test."""


@new.command()
@click.argument("floor", type=click.Choice(FLOORS))
@click.argument("name")
def room(floor: str, name: str) -> None:
    """A room NAME on FLOOR: card, domain, table, grants, events, and its import contract."""
    root = checkout()
    folder = root / "src" / "loanops" / floor / name
    words = {"name": named(name), "Title": titled(name), "floor": floor, "what": "say it in a line"}
    if folder.exists():
        stop(f"There is a room {floor}/{name} already.")
    for part, text in skeletons.ROOM.items():
        write(folder / part, text.format(**words))
    write(root / "tests" / "rooms" / name / f"test_{name}.py", skeletons.ROOM_TEST.format(**words))
    enter_contract(root / "pyproject.toml", floor, name)


@new.command()
@click.argument("place", metavar="FLOOR/ROOM")
@click.argument("name")
@click.option("--model", required=True, help="The table it changes, such as Application.")
def operation(place: str, name: str, model: str) -> None:
    """An operation NAME of FLOOR/ROOM, in its five beats, with its tests to write."""
    root = checkout()
    folder = root / "src" / "loanops" / place
    if not (folder / "__init__.py").exists():
        stop(f"There is no room {place}; try registry/products.")
    words = {
        "name": named(name), "NAME": name.upper(), "Title": titled(name), "Model": model,
        "room": folder.name, "dotted": place.replace("/", "."),
    }  # fmt: skip
    package = folder / "operations"
    if (folder / "operations.py").exists():
        package.mkdir()
        (folder / "operations.py").rename(package / "__init__.py")
    target = package / f"{name}.py"
    if target.exists():
        stop(f"{place} has an operation {name} already.")
    write(target, skeletons.OPERATION.format(**words))
    write(
        root / "tests" / "rooms" / folder.name / f"test_{name}.py",
        skeletons.OPERATION_TEST.format(**words),
    )
    click.echo(
        f"Next: re-export {name} in operations/__init__.py, add {name.upper()} to permissions.py "
        f"and the sentence {folder.name}.{name} to events.py."
    )


@new.command()
@click.argument("window", type=click.Choice(WINDOWS))
@click.argument("place", metavar="ROOM")
@click.argument("name")
def page(window: str, place: str, name: str) -> None:
    """A page NAME about ROOM in WINDOW: view, template and its test to write."""
    root = checkout()
    words = {"name": named(name), "Title": titled(name), "room": named(place), "window": window}
    folder = root / "src" / "loanops" / "surfaces" / window
    template = folder / "templates" / window / place / f"{name}.html"
    view = folder / "pages" / f"{place}.py"
    if template.exists():
        stop(f"There is a page {window}/{place}/{name} already.")
    write(template, skeletons.PAGE_TEMPLATE.format(**words))
    target = view if not view.exists() else view.with_name(f"{place}_{name}.py")
    write(target, skeletons.PAGE.format(**words))
    write(
        root / "tests" / "surfaces" / window / f"test_{place}_{name}.py",
        skeletons.PAGE_TEST.format(**words),
    )
    click.echo(f"Next: give it an address in surfaces/{window}/urls.py.")


def named(name: str) -> str:
    """A name that Python and the house allow."""
    if not _NAME.fullmatch(name):
        stop(f"{name} is not a name; use small letters, digits and single underscores.")
    return name


def titled(name: str) -> str:
    """`service_desk` as `ServiceDesk`."""
    return "".join(word.capitalize() for word in name.split("_"))


def write(path: Path, text: str) -> None:
    """Write one new file and say so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    click.echo(f"wrote {path}")


def enter_contract(pyproject: Path, floor: str, name: str) -> None:
    """Put the room on top of its floor's import contract, where that contract exists."""
    text = pyproject.read_text(encoding="utf-8")
    layers = re.compile(rf'(id = "{floor}-rooms".*?layers = \[)', re.DOTALL)
    if not layers.search(text):
        click.echo(f"Next: write the contract {floor}-rooms in pyproject.toml.")
        return
    pyproject.write_text(layers.sub(rf'\1"({name})", ', text, count=1), encoding="utf-8")
    click.echo(f"pyproject.toml: {name} stands highest on {floor}; move it down if it must.")
