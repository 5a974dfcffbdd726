"""Grants of the ledger. Posting has none: rooms post inside their own permitted orders."""

VIEW = "ledger.view"
