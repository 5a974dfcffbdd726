"""Grants of the vault."""

UNMASK = "vault.unmask"
