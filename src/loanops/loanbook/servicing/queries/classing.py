"""Classes: the rules of a day, the class of one loan with its history, and sums by class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from loanops.kernel.access import Viewer
from loanops.kernel.aging import Tier, TierFloor, bucket_name, dpd
from loanops.loanbook.servicing.domain.classing import NORMAL, ORDER, ClassRules
from loanops.loanbook.servicing.domain.lifecycle import LIVE
from loanops.loanbook.servicing.domain.observing import Observation, ObservationRules
from loanops.loanbook.servicing.models import Change, ClassChange, ClassOrder, Loan, LoanClass
from loanops.loanbook.servicing.queries.loans import find_row
from loanops.loanbook.servicing.queries.observing import observations_of
from loanops.loanbook.servicing.queries.pausing import CountingPauseCard, counting_of
from loanops.money.ledger import queries as ledger
from loanops.platform.books import queries as books
from loanops.platform.db import fetch
from loanops.registry.compliance import queries as compliance
from loanops.registry.compliance.queries import Limit

PRINCIPAL = "loans.principal"
_CLASS = LoanClass._meta.db_table
_CHANGE = ClassChange._meta.db_table
_LOAN = Loan._meta.db_table
_LIVE = ", ".join(f"'{state.value}'" for state in LIVE)
_CHUNK = 5_000
_TIER_KEYS = {
    tier: (f"class.{tier.value}_days_min", f"provision.{tier.value}_rate") for tier in ORDER
}
_OBSERVATION_KEYS = (
    "class.restructured_tier_min",
    "class.observation_months_min",
    "class.observation_periods_min",
)


@dataclass(frozen=True)
class ClassChangeCard:
    """One line of the log of a loan's class."""

    changed_on: date
    at: datetime
    cause: str
    from_tier: str
    to_tier: str


@dataclass(frozen=True)
class ClassOrderCard:
    """A judgement, a pause or an observation: by whom, why, from when to when.

    ``until`` is exclusive. The ``reason`` of an observation is the key of its restructuring.
    """

    kind: str
    tier: str
    reason: str
    by: str
    begins_on: date
    until: date | None
    ended_on: date | None
    ended_by: str
    ended_reason: str


@dataclass(frozen=True)
class ClassCard:
    """The class of a loan on the business day ``on``: by days, by judgement, and what is in force.

    ``judged_tier`` is empty where nobody judged; ``paused`` holds the class, not the days.
    ``observed_tier`` is the class at which a restructured loan is held up to ``observed_until``,
    empty where none is; ``observed_from`` is the due day from which it is counted, ``missed_on``
    the one that was not paid in time and began it again. ``counted_dpd`` of the days past due
    count for the bucket, but for those of ``counting_pauses``: the class follows ``dpd``.
    """

    loan: str
    on: date
    tier: str
    days_tier: str
    judged_tier: str
    judged_until: date | None
    paused: bool
    paused_until: date | None
    observed_tier: str
    observed_until: date | None
    restructured_on: date | None
    observed_from: date | None
    missed_on: date | None
    dpd: int
    counted_dpd: int
    bucket_name: str
    counting_pauses: tuple[CountingPauseCard, ...]
    changes: tuple[ClassChangeCard, ...]
    orders: tuple[ClassOrderCard, ...]


def get_class(*, number: str, viewer: Viewer) -> ClassCard:
    """The class of a loan with its history, newest first.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none that the viewer may see.
    """
    loan = find_row(number, viewer)
    row = LoanClass.objects.filter(loan=loan).first() or LoanClass(tier=NORMAL, days_tier=NORMAL)
    on = books.business_date(loan.book_id)
    seen = _observed(loan, row, on)
    counted, pauses = counting_of(loan, on)
    return ClassCard(
        loan=number,
        on=on,
        tier=ORDER[row.tier].value,
        days_tier=ORDER[row.days_tier].value,
        judged_tier="" if row.judged_tier is None else ORDER[row.judged_tier].value,
        judged_until=row.judged_until,
        paused=row.paused,
        paused_until=row.paused_until,
        observed_tier="" if row.observed_tier is None else ORDER[row.observed_tier].value,
        # Up to the day by what is known; the row says when the close looks again.
        observed_until=seen.until if seen else row.observed_until,
        restructured_on=seen.agreed_on if seen else None,
        observed_from=seen.begins_on if seen else None,
        missed_on=seen.missed_on if seen else None,
        dpd=dpd(loan.oldest_due_on, on),
        counted_dpd=counted,
        bucket_name=bucket_name(loan.bucket),
        counting_pauses=pauses,
        changes=tuple(
            ClassChangeCard(
                changed_on=each.changed_on,
                at=each.at,
                cause=each.cause,
                from_tier=ORDER[each.from_tier].value,
                to_tier=ORDER[each.to_tier].value,
            )
            for each in ClassChange.objects.filter(loan=loan).order_by("-id")
        ),
        orders=tuple(
            ClassOrderCard(
                kind=each.kind,
                tier="" if each.tier is None else ORDER[each.tier].value,
                reason=each.reason,
                by=each.by,
                begins_on=each.begins_on,
                until=each.until,
                ended_on=each.ended_on,
                ended_by=each.ended_by,
                ended_reason=each.ended_reason,
            )
            for each in ClassOrder.objects.filter(loan=loan).order_by("-id")
        ),
    )


def _observed(loan: Loan, row: LoanClass, on: date) -> Observation | None:
    """The observation of a loan by everything known, where one stands."""
    if row.observed_tier is None:
        return None
    rules = class_rules(book=loan.book_id, on=on).observation
    if rules is None:
        return None
    return observations_of([loan.pk], rules=rules, on=on).get(loan.pk)


def class_figures(*, book: str, on: date) -> dict[Tier, tuple[Limit | None, Limit | None]]:
    """The floor by days past due and the rate of provision of each tier, with their sources.

    :raises NotFound: there is no such book or pack.
    """
    return _figures(compliance.get_limits(book=book, keys=chain(*_TIER_KEYS.values()), on=on))


def _figures(
    limits: Mapping[str, Limit | None],
) -> dict[Tier, tuple[Limit | None, Limit | None]]:
    return {tier: (limits[floor], limits[rate]) for tier, (floor, rate) in _TIER_KEYS.items()}


def observation_figures(*, book: str, on: date) -> list[Limit]:
    """What the rule pack says of restructured loans, with sources; nothing where it says none.

    :raises NotFound: there is no such book or pack.
    """
    limits = compliance.get_limits(book=book, keys=_OBSERVATION_KEYS, on=on)
    return [limit for limit in limits.values() if limit is not None]


def class_rules(*, book: str, on: date) -> ClassRules:
    """The floors, rates and observation in force for a book on a day.

    :raises NotFound: there is no such book or pack.
    """
    keys = chain(*_TIER_KEYS.values(), _OBSERVATION_KEYS)
    limits = compliance.get_limits(book=book, keys=keys, on=on)
    floors, rates = [], {}
    for tier, (floor, rate) in _figures(limits).items():
        if floor is not None and not isinstance(floor.value, tuple):
            floors.append(TierFloor(tier, int(floor.value) - 1, floor.effective_from))
        if rate is not None and not isinstance(rate.value, tuple):
            rates[tier] = rate.value
    found = [limits[key] for key in _OBSERVATION_KEYS]
    lowest, months, periods = (limit.value if limit else None for limit in found)
    observation = None
    if isinstance(months, Decimal) and isinstance(periods, Decimal):
        observation = ObservationRules(int(months), int(periods))
    return ClassRules(
        tuple(floors),
        rates,
        observation,
        ORDER.index(Tier(lowest[0])) if isinstance(lowest, tuple) else NORMAL,
    )


class ClassTotal(NamedTuple):
    """Loans and their principal in one class of a pool."""

    loans: int = 0
    outstanding_minor: int = 0

    def plus(self, outstanding_minor: int, *, loans: int = 1) -> ClassTotal:
        """With loans more (or less, by a negative count)."""
        return ClassTotal(self.loans + loans, self.outstanding_minor + outstanding_minor)


def sum_classes(*, book: str, on: date) -> dict[tuple[int, int], ClassTotal]:
    """Every class below normal by pool and tier, at the end of a day as known then.

    ``on`` is the open business day or the one before it. Costs the loans that are so classed;
    what happened since is taken back for the few loans that it happened to.
    """
    sums = {
        (pool, tier): ClassTotal(loans, int(outstanding))
        for pool, tier, loans, outstanding in fetch(
            f"""
            SELECT l.pool_id, c.tier, COUNT(*), SUM(l.outstanding_minor)
            FROM {_CLASS} c JOIN {_LOAN} l ON l.id = c.loan_id
            WHERE c.book_id = %s AND c.tier > 0 AND l.state IN ({_LIVE})
            GROUP BY l.pool_id, c.tier
            """,  # noqa: S608 - names come from the models
            [book],
        )
    }
    moved = ledger.moved_after(book=book, code=PRINCIPAL, on=on)
    before = _tiers_before(book, on)
    touched = _touched(before, moved)
    ended = _ended_after([each.id for each in touched if not each.live], on)
    for each in touched:
        if each.live and each.tier:
            key = (each.pool, each.tier)
            sums[key] = sums[key].plus(-each.outstanding_minor, loans=-1)
        then = before.get(each.id, each.tier)
        then_minor = each.outstanding_minor - moved.get(each.number, 0)
        if then and then_minor and (each.live or each.id in ended):
            key = (each.pool, then)
            sums[key] = sums.get(key, ClassTotal()).plus(then_minor)
    return {key: total for key, total in sums.items() if total.loans}


def _tiers_before(book: str, on: date) -> dict[int, int]:
    """The class before its first change after a day, of loans whose class changed since."""
    return dict(
        fetch(
            f"""
            SELECT c.loan_id, c.from_tier FROM {_CHANGE} c JOIN (
                SELECT MIN(id) AS id FROM {_CHANGE}
                WHERE book_id = %s AND changed_on > %s GROUP BY loan_id
            ) x ON x.id = c.id
            """,  # noqa: S608 - names come from the models
            [book, on],
        )
    )


class _Touched(NamedTuple):
    id: int
    number: str
    pool: int
    live: bool
    outstanding_minor: int
    tier: int


def _touched(before: Mapping[int, int], moved: Mapping[str, int]) -> list[_Touched]:
    """Classed loans whose class or principal changed, as they stand now; to end is to change."""
    found: dict[int, _Touched] = {}
    wanted: list[tuple[str, Sequence[object]]] = [
        *(("l.id", part) for part in _chunks(sorted(before))),
        *(("l.number", part) for part in _chunks(sorted(moved))),
    ]
    for column, part in wanted:
        for row in fetch(
            f"""
            SELECT l.id, l.number, l.pool_id, l.state IN ({_LIVE}), l.outstanding_minor, c.tier
            FROM {_LOAN} l JOIN {_CLASS} c ON c.loan_id = l.id
            WHERE {column} IN ({", ".join(["%s"] * len(part))})
            """,  # noqa: S608 - names come from the models
            part,
        ):
            found[row[0]] = _Touched(*row)
    return list(found.values())


def _chunks(values: Sequence[object]) -> Iterator[Sequence[object]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def _ended_after(ids: Sequence[int], on: date) -> frozenset[int]:
    """Those of a few loans that stood in the book at the end of a day and ended later."""
    live = {state.value for state in LIVE}
    first: dict[int, str] = {}
    rows = Change.objects.filter(loan_id__in=ids, changed_on__gt=on).order_by("id")
    for loan_id, state in rows.values_list("loan_id", "from_state"):
        first.setdefault(loan_id, state)
    return frozenset(loan_id for loan_id, state in first.items() if state in live)
