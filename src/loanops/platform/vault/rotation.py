"""Which columns hold what the vault sealed, and the sealing of them anew under the newest key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps

from loanops.kernel.access import Actor, require
from loanops.platform.db import update_many
from loanops.platform.vault import permissions, seals
from loanops.platform.work import unit_of_work

BATCH = 500


@dataclass(frozen=True)
class Sealed:
    """A column of a room's table that holds ciphertext, empty where there is nothing to seal."""

    model: str
    column: str


def columns() -> list[Sealed]:
    """Every such column: those named ``…_sealed``, and those that a table names in ``SEALED``."""
    return [
        Sealed(model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.name.endswith("_sealed") or field.name in getattr(model, "SEALED", ())
    ]


def add_key(*, actor: Actor, at: datetime) -> str:
    """Add a key that seals from now on, in every process; returns the new reference.

    :raises NotPermitted: the actor may not rotate keys.
    """
    require(actor, permissions.ROTATE)
    with unit_of_work(actor=actor, at=at, book="", on=at.date()) as work:
        reference = seals.append_key()
        work.record("vault.key_added", subject=f"key:{reference}")
    return reference


def reseal(*, column: Sealed, actor: Actor, at: datetime) -> Iterator[int]:
    """Seal a column's older ciphertext under the newest key, batch by batch; yields each count.

    A field that somebody changes meanwhile is left to its change. An interrupted run is begun
    again and does what is left.

    :raises NotPermitted: the actor may not rotate keys.
    """
    require(actor, permissions.ROTATE)
    model = apps.get_model(column.model)
    newest = f"{seals.newest_version()}."
    last = 0
    while True:
        rows = list(
            model._meta.base_manager.filter(pk__gt=last)
            .exclude(**{column.column: ""})
            .exclude(**{f"{column.column}__startswith": newest})
            .order_by("pk")
            .values_list("pk", column.column)[:BATCH]
        )
        if not rows:
            return
        last = rows[-1][0]
        with unit_of_work(actor=actor, at=at, book="", on=at.date()) as work:
            update_many(
                model._meta.db_table,
                ("id", column.column),
                (column.column,),
                [(pk, old, seals.resealed(old)) for pk, old in rows],
            )
            work.record(
                "vault.resealed", subject=f"{model._meta.db_table}.{column.column}", count=len(rows)
            )
        yield len(rows)
