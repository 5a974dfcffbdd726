"""Random corruptions of single rows, and how many of them ``verify`` names.

``python -m tests.corrupting SEED COUNT`` works on the installation of its process: each corruption
changes one column of one row, deletes a row or adds a copy of one, is checked, and is rolled back.
What the database itself refuses is drawn again: nobody can do it. The same seed on the same book
draws the same corruptions.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from loanops.config import startup
from loanops.platform.audit import Check

ROOMS: Final = ("servicing", "ledger", "payments", "limits")
TRIES_MAX: Final = 400

EXCLUDED: Final = {
    "id": "a surrogate that nothing refers to but keys, which the database holds",
    "reason": "words of people or of banks",
    "note": "words of people",
    "name": "the name of a file as somebody called it",
    "file": "the name of a file as somebody called it",
    "partner_reference": "a number of the other party, which we cannot know",
    "problem": "words of the other party",
    "by": "who it was: the audit's chain holds it",
}
"""Columns that mean nothing to a rule, by their name or its end, each with why."""


@dataclass(frozen=True)
class Corruption:
    """One change of one row: how, of which table, row and column, from what to what."""

    how: str
    model: type[models.Model]
    pk: Any
    column: str = ""
    was: Any = None
    value: Any = None

    def __str__(self) -> str:
        """The corruption in words."""
        place = f"{self.model._meta.db_table} {self.pk}"
        if self.how != "change":
            return f"{self.how} {place}"
        return f"change {place} {self.column}: {self.was!r:.60} to {self.value!r:.60}"

    def make(self) -> None:
        """Do it, past every door of the house."""
        rows = self.model._base_manager.filter(pk=self.pk)
        if self.how == "change":
            rows.update(**{self.column: self.value})
        elif self.how == "delete":
            rows._raw_delete(rows.db)
        else:
            row = rows.get()
            row.pk = None
            row.save(force_insert=True)
        connection.check_constraints()


def is_excluded(field: models.Field[Any, Any]) -> bool:
    """Whether a column means nothing to a rule; the reasons stand in ``EXCLUDED``."""
    if isinstance(field, models.ForeignKey):
        return False
    return field.name in EXCLUDED or field.name.endswith(tuple(f"_{n}" for n in EXCLUDED))


def draws(chance: random.Random) -> Iterator[Corruption]:
    """Corruptions without end: a table, then a row of it, then what befalls it."""
    held = [
        (model, sorted(model._base_manager.values_list("pk", flat=True), key=str))
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
    ]
    filled = [(model, pks) for model, pks in held if pks]
    while True:
        model, pks = chance.choice(filled)
        pk = chance.choice(pks)
        how = chance.choices(("change", "delete", "copy"), (8, 1, 1))[0]
        if how != "change":
            yield Corruption(how, model, pk)
            continue
        fields = [f for f in model._meta.concrete_fields if not f.primary_key]
        field = chance.choice([f for f in fields if not is_excluded(f)])
        was = model._base_manager.values_list(field.attname, flat=True).get(pk=pk)
        value = another(chance, model, field, was)
        if value != was:
            yield Corruption("change", model, pk, field.attname, was, value)


def another(
    chance: random.Random, model: type[models.Model], field: models.Field[Any, Any], was: Any
) -> Any:
    """Another value of a column, as a slip of a hand or of a disk would leave it."""
    if field.null and was is not None and chance.random() < 0.2:
        return None
    if isinstance(field, models.BooleanField):
        return not was
    if isinstance(field, models.DateTimeField):
        return (was or datetime.now().astimezone()) + timedelta(seconds=chance.randint(1, 10**6))
    if isinstance(field, models.DateField):
        return (was or date(2026, 11, 2)) + timedelta(days=chance.choice((-31, -1, 1, 2, 40)))
    if isinstance(field, models.ForeignKey):
        others = field.related_model._base_manager.exclude(pk=was)  # type: ignore[union-attr]
        keys = sorted(others.values_list("pk", flat=True), key=str)
        return chance.choice(keys) if keys else was
    if isinstance(field, models.IntegerField):
        return (was or 0) + chance.choice((-1, 1, 1, 100, -100, 12_345, -(was or 0)))
    known = model._base_manager.exclude(**{field.attname: was})
    others = sorted({str(v) for v in known.values_list(field.attname, flat=True)[:200]})
    if others and len(others) < 30 and not isinstance(field, models.TextField):
        return chance.choice(others)
    return scratched(chance, was or "")


def scratched(chance: random.Random, text: str) -> str:
    """Text with one character changed: a digit stays a digit."""
    if not text:
        return "X"
    digits = [place for place, each in enumerate(text) if each.isdigit()]
    place = chance.choice(digits or range(len(text)))
    new = str((int(text[place]) + 1) % 10) if digits else "~"
    return text[:place] + new + text[place + 1 :]


def named_by(checks: list[Check], before: set[tuple[str, str, str]]) -> str:
    """The first violation that was not there before; empty where nothing is named.

    A check that breaks names no row: another has to.
    """
    broke = ""
    for check in checks:
        try:
            for found in check.find():
                if (found.code, found.object, found.found) not in before:
                    return f"{found.code} {found.object}"
        except Exception as broken:
            broke = f"! {check.find.__name__} broke: {type(broken).__name__}"
    return broke


def corrupt(seed: int, count: int) -> dict[str, Any]:
    """Make so many corruptions one after the other; what was named, and what was not."""
    from loanops.config import wiring

    chance = random.Random(seed)
    checks = wiring.invariants()
    before = {(f.code, f.object, f.found) for check in checks for f in check.find()}
    named, refused, silent = 0, 0, []
    for corruption in draws(chance):
        if named + len(silent) == count or refused > count * TRIES_MAX:
            break
        with transaction.atomic():
            try:
                with transaction.atomic():
                    corruption.make()
                found = named_by(checks, before)
            except DatabaseError:
                refused, found = refused + 1, "refused"
            transaction.set_rollback(True)
        if found == "refused":
            continue
        if found and not found.startswith("!"):
            named += 1
        else:
            silent.append(f"{corruption} {found}".strip())
    return {
        "seed": seed, "count": named + len(silent), "named": named, "refused": refused,
        "silent": silent,
    }  # fmt: skip


if __name__ == "__main__":
    startup.start()
    json.dump(corrupt(int(sys.argv[1]), int(sys.argv[2])), sys.stdout)
