"""What may follow what: an attempt at a funder, a signing on its page, a payout. Three tables.

Unknown is a state of its own in each: only a later answer of the funder leads out of it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from loanops.kernel.lifecycle import Lifecycle


class AttemptState(StrEnum):
    """How one funder stands to one application."""

    PLANNED = "planned"
    """Written down before the first byte left; the funder may or may not have heard of it."""
    PROCESSING = "processing"
    UNKNOWN = "unknown"
    APPROVED = "approved"
    REFUSED = "refused"
    LAPSED = "lapsed"
    """Approved, and then not taken up: offer, contract or credit ended without a loan."""


class AttemptMove(StrEnum):
    """What an answer does to an attempt."""

    WAIT = "wait"
    DOUBT = "doubt"
    GRANT = "grant"
    REFUSE = "refuse"
    LAPSE = "lapse"


_OPEN_ATTEMPTS: Final = (AttemptState.PLANNED, AttemptState.PROCESSING, AttemptState.UNKNOWN)
ATTEMPTS: Final = Lifecycle(
    {
        **{(state, AttemptMove.WAIT): AttemptState.PROCESSING for state in _OPEN_ATTEMPTS},
        **{(state, AttemptMove.DOUBT): AttemptState.UNKNOWN for state in _OPEN_ATTEMPTS},
        **{(state, AttemptMove.GRANT): AttemptState.APPROVED for state in _OPEN_ATTEMPTS},
        **{(state, AttemptMove.REFUSE): AttemptState.REFUSED for state in _OPEN_ATTEMPTS},
        (AttemptState.APPROVED, AttemptMove.LAPSE): AttemptState.LAPSED,
    },
    start=AttemptState.PLANNED,
)
OPEN_ATTEMPTS: Final = frozenset(_OPEN_ATTEMPTS)
LIVE_ATTEMPTS: Final = OPEN_ATTEMPTS | {AttemptState.APPROVED}
"""While one of these stands, no other funder is asked for the application."""


class SigningState(StrEnum):
    """How a session on a funder's page stands."""

    OPENING = "opening"
    OPEN = "open"
    UNKNOWN = "unknown"
    SIGNED = "signed"
    ENDED = "ended"
    """Declined by the borrower, or expired."""


class SigningMove(StrEnum):
    """What an answer does to a signing."""

    OPEN = "open"
    DOUBT = "doubt"
    SIGN = "sign"
    END = "end"


_OPEN_SIGNINGS: Final = (SigningState.OPENING, SigningState.OPEN, SigningState.UNKNOWN)
SIGNINGS: Final = Lifecycle(
    {
        **{(state, SigningMove.OPEN): SigningState.OPEN for state in _OPEN_SIGNINGS},
        **{(state, SigningMove.DOUBT): SigningState.UNKNOWN for state in _OPEN_SIGNINGS},
        **{(state, SigningMove.SIGN): SigningState.SIGNED for state in _OPEN_SIGNINGS},
        **{(state, SigningMove.END): SigningState.ENDED for state in _OPEN_SIGNINGS},
    },
    start=SigningState.OPENING,
)
OPEN_SIGNINGS: Final = frozenset(_OPEN_SIGNINGS)


class PayoutState(StrEnum):
    """How a payout intent stands."""

    SUBMITTED = "submitted"
    """Committed with its serial before the first byte left."""
    PROCESSING = "processing"
    UNKNOWN = "unknown"
    SUCCESS = "success"
    FAILED = "failed"


class PayoutMove(StrEnum):
    """What an answer does to a payout."""

    WAIT = "wait"
    DOUBT = "doubt"
    PAY = "pay"
    FAIL = "fail"


_OPEN_PAYOUTS: Final = (PayoutState.SUBMITTED, PayoutState.PROCESSING, PayoutState.UNKNOWN)
PAYOUTS: Final = Lifecycle(
    {
        **{(state, PayoutMove.WAIT): PayoutState.PROCESSING for state in _OPEN_PAYOUTS},
        **{(state, PayoutMove.DOUBT): PayoutState.UNKNOWN for state in _OPEN_PAYOUTS},
        **{(state, PayoutMove.PAY): PayoutState.SUCCESS for state in _OPEN_PAYOUTS},
        **{(state, PayoutMove.FAIL): PayoutState.FAILED for state in _OPEN_PAYOUTS},
    },
    start=PayoutState.SUBMITTED,
)
OPEN_PAYOUTS: Final = frozenset(_OPEN_PAYOUTS)
LIVE_PAYOUTS: Final = OPEN_PAYOUTS | {PayoutState.SUCCESS}
"""One contract has at most one payout in one of these; the table guarantees it."""
