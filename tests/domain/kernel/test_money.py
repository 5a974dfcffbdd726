"""Money: minor units, one rounding function, shares that add up, strict reading."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.money import (
    AMOUNT_MINOR_MAX,
    CURRENCIES,
    AmountNegative,
    AmountTooFine,
    AmountTooLarge,
    AmountUnreadable,
    CurrenciesDiffer,
    Money,
    Rounding,
    UnknownCurrency,
    format_amount,
    parse_amount,
    split,
    to_minor,
    to_multiple,
)

AMOUNTS = st.integers(-AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX)
CODES = st.sampled_from(sorted(CURRENCIES))


class TestToMinor:
    @pytest.mark.parametrize(
        ("value", "half_up", "half_even", "up", "down"),
        [
            ("2.5", 3, 2, 3, 2),
            ("3.5", 4, 4, 4, 3),
            ("2.4", 2, 2, 3, 2),
            ("2.500000001", 3, 3, 3, 2),
            ("-2.5", -3, -2, -2, -3),
            ("-2.4", -2, -2, -2, -3),
            ("7", 7, 7, 7, 7),
        ],
    )
    def test_rounds_as_each_rule_says(
        self, value: str, half_up: int, half_even: int, up: int, down: int
    ) -> None:
        found = [to_minor(Decimal(value), rounding) for rounding in Rounding]

        assert found == [half_up, half_even, up, down]

    @given(st.fractions(), st.sampled_from(Rounding))
    def test_never_moves_a_value_by_a_whole_unit(self, value: Fraction, rounding: Rounding) -> None:
        assert abs(to_minor(value, rounding) - value) < 1

    @given(st.integers(), st.sampled_from(Rounding))
    def test_leaves_whole_units_alone(self, value: int, rounding: Rounding) -> None:
        assert to_minor(value, rounding) == value

    def test_rounds_to_whole_multiples(self) -> None:
        assert to_multiple(Decimal("88849"), 100, Rounding.HALF_EVEN) == 88800
        assert to_multiple(Decimal("88801"), 100, Rounding.UP) == 88900


class TestSplit:
    @given(AMOUNTS, st.lists(st.integers(0, 1000), min_size=1).filter(any))
    def test_adds_up_to_the_whole(self, total_minor: int, weights: list[int]) -> None:
        assert sum(split(total_minor, weights)) == total_minor

    @given(AMOUNTS, st.lists(st.integers(0, 1000), min_size=1).filter(any))
    def test_stays_within_one_unit_of_the_exact_share(
        self, total_minor: int, weights: list[int]
    ) -> None:
        whole = sum(weights)

        for part, weight in zip(split(total_minor, weights), weights, strict=True):
            assert abs(part - Fraction(total_minor * weight, whole)) < 1

    def test_gives_the_unit_left_over_to_the_largest_remainder(self) -> None:
        assert split(100, [1, 1, 1]) == [34, 33, 33]
        assert split(100, [Decimal("0.7"), Decimal("0.3")]) == [70, 30]
        assert split(-100, [1, 1, 1]) == [-34, -33, -33]
        assert split(10, [0, 1]) == [0, 10]

    @pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
    def test_needs_weights_that_share_something(self, weights: list[int]) -> None:
        with pytest.raises(ValueError, match="weights"):
            split(100, weights)


class TestParseAmount:
    @pytest.mark.parametrize(
        ("text", "code", "minor"),
        [
            ("10000.00", "CNY", 1_000_000),
            ("10000", "CNY", 1_000_000),
            ("0.5", "CNY", 50),
            ("0", "USD", 0),
            ("1500", "JPY", 1500),
            ("1.234", "KWD", 1234),
        ],
    )
    def test_reads_plain_decimals(self, text: str, code: str, minor: int) -> None:
        assert parse_amount(text, code) == minor

    @pytest.mark.parametrize(
        ("text", "code", "refusal"),
        [
            ("", "CNY", AmountUnreadable),
            ("1,000", "CNY", AmountUnreadable),
            (" 1", "CNY", AmountUnreadable),
            ("1e3", "CNY", AmountUnreadable),
            ("+1", "CNY", AmountUnreadable),
            ("01", "CNY", AmountUnreadable),
            ("1.", "CNY", AmountUnreadable),
            (".5", "CNY", AmountUnreadable),
            ("１２", "CNY", AmountUnreadable),
            ("¥5", "CNY", AmountUnreadable),
            ("NaN", "CNY", AmountUnreadable),
            ("1\n", "CNY", AmountUnreadable),
            ("1.005", "CNY", AmountTooFine),
            ("1.0", "JPY", AmountTooFine),
            ("-1", "CNY", AmountNegative),
            ("9" * 30, "CNY", AmountTooLarge),
            ("90000000000000000.01", "CNY", AmountTooLarge),
            ("1", "ZZZ", UnknownCurrency),
        ],
    )
    def test_refuses_everything_else(self, text: str, code: str, refusal: type[Exception]) -> None:
        with pytest.raises(refusal):
            parse_amount(text, code)

    def test_reads_a_negative_amount_only_where_one_is_expected(self) -> None:
        assert parse_amount("-1.50", "CNY", signed=True) == -150

    @given(AMOUNTS, CODES)
    def test_reads_back_what_was_written(self, minor: int, code: str) -> None:
        assert parse_amount(format_amount(minor, code), code, signed=True) == minor


class TestMoney:
    def test_adds_and_compares_within_one_currency(self) -> None:
        rent, tip = Money.parse("10.00", "CNY"), Money(50, "CNY")

        assert rent + tip == Money(1050, "CNY")
        assert rent - tip == Money(950, "CNY")
        assert tip < rent
        assert tip <= rent
        assert str(-tip) == "-0.50 CNY"

    def test_never_adds_across_currencies(self) -> None:
        with pytest.raises(CurrenciesDiffer, match="CNY and USD"):
            Money(1, "CNY") + Money(1, "USD")
