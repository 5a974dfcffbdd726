"""Origination: from the first request to the payout intent."""
