"""INV-16: what a quota says is taken is what its holds add up to, and never above the limit."""

from __future__ import annotations

from collections.abc import Iterator

from loanops.money.limits.domain.lifecycle import HoldState
from loanops.money.limits.models import Bucket, Hold, Quota
from loanops.platform.audit import Check, Violation
from loanops.platform.db import fetch

_HOLD, _BUCKET, _QUOTA = (model._meta.db_table for model in (Hold, Bucket, Quota))
_BY_BUCKET = f"""
    SELECT q.owner, q.kind, b.slot, b.reserved_minor, b.used_minor, b.limit_minor, q.limit_minor,
        COALESCE(h.reserved, 0), COALESCE(h.used, 0)
    FROM {_BUCKET} b
    JOIN {_QUOTA} q ON q.id = b.quota_id
    LEFT JOIN (
        SELECT bucket_id,
            SUM(CASE WHEN state = '{HoldState.RESERVED}' THEN amount_minor ELSE 0 END) AS reserved,
            SUM(CASE WHEN state = '{HoldState.USED}' THEN amount_minor ELSE 0 END) AS used
        FROM {_HOLD} GROUP BY bucket_id
    ) h ON h.bucket_id = b.id
    WHERE b.reserved_minor <> COALESCE(h.reserved, 0) OR b.used_minor <> COALESCE(h.used, 0)
        OR b.reserved_minor + b.used_minor > b.limit_minor
        OR (b.slot = 'total' AND b.limit_minor <> q.limit_minor)
    ORDER BY b.id
"""  # noqa: S608 - names and states come from the code


def untrue_buckets() -> Iterator[Violation]:
    """Buckets that differ from their holds, or stand above their limit."""
    for row in fetch(_BY_BUCKET):
        owner, kind, slot, reserved, used, limit, quota_limit, held, spent = row
        expected = f"reserved {held}, used {spent}, limit {quota_limit}"
        yield Violation(
            code="INV-16",
            object=f"{owner} {kind} {slot}",
            expected=expected,
            found=f"reserved {reserved}, used {used}, limit {limit}",
            hint="a hold or a bucket was changed by hand: compare with the payout intents",
        )


CHECKS = (
    Check(
        code="INV-16",
        statement="What is taken of a quota is the sum of its holds, and never above its limit.",
        find=untrue_buckets,
    ),
)
