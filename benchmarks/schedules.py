"""Schedules and costs of a portfolio, against a decimal loop, pyxirr and the memory's own speed.

Every loan that the decimal loop computes is compared: one differing unit voids the figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import partial
from statistics import median

import numpy as np
import pyxirr

from benchmarks.figure import Figure, seconds
from loanops.kernel.portfolio import Ints, Schedules, level_schedules, period_days, period_rates

TITLE = "Schedules of a portfolio"
INSTALMENTS = 12
SEED = 20180331
CENT = Decimal("0.01")


def measure(*, quick: bool) -> Iterator[Figure]:
    """Schedules by equal months and by actual days, then the rates of return of their flows."""
    loans = 50_000 if quick else 1_000_000
    compared = 2_000 if quick else 20_000
    chance = np.random.default_rng(SEED)
    principal = chance.integers(1_000_00, 50_000_00, loans)
    ppm = chance.integers(30_000, 360_000, loans)
    starts = np.datetime64("2026-01-01") + chance.integers(0, 365, loans)
    days = period_days(starts, INSTALMENTS)[1]
    room = Schedules.empty(INSTALMENTS, loans)
    rows = loans * INSTALMENTS

    for name, counted, limit in (("equal months", None, 4), ("actual days", days, 10)):
        part = None if counted is None else counted[:, :compared]
        loop, differing = _against_decimals(principal[:compared], ppm[:compared], part)
        work = partial(level_schedules, principal, ppm, INSTALMENTS, days=counted, into=room)
        ours, writing = _in_turn(work, partial(_write, room))
        yield Figure(
            f"instalment, {name}",
            1e9 * ours / rows,
            "ns",
            "faster than the decimal loop",
            loop / (compared * INSTALMENTS) / (ours / rows),
            "300 times",
            _judged(quick, loop / (compared * INSTALMENTS) >= 300 * ours / rows and not differing),
            f"{differing} of {compared:,} loans differ from the decimal loop",
        )
        yield Figure(
            f"instalment, {name}, against memory",
            1e9 * ours / rows,
            "ns",
            "the time to write the same rows",
            ours / writing,
            f"at most {limit} times",
            _judged(quick, ours <= limit * writing),
        )
    level_schedules(principal, ppm, INSTALMENTS, into=room)
    yield from _rates(room, principal, compared, quick=quick)


def _judged(quick: bool, reached: bool) -> bool | None:
    return None if quick else bool(reached)


def _in_turn(ours: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Medians of runs in turn, so that both meet the machine in the same mood."""
    ours()
    other()
    pairs = [(seconds(ours, times=1), seconds(other, times=1)) for _ in range(7)]
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)


def _write(room: Schedules) -> None:
    """Only write the rows: what any way of computing them has to do as well."""
    for rows in (room.principal_minor, room.interest_minor, room.balance_minor):
        rows.fill(1)


def _against_decimals(principal: Ints, ppm: Ints, days: Ints | None) -> tuple[float, int]:
    """The seconds of the decimal loop, and how many of its loans differ from ours."""
    periods = None if days is None else days.T.tolist()
    loans = list(zip(principal.tolist(), ppm.tolist(), strict=True))
    singly: list[list[tuple[Decimal, Decimal, Decimal]]] = []

    def loop() -> None:
        singly.clear()
        for place, (amount, rate) in enumerate(loans):
            singly.append(_by_decimals(amount, rate, None if periods is None else periods[place]))

    with localcontext(prec=28):
        taken = seconds(loop, times=1)
    found = level_schedules(principal, ppm, INSTALMENTS, days=days)
    theirs = np.array([[[int(part * 100) for part in row] for row in rows] for rows in singly])
    ours = np.stack([found.principal_minor, found.interest_minor, found.balance_minor])
    return taken, int((theirs.transpose(2, 1, 0) != ours).any(axis=(0, 1)).sum())


def _by_decimals(
    amount: int, ppm: int, days: list[int] | None
) -> list[tuple[Decimal, Decimal, Decimal]]:
    """The reference: one loan, period by period, in decimals rounded half-up to the cent."""
    balance = Decimal(amount) / 100
    yearly = Decimal(ppm) / 1_000_000
    if days is None:
        growth = (1 + yearly / 12) ** INSTALMENTS
        level = balance * (yearly / 12) * growth / (growth - 1)
    else:
        growth, annuities = 1 + yearly * days[0] / 360, Decimal(1)
        for count in days[1:]:
            factor = 1 + yearly * count / 360
            annuities = 1 + annuities * factor
            growth *= factor
        level = balance * growth / annuities
    level = level.quantize(CENT, ROUND_HALF_UP)
    rows = []
    for number in range(1, INSTALMENTS + 1):
        counted = Decimal(30) if days is None else Decimal(days[number - 1])
        interest = (balance * yearly * counted / 360).quantize(CENT, ROUND_HALF_UP)
        principal = balance if number == INSTALMENTS else level - interest
        balance -= principal
        rows.append((principal, interest, balance))
    return rows


def _rates(room: Schedules, drawn: Ints, compared: int, *, quick: bool) -> Iterator[Figure]:
    flows = np.empty((INSTALMENTS + 1, len(drawn)))
    flows[0] = -drawn
    np.add(room.principal_minor, room.interest_minor, out=flows[1:], casting="unsafe")
    ours = seconds(lambda: period_rates(flows)) / len(drawn)
    vectors = flows[:, :compared].T.tolist()
    theirs: list[float] = []

    def loop() -> None:
        theirs[:] = [pyxirr.irr(vector) or 0.0 for vector in vectors]

    peer = seconds(loop) / compared
    apart = float(np.abs(np.array(theirs) - period_rates(flows[:, :compared])).max())
    yield Figure(
        "rate of return of a loan",
        1e6 * ours,
        "µs",
        "faster than a loop over pyxirr",
        peer / ours,
        "8 times",
        _judged(quick, peer >= 8 * ours and apart < 1e-9),
        f"largest difference {apart:.1e}",
    )
