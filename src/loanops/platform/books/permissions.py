"""Grants of the books."""

OPEN = "books.open"
VIEW = "books.view"
