"""Grants of the vault."""

ROTATE = "vault.rotate"
UNMASK = "vault.unmask"
