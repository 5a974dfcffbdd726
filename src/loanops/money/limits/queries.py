"""Questions to limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from loanops.kernel.access import Viewer, require
from loanops.money.limits import permissions
from loanops.money.limits.domain.lifecycle import TAKING, HoldState, Period
from loanops.money.limits.models import Bucket, Hold, Quota

_TAKING = [state.value for state in TAKING]
_CHUNK = 5_000


@dataclass(frozen=True)
class QuotaCard:
    """A ceiling with what is taken of it in the period of one day."""

    book: str
    owner: str
    kind: str
    period: str
    limit_minor: int
    reserved_minor: int
    used_minor: int
    frozen_reason: str
    version: int

    @property
    def left_minor(self) -> int:
        """What can still be reserved, were it not frozen."""
        return self.limit_minor - self.reserved_minor - self.used_minor


@dataclass(frozen=True)
class HoldCard:
    """One key's take from one ceiling."""

    owner: str
    kind: str
    key: str
    amount_minor: int
    state: str
    reserved_on: date


def slot_of(period: str, on: date) -> str:
    """The name of the bucket that a business day falls into."""
    return on.isoformat() if period == Period.DAY.value else Period.TOTAL.value


def list_quotas(
    *, book: str, on: date, owners: Iterable[str] | None = None, viewer: Viewer
) -> list[QuotaCard]:
    """The ceilings of a book (of some owners) as they stand on a business day.

    :raises NotPermitted: the viewer may not read limits.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        return []
    rows = Quota.objects.filter(book_id=book).order_by("owner", "kind")
    if owners is not None:
        rows = rows.filter(owner__in=sorted(set(owners)))
    quotas = [row for row in rows if _sees(row.owner, viewer)]
    buckets = {
        (bucket.quota_id, bucket.slot): bucket
        for bucket in Bucket.objects.filter(
            quota__in=quotas, slot__in=[Period.TOTAL.value, on.isoformat()]
        )
    }
    return [_card(row, buckets.get((row.pk, slot_of(row.period, on)))) for row in quotas]


def _sees(owner: str, viewer: Viewer) -> bool:
    """A funder's ceilings are seen by who sees the funder: ``funder:code`` or ``…/agreement``."""
    kind, _, code = owner.partition(":")
    return kind != "funder" or viewer.sees_funder(code.partition("/")[0])


def _card(row: Quota, bucket: Bucket | None) -> QuotaCard:
    return QuotaCard(
        book=row.book_id,
        owner=row.owner,
        kind=row.kind,
        period=row.period,
        limit_minor=row.limit_minor,
        reserved_minor=bucket.reserved_minor if bucket else 0,
        used_minor=bucket.used_minor if bucket else 0,
        frozen_reason=row.frozen_reason,
        version=row.version,
    )


def headroom_of(*, book: str, owners: Iterable[str], on: date) -> dict[str, int]:
    """What each owner can still take on a day under its tightest ceiling; frozen means nothing.

    Owners without a ceiling are not in the answer.
    """
    found: dict[str, int] = {}
    for card in list_quotas(book=book, on=on, owners=owners, viewer=Viewer.house("limits")):
        left = 0 if card.frozen_reason else card.left_minor
        found[card.owner] = min(left, found.get(card.owner, left))
    return found


def states_of(*, owner: str, keys: Iterable[str]) -> dict[str, str]:
    """How the holds of an owner stand, by key; keys without one are not in the answer."""
    wanted = sorted(set(keys))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), _CHUNK):
        rows = Hold.objects.filter(owner=owner, key__in=wanted[start : start + _CHUNK])
        found |= dict(rows.values_list("key", "state"))
    return found


def holds_of_kind(kind: str) -> Iterator[tuple[str, str, int, str]]:
    """Owner, key, amount and state of every hold under ceilings of a kind; for checks."""
    rows = Hold.objects.filter(bucket__quota__kind=kind).order_by("key")
    yield from rows.values_list("owner", "key", "amount_minor", "state").iterator()


def all_holds(*, but: str) -> Iterator[tuple[str, str, str, int, date]]:
    """Book, owner, key, amount and day of every hold, once in all its ceilings; for checks.

    Those under ceilings of the kind ``but`` are left out.
    """
    rows = Hold.objects.exclude(bucket__quota__kind=but).values_list(
        "bucket__quota__book_id", "owner", "key", "amount_minor", "reserved_on"
    )
    yield from rows.order_by("key").distinct().iterator()


def list_holds(*, book: str, owner: str, viewer: Viewer, limit: int = 100) -> list[HoldCard]:
    """The newest holds of an owner that count against its ceilings.

    :raises NotPermitted: the viewer may not read limits.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book) or not _sees(owner, viewer):
        return []
    rows = Hold.objects.filter(
        bucket__quota__book_id=book, owner=owner, state__in=_TAKING
    ).select_related("bucket__quota")
    return [
        HoldCard(
            owner=row.owner,
            kind=row.bucket.quota.kind,
            key=row.key,
            amount_minor=row.amount_minor,
            state=row.state,
            reserved_on=row.reserved_on,
        )
        for row in rows.order_by("-id")[:limit]
    ]


__all__ = [
    "HoldCard",
    "HoldState",
    "Period",
    "QuotaCard",
    "headroom_of",
    "holds_of_kind",
    "list_holds",
    "list_quotas",
    "slot_of",
    "states_of",
]
