"""Fees by timing: at once, with every instalment, or with those that the product names."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.refusals import BadField
from loanops.kernel.schedule import Fee, FeeTiming, schedule
from tests.domain.kernel.loans import plain


def fee(timing: FeeTiming = FeeTiming.PER_INSTALMENT, **values: Any) -> Fee:
    given_values = {"amount_minor": 500, **values}
    return Fee(name="yearly", charging_party="guarantor", timing=timing, **given_values)


class TestNamedInstalments:
    @given(st.sets(st.integers(1, 30), min_size=1))
    def test_bear_the_fee_and_no_others_do(self, numbers: set[int]) -> None:
        plan = schedule(plain(instalments=24, fees=(fee(instalments=tuple(sorted(numbers))),)))

        charged = {row.number for row in plan.rows if row.fees_minor}
        assert charged == {number for number in numbers if number <= 24}
        assert plan.fees_minor == 500 * len(charged)

    def test_are_every_one_where_none_is_named(self) -> None:
        plan = schedule(plain(fees=(fee(),)))

        assert [row.fees_minor for row in plan.rows] == [500] * 12

    def test_are_kept_with_the_terms(self) -> None:
        agreed = fee(instalments=(1, 13))

        assert Fee.from_dict(agreed.to_dict()) == agreed

    @pytest.mark.parametrize(
        "values",
        [{"instalments": (0,)}, {"instalments": (1,), "timing": FeeTiming.UPFRONT}],
    )
    def test_that_cannot_be_are_refused(self, values: dict[str, Any]) -> None:
        with pytest.raises(BadField) as refused:
            fee(**values)

        assert refused.value.field == "instalments"
