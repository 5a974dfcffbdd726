"""`loanops config`: the typed settings in force, secrets masked."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

import click
from pydantic import SecretStr, ValidationError

from loanops.surfaces.cli import framing


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def config(as_json: bool) -> None:
    """Print every setting, its value, where it comes from and what it is for."""
    try:
        environment = framing.config("environment").Environment()
    except (ValidationError, ValueError) as fault:
        errors = fault.errors() if isinstance(fault, ValidationError) else ()
        framing.stop("\n".join(framing.said_of(error) for error in errors) or str(fault))
    rows = [row_of(environment, name) for name in type(environment).model_fields]
    unsafe = environment.refuse_unsafe()
    if as_json:
        framing.emit({"settings": rows, "unsafe": unsafe})
    else:
        width = max(len(row["variable"]) for row in rows)
        for row in rows:
            click.echo(f"{row['variable']:<{width}}  {row['value'] or '-'}  ({row['from']})")
            click.echo(f"{'':<{width}}  {row['meaning']}")
        for sentence in unsafe:
            click.echo(sentence, err=True)
    if unsafe:
        raise SystemExit(2)


def row_of(environment: Any, name: str) -> dict[str, str]:
    """One setting as it is shown."""
    field = type(environment).model_fields[name]
    variable = str(field.validation_alias or f"LOANOPS_{name.upper()}")
    return {
        "variable": variable,
        "value": shown(getattr(environment, name)),
        "from": "environment" if variable in os.environ else "default",
        "meaning": field.description or "",
    }


def shown(value: object) -> str:
    """A value without its secrets: keys whole, addresses without their password."""
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return "********" if value.get_secret_value() else ""
    text = str(value)
    if "://" in text:
        parts = urlsplit(text)
        if parts.password:
            return text.replace(f":{parts.password}@", ":********@")
    return text
