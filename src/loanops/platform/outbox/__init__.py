"""Outbox (发件箱): events announced in the transaction that made them true, delivered after it.

Owns: Message, Delivery.  Answers: queries.  Obeys: pump.deliver.
Never: delivers before commit, or a later event of a subject before an earlier one.
Read first: pump.py.
"""

from loanops.platform.outbox.event import Announced, Event

__all__ = ["Announced", "Event"]
