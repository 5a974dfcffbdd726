"""Yields of many rows of cash flows at once, each with a word on how its rate was found.

Arrays are period-major (row k holds flow k + 1 of every loan) as in :mod:`.portfolio`. A rate is
sought as y = ln(1 + rate), where ln(received / paid) is almost a straight line, so Householder's
method settles most rows in two steps; a step that leaves the bracket is halved instead. A row
whose flows may have several rates is settled by itself, by :mod:`.rates`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from loanops.kernel import rates
from loanops.kernel.portfolio import Days, Floats

Outcomes = npt.NDArray[np.int8]
_Timed = tuple[Floats, Floats]

BLOCK: Final = 8192
DAYS_IN_YEAR: Final = 365
_HIGHEST: Final = math.log(1e30)
_LOWEST: Final = -math.log1p(-0.999999)
"""How far a rate is sought on either side of zero, in ln(1 + rate): the reach of the single one."""
_BELOW: Final = -1e-6
"""A root at zero lies inside the bracket, not on its edge."""
_NEAR: Final = 1e-3
_NEARER: Final = 1e-5
"""A step this small, against the time from first to last flow, leaves nothing to be seen."""
_STEPS_MAX: Final = 200


class Outcome(IntEnum):
    """What became of one row."""

    FOUND = 0
    """The one rate of a row whose flows turn once, or the only one above zero (Norstrøm)."""
    AMBIGUOUS = 1
    """A rate, found as spreadsheets find it; the flows turn so often that others may exist."""
    ONE_SIDED = 2
    """No rate: money flows one way only, or not at all."""
    NOT_FOUND = 3
    """No rate between -99.9999 % and 1e30."""


@dataclass(frozen=True, slots=True)
class Yields:
    """The rate of each row (a fraction; "not a number" where there is none) and its outcome."""

    rates: Floats
    outcomes: Outcomes

    @property
    def found(self) -> npt.NDArray[np.bool_]:
        """Which rows have a rate."""
        return self.outcomes <= Outcome.AMBIGUOUS

    def rows(self, outcome: Outcome) -> list[int]:
        """The places of the rows that ended so."""
        return [int(place) for place in np.flatnonzero(self.outcomes == outcome)]


@dataclass(frozen=True, slots=True)
class GroupYields:
    """One row a group, in the order of the groups' names."""

    groups: npt.NDArray[Any]
    yields: Yields


def irr_many(flows: npt.ArrayLike) -> Yields:
    """The rate per period of each column of ``flows`` (periods by rows; zeros may pad the end).

    Twin of :func:`loanops.kernel.rates.irr`; equal to it within 1e-9.

    :raises ValueError: not a table, or an amount that is not finite.
    """
    amounts = _table(flows)
    periods = np.arange(len(amounts), dtype=np.float64)[:, None]
    return _worked_out(amounts, None, 1, lambda rows: (amounts[:, rows], periods))


def xirr_many(days: Days, flows: npt.ArrayLike) -> Yields:
    """The effective yearly rate (act/365) of each column of ``flows``, dated by ``days``.

    ``days`` has the shape of ``flows``, or one day per flow where all rows share them. Days need
    no order; a flow of zero counts for nothing, whatever its day, so short rows are padded by it.
    Twin of :func:`loanops.kernel.rates.xirr`; equal to it within 1e-9.

    :raises ValueError: not a table, an amount that is not finite, or days of another shape.
    """
    amounts = _table(flows)
    dated = np.asarray(days, "datetime64[D]")
    if dated.shape not in {amounts.shape, amounts.shape[:1]}:
        raise ValueError("days have the shape of the flows, or are one per flow")
    counted = dated.view(np.int64)
    if counted.ndim == 1:
        counted = np.broadcast_to(counted[:, None], amounts.shape)
    return _worked_out(
        amounts,
        counted,
        DAYS_IN_YEAR,
        lambda rows: _in_order(amounts[:, rows], counted[:, rows]),
    )


def yields_by_group(groups: npt.ArrayLike, days: Days, amounts: npt.ArrayLike) -> GroupYields:
    """The effective yearly rate of all flows of each group together, such as a product's vintage.

    Three lists of equal length, one entry a flow: the group's name, the day, and the amount in
    whole minor units, negative where the portfolio paid. Flows of a day are added up exactly.

    :raises ValueError: lists of different length, or amounts that are no whole numbers.
    """
    names, place = np.unique(np.asarray(groups), return_inverse=True)
    dated = np.asarray(days, "datetime64[D]").astype(np.int64)
    minor = np.asarray(amounts)
    if minor.size == 0:
        return GroupYields(names, _empty(0))
    if not place.shape == dated.shape == minor.shape:
        raise ValueError("groups, days and amounts are lists of one length")
    if minor.dtype.kind not in "iu":
        raise ValueError("amounts are whole minor units")
    order = np.lexsort((dated, place))
    place, dated, minor = place[order], dated[order], minor[order].astype(np.int64)
    new = np.ones(len(place), np.bool_)
    new[1:] = (np.diff(place) != 0) | (np.diff(dated) != 0)
    first = np.flatnonzero(new)
    sums, place, dated = np.add.reduceat(minor, first), place[first], dated[first]
    counts = np.bincount(place, minlength=len(names))
    row = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
    flows = np.zeros((int(counts.max()), len(names)))
    when = np.zeros(flows.shape, np.int64)
    flows[row, place], when[row, place] = sums, dated
    return GroupYields(names, xirr_many(when.astype("datetime64[D]"), flows))


def _table(flows: npt.ArrayLike) -> Floats:
    amounts = np.asarray(flows, np.float64)
    if amounts.ndim != 2:
        raise ValueError("flows are a table: one row a period, one column a loan")
    return amounts


def _empty(rows: int) -> Yields:
    return Yields(np.full(rows, np.nan), np.full(rows, Outcome.ONE_SIDED, np.int8))


def _in_order(amounts: Floats, days: npt.NDArray[np.int64]) -> _Timed:
    """Flows by time, those of one day added to the last of them; times in days from the first."""
    if (days[1:] > days[:-1]).all():
        times = np.empty(amounts.shape)
        return amounts, np.subtract(days, days[0], out=times, casting="unsafe")
    live = amounts != 0
    start = np.where(live, days, np.iinfo(np.int64).max).min(axis=0)
    since = np.where(live, days - start, 0)
    order = np.argsort(since, axis=0, kind="stable")
    amounts = np.take_along_axis(amounts, order, axis=0)
    since = np.take_along_axis(since, order, axis=0)
    for place in range(len(since) - 1):
        same = since[place] == since[place + 1]
        amounts[place + 1] += np.where(same, amounts[place], 0.0)
        amounts[place][same] = 0.0
    return amounts, since.astype(np.float64)


def _worked_out(
    amounts: Floats,
    days: npt.NDArray[np.int64] | None,
    unit: int,
    timed: Callable[[Any], _Timed],
) -> Yields:
    """Every row: the plain ones block by block where they lie, then the others together.

    The rate is that of so many units of the times that ``timed`` tells.
    """
    found = _empty(amounts.shape[1])
    if len(amounts) < 2:
        return found
    left = [np.empty(0, np.int64)]
    for start in range(0, amounts.shape[1], BLOCK):
        part = slice(start, min(start + BLOCK, amounts.shape[1]))
        left.append(start + _fill_plain(found, part, unit, *timed(part)))
    others = np.concatenate(left)
    for start in range(0, len(others), BLOCK):
        rows = others[start : start + BLOCK]
        turned = _Turned.of(*timed(rows))
        found.rates[rows] = turned.rates(unit)
        found.outcomes[rows] = turned.outcomes
    for row in np.flatnonzero(found.outcomes == Outcome.AMBIGUOUS).tolist():
        places = range(len(amounts)) if days is None else days[:, row].tolist()
        found.rates[row] = _singly(amounts[:, row].tolist(), places, unit)
    lost = np.isnan(found.rates) & (found.outcomes != Outcome.ONE_SIDED)
    found.outcomes[lost] = Outcome.NOT_FOUND
    return found


def _fill_plain(
    found: Yields, part: slice, unit: int, amounts: Floats, times: Floats
) -> npt.NDArray[np.int64]:
    """Rows that pay first and then receive as much or more; returns the places of the others."""
    total = amounts.sum(axis=0)
    if not np.isfinite(total).all():
        raise ValueError("an amount is not finite")
    plain = (total >= 0) & (amounts[0] < 0) & (amounts[1:].min(axis=0) >= 0)
    others = np.flatnonzero(~plain)
    if not plain.any():
        return others
    if len(others):
        # Cheaper than moving the plain rows together: one of them stands in for the others.
        amounts = amounts.copy()
        amounts[:, others] = amounts[:, [plain.argmax()]]
    y = _roots(_Sums(amounts, times), np.full(len(plain), _HIGHEST / unit))
    found.rates[part] = np.expm1(unit * y)
    found.outcomes[part] = Outcome.FOUND
    return others


def _singly(amounts: list[float], places: Sequence[int], unit: int) -> float:
    """The rate of one row by the search of the single rate; "not a number" where it ends."""
    pairs = [(place, amount) for place, amount in zip(places, amounts, strict=True) if amount]
    try:
        return rates.approximate(
            [rates.Flow(Fraction(place, unit), Decimal(amount)) for place, amount in pairs]
        )
    except rates.RateNotFound:
        return math.nan


@dataclass(frozen=True, slots=True)
class _Turned:
    """Rows of any kind, each turned so that it begins below zero and its rate is above zero.

    ``backwards`` marks rows whose rate is below zero: read from their end, it is above.
    """

    amounts: Floats
    times: Floats
    backwards: npt.NDArray[np.bool_]
    outcomes: Outcomes

    @classmethod
    def of(cls, amounts: Floats, times: Floats) -> _Turned:
        """Turn the rows, and tell which have one rate, perhaps several, or none."""
        backwards = amounts.sum(axis=0) * _signs(amounts, _first(amounts)) > 0
        amounts = np.where(backwards, amounts[::-1], amounts)
        times = np.where(backwards, times.max(axis=0) - times[::-1], times)
        first = _first(amounts)
        # Counted from the first flow, or worths far from it would be too small for a float.
        times = np.maximum(times - np.take_along_axis(times, first, axis=0), 0.0)
        amounts = amounts * -_signs(amounts, first)
        one_sided = ~((amounts > 0).any(axis=0) & (amounts < 0).any(axis=0))
        # A row that ends on the side of its total turns twice at least: nothing brackets a rate.
        unclear = (amounts.sum(axis=0) < 0) | ~_turns_once(amounts)
        asked = np.flatnonzero(unclear & ~backwards)
        summed = amounts[:, asked].cumsum(axis=0)
        unclear[asked] = (summed[-1] <= 0) | ~_turns_once(summed)
        outcomes = np.where(unclear, Outcome.AMBIGUOUS, Outcome.FOUND)
        outcomes = np.where(one_sided, Outcome.ONE_SIDED, outcomes).astype(np.int8)
        return cls(amounts, times, backwards, outcomes)

    def rates(self, unit: int) -> Floats:
        """The rates of the rows that have one; "not a number" for the others."""
        live = np.flatnonzero(self.outcomes == Outcome.FOUND)
        found = np.full(len(self.outcomes), np.nan)
        if len(live):
            backwards = self.backwards[live]
            reach = np.where(backwards, _LOWEST, _HIGHEST) / unit
            y = _roots(_Sums(self.amounts[:, live], self.times[:, live]), reach)
            found[live] = np.expm1(np.where(backwards, -unit, unit) * y)
        return found


def _first(amounts: Floats) -> npt.NDArray[np.int64]:
    """Where each row has its first flow that is not zero."""
    return np.asarray((amounts != 0).argmax(axis=0)[None])


def _signs(amounts: Floats, places: npt.NDArray[np.int64]) -> Floats:
    return np.asarray(np.sign(np.take_along_axis(amounts, places, axis=0)[0]))


def _turns_once(amounts: Floats) -> npt.NDArray[np.bool_]:
    """Whether nothing below zero follows something above it."""
    risen = np.zeros(amounts.shape[1], np.bool_)
    fallen = risen.copy()
    for row in amounts:
        fallen |= risen & (row < 0)
        risen |= row > 0
    return ~fallen


def _roots(sums: _Sums, reach: Floats) -> Floats:
    """Where what is received is worth what is paid, in ln(1 + rate), between zero and ``reach``."""
    rows = np.arange(len(reach))
    found = np.full(len(rows), np.nan)
    y, low, high = np.zeros(len(rows)), np.full(len(rows), _BELOW), reach.copy()
    with np.errstate(all="ignore"):
        for turn in range(_STEPS_MAX):
            above, step = sums.at(y if turn else None)
            low, high = np.where(above > 0, y, low), np.where(above > 0, high, y)
            after = y + step
            inside = (after >= low) & (after <= high)
            settled = inside & (np.abs(step) <= sums.settled)
            if settled.all():
                found[rows] = after
                break
            after = np.where(inside, after, (low + high) / 2)
            closed = ~settled & (high - low <= 1e-15 * np.abs(high))
            # A bracket that closes at the end of the reach has met no root.
            met = settled | (closed & (high < reach))
            found[rows[met]] = after[met]
            left = ~(settled | closed)
            if not left.any():
                break
            if 4 * int(left.sum()) < 3 * len(rows):
                rows, y, low, high, reach = (each[left] for each in (rows, after, low, high, reach))
                sums = sums.part(left)
            else:
                y = after
    return found


class _Sums:
    """Both sides of rows that begin below zero, each with the periods in which it has a flow."""

    def __init__(self, amounts: Floats, times: Floats) -> None:
        """Part the sides; those of a plain portfolio have no period in common."""
        self._amounts, self._times = amounts, times
        lowest, highest = amounts.min(axis=1), amounts.max(axis=1)
        self._sides = [self._side(1, lowest, highest), self._side(-1, -highest, -lowest)]
        self._room = np.empty(amounts.shape)
        # Of rows that pay at one time, the error of a step is below its fourth power.
        at_once = not self._sides[1][1].any()
        self.settled = (_NEAR if at_once else _NEARER) / times.max(axis=0)

    def _side(self, sign: int, lowest: Floats, highest: Floats) -> tuple[Floats, Floats]:
        live = np.flatnonzero(highest > 0)
        part = slice(live[0], live[-1] + 1)
        side = self._amounts[part] if sign > 0 else -self._amounts[part]
        return (np.maximum(side, 0.0) if lowest[part].min() < 0 else side), self._times[part]

    def part(self, rows: npt.NDArray[Any]) -> _Sums:
        """Those of some rows."""
        shared = self._times.shape[1] != self._amounts.shape[1]
        return _Sums(self._amounts[:, rows], self._times if shared else self._times[:, rows])

    def at(self, y: Floats | None) -> tuple[Floats, Floats]:
        """ln(received / paid) at ``y`` (zero without any), and Householder's step to its root.

        The slopes of that logarithm are the mean, the variance and the third cumulant of each
        side's times, weighted by worth.
        """
        sides = [self._weighed(amounts, times, y) for amounts, times in self._sides]
        (received, mean, spread, skew), (paid, mean_paid, spread_paid, skew_paid) = sides
        above = np.log(received / paid)
        slope = mean_paid - mean
        straight = -above / slope
        bent = straight * (spread - spread_paid) / slope
        twisted = straight * straight * (skew_paid - skew) / slope
        return above, straight * (1 + bent / 2) / (1 + bent + twisted / 6)

    def _weighed(self, amounts: Floats, times: Floats, y: Floats | None) -> tuple[Any, ...]:
        """Worth of one side, and the first three cumulants of its times; at the start two."""
        worths = amounts
        room = self._room[: len(amounts)]
        if y is not None:
            np.multiply(times, -y, out=room)
            np.exp(room, out=room)
            worths = np.multiply(room, amounts, out=room)
        worth = worths.sum(axis=0)
        worths = np.multiply(worths, times, out=room)
        mean = worths.sum(axis=0) / worth
        if y is None:
            return worth, mean, np.einsum("kn,kn->n", worths, times) / worth - mean * mean, 0.0
        worths *= times
        second = worths.sum(axis=0) / worth
        third = np.einsum("kn,kn->n", worths, times) / worth
        square = mean * mean
        return worth, mean, second - square, third - mean * (3 * second - 2 * square)
