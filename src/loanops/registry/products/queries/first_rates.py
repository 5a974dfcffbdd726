"""The first rate of a loan where a product reads it from an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from loanops.kernel.schedule import FirstRate, FirstRead, Floating, IndexValue
from loanops.kernel.wire import read
from loanops.registry.products.domain.refusals import IndexUnknown
from loanops.registry.products.queries.versions import ProductVersionCard


def begins_at_index(version: ProductVersionCard) -> bool:
    """Whether the first rate of a version's loans is its index and the points, and no other."""
    floating = version.terms.get("floating") or {}
    return bool(floating.get("first_rate", FirstRate.AGREED.value) != FirstRate.AGREED.value)


def first_rate(
    version: ProductVersionCard, *, series: Mapping[str, Sequence[IndexValue]], on: date
) -> FirstRead | None:
    """The rate with which a loan of a version begins, read on a day from figures by index.

    Nothing where a version, a funder or a request names the rate.

    :raises IndexUnknown: no figure of the index holds on the day.
    """
    if not begins_at_index(version):
        return None
    floating = read(Floating, version.terms["floating"], "floating")
    found = floating.first_read(series.get(floating.index, ()), on)
    if found is None:
        raise IndexUnknown(index=floating.index, on=on)
    return found
