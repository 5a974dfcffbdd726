"""The document template in force: its layout and its words, versioned by their hash."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from loanops.origination.contracts.domain.refusals import TemplateChanged
from loanops.origination.contracts.domain.witness import digest

FOLDER: Final = Path(__file__).resolve().parents[1] / "data" / "templates"
CURRENT: Final = "loan-5"


@dataclass(frozen=True)
class Template:
    """Words (TOML) set in a layout (typst); ``version`` is ``name@hash`` over both."""

    name: str
    version: str
    layout: str
    words: dict[str, Any]


@cache
def read_layout(name: str) -> str:
    """A layout by its name; papers of other rooms are set in it too."""
    return (FOLDER / f"{name}.typ").read_text(encoding="utf-8")


@cache
def read_template(name: str) -> Template:
    """A template by its name."""
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    words = tomllib.loads(text)
    layout = read_layout(words["layout"])
    version = f"{name}@{digest(f'{text}{layout}')[:16]}"
    return Template(name, version, layout, words)


def current_template() -> Template:
    """The template that contracts are drawn up with today."""
    return read_template(CURRENT)


def template_of(version: str, contract: str) -> Template:
    """The template a contract was drawn up with.

    :raises TemplateChanged: its file is not what it was.
    """
    name = version.partition("@")[0]
    if not (FOLDER / f"{name}.toml").is_file() or read_template(name).version != version:
        raise TemplateChanged(template=name, contract=contract)
    return read_template(name)
