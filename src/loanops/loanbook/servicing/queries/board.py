"""The portfolio on any day: as known then, from sums that the close kept and the ledger, or as
recalculated now, which adds the difference of the loans that late news is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from loanops.kernel.access import Viewer, require
from loanops.kernel.aging import BUCKET_LAST, bucket_name
from loanops.kernel.refusals import BadField, NotFound, Refusal
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.domain.classing import NORMAL, ORDER, provisions
from loanops.loanbook.servicing.domain.portfolio import (
    AT_RISK,
    Cells,
    Kept,
    by_pool,
    pool_and_bucket,
    share,
)
from loanops.loanbook.servicing.models import ClassSum, Pool
from loanops.loanbook.servicing.queries.board_news import Difference, differences
from loanops.loanbook.servicing.queries.classing import PRINCIPAL, class_rules, sum_classes
from loanops.money.ledger import queries as ledger
from loanops.platform.books import queries as books

_HOUSE = Viewer.house("servicing")


class Reading(StrEnum):
    """From when a past day is looked at."""

    THEN = "then"
    """With what was known when the day was closed."""
    NOW = "now"
    """With what is known by now."""


class PortfolioNotByChannel(Refusal):
    """Sums of pools cannot be cut to the applications of some channels."""

    code = "servicing_portfolio_not_by_channel"
    sentence = "Figures of the whole book are not for those who see only some channels."
    status = 403


@dataclass(frozen=True)
class BucketCut:
    """Principal of one bucket of days past due and its share of the outstanding."""

    bucket: int
    name: str
    outstanding_minor: int
    share: Decimal | None


@dataclass(frozen=True)
class ClassCut:
    """Principal and provision of one class; ``rate`` is what provision is of principal."""

    tier: str
    non_performing: bool
    outstanding_minor: int
    share: Decimal | None
    provision_minor: int
    rate: Decimal | None


@dataclass(frozen=True)
class PortfolioCut:
    """A product or a funder: its principal, and what of it is past due and non-performing.

    Without classes where none were kept on the day.
    """

    code: str
    outstanding_minor: int
    share: Decimal | None
    late_minor: int
    at_risk_30_minor: int
    at_risk_30_rate: Decimal | None
    non_performing_minor: int | None
    non_performing_rate: Decimal | None
    provision_minor: int | None


@dataclass(frozen=True)
class RiskLine:
    """The portfolio at risk beyond some days past due, and its share of the outstanding."""

    days: int
    outstanding_minor: int
    rate: Decimal | None


@dataclass(frozen=True)
class PortfolioCard:
    """A book at the end of a day, as known then or as recalculated now.

    ``recalculated`` counts the loans whose figures of the day are others by now. Classes are
    empty, and what follows from them unsaid, for days on which no close had kept them yet.
    """

    book: str
    on: date
    reading: str
    business_date: date
    recalculated: int
    outstanding_minor: int
    buckets: tuple[BucketCut, ...]
    at_risk: tuple[RiskLine, ...]
    classes: tuple[ClassCut, ...]
    non_performing_minor: int | None
    non_performing_rate: Decimal | None
    provision_minor: int | None
    coverage: Decimal | None
    products: tuple[PortfolioCut, ...]
    funders: tuple[PortfolioCut, ...]


@dataclass(frozen=True)
class QualityLine:
    """Principal, non-performing principal and provision at the end of one day, as known then."""

    on: date
    outstanding_minor: int
    non_performing_minor: int
    non_performing_rate: Decimal | None
    provision_minor: int


class PoolKey(NamedTuple):
    """Which product and funder a pool's loans are of."""

    id: int
    code: str
    product: str
    funder: str


def pools_of(book: str, viewer: Viewer) -> list[PoolKey]:
    """The pools of a book that the viewer may see.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is no such book for the viewer.
    :raises PortfolioNotByChannel: the viewer sees only loans of some channels.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        raise NotFound(kind="book", number=book)
    if viewer.scopes.by_application:
        raise PortfolioNotByChannel
    rows = Pool.objects.filter(book_id=book).order_by("code")
    pools = [PoolKey(*row) for row in rows.values_list("id", "code", "product", "funder")]
    return [pool for pool in pools if viewer.sees_funder(pool.funder)]


def get_portfolio(
    *, book: str, on: date | None = None, reading: Reading = Reading.THEN, viewer: Viewer
) -> PortfolioCard:
    """A book at the end of a day (the open business day without one).

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is no such book for the viewer.
    :raises PortfolioNotByChannel: the viewer sees only loans of some channels.
    :raises BadField: the day has not come.
    """
    pools = pools_of(book, viewer)
    open_on = books.business_date(book)
    day = on or open_on
    if day > open_on:
        raise BadField(field="on", problem="the book stands at {day}", day=open_on)
    news: list[Difference] = []
    if reading is Reading.NOW:
        seen = {pool.id for pool in pools}
        news = [each for each in differences(book=book, on=day) if each.pool in seen]
    cells = read_cells(book, day, open_on, pools, news)
    return _card(book, day, open_on, reading, cells, pools, len(news))


def read_cells(
    book: str,
    on: date,
    open_on: date,
    pools: Sequence[PoolKey],
    news: Iterable[Difference],
    *,
    with_classes: bool = True,
) -> Cells:
    """Principal of pools at the end of a day: as known then, moved on by ``news`` of it.

    Without classes no loan is read.
    """
    cells = _known_then(book, on, open_on, pools, with_classes)
    _recalculate(cells, book, on, news)
    return cells


def _known_then(
    book: str, on: date, open_on: date, pools: Sequence[PoolKey], with_classes: bool
) -> Cells:
    """Principal by bucket from the ledger, by class from what the close kept of the day."""
    ids = {pool.code: pool.id for pool in pools}
    balances = ledger.balances_until(book=book, code=PRINCIPAL, on=on, viewer=_HOUSE)
    cells = Cells()
    for dimension, minor in balances.items():
        found = pool_and_bucket(dimension)
        if found is not None and found[0] in ids and minor:
            cells.move(ids[found[0]], found[1], minor)
    if not with_classes:
        return cells
    kept = {
        (pool, tier): Kept(outstanding, provision)
        for pool, tier, outstanding, provision in ClassSum.objects.filter(
            pool_id__in=ids.values(), closed_on=on
        ).values_list("pool_id", "tier", "outstanding_minor", "provision_minor")
    }
    if kept:
        cells.classes = kept
    elif on >= open_on - timedelta(days=1):
        cells.classes = _classed_now(book, on, ids, by_pool(balances))
    elif not cells.buckets:
        cells.classes = {}
    return cells


def _classed_now(
    book: str, on: date, ids: dict[str, int], totals: dict[str, int]
) -> dict[tuple[int, int], Kept]:
    """Classes of a day that no close has passed yet."""
    rules = class_rules(book=book, on=on)
    sums = sum_classes(book=book, on=on)
    classes = {}
    for code, total_minor in totals.items():
        if code in ids:
            mine = {
                tier: s.outstanding_minor for (pool, tier), s in sums.items() if pool == ids[code]
            }
            for tier, outstanding, provision in provisions(rules, total_minor, mine):
                classes[(ids[code], tier)] = Kept(outstanding, provision)
    return classes


def _recalculate(cells: Cells, book: str, on: date, news: Iterable[Difference]) -> None:
    """Add what late news changes, and provide for the classes that it leaves."""
    touched = set()
    for each in news:
        for sign, side in ((-1, each.then), (1, each.now)):
            if side.outstanding_minor:
                cells.move(each.pool, side.bucket, sign * side.outstanding_minor)
                cells.reclass(each.pool, side.tier, sign * side.outstanding_minor)
        touched.add(each.pool)
    if cells.classes is None or not touched:
        return
    rules = class_rules(book=book, on=on)
    for (pool, tier), kept in cells.classes.items():
        if pool in touched:
            provision_minor = rules.provision_minor(tier, kept.outstanding_minor)
            cells.classes[(pool, tier)] = kept._replace(provision_minor=provision_minor)


def _card(
    book: str,
    on: date,
    open_on: date,
    reading: Reading,
    cells: Cells,
    pools: Sequence[PoolKey],
    recalculated: int,
) -> PortfolioCard:
    whole_minor = cells.outstanding_minor
    classed = cells.classes is not None
    bad_minor = cells.non_performing_minor if classed else None
    provision_minor = cells.provision_minor if classed else None
    return PortfolioCard(
        book=book,
        on=on,
        reading=reading.value,
        business_date=open_on,
        recalculated=recalculated,
        outstanding_minor=whole_minor,
        buckets=tuple(
            BucketCut(number, bucket_name(number), minor, share(minor, whole_minor))
            for number in range(BUCKET_LAST + 1)
            for minor in (cells.in_bucket(number),)
        ),
        at_risk=tuple(
            RiskLine(days, cells.at_risk(days), share(cells.at_risk(days), whole_minor))
            for days in AT_RISK
        ),
        classes=_classes(cells, whole_minor) if classed else (),
        non_performing_minor=bad_minor,
        non_performing_rate=None if bad_minor is None else share(bad_minor, whole_minor),
        provision_minor=provision_minor,
        coverage=None if provision_minor is None else share(provision_minor, bad_minor or 0),
        products=_cuts(cells, {pool.id: pool.product for pool in pools}),
        funders=_cuts(cells, {pool.id: pool.funder for pool in pools}),
    )


def _classes(cells: Cells, whole_minor: int) -> tuple[ClassCut, ...]:
    return tuple(
        ClassCut(
            tier=tier.value,
            non_performing=tier.is_non_performing,
            outstanding_minor=kept.outstanding_minor,
            share=share(kept.outstanding_minor, whole_minor),
            provision_minor=kept.provision_minor,
            rate=share(kept.provision_minor, kept.outstanding_minor),
        )
        for place, tier in enumerate(ORDER, start=NORMAL)
        for kept in (cells.in_class(place),)
    )


def _cuts(cells: Cells, names: dict[int, str]) -> tuple[PortfolioCut, ...]:
    """The book by product or funder, the largest first."""
    whole_minor = cells.outstanding_minor
    cuts = []
    for code in sorted(set(names.values())):
        mine = cells.of(pool for pool, name in names.items() if name == code)
        outstanding_minor = mine.outstanding_minor
        bad_minor = None if mine.classes is None else mine.non_performing_minor
        if outstanding_minor:
            cuts.append(
                PortfolioCut(
                    code=code,
                    outstanding_minor=outstanding_minor,
                    share=share(outstanding_minor, whole_minor),
                    late_minor=mine.at_risk(1),
                    at_risk_30_minor=mine.at_risk(30),
                    at_risk_30_rate=share(mine.at_risk(30), outstanding_minor),
                    non_performing_minor=bad_minor,
                    non_performing_rate=(
                        None if bad_minor is None else share(bad_minor, outstanding_minor)
                    ),
                    provision_minor=None if mine.classes is None else mine.provision_minor,
                )
            )
    return tuple(sorted(cuts, key=lambda cut: -cut.outstanding_minor))


def list_quality(*, book: str, since: date, until: date, viewer: Viewer) -> list[QualityLine]:
    """How principal, non-performing loans and provision went, one line for each closed day.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is no such book for the viewer.
    :raises PortfolioNotByChannel: the viewer sees only loans of some channels.
    """
    days: dict[date, Cells] = {}
    rows = ClassSum.objects.filter(
        pool_id__in=[pool.id for pool in pools_of(book, viewer)],
        closed_on__gte=since,
        closed_on__lt=until,
    )
    for on, pool, tier, *kept in rows.values_list(
        "closed_on", "pool_id", "tier", "outstanding_minor", "provision_minor"
    ):
        cells = days.setdefault(on, Cells(classes={}))
        cells.move(pool, 0, kept[0])
        if cells.classes is not None:
            cells.classes[(pool, tier)] = Kept(*kept)
    return [
        QualityLine(
            on=on,
            outstanding_minor=cells.outstanding_minor,
            non_performing_minor=cells.non_performing_minor,
            non_performing_rate=share(cells.non_performing_minor, cells.outstanding_minor),
            provision_minor=cells.provision_minor,
        )
        for on, cells in sorted(days.items())
    ]
