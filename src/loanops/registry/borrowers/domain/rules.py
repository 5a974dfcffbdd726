"""How often codes are sent and tried, and when a mobile alone proves too little.

A mobile that its owner gives up is given to somebody else after a while: who comes back later than
that proves who they are by the identity number, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

CODE_DIGITS: Final = 6
HOUR: Final = timedelta(hours=1)
KEPT: Final = timedelta(hours=2)
"""For so long a code is kept: it counts for the limits of an hour."""


@dataclass(frozen=True)
class Bounds:
    """How often one-time codes are sent, as the parameters say it."""

    pause_seconds: int
    per_mobile_hour: int
    per_address_hour: int


def wait_seconds(
    bounds: Bounds, *, to_mobile: Sequence[datetime], from_address: int, at: datetime
) -> int:
    """How long until the next code may be sent; zero where it may be sent now.

    ``to_mobile`` are the moments of the last hour's codes to the mobile, oldest first;
    ``from_address`` counts those that its network address asked for.
    """
    waits = [0]
    if to_mobile:
        waits.append(_left(to_mobile[-1] + timedelta(seconds=bounds.pause_seconds), at))
    if len(to_mobile) >= bounds.per_mobile_hour:
        waits.append(_left(to_mobile[-bounds.per_mobile_hour] + HOUR, at))
    if from_address >= bounds.per_address_hour:
        waits.append(bounds.pause_seconds)
    return max(waits)


def _left(until: datetime, at: datetime) -> int:
    return max(0, -int((at - until).total_seconds() // 1))


def slot_of(at: datetime, pause_seconds: int) -> int:
    """The stretch of time in which a mobile is sent one code at most, however many ask at once."""
    return int(at.timestamp()) // pause_seconds


def proves_alone(signed_in_at: datetime | None, *, at: datetime, within_days: int) -> bool:
    """Whether a code to the mobile is enough: it was, not long ago."""
    return signed_in_at is not None and at - signed_in_at < timedelta(days=within_days)
