"""Open bank: a funder that speaks the open funder protocol (docs/reference/funder-protocol.md).

Satisfies: routing.ports.FunderGateway (and the debit files of money.payments.ports).
Needs: a folder with our identity (private key) and the introductions that funders gave us.
Never: turns doubt into failure; sends over plain HTTP to another machine; logs a body.
Read first: gateway.py, then signing.py.
"""

from loanops.adapters.open_bank.gateway import OpenBank

__all__ = ["OpenBank"]
