"""Open carrier: a carrier of short messages that speaks the open carrier protocol.

Satisfies: registry.contacts.ports.Carrier (docs/reference/carrier-protocol.md).
Needs: a folder with the introduction that the carrier gave us (address, account, secret).
Never: turns doubt into failure; sends over plain HTTP to another machine; logs a body.
Read first: carrier.py, then signing.py.
"""

from loanops.adapters.open_carrier.carrier import OpenCarrier

__all__ = ["OpenCarrier"]
