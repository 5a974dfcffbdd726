"""Day counts against the definitions they are named after."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loanops.kernel.daycount import DayCount, Reference, days, parse, year_fraction
from loanops.kernel.refusals import BadField

DATES = st.dates(date(1995, 1, 1), date(2045, 12, 31))
ADDITIVE = st.sampled_from(
    [
        DayCount.ACT_360,
        DayCount.ACT_364,
        DayCount.ACT_365,
        DayCount.NO_LEAP_365,
        DayCount.ACT_ACT_ISDA,
        DayCount.ACT_ACT_DEC31,
    ]
)


class TestDays:
    @pytest.mark.parametrize(
        ("convention", "start", "end", "expected"),
        [
            # 2006 ISDA Definitions 4.16 and the QuantLib test suite.
            (DayCount.BOND_30_360, "2006-08-20", "2007-02-20", 180),
            (DayCount.BOND_30_360, "2006-08-31", "2007-02-28", 178),
            (DayCount.BOND_30_360, "2006-01-31", "2006-03-31", 60),
            (DayCount.BOND_30_360, "2006-01-30", "2006-03-31", 60),
            (DayCount.BOND_30_360, "2006-01-29", "2006-03-31", 62),
            (DayCount.EUROPEAN_30_360, "2006-01-29", "2006-03-31", 61),
            (DayCount.EUROPEAN_PLUS_30_360, "2006-01-29", "2006-03-31", 62),
            (DayCount.US_30_360, "2006-02-28", "2006-03-31", 30),
            (DayCount.US_30_360, "2008-02-29", "2009-02-28", 360),
            (DayCount.ISDA_30_360, "2006-02-28", "2006-08-31", 180),
            (DayCount.ACT_360, "2024-02-01", "2024-03-01", 29),
            (DayCount.NO_LEAP_365, "2024-02-01", "2024-03-01", 28),
        ],
    )
    def test_counts_as_defined(
        self, convention: DayCount, start: str, end: str, expected: int
    ) -> None:
        assert days(convention, date.fromisoformat(start), date.fromisoformat(end)) == expected

    def test_keeps_the_february_end_of_the_termination_date(self) -> None:
        start, end = date(2007, 8, 31), date(2008, 2, 29)

        assert days(DayCount.ISDA_30_360, start, end) == 180
        assert days(DayCount.ISDA_30_360, start, end, Reference(termination=end)) == 179


class TestYearFraction:
    @given(DATES, st.integers(0, 3000), st.integers(0, 3000), ADDITIVE)
    def test_adds_over_adjoining_stretches(
        self, start: date, first: int, second: int, convention: DayCount
    ) -> None:
        middle = start + timedelta(days=first)
        end = middle + timedelta(days=second)

        whole = year_fraction(convention, start, end)

        parts = year_fraction(convention, start, middle) + year_fraction(convention, middle, end)
        assert parts == whole

    @given(DATES, st.sampled_from(DayCount))
    @example(date(2026, 1, 31), DayCount.EUROPEAN_PLUS_30_360)
    @example(date(2026, 2, 28), DayCount.US_30_360)
    def test_is_nothing_for_no_days(self, day: date, convention: DayCount) -> None:
        assert year_fraction(convention, day, day) == 0

    @given(DATES, DATES, st.sampled_from(DayCount))
    def test_is_the_opposite_backwards(self, one: date, other: date, convention: DayCount) -> None:
        forth = year_fraction(convention, one, other)

        assert year_fraction(convention, other, one) == -forth

    def test_cuts_the_year_on_new_years_day_or_on_the_eve(self) -> None:
        start, end = date(2023, 12, 12), date(2024, 1, 12)

        isda = year_fraction(DayCount.ACT_ACT_ISDA, start, end)
        eve = year_fraction(DayCount.ACT_ACT_DEC31, start, end)

        assert isda == Fraction(20, 365) + Fraction(11, 366)
        assert eve == Fraction(19, 365) + Fraction(12, 366)

    def test_spans_whole_years_between_the_ends(self) -> None:
        fraction = year_fraction(DayCount.ACT_ACT_ISDA, date(2023, 7, 1), date(2026, 7, 1))

        assert fraction == Fraction(184, 365) + 2 + Fraction(181, 365)

    @pytest.mark.parametrize(
        ("start", "end", "reference_start", "reference_end", "expected"),
        [
            # ISDA memorandum "EMU and market conventions" (1998), its irregular periods.
            ("1999-02-01", "1999-07-01", "1998-07-01", "1999-07-01", 0.410958904110),
            ("2002-08-15", "2003-07-15", "2003-01-15", "2003-07-15", 0.915760869565),
            ("1999-07-30", "2000-01-30", "1999-07-30", "2000-01-30", 0.5),
            ("1999-11-30", "2000-04-30", "1999-11-30", "2000-05-31", 0.415300546448),
        ],
    )
    def test_takes_the_regular_period_as_its_measure(
        self, start: str, end: str, reference_start: str, reference_end: str, expected: float
    ) -> None:
        reference = Reference(
            date.fromisoformat(reference_start), date.fromisoformat(reference_end)
        )

        found = year_fraction(
            DayCount.ACT_ACT_ICMA, date.fromisoformat(start), date.fromisoformat(end), reference
        )

        assert float(found) == pytest.approx(expected, abs=1e-11)

    @pytest.mark.parametrize(
        ("start", "end", "expected"),
        [
            ("1999-02-01", "1999-07-01", 150 / 365),
            ("1999-07-30", "2000-06-30", 336 / 366),
            ("1999-11-30", "2000-04-30", 152 / 366),
            ("2004-02-29", "2008-02-29", 4.0),
            ("2003-02-28", "2008-02-29", 5.0),
        ],
    )
    def test_counts_years_back_from_the_end_in_french_money(
        self, start: str, end: str, expected: float
    ) -> None:
        found = year_fraction(
            DayCount.ACT_ACT_AFB, date.fromisoformat(start), date.fromisoformat(end)
        )

        assert float(found) == pytest.approx(expected, abs=1e-12)


class TestParse:
    def test_knows_other_names_of_the_same_convention(self) -> None:
        assert parse("act/365") is DayCount.ACT_365
        assert parse(" Actual/Actual ") is DayCount.ACT_ACT_ISDA
        assert parse("30U/360") is DayCount.US_30_360

    def test_names_what_it_knows_when_it_does_not(self) -> None:
        with pytest.raises(BadField, match="30/360_BOND"):
            parse("lunar")
