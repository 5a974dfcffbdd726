"""The instalments of 10,000 real loans, which their facilitator rounded up to the cent."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from loanops.kernel.money import Rounding, parse_amount
from loanops.kernel.portfolio import level_schedules, rates_ppm
from loanops.kernel.schedule import schedule
from tests.domain.kernel.loans import plain

pytestmark = pytest.mark.realfile


@pytest.fixture(scope="module")
def rows(real_file: Path) -> list[dict[str, str]]:
    with real_file.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_are_ours_to_the_cent_in_999_of_1000(rows: list[dict[str, str]]) -> None:
    equal = 0
    for term in {row["term"] for row in rows}:
        group = [row for row in rows if row["term"] == term]
        found = level_schedules(
            np.array([parse_amount(row["loan_amount"], "USD") for row in group]),
            rates_ppm([Decimal(row["interest_rate"]) / 100 for row in group]),
            int(term),
            instalment_rounding=Rounding.UP,
        )
        theirs = [parse_amount(row["installment"], "USD") for row in group]
        equal += int((found.level_minor == np.array(theirs)).sum())

    assert equal >= 0.999 * len(rows)


def test_are_the_same_computed_one_by_one(rows: list[dict[str, str]]) -> None:
    sample = rows[::100]

    equal = sum(
        schedule(
            plain(
                principal_minor=parse_amount(row["loan_amount"], "USD"),
                currency="USD",
                annual_rate=Decimal(row["interest_rate"]) / 100,
                instalments=int(row["term"]),
                instalment_rounding=Rounding.UP,
            )
        )
        .rows[0]
        .total_minor
        == parse_amount(row["installment"], "USD")
        for row in sample
    )

    assert equal >= 0.999 * len(sample)
