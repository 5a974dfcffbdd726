"""Grants of the books."""

OPEN = "books.open"
CLOSE_DAY = "books.close_day"
VIEW = "books.view"
