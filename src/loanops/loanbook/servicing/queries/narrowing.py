"""Narrowing: what a list of loans may be asked for, held to what there can be, and its totals."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from loanops.kernel.access import Viewer
from loanops.kernel.aging import BUCKET_LAST, WRITTEN_OFF_BUCKET
from loanops.kernel.refusals import BadField, Refusal
from loanops.loanbook.servicing.domain.classing import NORMAL, ORDER
from loanops.loanbook.servicing.domain.lifecycle import LoanState
from loanops.loanbook.servicing.domain.portfolio import AT_RISK
from loanops.loanbook.servicing.models import Pool
from loanops.loanbook.servicing.queries.board import pools_of, read_cells
from loanops.loanbook.servicing.queries.board_news import Difference
from loanops.registry.partners import queries as partners
from loanops.registry.products import queries as products

Line = TypeVar("Line")
EXAMINED_MAX: Final = 5_000
"""Loans that one page looks at where it is narrowed: a page may be short and have a next one."""

PAGE: Final = 1_000
"""Lines that are read at once for a file."""
LINES_MAX: Final = 10_000
"""Lines of a list that one file holds."""
PAGES_MAX: Final = 60
"""Pages that are read for one file; one that is narrowed looks at so many loans as above."""

_NUMBER: Final = re.compile("[A-Z0-9-]*")
_TIERS: Final = {tier.value: place for place, tier in enumerate(ORDER, start=NORMAL)}
_OF_STATE: Final[Mapping[str, range]] = {
    "": range(BUCKET_LAST + 1),
    LoanState.ACTIVE.value: range(1),
    LoanState.OVERDUE.value: range(1, BUCKET_LAST + 1),
}


class ListTooLong(Refusal):
    """A list that one file cannot hold, or that takes too long to go through."""

    code = "servicing_list_too_long"
    sentence = (
        "The list is too long for one file of {most} loans at most; narrow it by state, bucket, "
        "class, funder, product or channel."
    )
    status = 422


@dataclass(frozen=True)
class Cut:
    """What narrows a list of loans by how they stand and whose they are; empty fields do not.

    ``at_risk`` asks for the loans behind the portfolio at risk beyond so many days past due, as
    days are counted for the bucket: more than 30, 60 or 90, or one day or more for 1.
    """

    bucket: int | None = None
    state: str = ""
    tier: str = ""
    funder: str = ""
    product: str = ""
    at_risk: int | None = None
    origin_channel: str = ""

    @property
    def reach(self) -> range:
        """The buckets that are asked for, that of loans written off among them."""
        wanted = range(WRITTEN_OFF_BUCKET + 1)
        if self.at_risk is not None:
            wanted = range(AT_RISK[self.at_risk], BUCKET_LAST + 1)
        if self.bucket is not None:
            first = self.bucket
            wanted = range(first, first + 1) if first in wanted else range(0)
        return wanted

    @property
    def place(self) -> int | None:
        """The place of the class, best first; none where no class is asked for."""
        return _TIERS[self.tier] if self.tier else None

    @property
    def narrows(self) -> bool:
        """Whether anything is asked for."""
        return self != Cut()


@dataclass(frozen=True)
class Narrowed:
    """Which loans of a book a list shows, of today or of a past day; empty fields do not narrow.

    ``number`` is how a number begins; ``before`` pages on.
    """

    book: str = ""
    state: str = ""
    bucket: int | None = None
    funder: str = ""
    product: str = ""
    origin_channel: str = ""
    tier: str = ""
    application: str = ""
    number: str = ""
    before: str = ""
    limit: int = 20
    at_risk: int | None = None

    @property
    def cut(self) -> Cut:
        """What narrows by how loans stand and whose they are."""
        return Cut(
            bucket=self.bucket,
            state=self.state,
            tier=self.tier,
            funder=self.funder,
            product=self.product,
            at_risk=self.at_risk,
            origin_channel=self.origin_channel,
        )


@dataclass(frozen=True)
class LoanCount:
    """How many loans a list has; ``more`` says that it has at least so many."""

    loans: int
    more: bool


@dataclass(frozen=True)
class ListTotals:
    """All loans that are asked for: unpaid principal without what is written off, and what of it
    is past due (unsaid of a class). ``recalculated`` counts the loans whose figures of the day are
    others by now."""

    outstanding_minor: int
    late_minor: int | None
    recalculated: int


def check_cut(cut: Cut, *, book: str, number: str, viewer: Viewer) -> None:
    """Hold a filter to what there can be; a foreign funder is unknown like a missing one.

    :raises BadField: names the field that cannot be, and how to mend it.
    """
    _one_of("state", cut.state, [state.value for state in LoanState])
    _one_of("tier", cut.tier, _TIERS)
    if cut.bucket is not None and not 0 <= cut.bucket <= WRITTEN_OFF_BUCKET:
        raise BadField(field="bucket", problem="choose one of {known}", known="M0 … M7+, WO")
    if cut.at_risk is not None and cut.at_risk not in AT_RISK:
        known = ", ".join(map(str, AT_RISK))
        raise BadField(field="at_risk", problem="choose one of {known}", known=known)
    if not _NUMBER.fullmatch(number):
        raise BadField(field="number", problem="give capital letters, digits and dashes")
    if not book or not (cut.funder or cut.product):
        return
    pools = Pool.objects.filter(book_id=book).values_list("funder", "product").distinct()
    mine = [pool for pool in pools if viewer.sees_funder(pool[0])]
    if cut.funder and not (
        viewer.sees_funder(cut.funder)
        and (
            any(funder == cut.funder for funder, _ in mine) or partners.find_partners([cut.funder])
        )
    ):
        raise BadField(field="funder", problem="no funder has this code")
    if (
        cut.product
        and all(code != cut.product for _, code in mine)
        and cut.product not in products.list_names(book=book, viewer=Viewer.house("servicing"))
    ):
        raise BadField(field="product", problem="no product has this code")


def _one_of(field: str, value: str, known: Collection[str]) -> None:
    if value and value not in known:
        raise BadField(field=field, problem="choose one of {known}", known=", ".join(known))


def totals_of(
    cut: Cut,
    *,
    book: str,
    on: date,
    open_on: date,
    news: Sequence[Difference],
    recalculate: bool,
    viewer: Viewer,
) -> ListTotals | None:
    """What the ledger, classes and late news say of all loans asked for; no loan is read for it.

    None for who sees some channels, of loans that have ended, and where no sum is kept: of a
    channel, of a class within a bucket or state, and of a day before classes were kept.
    """
    among = [number for number in _OF_STATE.get(cut.state, ()) if number in cut.reach]
    if viewer.scopes.by_application or cut.origin_channel or not among:
        return None
    if cut.tier and (cut.state or cut.bucket is not None or cut.at_risk is not None):
        return None
    pools = [
        pool
        for pool in pools_of(book, viewer)
        if cut.funder in {"", pool.funder} and cut.product in {"", pool.product}
    ]
    mine = {pool.id for pool in pools}
    late = [each for each in news if each.pool in mine]
    cells = read_cells(
        book, on, open_on, pools, late if recalculate else (), with_classes=bool(cut.tier)
    )
    if cut.place is not None:
        if cells.classes is None:
            return None
        return ListTotals(cells.in_class(cut.place).outstanding_minor, None, len(late))
    amounts = {number: cells.in_bucket(number) for number in among}
    return ListTotals(
        outstanding_minor=sum(amounts.values()),
        late_minor=sum(minor for number, minor in amounts.items() if number),
        recalculated=len(late),
    )


def whole(page: Callable[[str], tuple[Sequence[Line], str]]) -> list[Line]:
    """All lines of a list, read page by page; ``page`` takes a place and gives the next one.

    :raises ListTooLong: there are too many, or too much would have to be looked at.
    """
    lines: list[Line] = []
    before = ""
    for _ in range(PAGES_MAX):
        found, before = page(before)
        lines += found
        if len(lines) > LINES_MAX:
            break
        if not before:
            return lines
    raise ListTooLong(most=LINES_MAX)
