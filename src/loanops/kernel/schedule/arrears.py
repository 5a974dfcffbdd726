"""Arrears: unpaid principal moved to instalments to come, without interest of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from loanops.kernel.calendar import Frequency, step
from loanops.kernel.money import Rounding, to_multiple


@dataclass(frozen=True, slots=True)
class PrincipalDue:
    """Principal due on a day, and what of it is paid."""

    due_date: date
    principal_minor: int
    paid_minor: int = 0

    @property
    def open_minor(self) -> int:
        """What is unpaid."""
        return self.principal_minor - self.paid_minor


def re_amortise(
    instalments: Sequence[PrincipalDue],
    on: date,
    *,
    multiple_minor: int = 1,
    rounding: Rounding = Rounding.HALF_EVEN,
) -> list[PrincipalDue]:
    """Unpaid principal due by the day, spread evenly over the later instalments."""
    moved_minor = sum(item.open_minor for item in instalments if item.due_date <= on)
    later = [item for item in instalments if item.due_date > on]
    shares = _even(moved_minor, len(later), multiple_minor, rounding)
    past = [_closed(item) for item in instalments if item.due_date <= on]
    ahead = [
        replace(item, principal_minor=item.principal_minor + share_minor)
        for item, share_minor in zip(later, shares, strict=True)
    ]
    return past + ahead


def re_age(
    instalments: Sequence[PrincipalDue],
    *,
    first_due: date,
    count: int,
    frequency: Frequency,
    multiple_minor: int = 1,
    rounding: Rounding = Rounding.HALF_EVEN,
) -> list[PrincipalDue]:
    """All unpaid principal on new equal instalments; of the old ones only what was paid stays."""
    moved_minor = sum(item.open_minor for item in instalments)
    shares = _even(moved_minor, count, multiple_minor, rounding)
    new = [
        PrincipalDue(step(first_due, place, frequency), share_minor)
        for place, share_minor in enumerate(shares)
    ]
    return [_closed(item) for item in instalments] + new


def _closed(item: PrincipalDue) -> PrincipalDue:
    return replace(item, principal_minor=item.paid_minor)


def _even(total_minor: int, count: int, multiple_minor: int, rounding: Rounding) -> list[int]:
    """Equal shares rounded to the multiple; the last takes what is left."""
    if count == 0:
        return []
    each_minor = to_multiple(Fraction(total_minor, count), multiple_minor, rounding)
    each_minor = min(each_minor, total_minor // max(count - 1, 1))
    return [each_minor] * (count - 1) + [total_minor - each_minor * (count - 1)]
