"""Static pool (静态池): loans by the month in which they were paid out, month-end by month-end."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from loanops.kernel.access import Viewer
from loanops.kernel.aging import months_on_book
from loanops.loanbook.servicing.domain.portfolio import share
from loanops.loanbook.servicing.models import VintageSum
from loanops.loanbook.servicing.queries.board import PortfolioNotByChannel, pools_of


@dataclass(frozen=True)
class VintageCard:
    """Loans paid out in one month, as they stood at the end of a later one, as known then.

    ``months_on_book`` is 0 in the month of payout. The three rates are shares of what was paid
    out: unpaid principal, and the loans that were ever more than 30 and 90 days past due.
    """

    month: date
    closed_on: date
    months_on_book: int
    loans: int
    principal_minor: int
    outstanding_minor: int
    outstanding_rate: Decimal | None
    ever_30_minor: int
    ever_30_rate: Decimal | None
    ever_90_minor: int
    ever_90_rate: Decimal | None


def static_pool(*, book: str, product: str = "", viewer: Viewer) -> list[VintageCard]:
    """Every month of payout at every month's end since, of one product or of all.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is no such book for the viewer.
    :raises PortfolioNotByChannel: the viewer sees only some channels or funders.
    """
    pools_of(book, viewer)
    if viewer.scopes.funders is not None:
        raise PortfolioNotByChannel
    rows = VintageSum.objects.filter(book_id=book)
    if product:
        rows = rows.filter(product=product)
    sums: dict[tuple[date, date], list[int]] = defaultdict(lambda: [0] * 5)
    for month, closed_on, *values in rows.values_list(
        "month",
        "closed_on",
        "loans",
        "principal_minor",
        "outstanding_minor",
        "ever_30_minor",
        "ever_90_minor",
    ):
        key = (month, closed_on)
        sums[key] = [mine + its for mine, its in zip(sums[key], values, strict=True)]
    return [
        VintageCard(
            month=month,
            closed_on=closed_on,
            months_on_book=months_on_book(month, closed_on),
            loans=loans,
            principal_minor=principal_minor,
            outstanding_minor=outstanding_minor,
            outstanding_rate=share(outstanding_minor, principal_minor),
            ever_30_minor=ever_30_minor,
            ever_30_rate=share(ever_30_minor, principal_minor),
            ever_90_minor=ever_90_minor,
            ever_90_rate=share(ever_90_minor, principal_minor),
        )
        for (month, closed_on), values in sorted(sums.items())
        for loans, principal_minor, outstanding_minor, ever_30_minor, ever_90_minor in (values,)
    ]
