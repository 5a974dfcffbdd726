"""Grants of compliance."""

VIEW = "compliance.view"
CONSENT = "compliance.consent"
DECIDE = "compliance.decide"
SET_RATE = "compliance.set_rate"
