"""Grants of servicing."""

OPEN = "servicing.open"
REPAY = "servicing.repay"
CLOSE_DAY = "servicing.close_day"
RELEASE = "servicing.release"
VIEW = "servicing.view"
