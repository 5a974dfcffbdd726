"""Every runtime parameter: its default, its unit, what it is for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Definition:
    """One parameter that may be changed while the system runs; values are whole numbers."""

    default: int
    minimum: int
    maximum: int
    unit: str
    meaning: str


CATALOGUE: dict[str, Definition] = {
    "routing.query_interval_seconds": Definition(
        30, 1, 3600, "seconds", "how long to wait before an unknown payout is queried again"
    ),
    "routing.unknown_bound_minutes": Definition(
        60, 1, 10_080, "minutes", "after which an unknown payout must have an open exception"
    ),
    "routing.resend_after_seconds": Definition(
        120, 1, 86_400, "seconds", "how long a funder must not find a serial before it is resent"
    ),
    "servicing.waive_alone_max_minor": Definition(
        10_000, 0, 100_000_000, "minor units", "up to how much one person alone may waive"
    ),
    "contracts.offer_valid_days": Definition(7, 1, 90, "days", "how long an offer can be accepted"),
    "api.requests_per_minute": Definition(
        6_000, 1, 1_000_000, "requests", "how many requests a minute one API key may send"
    ),
    "team.day_opens_minute": Definition(
        540, 0, 1_438, "minutes", "after midnight, when the working hours of a day begin"
    ),
    "team.day_closes_minute": Definition(
        1_080, 1, 1_439, "minutes", "after midnight, when the working hours of a day end"
    ),
    "borrowers.code_valid_minutes": Definition(
        5, 1, 10, "minutes", "how long a borrower's one-time code can be used"
    ),
    "borrowers.code_tries": Definition(
        5, 1, 5, "tries", "after how many wrong tries a one-time code is dead"
    ),
    "borrowers.code_pause_seconds": Definition(
        60, 10, 600, "seconds", "how long a mobile waits for another one-time code"
    ),
    "borrowers.codes_per_mobile_hour": Definition(
        5, 1, 20, "codes", "how many one-time codes an hour one mobile is sent"
    ),
    "borrowers.codes_per_address_hour": Definition(
        60, 1, 100_000, "codes", "how many one-time codes an hour one network address may ask for"
    ),
    "borrowers.session_hours": Definition(
        12, 1, 168, "hours", "how long a borrower stays signed in"
    ),
    "borrowers.prove_again_days": Definition(
        90, 1, 3_650, "days", "after which a mobile alone no longer opens a borrower's loans"
    ),
    "borrowers.claims_per_day": Definition(
        5, 1, 20, "tries", "how often a day an identity number may be tried that does not fit"
    ),
    "outbox.pending_bound_minutes": Definition(
        30, 1, 1440, "minutes", "after which an undelivered event is a violation"
    ),
}
