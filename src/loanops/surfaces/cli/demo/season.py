"""Ninety business days of applicants, each taken in by the real operations, each day closed.

The market is `loanops_sandbox.market`: one seed gives the same people, wishes and days. The story's
clock is the book's business date, so every record carries the moment it happened in the story.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from loanops.kernel.access import Actor
from loanops.kernel.money import parse_amount
from loanops.loanbook.servicing import operations as servicing
from loanops.origination.applications import operations as applications
from loanops.surfaces.cli.demo import reference
from loanops_sandbox.market import people

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


def market_products() -> tuple[people.Product, ...]:
    """What borrowers may ask for, from the operation's own products."""
    table = reference.read(BOOK)
    return tuple(
        people.Product(
            code=row["code"],
            share=row["share"],
            amount_min=int(row["amount_min"].split(".")[0]),
            amount_max=int(row["amount_max"].split(".")[0]),
            terms_months=tuple(row["terms_months"]),
        )
        for row in table["products"]
    )


def live(*, first: date, days: int, applicants: int) -> Iterator[Season]:
    """Live through the season; yields after each business day."""
    season = Season()
    products = market_products()
    calendar = business_days(first, days)
    taken = 0
    for place, day in enumerate(calendar, start=1):
        opens = datetime.combine(day, _OPENS_AT, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
        # Nights, week-ends and holidays in between are closed too: interest knows no holiday.
        servicing.close_day(book=BOOK, until=day, actor=Actor.house("day_close"), at=opens)
        due = applicants * place // days
        _take_in(season, serials=range(taken, due), day=day, opens=opens, products=products)
        taken = due
        season.business_days = place
        yield season


def _take_in(
    season: Season,
    *,
    serials: range,
    day: date,
    opens: datetime,
    products: tuple[people.Product, ...],
) -> None:
    # Groups arrive through the day, so that its hours look like hours.
    for step, chunk in enumerate(serials[place : place + 3] for place in range(0, len(serials), 3)):
        outcome = applications.submit_many(
            book=BOOK,
            source="market",
            requests=[
                _request(people.borrower(SEED, serial, on=day, products=products))
                for serial in chunk
            ],
            actor=Actor.house("market"),
            at=opens + timedelta(minutes=40 * step),
        )
        season.applications += len(outcome.created)
        season.refused += len(outcome.refused)


def _request(who: people.Borrower) -> applications.ApplicationRequest:
    return applications.ApplicationRequest(
        key=f"market-{SEED}-{who.serial}",
        product=who.product,
        amount_minor=parse_amount(f"{who.amount}.00", "CNY"),
        term_months=who.term_months,
        purpose=who.purpose,
        region=who.region,
        channel=who.channel,
        applicant=applications.Applicant(**_particulars(who)),
        facts=dict(who.facts),
        consents=tuple(applications.Consent(*each) for each in CONSENTS),
    )


def _particulars(who: people.Borrower) -> dict[str, Any]:
    return {
        "name": who.name,
        "id_number": who.id_number,
        "mobile": who.mobile,
        "region": who.region,
        "industry": who.industry,
        "income_monthly_minor": who.income_monthly * 100,
    }
