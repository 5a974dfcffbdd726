"""INV-16: what a quota says is taken is what its holds add up to, and never above the limit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from loanops.money.limits.domain.lifecycle import HoldState, Period
from loanops.money.limits.models import Bucket, Hold, Quota
from loanops.platform.audit import Check, Violation, named, witness
from loanops.platform.audit.witness import Said, Written
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


def unwitnessed() -> Iterator[Violation]:
    """Holds that moved at a moment that the audit does not know."""
    yield from witness.unwitnessed(
        [
            Written(
                source=f"{_HOLD} h JOIN {_BUCKET} b ON b.id = h.bucket_id "
                f"JOIN {_QUOTA} q ON q.id = b.quota_id",
                name="'hold ' || h.key || ' of ' || h.owner",
                at="h.moved_at",
                book="q.book_id",
            )
        ]
    )


def changed_quotas() -> Iterator[Violation]:
    """Ceilings that are not what the audit saw being set, and days with another limit."""
    hint = "the ceiling was changed by hand: set it by its order, which the audit sees"
    told: dict[tuple[str, str, str], list[Said]] = defaultdict(list)
    for each in witness.said("limits.set"):
        told[(each.book, each.subject, each.values["kind"])].append(each)
    both = {(book, kind) for book, _, kind in told}
    made: dict[tuple[str, str], int] = defaultdict(int)
    for each in witness.said("limits.set_many"):
        made[(each.book, each.values["kind"])] += each.values["made"]
    ensured: dict[tuple[str, str], int] = defaultdict(int)
    for row in Quota.objects.order_by("id").iterator():
        said = told.pop((row.book_id, row.owner, row.kind), [])
        name = f"limit {row.kind} of {row.owner} in {row.book_id}"
        found = (row.limit_minor, row.period, row.version)
        if said:
            last = said[-1].values
            wanted = (last["limit_minor"], last["period"], len(said))
        else:
            ensured[(row.book_id, row.kind)] += 1
            wanted = (row.limit_minor, row.period, 0)
        if found != wanted:
            yield from named("INV-16", hint, [(name, wanted, found)])
    gone = [
        (f"limit {kind} of {owner} in {book}", "a ceiling", "none") for book, owner, kind in told
    ]
    yield from named("INV-16", hint, gone)
    for key in sorted(made.keys() | ensured.keys()):
        if ensured[key] > made[key] or (ensured[key] < made[key] and key not in both):
            row_name = f"limits {key[1]} of {key[0]}"
            yield from named("INV-16", hint, [(row_name, made[key], ensured[key])])


def unseen_holds() -> Iterator[Violation]:
    """Days on which other keys hold than were reserved, and holds in some of the ceilings only."""
    hint = "a hold was added, removed or moved by hand: compare with the credits of the day"
    told: dict[tuple[str, str], int] = defaultdict(int)
    for each in witness.said("limits.reserved"):
        told[(each.book, each.on.isoformat())] += each.values["count"]
    since: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for each in witness.said("limits.set"):
        days = since[(each.book, each.subject)]
        days.setdefault(each.values["kind"], each.on.isoformat())
    kept: dict[tuple[str, str], int] = defaultdict(int)
    for book, owner, key, on, count in fetch(
        f"""
        SELECT q.book_id, h.owner, h.key, h.reserved_on, COUNT(*)
        FROM {_HOLD} h JOIN {_BUCKET} b ON b.id = h.bucket_id JOIN {_QUOTA} q ON q.id = b.quota_id
        GROUP BY q.book_id, h.owner, h.key, h.reserved_on
        """  # noqa: S608 - names come from the code
    ):
        kept[(book, str(on))] += 1
        least = sum(day < str(on) for day in since[(book, owner)].values())
        if count < least:
            yield from named(
                "INV-16", hint, [(f"hold {key} of {owner}", f"{least} ceilings", count)]
            )
    for book, day in sorted(told.keys() | kept.keys()):
        if told[(book, day)] != kept[(book, day)]:
            counts = (told[(book, day)], kept[(book, day)])
            yield from named("INV-16", hint, [(f"holds of {book} {day}", *counts)])


CHECKS = (
    Check(
        code="INV-16",
        statement="Ceilings are what the audit saw being set.",
        find=changed_quotas,
    ),
    Check(
        code="INV-16",
        statement="Every day, as many keys hold as the audit saw reserved, in all of the ceilings.",
        find=unseen_holds,
    ),
    Check(
        code="INV-14",
        statement="Every hold moved when the audit saw something done in its book.",
        find=unwitnessed,
    ),
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
