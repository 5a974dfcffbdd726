"""Reference rates of a book: shipped with its pack, or recorded by people; day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from loanops.kernel.access import Viewer, require
from loanops.kernel.schedule import IndexValue
from loanops.platform.books import queries as books
from loanops.registry.compliance import permissions
from loanops.registry.compliance.domain.packs import Pack
from loanops.registry.compliance.queries.packs import get_pack, standing_rates


@dataclass(frozen=True)
class ReferenceRateCard:
    """What a reference rate is from a day on, as a fraction a year, and where that stands.

    ``recorded_by`` is empty of a figure that came with the rule pack.
    """

    key: str
    rate_annual: Decimal
    effective_from: date
    document: str
    verified: bool
    recorded_by: str


def list_reference_rates(*, book: str, viewer: Viewer) -> list[ReferenceRateCard]:
    """The reference rates of a book by name, each with its figures in force, the newest first.

    :raises NotPermitted: the viewer may not read the rule packs.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        return []
    cards = [
        ReferenceRateCard(
            rate.key,
            rate.rate_annual,
            rate.effective_from,
            rate.document,
            rate.verified,
            recorded_by,
        )
        for rate, recorded_by in standing_rates(_pack(book))
    ]
    cards.sort(key=lambda card: card.effective_from, reverse=True)
    return sorted(cards, key=lambda card: card.key)


def reference_series(*, book: str) -> dict[str, list[IndexValue]]:
    """The figures of every reference rate by its name, the oldest first.

    :raises NotFound: there is no such book or pack.
    """
    series: dict[str, list[IndexValue]] = {}
    for rate, _ in standing_rates(_pack(book)):
        series.setdefault(rate.key, []).append(IndexValue(rate.effective_from, rate.rate_annual))
    return {key: sorted(values) for key, values in series.items()}


def _pack(book: str) -> Pack:
    return get_pack(books.get_book(book).pack)
