"""Grants of servicing."""

OPEN = "servicing.open"
REPAY = "servicing.repay"
CLOSE_DAY = "servicing.close_day"
RELEASE = "servicing.release"
CLASSIFY = "servicing.classify"
PAUSE = "servicing.pause"
VIEW = "servicing.view"
