"""Spreadsheet functions: identities that tie them together, and their edge cases."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel import tvm
from loanops.kernel.rates import RateNotFound

RATES = st.decimals("0", "0.1", places=4)
TERMS = st.integers(1, 60).map(Decimal)
SUMS = st.integers(-100_000, 100_000).map(Decimal)
WHEN = st.sampled_from([Decimal(0), Decimal(1)])
NEAR = Decimal("1e-25")


class TestAnnuities:
    @given(RATES, TERMS, SUMS, SUMS, WHEN)
    def test_payment_and_values_agree(
        self, rate: Decimal, nper: Decimal, pv: Decimal, fv: Decimal, when: Decimal
    ) -> None:
        payment = tvm.pmt(rate, nper, pv, fv, when)

        assert abs(tvm.fv(rate, nper, payment, pv, when) - fv) < NEAR
        assert abs(tvm.pv(rate, nper, payment, fv, when) - pv) < NEAR

    @given(RATES, TERMS, SUMS, WHEN)
    def test_interest_and_principal_make_up_the_payment(
        self, rate: Decimal, nper: Decimal, pv: Decimal, when: Decimal
    ) -> None:
        payment = tvm.pmt(rate, nper, pv, Decimal(0), when)
        interest = tvm.cumipmt(rate, nper, pv, Decimal(1), nper, when)
        principal = tvm.cumprinc(rate, nper, pv, Decimal(1), nper, when)

        assert abs(interest + principal - payment * nper) < NEAR
        assert abs(principal + pv) < NEAR

    @given(st.decimals("0.001", "0.1", places=4), TERMS, st.integers(1, 100_000).map(Decimal))
    def test_rate_and_number_are_found_again(
        self, rate: Decimal, nper: Decimal, pv: Decimal
    ) -> None:
        payment = tvm.pmt(rate, nper, pv)

        assert abs(tvm.nper(rate, payment, pv) - nper) < Decimal("1e-20")
        assert abs(tvm.rate(nper, payment, pv) - rate) < Decimal("1e-12")

    def test_nothing_is_charged_at_no_rate(self) -> None:
        assert tvm.rate(Decimal(10), Decimal(-10), Decimal(100)) == 0
        assert tvm.nper(Decimal(0), Decimal(-10), Decimal(100)) == 10

    def test_a_rate_that_does_not_exist_is_an_error(self) -> None:
        with pytest.raises(RateNotFound):
            tvm.rate(Decimal(10), Decimal(10), Decimal(100))


class TestOtherFunctions:
    def test_mirr_gives_the_published_example(self) -> None:
        # Microsoft Excel function documentation, MIRR.
        values = [Decimal(v) for v in (-120000, 39000, 30000, 21000, 37000, 46000)]

        found = tvm.mirr(values, Decimal("0.10"), Decimal("0.12"))

        assert found == pytest.approx(Decimal("0.126094"), abs=Decimal("1e-6"))
        with pytest.raises(RateNotFound):
            tvm.mirr([Decimal(1), Decimal(2)], Decimal("0.1"), Decimal("0.1"))

    def test_npv_does_not_discount_the_first_value(self) -> None:
        assert tvm.npv(Decimal("0.1"), [Decimal(-100), Decimal(110)]) == 0

    @given(st.decimals("0.001", "1", places=3), st.integers(1, 365).map(Decimal))
    def test_effect_and_nominal_undo_each_other(self, rate: Decimal, npery: Decimal) -> None:
        assert abs(tvm.nominal(tvm.effect(rate, npery), npery) - rate) < NEAR
