"""Grants of limits. Reserving and using is the house's own work."""

VIEW = "limits.view"
SET = "limits.set"
HOLD = "limits.hold"
