"""Ceilings: set, frozen, unfrozen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from loanops.kernel.access import Actor, Viewer, require
from loanops.kernel.refusals import BadField, NotFound
from loanops.money.limits import permissions, queries
from loanops.money.limits.domain.lifecycle import Period
from loanops.money.limits.domain.refusals import LimitBelowTaken
from loanops.money.limits.models import Bucket, Quota
from loanops.money.limits.queries import QuotaCard
from loanops.platform.books import queries as books
from loanops.platform.db import lock, upsert_many
from loanops.platform.work import unit_of_work

_QUOTA = Quota._meta.db_table
_BUCKET = Bucket._meta.db_table


def set_quota(
    *,
    book: str,
    owner: str,
    kind: str,
    period: str,
    limit_minor: int,
    actor: Actor,
    at: datetime,
) -> QuotaCard:
    """Set a ceiling; ``owner`` such as ``funder:jianglan``, ``period`` ``total`` or ``day``.

    :raises NotPermitted: the actor may not set limits.
    :raises BadField: the period is not known, or the limit is below zero.
    :raises LimitBelowTaken: more is taken already.
    """
    require(actor, permissions.SET)
    if period not in {each.value for each in Period}:
        raise BadField(field="period", problem="must be total or day")
    if limit_minor < 0:
        raise BadField(field="limit_minor", problem="must be zero or more")
    on = books.business_date(book)
    with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        quota, _ = Quota.objects.get_or_create(
            book_id=book, owner=owner, kind=kind, defaults={"period": period, "limit_minor": 0}
        )
        lock(_QUOTA, [quota.pk])
        current = Bucket.objects.filter(quota=quota, slot=queries.slot_of(quota.period, on))
        lock(_BUCKET, current.values_list("pk", flat=True))
        taken = max((row.reserved_minor + row.used_minor for row in current), default=0)
        if quota.period != period:
            raise BadField(field="period", problem=f"is {quota.period} and cannot be changed")
        if taken > limit_minor:
            raise LimitBelowTaken(owner=owner, kind=kind, limit=limit_minor, taken=taken)

        current.update(limit_minor=limit_minor)
        Quota.objects.filter(pk=quota.pk).update(limit_minor=limit_minor, version=quota.version + 1)

        work.record("limits.set", subject=owner, kind=kind, period=period, limit_minor=limit_minor)
    return _card(book, owner, kind)


def ensure_quotas_many(
    *,
    book: str,
    owners: Iterable[str],
    kind: str,
    period: str,
    limit_minor: int,
    actor: Actor,
    at: datetime,
) -> int:
    """Give every owner that has none a ceiling of this kind; returns how many are new.

    :raises NotPermitted: the actor may not hold limits.
    """
    require(actor, permissions.HOLD)
    wanted = sorted(set(owners))
    on = books.business_date(book)
    with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        made = upsert_many(
            _QUOTA,
            ("book_id", "owner", "kind", "period", "limit_minor", "frozen_reason", "version"),
            [(book, owner, kind, period, limit_minor, "", 0) for owner in wanted],
            conflict=("book_id", "owner", "kind"),
        )
        if made:
            work.record_batch(
                "limits.set_many", subjects=wanted, kind=kind, made=made, period=period,
                limit_minor=limit_minor,
            )  # fmt: skip
        else:
            work.unchanged()
    return made


def freeze(
    *, book: str, owner: str, kind: str, reason: str, actor: Actor, at: datetime
) -> QuotaCard:
    """Let nothing new be taken; what is reserved may still be used or released.

    :raises NotPermitted: the actor may not set limits.
    :raises BadField: no reason is given.
    :raises NotFound: there is no such ceiling.
    """
    if not reason.strip():
        raise BadField(field="reason", problem="say why")
    return _set_reason(book, owner, kind, reason, "limits.frozen", actor, at)


def unfreeze(*, book: str, owner: str, kind: str, actor: Actor, at: datetime) -> QuotaCard:
    """Let it be taken again.

    :raises NotPermitted: the actor may not set limits.
    :raises NotFound: there is no such ceiling.
    """
    return _set_reason(book, owner, kind, "", "limits.unfrozen", actor, at)


def _set_reason(
    book: str, owner: str, kind: str, reason: str, code: str, actor: Actor, at: datetime
) -> QuotaCard:
    require(actor, permissions.SET)
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        changed = Quota.objects.filter(book_id=book, owner=owner, kind=kind).update(
            frozen_reason=reason
        )
        if not changed:
            raise NotFound(kind="limit", number=f"{owner} {kind}")

        work.record(code, subject=owner, kind=kind, reason=reason)
    return _card(book, owner, kind)


def _card(book: str, owner: str, kind: str) -> QuotaCard:
    on = books.business_date(book)
    cards = queries.list_quotas(book=book, on=on, owners=[owner], viewer=Viewer.house("limits"))
    return next(card for card in cards if card.kind == kind)
