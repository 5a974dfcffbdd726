"""Backup, restore and upgrade: one archive that proves itself, and the way back from it."""

from loanops.surfaces.cli.backup.commands import backup, restore, upgrade

__all__ = ["backup", "restore", "upgrade"]
