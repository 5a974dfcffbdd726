"""What a guarantor pays for, and up to how much."""

from __future__ import annotations

from decimal import Decimal

import pytest

from loanops.kernel.allocation import Component
from loanops.kernel.guarantee import Guarantee, GuaranteeBase


class TestBase:
    @pytest.mark.parametrize(
        ("base", "count"),
        [("principal", 1), ("principal_and_interest", 2), ("with_penalty", 3), ("with_fees", 4)],
    )
    def test_holds_the_parts_of_the_one_before_it(self, base: str, count: int) -> None:
        order = (Component.PRINCIPAL, Component.INTEREST, Component.PENALTY, Component.FEE)
        assert GuaranteeBase(base).components == order[:count]


class TestCap:
    def test_is_a_share_of_what_was_paid_out_and_never_above_it(self) -> None:
        assert Guarantee(cap_rate=Decimal("0.05")).cap_of(1_999) == 99

    def test_is_an_amount_whatever_was_paid_out(self) -> None:
        assert Guarantee(cap_minor=500).cap_of(0) == 500

    def test_is_none_where_none_was_agreed(self) -> None:
        assert Guarantee().cap_of(1_000_000) is None
