"""Lists of loans, asked: a book of loans in every state, every filter, and what fits it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import product
from typing import Any

from loanops.loanbook.servicing import operations, queries
from loanops.loanbook.servicing.queries import (
    LoanFilter,
    LoanLine,
    PastFilter,
    PastLine,
    Reading,
)
from tests.factories import changes
from tests.factories.loans import AT, HOUSE, close_until, open_book, open_loan, repay, terms

DUE = date(2026, 12, 2)
STATES = ("active", "overdue", "settled", "written_off")
TIERS = ("normal", "special_mention", "substandard", "doubtful", "loss")


def open_every_state() -> dict[str, str]:
    """Loans in every state, some of which late news is about, on the fiftieth day after a due."""
    open_book()
    made = {
        "late": open_loan(origin_channel="shop"),
        "bad": open_loan(product="home", funder="summit", origin_channel="shop"),
        "off": open_loan(),
        "ended": open_loan(product="home"),
        "cured": open_loan(funder="summit"),
        "back": open_loan(),
        "stood": open_loan(),
        "dropped": open_loan(),
    }
    close_until(DUE)
    repay(made["ended"], 2_000_000, DUE)
    operations.reclassify(
        loan=made["bad"], tier="loss", reason="fraud", until=None, actor=HOUSE, at=AT
    )
    close_until(DUE + timedelta(days=20))
    off = {
        name: changes.order(made[name], "written_off", DUE + timedelta(days=20))
        for name in ("off", "back", "stood")
    }
    close_until(DUE + timedelta(days=40))
    repay(made["back"], 2_000_000, DUE + timedelta(days=33))
    changes.order(made["stood"], "reversed", DUE + timedelta(days=32), of=off["stood"].key)
    changes.order(made["dropped"], "written_off", DUE + timedelta(days=31))
    repay(made["late"], 88_849, DUE)
    repay(made["cured"], 2_000_000, DUE + timedelta(days=33))
    made["told"] = open_loan(agreed=terms(start_date=DUE + timedelta(days=30)))
    close_until(DUE + timedelta(days=50))
    made["new"] = open_loan(agreed=terms(start_date=DUE + timedelta(days=50)))
    return made


def today(**values: Any) -> list[LoanLine]:
    """Every line of the list of today, page by page."""
    lines: list[LoanLine] = []
    before = ""
    while True:
        wanted = LoanFilter(**{"book": "cn", "before": before, **values})
        page = queries.list_loans(wanted=wanted, viewer=HOUSE)
        lines += page.lines
        before = page.next
        if not before:
            return lines


def past(on: date, reading: Reading, **values: Any) -> list[PastLine]:
    """Every line of the list of a past day, page by page."""
    lines: list[PastLine] = []
    before = ""
    while True:
        wanted = PastFilter(book="cn", on=on, reading=reading, **{"before": before, **values})
        page = queries.list_past_loans(wanted=wanted, viewer=HOUSE)
        lines += page.lines
        before = page.next
        if not before:
            return lines


def told(line: LoanLine | PastLine) -> tuple[object, ...]:
    """What both lists say of a loan."""
    return (
        line.number, line.outstanding_minor, line.overdue_minor, line.disbursed_on, line.dpd,
        line.bucket_name, line.tier, line.state,
    )  # fmt: skip


def every_filter() -> Iterable[dict[str, Any]]:
    """A filter of each kind, and pairs of kinds."""
    kinds: list[list[dict[str, Any]]] = [
        [{}, *({"state": each} for each in STATES)],
        [{}, *({"bucket": each} for each in (0, 1, 2, 8))],
        [{}, *({"tier": each} for each in TIERS)],
        [{}, *({"at_risk": each} for each in (1, 30))],
        [{}, {"funder": "summit"}, {"product": "home"}, {"origin_channel": "shop"}],
    ]
    for parts in product(*kinds):
        if sum(map(bool, parts)) <= 2:
            yield {key: value for part in parts for key, value in part.items()}


def fits(line: LoanLine | PastLine, wanted: dict[str, Any]) -> bool:
    names = [f"M{number}" for number in range(7)] + ["M7+", "WO"]
    place = names.index(line.bucket_name)
    reach = {1: range(1, 8), 30: range(2, 8), 60: range(3, 8)}
    among = {"bucket": lambda value: value == place, "at_risk": lambda value: place in reach[value]}
    return all(
        among[key](value) if key in among else getattr(line, key) == value
        for key, value in wanted.items()
    )
