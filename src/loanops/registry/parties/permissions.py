"""Grants of the customer file."""

REGISTER = "parties.register"
VIEW = "parties.view"
CHANGE = "parties.change"
DISCLOSE = "parties.disclose"
