"""Holds: reserved once, then used or released once, all by key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from loanops.kernel.access import Actor, require
from loanops.kernel.money import spoken_amount
from loanops.kernel.refusals import MoveNotAllowed, NotFound
from loanops.money.limits import permissions
from loanops.money.limits.domain.filling import Shortfall, Wish, fill
from loanops.money.limits.domain.lifecycle import HOLDS, TAKING, HoldMove, HoldState
from loanops.money.limits.domain.refusals import HoldKeyReused, QuotaExhausted, QuotaFrozen
from loanops.money.limits.models import Bucket, Hold, Quota
from loanops.money.limits.queries import slot_of
from loanops.platform.books import queries as books
from loanops.platform.db import execute, insert_many, lock, update_many, upsert_many
from loanops.platform.work import unit_of_work

_BUCKET = Bucket._meta.db_table
_HOLD = Hold._meta.db_table
_CHUNK = 5_000
_RECORDS = {
    HoldMove.USE: "limits.used",
    HoldMove.RELEASE: "limits.released",
    HoldMove.GIVE_BACK: "limits.given_back",
}


def reserve(
    *, book: str, owner: str, key: str, amount_minor: int, on: date, actor: Actor, at: datetime
) -> None:
    """Reserve an amount under every ceiling of the owner; the same key again reserves nothing.

    :raises NotPermitted: the actor may not hold limits.
    :raises QuotaExhausted: a ceiling has less left.
    :raises QuotaFrozen: a ceiling is frozen.
    :raises HoldKeyReused: the key holds another amount.
    """
    wish = Wish(key, owner, amount_minor)
    short = reserve_many(book=book, wishes=[wish], on=on, actor=actor, at=at)[key]
    if short is None:
        return
    quota = Quota.objects.get(book_id=book, owner=owner, kind=short.ceiling)
    if quota.frozen_reason:
        raise QuotaFrozen(owner=owner, kind=quota.kind, reason=quota.frozen_reason)
    currency = books.get_book(book).currency
    raise QuotaExhausted(
        owner=owner,
        kind=quota.kind,
        left=spoken_amount(short.left_minor, currency),
        wanted=spoken_amount(amount_minor, currency),
    )


def reserve_many(
    *, book: str, wishes: Sequence[Wish], on: date, actor: Actor, at: datetime
) -> dict[str, Shortfall | None]:
    """Reserve in the order of the wishes; by key ``None`` where it is (or was) reserved.

    Keys are one's own among the wishes. A frozen ceiling has nothing left.

    :raises NotPermitted: the actor may not hold limits.
    :raises HoldKeyReused: a key holds another amount.
    """
    require(actor, permissions.HOLD)
    with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        found = _buckets(book, {wish.owner for wish in wishes}, on)
        held = _already_held(wishes)
        fresh = [wish for wish in wishes if wish.key not in held]
        ceilings: dict[str, list[str]] = {}
        for bucket in found:
            ceilings.setdefault(bucket.quota.owner, []).append(str(bucket.pk))
        left = {
            str(bucket.pk): 0
            if bucket.quota.frozen_reason
            else bucket.limit_minor - bucket.reserved_minor - bucket.used_minor
            for bucket in found
        }

        outcome = fill(fresh, ceilings=ceilings, left_minor=left)

        granted = [wish for wish in fresh if outcome[wish.key] is None and wish.owner in ceilings]
        _insert(granted, ceilings, on, at)

        if granted:
            work.record_batch("limits.reserved", subjects=[wish.key for wish in granted])
        else:
            work.unchanged()
    kinds = {str(bucket.pk): bucket.quota.kind for bucket in found}
    named = {
        key: None if short is None else Shortfall(kinds[short.ceiling], short.left_minor)
        for key, short in outcome.items()
    }
    return {wish.key: named.get(wish.key) for wish in wishes}


def _buckets(book: str, owners: set[str], on: date) -> list[Bucket]:
    """The buckets of the owners for the day, made where there are none, and locked."""
    quotas = list(Quota.objects.filter(book_id=book, owner__in=sorted(owners)))
    upsert_many(
        _BUCKET,
        ("quota_id", "slot", "limit_minor", "reserved_minor", "used_minor"),
        [(quota.pk, slot_of(quota.period, on), quota.limit_minor, 0, 0) for quota in quotas],
        conflict=("quota_id", "slot"),
    )
    slots = {(quota.pk, slot_of(quota.period, on)) for quota in quotas}
    rows = Bucket.objects.filter(quota__in=quotas, slot__in=sorted({slot for _, slot in slots}))
    wanted = [row.pk for row in rows if (row.quota_id, row.slot) in slots]
    lock(_BUCKET, wanted)
    return list(Bucket.objects.filter(pk__in=wanted).select_related("quota").order_by("pk"))


def _already_held(wishes: Sequence[Wish]) -> set[str]:
    """Keys that hold what they wish for.

    :raises HoldKeyReused: a key holds another amount, or of another owner
    """
    wanted = {wish.key: wish for wish in wishes}
    held: set[str] = set()
    keys = sorted(wanted)
    for start in range(0, len(keys), _CHUNK):
        rows = Hold.objects.filter(key__in=keys[start : start + _CHUNK])
        for key, owner, amount_minor in rows.values_list("key", "owner", "amount_minor"):
            wish = wanted[key]
            if owner != wish.owner:
                continue
            if amount_minor != wish.amount_minor:
                raise HoldKeyReused(key=key, owner=owner)
            held.add(key)
    return held


def _insert(
    granted: Sequence[Wish], ceilings: dict[str, list[str]], on: date, at: datetime
) -> None:
    rows = [
        (int(bucket), wish.owner, wish.key, wish.amount_minor, HoldState.RESERVED.value, on, at)
        for wish in granted
        for bucket in ceilings[wish.owner]
    ]
    columns = ("bucket_id", "owner", "key", "amount_minor", "state", "reserved_on", "moved_at")
    insert_many(_HOLD, columns, rows)
    sums: dict[int, int] = {}
    for bucket, _, _, amount_minor, *_ in rows:
        sums[bucket] = sums.get(bucket, 0) + amount_minor
    _shift(HoldState.RESERVED, sums)


def _shift(state: HoldState, sums: dict[int, int]) -> None:
    """Add to what buckets have in a state that counts; the sums may be negative."""
    if state not in TAKING:
        return
    column = "reserved_minor" if state is HoldState.RESERVED else "used_minor"
    for bucket, amount_minor in sorted(sums.items()):
        execute(
            f"UPDATE {_BUCKET} SET {column} = {column} + %s WHERE id = %s",  # noqa: S608
            [amount_minor, bucket],
        )


def use(*, book: str, owner: str, key: str, on: date, actor: Actor, at: datetime) -> None:
    """Use what was reserved under a key; the same again changes nothing.

    :raises NotPermitted: the actor may not hold limits.
    :raises NotFound: nothing was reserved under the key.
    :raises MoveNotAllowed: it was released.
    """
    use_many(book=book, owner=owner, keys=[key], on=on, actor=actor, at=at)


def use_many(
    *, book: str, owner: str, keys: Sequence[str], on: date, actor: Actor, at: datetime
) -> int:
    """Use many; returns how many moved (the others were used before).

    :raises NotPermitted: the actor may not hold limits.
    :raises NotFound: nothing was reserved under a key.
    :raises MoveNotAllowed: one was released.
    """
    return _move_many(HoldMove.USE, book, owner, keys, on, actor, at)


def release(*, book: str, owner: str, key: str, on: date, actor: Actor, at: datetime) -> None:
    """Free what was reserved under a key and not used; the same again changes nothing.

    :raises NotPermitted: the actor may not hold limits.
    :raises NotFound: nothing was reserved under the key.
    :raises MoveNotAllowed: it was used.
    """
    release_many(book=book, owner=owner, keys=[key], on=on, actor=actor, at=at)


def release_many(
    *, book: str, owner: str, keys: Sequence[str], on: date, actor: Actor, at: datetime
) -> int:
    """Release many; returns how many moved.

    :raises NotPermitted: the actor may not hold limits.
    :raises NotFound: nothing was reserved under a key.
    :raises MoveNotAllowed: one was used.
    """
    return _move_many(HoldMove.RELEASE, book, owner, keys, on, actor, at)


def give_back(*, book: str, owner: str, key: str, on: date, actor: Actor, at: datetime) -> None:
    """Free what was used (a revolving line that was repaid); the same again changes nothing.

    :raises NotPermitted: the actor may not hold limits.
    :raises NotFound: nothing was reserved under the key.
    :raises MoveNotAllowed: it was never used.
    """
    give_back_many(book=book, owner=owner, keys=[key], on=on, actor=actor, at=at)


def give_back_many(
    *, book: str, owner: str, keys: Sequence[str], on: date, actor: Actor, at: datetime
) -> int:
    """Give many back; returns how many moved.

    :raises NotPermitted: the actor may not hold limits.
    :raises NotFound: nothing was reserved under a key.
    :raises MoveNotAllowed: one was never used.
    """
    return _move_many(HoldMove.GIVE_BACK, book, owner, keys, on, actor, at)


def _move_many(
    move: HoldMove,
    book: str,
    owner: str,
    keys: Sequence[str],
    on: date,
    actor: Actor,
    at: datetime,
) -> int:
    require(actor, permissions.HOLD)
    with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        quotas = Quota.objects.filter(book_id=book, owner=owner)
        lock(_BUCKET, Bucket.objects.filter(quota__in=quotas).values_list("pk", flat=True))
        rows = _holds(owner, keys)
        # An owner without any ceiling holds nothing, and there is nothing to move.
        missing = set(keys) - {row.key for row in rows} if quotas.exists() else set()
        if missing:
            raise NotFound(kind="reservation", number=min(missing))
        moved = [row for row in rows if not _is_done(row, move)]

        _write(moved, move, at)

        if moved:
            work.record_batch(_RECORDS[move], subjects=sorted({row.key for row in moved}))
        else:
            work.unchanged()
    return len({row.key for row in moved})


def _holds(owner: str, keys: Sequence[str]) -> list[Hold]:
    wanted = sorted(set(keys))
    found: list[Hold] = []
    for start in range(0, len(wanted), _CHUNK):
        found += Hold.objects.filter(owner=owner, key__in=wanted[start : start + _CHUNK])
    return found


def _is_done(row: Hold, move: HoldMove) -> bool:
    """Whether the hold stands where the move leads already.

    :raises MoveNotAllowed: it can never get there from where it stands
    """
    state = HoldState(row.state)
    ends = {HOLDS.after(each, move) for each in HoldState if move in HOLDS.moves(each)}
    if state in ends:
        return True
    if move not in HOLDS.moves(state):
        raise MoveNotAllowed(state=state.value, move=move.value)
    return False


def _write(rows: Sequence[Hold], move: HoldMove, at: datetime) -> None:
    changes: dict[HoldState, dict[int, int]] = {state: {} for state in HoldState}
    written = []
    for row in rows:
        before = HoldState(row.state)
        after = HOLDS.after(before, move)
        written.append((row.pk, after.value, at))
        for state, sign in ((before, -1), (after, 1)):
            sums = changes[state]
            sums[row.bucket_id] = sums.get(row.bucket_id, 0) + sign * row.amount_minor
    update_many(_HOLD, ("id",), ("state", "moved_at"), written)
    # What is freed goes first, so that no step stands above the limit on its way.
    for state in (HoldState.RESERVED, HoldState.USED):
        _shift(state, {bucket: value for bucket, value in changes[state].items() if value})
