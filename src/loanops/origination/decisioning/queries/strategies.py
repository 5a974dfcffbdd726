"""Strategies: what is published, and which one judges where."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from loanops.kernel.access import Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.origination.decisioning import permissions
from loanops.origination.decisioning.domain.refusals import NoStrategy
from loanops.origination.decisioning.domain.rescoring import Points, points_of
from loanops.origination.decisioning.domain.strategy import Strategy, load_strategy
from loanops.origination.decisioning.models import Assignment, StrategyVersion

_HOUSE: Final = Viewer.house("decisioning")


@dataclass(frozen=True)
class AssignmentCard:
    """One assignment; an empty ``product`` means every product of the book without its own."""

    book: str
    product: str
    strategy: str
    version: int
    starts_on: date
    assigned_by: str
    assigned_at: datetime


@dataclass(frozen=True)
class StrategyCard:
    """A published strategy; ``document`` is its whole content."""

    number: str
    code: str
    version: int
    hash: str
    name: Mapping[str, str]
    packs: tuple[str, ...]
    document: Mapping[str, Any]
    published_by: str
    published_at: datetime

    @property
    def points(self) -> Points:
        """The points of its scorecard."""
        return points_of(self.document)


def strategy_card(row: StrategyVersion) -> StrategyCard:
    """A row as a card."""
    return StrategyCard(
        number=row.number,
        code=row.code,
        version=row.version,
        hash=row.hash,
        name=row.name,
        packs=tuple(row.packs),
        document=json.loads(row.document_json),
        published_by=row.published_by,
        published_at=row.published_at,
    )


def list_strategies(*, viewer: Viewer) -> list[StrategyCard]:
    """Every published version, by code, newest first.

    :raises NotPermitted: the viewer may not see decisions.
    """
    require(viewer, permissions.VIEW)
    return [strategy_card(row) for row in StrategyVersion.objects.order_by("code", "-version")]


def get_strategy(*, code: str, version: int, viewer: Viewer = _HOUSE) -> StrategyCard:
    """One published version.

    :raises NotPermitted: the viewer may not see decisions.
    :raises NotFound: there is none.
    """
    require(viewer, permissions.VIEW)
    fits = code.isprintable() and 0 < version < 2**31
    row = StrategyVersion.objects.filter(code=code, version=version).first() if fits else None
    if row is None:
        raise NotFound(kind="strategy", number=f"{code} v{version}")
    return strategy_card(row)


def list_assignments(*, book: str, viewer: Viewer) -> list[AssignmentCard]:
    """Every assignment of a book, the latest first.

    :raises NotPermitted: the viewer may not see decisions.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        return []
    rows = Assignment.objects.filter(book_id=book).select_related("strategy")
    return [_assignment_card(row) for row in rows.order_by("-starts_on", "-id")]


def _assignment_card(row: Assignment) -> AssignmentCard:
    return AssignmentCard(
        book=row.book_id,
        product=row.product,
        strategy=row.strategy.code,
        version=row.strategy.version,
        starts_on=row.starts_on,
        assigned_by=row.assigned_by,
        assigned_at=row.assigned_at,
    )


def strategy_in_force(*, book: str, product: str, on: date) -> StrategyCard:
    """The strategy that judges a product on a day: its own, else the book's.

    :raises NoStrategy: none is assigned.
    """
    return strategy_card(assigned(book=book, products=[product], on=on)[product])


def assigned(*, book: str, products: Iterable[str], on: date) -> dict[str, StrategyVersion]:
    """The strategy of each product on a day, for the room's own use; one query.

    :raises NoStrategy: one of the products has none.
    """
    wanted = list(dict.fromkeys(products))
    rows = (
        Assignment.objects.filter(book_id=book, product__in=[*wanted, ""], starts_on__lte=on)
        .select_related("strategy")
        .order_by("starts_on", "id")
    )
    latest = {row.product: row.strategy for row in rows}
    found = {product: latest.get(product) or latest.get("") for product in wanted}
    for product, strategy in found.items():
        if strategy is None:
            raise NoStrategy(book=book, product=product)
    return {product: strategy for product, strategy in found.items() if strategy is not None}


def shipped_strategies() -> dict[str, Mapping[str, Any]]:
    """The strategy documents that come with the house, by code; publishing them is an order."""
    folder = Path(__file__).parent.parent / "data" / "strategies"
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    return {str(document["code"]): document for document in documents}


@lru_cache(maxsize=64)
def _compiled(name: str) -> Strategy:
    row = StrategyVersion.objects.get(hash=name)
    return load_strategy(json.loads(row.document_json))


def compiled(row: StrategyVersion) -> Strategy:
    """A strategy made ready to judge; made once a process, as its content never changes."""
    return _compiled(row.hash)
