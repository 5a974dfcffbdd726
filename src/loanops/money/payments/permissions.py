"""Grants of payments."""

RECEIVE = "payments.receive"
SEND_DEBITS = "payments.send_debits"
VIEW = "payments.view"
