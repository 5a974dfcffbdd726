"""Strategies are published and assigned; both for ever, a new row replaces."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, NotFound
from loanops.origination.decisioning import permissions, queries
from loanops.origination.decisioning.domain.gate import pass_gate
from loanops.origination.decisioning.domain.refusals import StrategyNotForPack, VersionTaken
from loanops.origination.decisioning.domain.rescoring import Points, with_points
from loanops.origination.decisioning.domain.strategy import canonical
from loanops.origination.decisioning.models import Assignment, StrategyVersion
from loanops.platform.books import queries as books
from loanops.platform.db import new_number
from loanops.platform.work import unit_of_work

_WHOLE_HOUSE = ""


def publish_strategy(
    *, document: Mapping[str, Any], actor: Actor, at: datetime
) -> queries.StrategyCard:
    """Publish a strategy after the gate: its cells compile, its own cases hold, no gap approves.

    The same content again answers with the version that is there.

    :raises NotPermitted: the actor may not publish.
    :raises StrategyWrong: the document does not pass the gate; names the place and the problem.
    :raises VersionTaken: the version exists with other content.
    """
    require(actor, permissions.PUBLISH)
    strategy = pass_gate(document)
    with unit_of_work(actor=actor, at=at, book=_WHOLE_HOUSE, on=at.date()) as work:
        known = StrategyVersion.objects.filter(code=strategy.code, version=strategy.version).first()
        if known is not None:
            if known.hash != strategy.hash:
                raise VersionTaken(strategy=strategy.code, version=strategy.version)
            work.unchanged()
            return queries.get_strategy(code=strategy.code, version=strategy.version)
        StrategyVersion.objects.create(
            number=new_number("SV", at),
            code=strategy.code,
            version=strategy.version,
            hash=strategy.hash,
            name=dict(strategy.name),
            packs=list(strategy.packs),
            document_json=canonical(document),
            published_by=actor.person,
            published_at=at,
        )

        work.record(
            "decisioning.strategy_published",
            subject=strategy.code,
            version=strategy.version,
            hash=strategy.hash,
        )
    return queries.get_strategy(code=strategy.code, version=strategy.version)


def revise_scorecard(
    *, code: str, version: int, points: Points, actor: Actor, at: datetime
) -> queries.StrategyCard:
    """Publish the next version of a strategy with other points, through the same gate.

    ``version`` is the one whose points were changed; the new one follows the newest.

    :raises NotPermitted: the actor may not publish.
    :raises NotFound: there is no such version.
    :raises BadField: the points are not those of the scorecard's ranges, or out of range.
    :raises StrategyWrong: with these points one of the strategy's own cases does not hold.
    :raises VersionTaken: somebody else published the next version meanwhile.
    """
    require(actor, permissions.PUBLISH)
    seen = queries.get_strategy(code=code, version=version)
    newest = StrategyVersion.objects.filter(code=code).order_by("-version").first()
    following = (newest.version if newest else version) + 1
    document = with_points(seen.document, version=following, points=points)
    return publish_strategy(document=document, actor=actor, at=at)


def assign_strategy(
    *,
    book: str,
    product: str,
    strategy: str,
    version: int,
    starts_on: date,
    actor: Actor,
    at: datetime,
) -> queries.AssignmentCard:
    """Let a published version judge a product (empty: every product) of a book from a day on.

    Going back to an earlier version is the same order with its number.

    :raises NotPermitted: the actor may not assign.
    :raises NotFound: there is no such book in the actor's scope, or no such version.
    :raises StrategyNotForPack: it was made for other rule packs than the book's.
    :raises BadField: the day lies before the open business day.
    """
    require(actor, permissions.ASSIGN)
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    owning = books.get_book(book)
    chosen = queries.get_strategy(code=strategy, version=version)
    if owning.pack not in chosen.packs:
        raise StrategyNotForPack(strategy=strategy, pack=owning.pack, book=book)
    if starts_on < owning.business_date:
        raise BadField(field="starts_on", problem="must not lie before the open business day")
    with unit_of_work(actor=actor, at=at, book=book, on=owning.business_date) as work:
        Assignment.objects.create(
            book_id=book,
            product=product,
            strategy=StrategyVersion.objects.get(number=chosen.number),
            starts_on=starts_on,
            assigned_by=actor.person,
            assigned_at=at,
        )

        work.record(
            "decisioning.strategy_assigned",
            subject=strategy,
            version=version,
            product=product,
            starts_on=starts_on,
        )
    return queries.AssignmentCard(book, product, strategy, version, starts_on, actor.person, at)
