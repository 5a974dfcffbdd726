"""Ninety business days of applicants, each taken in by the real operations, each day closed.

The market is `loanops_sandbox.market`: one seed gives the same people, wishes and days. The story's
clock is the book's business date, so every record carries the moment it happened in the story.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from loanops.kernel.access import Actor
from loanops.kernel.money import parse_amount
from loanops.loanbook.servicing import operations as servicing
from loanops.origination.applications import operations as applications
from loanops.platform.outbox import pump
from loanops.surfaces.cli.demo import reference

SEED = 20260720
BOOK = "cn"
CONSENTS = (
    ("personal_information", "", "PI-1"),
    ("sensitive_information", "", "SI-1"),
    ("automated_decision", "", "AD-1"),
)
_OPENS_AT = time(9, 30)


@dataclass
class Season:
    """What a season brought."""

    business_days: int = 0
    applications: int = 0
    refused: int = 0


def business_days(first: date, count: int) -> list[date]:
    """The first ``count`` working days from a day on, by the Chinese calendar."""
    calendar = holidays.country_holidays("CN", years=(first.year, first.year + 1))
    found: list[date] = []
    day = first
    while len(found) < count:
        if calendar.is_working_day(day):
            found.append(day)
        day += timedelta(days=1)
    return found


def market_products() -> list[dict[str, Any]]:
    """What borrowers may ask for, from the operation's own products."""
    return [
        {
            "code": row["code"],
            "share": row["share"],
            "amount_min": int(row["amount_min"].split(".")[0]),
            "amount_max": int(row["amount_max"].split(".")[0]),
            "terms_months": row["terms_months"],
        }
        for row in reference.read(BOOK)["products"]
    ]


class Market:
    """The sandbox's market in a process of its own, asked line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._products = market_products()

    def applicants(self, *, on: date, serials: range) -> list[dict[str, Any]]:
        """Who applies on a day."""
        if self._process.stdin is None or self._process.stdout is None:
            raise OSError("the market process has no pipes")
        asked = {
            "on": on.isoformat(),
            "first": serials.start,
            "count": len(serials),
            "products": self._products,
        }
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        found: list[dict[str, Any]] = json.loads(self._process.stdout.readline())
        return found


@contextmanager
def market() -> Iterator[Market]:
    """An open market; its process ends with the block."""
    command = [sys.executable, "-m", "loanops_sandbox", "market", "--seed", str(SEED)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Market(process)
        finally:
            process.terminate()


def live(*, first: date, days: int, applicants: int) -> Iterator[Season]:
    """Live through the season; yields after each business day."""
    season = Season()
    with market() as opened:
        yield from _live(season, opened, business_days(first, days), applicants)


def _live(season: Season, opened: Market, days: list[date], applicants: int) -> Iterator[Season]:
    taken = 0
    for place, day in enumerate(days, start=1):
        opens = datetime.combine(day, _OPENS_AT, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
        # Nights, week-ends and holidays in between are closed too: interest knows no holiday.
        servicing.close_day(book=BOOK, until=day, actor=Actor.house("day_close"), at=opens)
        due = applicants * place // len(days)
        _take_in(season, opened.applicants(on=day, serials=range(taken, due)), opens=opens)
        _deliver(opens + timedelta(hours=8))
        taken = due
        season.business_days = place
        yield season


def _deliver(at: datetime) -> None:
    """What was announced in the day reaches whoever reacts to it before the day is over."""
    while pump.deliver(at=at):
        continue


def _take_in(season: Season, people: list[dict[str, Any]], *, opens: datetime) -> None:
    # Groups arrive through the day, so that its hours look like hours.
    for step, chunk in enumerate(people[place : place + 3] for place in range(0, len(people), 3)):
        outcome = applications.submit_many(
            book=BOOK,
            source="market",
            requests=[_request(who) for who in chunk],
            actor=Actor.house("market"),
            at=opens + timedelta(minutes=40 * step),
        )
        season.applications += len(outcome.created)
        season.refused += len(outcome.refused)


def _request(who: dict[str, Any]) -> applications.ApplicationRequest:
    return applications.ApplicationRequest(
        key=f"market-{SEED}-{who['serial']}",
        product=who["product"],
        amount_minor=parse_amount(f"{who['amount']}.00", "CNY"),
        term_months=who["term_months"],
        purpose=who["purpose"],
        region=who["region"],
        channel=who["channel"],
        applicant=applications.Applicant(
            name=who["name"],
            id_number=who["id_number"],
            mobile=who["mobile"],
            region=who["region"],
            industry=who["industry"],
            income_monthly_minor=who["income_monthly"] * 100,
        ),
        facts=dict(who["facts"]),
        consents=tuple(applications.Consent(*each) for each in CONSENTS),
    )
