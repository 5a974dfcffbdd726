"""Rates of return of a book, per period and by days, against a loop over the Rust library pyxirr.

The book is as paid: most loans in full, some settled early, some broken off with a loss, some that
never paid and some with a payment taken back at the end. The loop gets its lists ready made, which
is its fastest way, and no row of it fails: what has no rate it answers with nothing. Every row that
it solves is compared, and a sample is held to the decimal rates of the kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
import pyxirr

from benchmarks.figure import Figure, seconds
from loanops.kernel import rates
from loanops.kernel.portfolio import Days, Floats, level_schedules, period_days
from loanops.kernel.yields import Outcome, Yields, irr_many, xirr_many

TITLE = "Rates of return of a book"
INSTALMENTS = 12
SEED = 20260521
WANTED = 8
APART_MOST, LIBRARY_MOST = 1e-9, 1e-8
"""The library stops its dated search at about 1e-9; what is held to 1e-9 is the decimal rate."""


def measure(*, quick: bool) -> Iterator[Figure]:
    """Rates per period, then by days, with the rows that have none counted on both sides."""
    loans, compared = (20_000, 2_000) if quick else (1_000_000, 20_000)
    days, flows = book(loans)
    columns = flows[:, :compared].T.tolist()
    dates = days[:, :compared].T.tolist()
    silent_irr = partial(pyxirr.irr, silent=True)
    silent_xirr = partial(pyxirr.xirr, silent=True)

    def periodic() -> list[float | None]:
        return [silent_irr(amounts) for amounts in columns]

    def dated() -> list[float | None]:
        return [silent_xirr(*row) for row in zip(dates, columns, strict=True)]

    def exact_irr(row: int) -> float:
        return float(rates.irr([int(amount) for amount in columns[row]]))

    def exact_xirr(row: int) -> float:
        amounts = [int(amount) for amount in columns[row]]
        return float(rates.xirr(list(zip(dates[row], amounts, strict=True))))

    yield _figure("IRR", partial(irr_many, flows), periodic, exact_irr, loans, compared, quick)
    yield _figure(
        "XIRR", partial(xirr_many, days, flows), dated, exact_xirr, loans, compared, quick
    )


def book(loans: int) -> tuple[Days, Floats]:
    """Days and flows as paid, by period and loan; the first row is the payout."""
    chance = np.random.default_rng(SEED)
    principal = chance.integers(1_000_00, 50_000_00, loans)
    starts = np.datetime64("2026-01-01") + chance.integers(0, 365, loans)
    plan = level_schedules(principal, chance.integers(30_000, 360_000, loans), INSTALMENTS)
    flows = np.empty((INSTALMENTS + 1, loans))
    flows[0] = -principal
    np.add(plan.principal_minor, plan.interest_minor, out=flows[1:], casting="unsafe")
    lots = chance.permutation(loans)
    shares = np.cumsum([int(loans * share) for share in (0.10, 0.03, 0.005, 0.0001)])
    early, broken, never, taken_back = np.split(lots, shares)[:4]
    ends = chance.integers(2, INSTALMENTS, len(early))
    flows[ends, early] += plan.balance_minor[ends - 1, early]
    for place, end in ((early, ends), (broken, chance.integers(2, INSTALMENTS, len(broken)))):
        after = np.arange(INSTALMENTS + 1)[:, None] > end
        flows[:, place] = np.where(after, 0.0, flows[:, place])
    flows[1:, never] = 0.0
    flows[-1, taken_back] *= -0.5
    return np.vstack([starts[None], period_days(starts, INSTALMENTS)[0]]), flows


def _figure(
    name: str,
    ours: Callable[[], Yields],
    loop: Callable[[], list[float | None]],
    exact: Callable[[int], float],
    loans: int,
    compared: int,
    quick: bool,
) -> Figure:
    pairs = [
        (seconds(ours, times=1) / loans, seconds(loop, times=1) / compared)
        for _ in range(3 if quick else 7)
    ]
    mine, peer = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    found, theirs = ours(), np.array([_number(rate) for rate in loop()])
    first = found.rates[:compared]
    plain = np.flatnonzero(found.outcomes[:compared] == Outcome.FOUND)
    away = _apart(first, theirs, plain)
    sample = plain[:: max(len(plain) // 500, 1)].tolist()
    exactly = np.array([exact(row) for row in sample])
    apart = float((np.abs(first[sample] - exactly) / (1 + np.abs(exactly))).max())
    agree = apart <= APART_MOST and away <= LIBRARY_MOST
    counts = {each: len(found.rows(each)) for each in Outcome}
    return Figure(
        f"{name} of a loan, {loans:,} loans",
        1e6 * mine,
        "µs",
        "faster than a loop over pyxirr",
        peer / mine,
        f"{WANTED} times",
        None if quick else agree and peer >= WANTED * mine,
        f"{counts[Outcome.ONE_SIDED]:,} rows without a rate, {counts[Outcome.AMBIGUOUS]:,} with "
        f"perhaps several, {counts[Outcome.NOT_FOUND]:,} not found, each named; the loop left out "
        f"{int(np.isnan(theirs[plain]).sum())} of {len(plain):,} plain ones; largest difference "
        f"from the decimal rate {apart:.1e}, from the loop {away:.1e}",
    )


def _number(rate: Any) -> float:
    return float("nan") if rate is None else float(rate)


def _apart(ours: Floats, theirs: Floats, rows: npt.NDArray[np.int64]) -> float:
    """The largest difference of the rows that both solved, against 1 + rate."""
    differences = np.abs(ours[rows] - theirs[rows]) / (1 + np.abs(ours[rows]))
    return float(np.nanmax(differences))
