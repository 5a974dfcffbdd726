"""INV-16: what a quota says is taken is what its holds add up to, and never above the limit."""

from __future__ import annotations

from collections.abc import Iterator

from loanops.money.limits.domain.lifecycle import HoldState, Period
from loanops.money.limits.models import Bucket, Hold, Quota
from loanops.platform.audit import Check, Violation, named
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


def strayed_holds() -> Iterator[Violation]:
    """Holds in a ceiling or a day of others, and keys that hold otherwise in another ceiling."""
    day = "CAST(h.reserved_on AS VARCHAR(10))"
    yield from named(
        "INV-16",
        "a hold or its ceiling was changed by hand: compare with the payout intents",
        fetch(
            f"""
            SELECT 'hold ' || h.key || ' of ' || h.owner, q.owner || ' ' || b.slot, {day}
            FROM {_HOLD} h JOIN {_BUCKET} b ON b.id = h.bucket_id
            JOIN {_QUOTA} q ON q.id = b.quota_id
            WHERE h.owner <> q.owner
                OR b.slot <> CASE WHEN q.period = '{Period.DAY}' THEN {day}
                    ELSE '{Period.TOTAL}' END
            UNION ALL
            SELECT 'hold ' || h.key || ' of ' || h.owner,
                'one amount, state and day in every ceiling', COUNT(*) || ' holds'
            FROM {_HOLD} h GROUP BY h.key, h.owner
            HAVING MIN(h.amount_minor) <> MAX(h.amount_minor) OR MIN(h.state) <> MAX(h.state)
                OR MIN(h.reserved_on) <> MAX(h.reserved_on)
            """  # noqa: S608 - names come from the code
        ),
    )


def strayed_slots() -> Iterator[Violation]:
    """Buckets of a period that their ceiling does not have."""
    yield from named(
        "INV-16",
        "the bucket is of no day, or of a day where the ceiling is one for all",
        fetch(
            f"""
            SELECT q.owner || ' ' || q.kind || ' ' || b.slot, q.period, b.slot
            FROM {_BUCKET} b JOIN {_QUOTA} q ON q.id = b.quota_id
            WHERE (b.slot = '{Period.TOTAL}') <> (q.period = '{Period.TOTAL}')
                OR (q.period = '{Period.DAY}' AND b.slot NOT LIKE '____-__-__')
                OR q.period NOT IN ('{Period.DAY}', '{Period.TOTAL}')
            """  # noqa: S608 - names come from the code
        ),
    )


CHECKS = (
    Check(
        code="INV-16",
        statement="Every hold stands in a ceiling of its owner and its day, alike in all of them.",
        find=strayed_holds,
    ),
    Check(
        code="INV-16",
        statement="Every bucket is of a period of its ceiling.",
        find=strayed_slots,
    ),
    Check(
        code="INV-16",
        statement="What is taken of a quota is the sum of its holds, and never above its limit.",
        find=untrue_buckets,
    ),
)
