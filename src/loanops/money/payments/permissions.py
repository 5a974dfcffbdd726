"""Grants of payments."""

RECEIVE = "payments.receive"
SEND_DEBITS = "payments.send_debits"
SET_POLICY = "payments.set_policy"
VIEW = "payments.view"
