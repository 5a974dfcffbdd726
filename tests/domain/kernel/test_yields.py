"""Yields of many rows: equal to the single rate, and a word on every row without one."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyxirr
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from loanops.kernel import rates
from loanops.kernel.portfolio import days_of, period_rates
from loanops.kernel.rates import RateNotFound
from loanops.kernel.yields import BLOCK, Outcome, irr_many, xirr_many, yields_by_group

ORACLES = Path(__file__).resolve().parents[4] / "shared" / "oracles" / "oracle-xirr.json"
START = date(2026, 1, 31)
WITHIN_REACH = -0.99999
LOAN = [-100_000, *[17_500] * 6]

AMOUNTS = st.integers(1, 5_000_000)
# Money out in one to three tranches and then money in, or the other way round (a borrower's view).
CONVENTIONAL = st.tuples(
    st.lists(AMOUNTS, min_size=1, max_size=3),
    st.lists(AMOUNTS, min_size=1, max_size=12),
    st.sampled_from([1, -1]),
).map(lambda drawn: [*(-drawn[2] * a for a in drawn[0]), *(drawn[2] * a for a in drawn[1])])
ANY = st.lists(st.integers(-1_000, 1_000), min_size=2, max_size=8)
GAPS = st.lists(st.integers(0, 90), min_size=15, max_size=15)


def padded(rows: list[list[int]]) -> Any:
    table = np.zeros((max(len(row) for row in rows), len(rows)))
    for place, row in enumerate(rows):
        table[: len(row), place] = row
    return table


def close(found: float, expected: Decimal | float) -> bool:
    """Within 1e-9 of the rate, of 1 + rate where that is above two."""
    return abs(found - float(expected)) <= 1e-9 * max(1.0, 1 + float(expected))


def dated(gaps: list[int], count: int) -> list[date]:
    """Days that rise, or stay the same where a gap is nothing."""
    return [START + timedelta(days=sum(gaps[:place])) for place in range(count)]


class TestPeriodic:
    @settings(max_examples=150)
    @given(st.lists(CONVENTIONAL, min_size=1, max_size=5))
    def test_equal_the_single_rate(self, rows: list[list[int]]) -> None:
        found = irr_many(padded(rows))

        for place, row in enumerate(rows):
            try:
                single = rates.irr(row)
            except RateNotFound:
                assert not found.rates[place] > WITHIN_REACH
                continue
            assert close(found.rates[place], single)
            assert found.outcomes[place] == Outcome.FOUND
            library = pyxirr.irr([float(amount) for amount in row])
            # The library itself gives up on some rates far below zero, or strays.
            if library is not None and close(library, single):
                assert close(found.rates[place], library)

    @settings(max_examples=150)
    @given(st.lists(ANY, min_size=1, max_size=4))
    @example([[0, -196, 0, -1, 312, -160]])
    def test_tell_of_any_row_whether_it_has_a_rate(self, rows: list[list[int]]) -> None:
        found = irr_many(padded(rows))

        for place, row in enumerate(rows):
            outcome, rate = Outcome(found.outcomes[place]), found.rates[place]
            if outcome is Outcome.ONE_SIDED:
                assert min(row) >= 0 or max(row) <= 0
            elif outcome is Outcome.NOT_FOUND:
                with pytest.raises(RateNotFound):
                    rates.irr(row)
            elif outcome is Outcome.AMBIGUOUS:
                assert close(rate, rates.irr(row))
            worths = [amount / (1 + rate) ** k for k, amount in enumerate(row)]
            assert np.isnan(rate) != bool(found.found[place])
            if found.found[place]:
                assert abs(sum(worths)) <= 1e-7 * sum(map(abs, worths))

    def test_equal_those_of_the_portfolio(self) -> None:
        rng = np.random.default_rng(3)
        flows = np.empty((25, 300))
        flows[0] = -rng.integers(100_000, 5_000_000, 300)
        flows[1:] = -flows[0] / 24 * rng.uniform(1.0, 1.3, 300)

        assert np.abs(irr_many(flows).rates - period_rates(flows)).max() < 1e-12

    def test_name_the_rows_without_one_rate(self) -> None:
        found = irr_many(padded([LOAN, [100, 100], [-100, 230, -132], [-1, 3, -3], [0, 0]]))

        assert found.rows(Outcome.FOUND) == [0]
        assert found.rows(Outcome.ONE_SIDED) == [1, 4]
        assert found.rows(Outcome.AMBIGUOUS) == [2]
        assert found.rows(Outcome.NOT_FOUND) == [3]
        assert found.found.tolist() == [True, False, True, False, False]
        assert close(found.rates[2], 0.1)
        assert np.isnan(found.rates[[1, 3, 4]]).all()

    def test_are_plain_where_a_row_turns_often_but_its_sum_turns_once(self) -> None:
        tranches = [-1_000, 50, -1_000, 80, 80, 2_100]

        found = irr_many(padded([tranches]))

        assert found.rows(Outcome.FOUND) == [0]
        assert close(found.rates[0], rates.irr(tranches))

    def test_find_nothing_beyond_their_reach(self) -> None:
        assert irr_many(padded([[-1, 0], [-1, 10**31]])).rows(Outcome.NOT_FOUND) == [1]
        assert irr_many(padded([[-(10**9), 1]])).rows(Outcome.NOT_FOUND) == [0]

    def test_reach_a_loan_that_returns_almost_nothing_beside_a_long_one(self) -> None:
        short = [-1_000_000, *[1] * 12]

        found = irr_many(padded([short, [-1_000, *[10] * 359]]))

        assert close(found.rates[0], rates.irr(short))

    def test_are_exactly_nothing_where_money_comes_back_as_it_went(self) -> None:
        assert irr_many(padded([[-300, 100, 100, 100]])).rates[0] == 0

    def test_do_not_depend_on_where_blocks_are_cut(self) -> None:
        flows = np.repeat(padded([LOAN]), BLOCK + 3, axis=1)

        found = irr_many(flows)

        assert len(set(found.rates.tolist())) == 1

    @pytest.mark.parametrize("flows", [[1.0, 2.0], [[-1.0], [float("nan")]]])
    def test_refuse_what_is_no_table_of_amounts(self, flows: Any) -> None:
        with pytest.raises(ValueError, match=r"table|finite"):
            irr_many(flows)

    def test_of_no_rows_are_none(self) -> None:
        assert irr_many(np.zeros((0, 2))).rows(Outcome.ONE_SIDED) == [0, 1]
        assert len(irr_many(np.zeros((3, 0))).rates) == 0


class TestDated:
    @settings(max_examples=150)
    @given(CONVENTIONAL, GAPS, st.randoms(use_true_random=False))
    def test_equal_the_single_rate_in_any_order(
        self, row: list[int], gaps: list[int], chance: Any
    ) -> None:
        pairs = list(zip(dated(gaps, len(row)), row, strict=True))
        chance.shuffle(pairs)
        try:
            single = rates.xirr(pairs)
        except RateNotFound:
            assume(False)
        days, amounts = zip(*pairs, strict=True)

        found = xirr_many(days_of(days)[:, None], padded([list(amounts)]))

        assert close(found.rates[0], single)
        library = pyxirr.xirr(days, [float(amount) for amount in amounts], silent=True)
        if library is not None and close(library, single):
            assert close(found.rates[0], library)

    def test_take_one_list_of_days_for_all_rows_or_one_for_each(self) -> None:
        days = dated([0] + [31] * 6, 7)
        flows = padded([LOAN, [2 * amount for amount in LOAN]])

        shared = xirr_many(days_of(days), flows)
        each = xirr_many(np.repeat(days_of(days)[:, None], 2, axis=1), flows)

        expected = rates.xirr(list(zip(days, LOAN, strict=True)))
        assert shared.rates.tolist() == each.rates.tolist()
        assert close(shared.rates[0], expected)
        assert close(shared.rates[1], expected)

    def test_count_nothing_of_a_flow_of_zero_whatever_its_day(self) -> None:
        days = np.array([["2026-01-01"], ["2026-02-01"], ["1970-01-01"]], "datetime64[D]")

        found = xirr_many(days, np.array([[-100], [105], [0]]))

        assert close(
            found.rates[0], rates.xirr([(date(2026, 1, 1), -100), (date(2026, 2, 1), 105)])
        )

    def test_have_no_rate_on_one_day(self) -> None:
        days = days_of([START, START])

        assert xirr_many(days, padded([[-100, 105]])).rows(Outcome.ONE_SIDED) == [0]

    def test_refuse_days_of_another_shape(self) -> None:
        with pytest.raises(ValueError, match="shape"):
            xirr_many(days_of([START]), padded([LOAN]))


@pytest.mark.skipif(not ORACLES.exists(), reason="published figures need ../shared/oracles")
def test_equal_the_published_rates() -> None:
    checked = 0
    for case in json.loads(ORACLES.read_text(encoding="utf-8"))["cases"]:
        inputs, tolerance = case["inputs"], float(case["tolerance"])
        if inputs["method"] == "irr":
            found = irr_many([[float(amount)] for amount in inputs["flows"]])
        elif inputs.get("day_count", "ACT/365F") == "ACT/365F":
            days = days_of([date.fromisoformat(flow["date"]) for flow in inputs["flows"]])
            found = xirr_many(days, [[float(flow["amount"])] for flow in inputs["flows"]])
        else:
            continue
        assert abs(found.rates[0] - float(case["expected"]["rate"])) <= tolerance, case["id"]
        checked += 1

    assert checked >= 8


class TestGroups:
    def test_add_up_the_flows_of_a_group_by_day(self) -> None:
        first = [(START, -100_000), (START + timedelta(days=40), 104_000)]
        second = [(START, -50_000), (START + timedelta(days=70), 51_500)]
        late = [(START, -10), (START + timedelta(days=365), 11)]
        named = [("cash", flow) for flow in [*first, *second]] + [("auto", flow) for flow in late]
        chance = np.random.default_rng(5)
        named = [named[place] for place in chance.permutation(len(named))]

        found = yields_by_group(
            [name for name, _ in named],
            days_of([flow[0] for _, flow in named]),
            [flow[1] for _, flow in named],
        )

        assert found.groups.tolist() == ["auto", "cash"]
        assert close(found.yields.rates[0], rates.xirr(late))
        assert close(found.yields.rates[1], rates.xirr([*first, *second]))
        assert found.yields.rows(Outcome.FOUND) == [0, 1]

    def test_say_which_group_has_no_yield_yet(self) -> None:
        found = yields_by_group(["new"], days_of([START]), [-100])

        assert found.yields.rows(Outcome.ONE_SIDED) == [0]

    def test_of_nothing_are_none(self) -> None:
        assert len(yields_by_group([], days_of([]), []).yields.rates) == 0

    def test_refuse_lists_of_different_length_and_parts_of_a_minor_unit(self) -> None:
        with pytest.raises(ValueError, match="one length"):
            yields_by_group(["a", "b"], days_of([START]), [1])
        with pytest.raises(ValueError, match="minor units"):
            yields_by_group(["a"], days_of([START]), [1.5])
