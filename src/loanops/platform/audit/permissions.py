"""Grants of the audit."""

SEAL = "audit.seal"
VIEW = "audit.view"
