"""Grants of the partner register."""

VIEW = "partners.view"
REGISTER = "partners.register"
SIGN = "partners.sign"
WHITELIST = "partners.whitelist"
SUSPEND = "partners.suspend"
