"""Business days of a whole operation, lived through the real system in the story's time.

The market's borrowers come in by the API and sign on the banks' pages; the outbox is delivered and
the jobs run as a worker would run them; staff do what is left to people. The market is
`loanops_sandbox.market`: one seed and the same days give the same season.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import holidays

from loanops.kernel.access import Actor
from loanops.loanbook.servicing import operations as servicing
from loanops.platform.books import queries as books
from loanops.platform.jobs import runner
from loanops.platform.outbox import pump
from loanops.surfaces.cli.demo import (
    changes,
    money,
    moved,
    promotions,
    rates,
    reference,
    staff,
    teams,
    trouble,
)
from loanops.surfaces.cli.demo.story import Story, story
from loanops.surfaces.cli.demo.world import World, world
from loanops.surfaces.cli.framing import config

SEED = 20260720
BOOK = "cn"
CONSENTS = (
    {"purpose": "personal_information", "wording_version": "PI-1"},
    {"purpose": "sensitive_information", "wording_version": "SI-1"},
    {"purpose": "automated_decision", "wording_version": "AD-1"},
    {"purpose": "credit_query", "wording_version": "CQ-1"},
)
JOBS_AT_ONCE = 64
DRAWING = "contracts.render"
# Seconds until the answer to a debit file is looked for; and, for a bank that is away, the moments
# at which the job that hands the file over is tried again until it gives up.
RESULTS_AFTER = 120
TRIES = (RESULTS_AFTER, *(2**n + 1 for n in range(1, 9)))


@dataclass
class Season:
    """What a season brought, and how far it has come."""

    story: Story
    world: World
    days: list[date]
    applicants: int
    lived: int = 0
    applied: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    old: moved.Moved = field(default_factory=moved.Moved)

    def count(self, **brought: int) -> None:
        """Add to what the season brought."""
        self.counts.update(brought)


def business_days(last: date, count: int) -> list[date]:
    """The last ``count`` working days up to a day, by the Chinese calendar."""
    calendar = holidays.country_holidays("CN", years=(last.year - 1, last.year))
    found: list[date] = []
    day = last
    while len(found) < count:
        if calendar.is_working_day(day):
            found.append(day)
        day -= timedelta(days=1)
    return found[::-1]


def live(*, days: list[date], applicants: int, begins: datetime) -> Iterator[Season]:
    """Live through the days; yields after each, and once more when everything is told."""
    zone = books.get_book(BOOK).zone
    with story(zone=zone, begins=begins) as told:
        keys = reference.issue_keys(at=told.now)
        opened = world(
            seed=SEED,
            book=BOOK,
            keys=keys,
            products=reference.market_products(BOOK),
            consents=[*CONSENTS, *reference.sharing_consents(BOOK)],
        )
        with opened as playing:
            runner.plan(config("wiring").CRON, at=told.now)
            trouble.from_the_start(playing)
            money.agree_policy(book=BOOK, at=told.now)
            promotions.launch(book=BOOK, at=told.now)
            teams.form(book=BOOK, on=days[0], at=told.now)
            season = Season(told, playing, days, applicants)
            for day in days:
                _night(season, until=day)
                _business_day(season, day)
                season.lived += 1
                yield season


def _night(season: Season, *, until: date) -> None:
    """Every day up to this one is closed, weekends too: interest knows no holiday.

    What falls due on the day that begins is debited by file in the early morning.
    """
    day = books.business_date(BOOK)
    while day < until:
        day += timedelta(days=1)
        season.story.turn_to(day, time(0, 10))
        is_down = trouble.is_down(_left(season, day), world=season.world)
        dues = season.world.market.order("fill_accounts", on=day)
        servicing.close_day(
            book=BOOK, until=day, actor=Actor.house("day_close"), at=season.story.now
        )
        settle(season.story)
        for seconds in TRIES if is_down else (RESULTS_AFTER,):
            season.story.let_pass(seconds)
            settle(season.story)
        if is_down:
            trouble.back_again(season.world)
        season.count(dues=dues["due"], short=dues["short"])


def _left(season: Season, day: date) -> int:
    """How many business days come after a day."""
    return sum(1 for each in season.days if each > day)


def _business_day(season: Season, day: date) -> None:
    told, market = season.story, season.world.market
    left = _left(season, day)
    trouble.of_the_day(season.world, left)
    told.turn_to(day, time(9, 20))
    season.count(counter=market.order("pay", on=day)["paid"])
    season.world.hear_callbacks()
    settle(told)
    told.turn_to(day, time(10, 5))
    season.count(reviewed=staff.review(book=BOOK, on=day, left=left, at=told.now))
    season.count(given_up=staff.end_unanswered(book=BOOK, on=day, at=told.now))
    staff.clear_exceptions(book=BOOK, on=day, left=left, at=told.now)
    money.look_after(book=BOOK, on=day, left=left, at=told.now)
    rates.of_the_day(book=BOOK, on=day, left=left, at=told.now)
    paid = moved.of_the_day(season.old, book=BOOK, day=season.lived, on=day, at=told.now)
    season.count(counter_of_old=paid)
    season.count(changed=changes.of_the_day(book=BOOK, on=day, left=left, at=told.now))
    settle(told)
    teams.of_the_day(book=BOOK, on=day, left=left, at=told.now)
    # The day's applications arrive at an hour of its own.
    told.turn_to(day, time(10 + 3 * season.lived % 5, 40))
    _take_in(season, day)
    told.turn_to(day, time(16, 10))
    season.count(promotions=promotions.of_the_day(book=BOOK, on=day, left=left, at=told.now))
    _sign(season, day)
    told.turn_to(day, time(17, 0))
    # What the schedule starts: the second window of debits among it, which is answered in minutes.
    runner.tick(at=told.now)
    settle(told)
    told.let_pass(RESULTS_AFTER)
    settle(told)


def _take_in(season: Season, day: date) -> None:
    upto = season.applicants * (season.lived + 1) // len(season.days)
    market, new = season.world.market, {"first": season.applied, "count": upto - season.applied}
    came = market.order("apply", on=day, **new)
    portal = _by_portal(season, day, new)
    season.applied = upto
    season.count(
        applications=came["taken"] + portal,
        portal=portal,
        refused=sum(came["refused"].values()),
    )
    season.refused.update(came["refused"])
    settle(season.story)


def _by_portal(season: Season, day: date, new: dict[str, int]) -> int:
    """Those who come by the portal: the code is carried to them while they wait."""
    market = season.world.market
    if not market.order("knock", on=day, **new)["knocked"]:
        return 0
    settle(season.story)
    entered = market.order("enter")
    season.count(turned_away=entered["gave_up"])
    return int(entered["taken"])


def _sign(season: Season, day: date) -> None:
    """Borrowers take offers, read, sign at the bank; the money follows by itself."""
    market = season.world.market
    heard = market.order("hear", on=day)
    season.count(offers=heard["offers"], withdrawn=heard["withdrawn"])
    if market.order("read", on=day)["reading"]:
        season.story.let_pass(60)
        market.order("sign", on=day)
        season.world.hear_callbacks()
    settle(season.story)
    market.order("take_loans", on=day)


def settle(told: Story) -> None:
    """Deliver what was announced and run what is due, until nothing is left to do now.

    Documents are drawn aside, as a second worker would: nothing but a reader waits for one.
    """
    while True:
        delivered = pump.deliver(at=told.now)
        claimed = runner.claim(at=told.now, limit=JOBS_AT_ONCE)
        for batch in runner.batches(claimed):
            if batch[0].name == DRAWING:
                told.aside(partial(runner.run_batch, batch, clock=told.clock))
            else:
                runner.run_batch(batch, clock=told.clock)
        if not delivered and not claimed:
            return


def brought(season: Season) -> dict[str, Any]:
    """What the season brought, as the summary says it."""
    return {
        "business_days": season.lived,
        **dict(sorted(season.counts.items())),
        "refused_at_intake": dict(season.refused),
    }
