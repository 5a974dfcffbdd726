"""Standing: how a loan stands at the end of a day, in the figures that people ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from loanops.kernel.account import AccountState
from loanops.kernel.aging import bucket_name


@dataclass(frozen=True)
class AsOfCard:
    """A loan on a past day, recalculated now or (with ``known_at``) as known then.

    ``dpd`` are the true days past due, ``counted_dpd`` those that count for the bucket.
    ``is_here`` is false before the loan was paid out, or brought in from another system.
    """

    number: str
    on: date
    known_at: datetime | None
    outstanding_minor: int
    owed_minor: int
    overdue_minor: int
    penalty_minor: int
    accrued_interest_minor: int
    credit_minor: int
    dpd: int
    counted_dpd: int
    bucket_name: str
    is_settled: bool
    is_here: bool


def past_card(number: str, account: AccountState, known_at: datetime | None = None) -> AsOfCard:
    """The figures of an account on its day."""
    return AsOfCard(
        number=number,
        on=account.on,
        known_at=known_at,
        outstanding_minor=account.principal_outstanding_minor,
        owed_minor=account.owed.total_minor,
        overdue_minor=account.overdue.total_minor,
        penalty_minor=account.owed.penalty_minor,
        accrued_interest_minor=account.accrued_interest_minor,
        credit_minor=account.unapplied_minor,
        dpd=account.dpd,
        counted_dpd=account.counted_dpd,
        bucket_name=bucket_name(account.bucket),
        is_settled=account.is_settled,
        is_here=bool(account.instalments),
    )
