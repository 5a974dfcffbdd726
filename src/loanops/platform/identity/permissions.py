"""Grants of identity."""

MANAGE = "identity.manage"
VIEW = "identity.view"
