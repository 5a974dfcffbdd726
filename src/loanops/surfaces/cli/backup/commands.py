"""The three verbs: backup (hot), restore (verified), upgrade (backup, migrate, verify)."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from loanops import __version__
from loanops.surfaces.cli.backup import archive, database
from loanops.surfaces.cli.framing import boot, emit, hold_home, pending_migrations, stop
from loanops.surfaces.cli.verify import exit_code, report

KEYS = "keys/vault.key"


def applied_migrations() -> dict[str, str]:
    """The newest applied migration of every room."""
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    applied = sorted(MigrationRecorder(connection).applied_migrations())
    return dict(applied)


def fingerprints(path: Path) -> dict[str, str]:
    """The digest of each line of a key file, so that a restore knows the right one: no key."""
    if not path.exists():
        return {}
    lines = [line.split() for line in path.read_text(encoding="ascii").splitlines() if line.strip()]
    return {line[0]: hashlib.sha256(line[1].encode()).hexdigest()[:32] for line in lines}


def make(target: Path | None, *, with_keys: bool) -> tuple[Path, archive.Manifest]:
    """Write an archive of this installation while it runs."""
    from django.conf import settings

    home: Path = settings.HOME
    moment = datetime.now(UTC)
    name = f"loanops-{moment:%Y%m%dT%H%M%SZ}.tar.gz"
    target = target or home / "backups" / name
    target = target / name if target.is_dir() else target
    with tempfile.TemporaryDirectory(prefix="loanops-backup-", dir=home) as scratch:
        folder = Path(scratch)
        members: dict[str, Path] = {}
        for path in archive.files_below(home / "anchors"):
            copied = folder / "anchors" / path.name
            copied.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, copied)
            members[f"anchors/{path.name}"] = copied
        copy = database.copy_out(settings.DATABASES["default"], folder)
        members[copy.name] = copy
        for path in archive.files_below(home / "files"):
            members[str(path.relative_to(home))] = path
        if with_keys and (home / KEYS).exists():
            members[KEYS] = home / KEYS
        about = {
            "version": __version__,
            "made_at": moment.isoformat(),
            "engine": database.engine_of(settings.DATABASES["default"]),
            "migrations": applied_migrations(),
            "keys": fingerprints(home / KEYS),
        }
        return target, archive.write(target, members, about)


@click.command()
@click.option("--to", type=click.Path(path_type=Path), help="A folder or a file name.")
@click.option("--with-keys", is_flag=True, help="Put the vault keys in too; then guard the file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def backup(to: Path | None, with_keys: bool, as_json: bool) -> None:
    """Write one archive of database, files and anchors while LoanOps runs.

    The vault keys stay where they are and only their fingerprints go in: keep a copy of
    keys/vault.key apart, or use --with-keys.
    """
    boot()
    try:
        target, manifest = make(to, with_keys=with_keys)
    except (OSError, sqlite3.Error) as fault:
        stop(f"The backup failed and left nothing behind: {fault}.")
    size = target.stat().st_size
    if as_json:
        emit({"archive": str(target), "bytes": size, "members": len(manifest.members)})
    else:
        click.echo(f"{target}: {len(manifest.members)} members, {size:,} bytes")


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace what is in the database now.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def restore(source: Path, force: bool, as_json: bool) -> None:
    """Put the archive SOURCE back into this installation and verify every invariant.

    Stop `serve` and every worker first. Exit 2 when something does not fit or verify.
    """
    boot()
    from django.conf import settings
    from django.db import connection

    here = settings.DATABASES["default"]
    home: Path = settings.HOME
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    hold_home(home, alone=True)
    with tempfile.TemporaryDirectory(prefix="loanops-restore-", dir=home) as scratch:
        folder = Path(scratch)
        try:
            manifest = archive.unpack(source, folder)
        except archive.BadArchive as fault:
            stop(f"{fault}; nothing was changed.")
        refuse_misfits(manifest, folder, home, here, force=force)
        connection.close()
        database.put_back(here, folder, stamp=stamp)
        put_files_back(folder, home, stamp=stamp)
    result = report() if not pending_migrations() else None
    finish(source, manifest, result, as_json=as_json)


def refuse_misfits(
    manifest: archive.Manifest, folder: Path, home: Path, here: dict[str, Any], *, force: bool
) -> None:
    """End with one sentence if this archive cannot be put back here."""
    engine = database.engine_of(here)
    if manifest.engine != engine:
        wanted = "unset DATABASE_URL" if manifest.engine == "sqlite" else "set DATABASE_URL"
        stop(f"This backup holds a {manifest.engine} database, not {engine}; {wanted} first.")
    unknown = unknown_migrations(manifest.migrations)
    if unknown:
        stop(f"This backup is of a newer version ({unknown[0]}); install {manifest.version}.")
    key_file = folder / KEYS if (folder / KEYS).exists() else home / KEYS
    held = fingerprints(key_file)
    if any(held.get(version) != print_ for version, print_ in manifest.keys.items()):
        stop(
            f"The vault keys of this backup are not in {home / KEYS}; "
            "copy the key file of the installation it was made on there first."
        )
    if not force and not database.is_empty(here):
        stop("This database is not empty; add --force to replace it (SQLite sets it aside).")


def unknown_migrations(applied: dict[str, str]) -> list[str]:
    """Migrations that the archive has and this version does not."""
    from django.db.migrations.loader import MigrationLoader

    known = MigrationLoader(None).disk_migrations
    return [f"{app}.{name}" for app, name in applied.items() if (app, name) not in known]


def put_files_back(folder: Path, home: Path, *, stamp: str) -> None:
    """Files, anchors and (if they came along) keys; what was there is set aside."""
    if (folder / KEYS).exists():
        (home / "keys").mkdir(mode=0o700, exist_ok=True)
        if (home / KEYS).exists():
            (home / KEYS).rename(home / f"{KEYS}.before-{stamp}")
        shutil.copyfile(folder / KEYS, home / KEYS)
        (home / KEYS).chmod(0o600)
    for name in ("files", "anchors"):
        if (home / name).exists():
            (home / name).rename(home / f"{name}.before-{stamp}")
        if (folder / name).exists():
            shutil.move(folder / name, home / name)


def finish(
    source: Path, manifest: archive.Manifest, result: dict[str, Any] | None, *, as_json: bool
) -> None:
    """Say what was restored and whether it verifies."""
    summary = {
        "restored": source.name,
        "made_at": manifest.made_at,
        "version": manifest.version,
        "verified": result is not None and result["ok"],
        "violations": result["violations"] if result else [],
    }
    if as_json:
        emit(summary)
    else:
        click.echo(f"Restored {source.name} of {manifest.made_at}.")
        if result is None:
            click.echo("The database is older than this version: run ./loanops upgrade next.")
        else:
            words = "verify is clean" if result["ok"] else "verify found violations:"
            click.echo(f"{result['checks']} checks: {words}")
        for row in summary["violations"]:
            click.echo(f"{row['code']} {row['object']}: {row['found']}")
    sys.exit(exit_code(result) if result else 0)


@click.command()
@click.option("--no-backup", is_flag=True, help="Only where a backup was made by other means.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def upgrade(no_backup: bool, as_json: bool) -> None:
    """Bring the database to this version: back up, migrate, verify.

    If a step fails, the sentence that is printed names the backup to restore.
    """
    boot()
    from django.conf import settings
    from django.core.management import call_command

    made = ""
    if not no_backup and not database.is_empty(settings.DATABASES["default"]):
        try:
            target, _ = make(None, with_keys=False)
        except (OSError, sqlite3.Error) as fault:
            stop(f"The backup before upgrading failed, so nothing was changed: {fault}.")
        made = str(target)
        click.echo(f"Backed up to {made}", err=True)
    way_back = f" The way back: ./loanops restore --force {made}" if made else ""
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except Exception as fault:
        stop(f"Migrating failed: {fault}.{way_back}")
    result = report()
    if as_json:
        emit({"backup": made, "verified": result["ok"], "violations": result["violations"]})
    else:
        click.echo(f"Upgraded to {__version__}; {result['checks']} checks.")
        for row in result["violations"]:
            click.echo(f"{row['code']} {row['object']}: {row['found']}.{way_back}")
    sys.exit(exit_code(result))
