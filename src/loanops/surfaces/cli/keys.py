"""`loanops keys`: the keys that seal personal fields."""

from __future__ import annotations

import click

from loanops.surfaces.cli.framing import boot, emit, progress, refuse_old_database


@click.group()
def keys() -> None:
    """The keys that seal personal fields; they lie in keys/vault.key of the home."""


@keys.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def show(as_json: bool) -> None:
    """Print the fingerprint of each key; the last one seals."""
    boot()
    from loanops.platform.vault import seals

    references = seals.key_references()
    if as_json:
        emit({"file": str(seals.key_path()), "keys": references})
        return
    click.echo(str(seals.key_path()))
    for reference in references:
        click.echo(f"  {reference}")


@keys.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def rotate(as_json: bool) -> None:
    """Add a key and seal every older field under it, while LoanOps runs.

    Copy keys/vault.key apart afterwards: backups made from now on need the new key too.
    """
    boot()
    refuse_old_database()
    from loanops.kernel.access import Actor
    from loanops.platform.vault import rotation
    from loanops.platform.web.clock import now

    reference = rotation.add_key(actor=Actor.house("keys"), at=now())
    _said(reference, _complete(), as_json=as_json)


@keys.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def complete(as_json: bool) -> None:
    """Seal what is left of older fields, after an interrupted rotation."""
    boot()
    refuse_old_database()
    from loanops.platform.vault import seals

    _said(seals.key_reference(), _complete(), as_json=as_json)


def _complete() -> int:
    from loanops.kernel.access import Actor
    from loanops.platform.vault import rotation
    from loanops.platform.web.clock import now

    actor, done = Actor.house("keys"), 0
    with progress(rotation.columns(), label="keys") as bar:
        for column in bar:
            done += sum(rotation.reseal(column=column, actor=actor, at=now()))
    return done


def _said(reference: str, done: int, *, as_json: bool) -> None:
    if as_json:
        emit({"key": reference, "resealed": done})
        return
    click.echo(f"{done} fields are sealed under the key {reference}.")
    click.echo("Copy keys/vault.key to its safe place now.")
