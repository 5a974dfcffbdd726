"""Laws of migrations: one line per room, a way back, and nothing left unwritten."""

from __future__ import annotations

import io

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython, RunSQL


def ours() -> set[str]:
    return {config.label for config in apps.get_app_configs() if config.name.startswith("loanops.")}


def test_every_room_has_one_line_of_migrations() -> None:
    loader = MigrationLoader(None)

    forked = {app: loader.graph.leaf_nodes(app) for app in ours()}

    assert {app: leaves for app, leaves in forked.items() if len(leaves) != 1} == {}


def test_every_migration_has_a_way_back() -> None:
    loader = MigrationLoader(None)

    one_way = [
        f"{app}.{name}"
        for (app, name), migration in loader.disk_migrations.items()
        if app in ours()
        for operation in migration.operations
        if isinstance(operation, RunPython | RunSQL) and not operation.reversible
    ]

    assert not one_way


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    said = io.StringIO()

    call_command("makemigrations", check=True, dry_run=True, stdout=said, verbosity=1)

    assert "No changes detected" in said.getvalue()
