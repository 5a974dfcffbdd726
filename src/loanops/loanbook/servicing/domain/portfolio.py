"""Portfolio: figures of a book from principal by pool, bucket and class.

Definitions, which stand beside the numbers wherever they are shown: outstanding is unpaid
principal, what is written off left out; the portfolio at risk beyond N days (PAR N) is the whole
outstanding principal of loans more than N days past due (PAR 1: one day or more); non-performing
is substandard, doubtful and loss; coverage is provision to non-performing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

from loanops.kernel.aging import BUCKET_DAYS, BUCKET_LAST
from loanops.loanbook.servicing.domain.classing import NON_PERFORMING, ORDER

AT_RISK: Final = {1: 1, 30: 2, 60: 3, 90: 4}
"""Days past due of each PAR with the first bucket that lies beyond them."""

_PLACES: Final = Decimal("0.000001")


class Kept(NamedTuple):
    """Principal of one class of a pool and what is provided for it."""

    outstanding_minor: int = 0
    provision_minor: int = 0


@dataclass(slots=True)
class Cells:
    """Principal by pool and bucket, and by pool and class; no classes where none were kept."""

    buckets: dict[tuple[int, int], int] = field(default_factory=dict)
    classes: dict[tuple[int, int], Kept] | None = None

    def move(self, pool: int, bucket: int, outstanding_minor: int) -> None:
        """Add to a bucket; a negative amount takes away."""
        key = (pool, bucket)
        self.buckets[key] = self.buckets.get(key, 0) + outstanding_minor

    def reclass(self, pool: int, tier: int, outstanding_minor: int) -> None:
        """Add to a class; its provision is counted anew afterwards."""
        if self.classes is not None:
            was = self.classes.get((pool, tier), Kept())
            added_minor = was.outstanding_minor + outstanding_minor
            self.classes[(pool, tier)] = was._replace(outstanding_minor=added_minor)

    def of(self, pools: Iterable[int]) -> Cells:
        """Those of some pools alone."""
        wanted = frozenset(pools)
        classes = self.classes
        return Cells(
            {key: minor for key, minor in self.buckets.items() if key[0] in wanted},
            None
            if classes is None
            else {key: kept for key, kept in classes.items() if key[0] in wanted},
        )

    @property
    def outstanding_minor(self) -> int:
        """Principal in all."""
        return sum(self.buckets.values())

    def in_bucket(self, bucket: int) -> int:
        """Principal of one bucket."""
        return sum(minor for (_, number), minor in self.buckets.items() if number == bucket)

    def at_risk(self, days: int) -> int:
        """Principal of loans that are past due beyond so many days; one of ``AT_RISK``."""
        return sum(self.in_bucket(number) for number in range(AT_RISK[days], BUCKET_LAST + 1))

    def in_class(self, tier: int) -> Kept:
        """Principal and provision of one class."""
        found = [kept for (_, each), kept in (self.classes or {}).items() if each == tier]
        return Kept(
            sum(kept.outstanding_minor for kept in found),
            sum(kept.provision_minor for kept in found),
        )

    @property
    def non_performing_minor(self) -> int:
        """Principal of the three lowest classes."""
        return sum(self.in_class(tier).outstanding_minor for tier in NON_PERFORMING)

    @property
    def provision_minor(self) -> int:
        """What is provided for, all classes together."""
        return sum(self.in_class(tier).provision_minor for tier in range(len(ORDER)))


def share(part_minor: int, whole_minor: int) -> Decimal | None:
    """A part of a whole to six places; none of nothing."""
    if not whole_minor:
        return None
    return (Decimal(part_minor) / whole_minor).quantize(_PLACES, ROUND_HALF_UP)


def bucket_days(bucket: int) -> tuple[int, int | None]:
    """The first and the last day past due of a bucket; the last bucket has no end."""
    if bucket == 0:
        return 0, 0
    first = BUCKET_DAYS * (bucket - 1) + 1
    return first, None if bucket == BUCKET_LAST else BUCKET_DAYS * bucket


def pool_and_bucket(dimension: str) -> tuple[str, int] | None:
    """The pool and the bucket of an account of principal; none where it is written off."""
    pool, _, number = dimension.rpartition("/M")
    if not number.isdecimal() or int(number) > BUCKET_LAST:
        return None
    return pool, int(number)


def by_pool(balances: Mapping[str, int]) -> dict[str, int]:
    """Principal that is not written off, by pool, from balances by dimension."""
    totals: dict[str, int] = {}
    for dimension, minor in balances.items():
        found = pool_and_bucket(dimension)
        if found is not None:
            totals[found[0]] = totals.get(found[0], 0) + minor
    return totals
