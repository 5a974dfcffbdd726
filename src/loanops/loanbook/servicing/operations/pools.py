"""Pools: opened by the first loan of their product, funder, rate and rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from loanops.loanbook.servicing.domain.rules import Rules
from loanops.loanbook.servicing.models import Pool
from loanops.loanbook.servicing.operations.loading import POOL
from loanops.platform.db import upsert_many


class PoolIn(NamedTuple):
    """A pool that a loan belongs to."""

    code: str
    product: str
    funder: str
    channel: str
    rules: Rules


def open_pools(book: str, pools: Iterable[PoolIn]) -> dict[str, int]:
    """The ids of the pools; those met for the first time are opened."""
    wanted = {pool.code: pool for pool in pools}
    upsert_many(
        POOL,
        (
            "book_id",
            "code",
            "product",
            "funder",
            "channel",
            "annual_rate",
            "grace_days",
            "rules_json",
        ),
        [
            (
                book,
                code,
                pool.product,
                pool.funder,
                pool.channel,
                format(pool.rules.annual_rate, "f"),
                pool.rules.grace_days,
                pool.rules.text(),
            )
            for code, pool in sorted(wanted.items())
        ],
        conflict=("book_id", "code"),
    )
    return dict(Pool.objects.filter(book_id=book, code__in=wanted).values_list("code", "id"))
