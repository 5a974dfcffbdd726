"""A book of loans for benchmarks: built set-based by seed, kept, and copied for each run.

Run as ``python -m benchmarks.book VERB …`` in a process of its own, so that each run has its own
database: ``build LOANS DUES``, ``verify``. The story: thirty days on which a thousand loans each
fell due and were not paid; then the rest of the book, of which DUES fall due on ``OPENS``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from loanops.config import startup

startup.start()

from django.db import connection, transaction  # noqa: E402

from benchmarks.checks import violations  # noqa: E402
from loanops.kernel.access import Actor  # noqa: E402
from loanops.kernel.calendar import add_months  # noqa: E402
from loanops.kernel.portfolio import level_schedules  # noqa: E402
from loanops.kernel.schedule import Method, Penalty, Terms  # noqa: E402
from loanops.loanbook.servicing import operations as servicing  # noqa: E402
from loanops.loanbook.servicing.domain.rules import pool_code, rules_of  # noqa: E402
from loanops.loanbook.servicing.models import Loan, Pool, Unfolded  # noqa: E402
from loanops.loanbook.servicing.operations import STEPS, opening  # noqa: E402
from loanops.loanbook.servicing.operations.loading import (  # noqa: E402
    EVENT,
    INSTALMENT,
    LOAN,
    TERMS,
)
from loanops.loanbook.servicing.operations.projecting import principal  # noqa: E402
from loanops.loanbook.servicing.ports import CLOSE  # noqa: E402
from loanops.money.ledger import operations as ledger  # noqa: E402
from loanops.money.ledger.operations import AccountKey, EntryIn, JournalIn  # noqa: E402
from loanops.money.payments.models import DebitFile, DebitOrder  # noqa: E402
from loanops.platform.books import operations as books  # noqa: E402
from loanops.platform.books import queries as book_queries  # noqa: E402
from loanops.platform.db import insert_many  # noqa: E402
from loanops.platform.work import unit_of_work  # noqa: E402

BOOK = "bench"
SEED = 20260521
HOUSE = Actor.house("bench")
AT = datetime(2026, 5, 20, 14, 0, tzinfo=UTC)
BEGINS = date(2026, 4, 18)
CLOSES = date(2026, 5, 20)
OPENS = date(2026, 5, 21)
INSTALMENTS = 12
BLOCK = 20_000
OVERDUE_A_DAY = 1_000
UNPAID_YESTERDAY = 5_000
FUNDERS = ("harbour", "meridian", "summit")
PRODUCTS = ("cash", "home", "trade", "study")
RATES_PPM = (120_000, 180_000, 216_000)
CODES = frozenset(f"INV-{n:02d}" for n in (1, 2, 3, 4, 5, 7, 8, 9, 10))


class Kind(NamedTuple):
    """What the loans of one pool share."""

    pool: int
    code: str
    product: str
    funder: str
    terms: dict[str, object]
    ppm: int


def build(loans: int, dues: int) -> None:
    """The book as it stands before ``CLOSES`` is closed."""
    CLOSE.plug(STEPS)
    books.open_book(
        code=BOOK,
        name={"zh-hans": "基准账套", "en": "Benchmark book"},
        legal_entity="Benchmark",
        currency="CNY",
        zone="Asia/Shanghai",
        pack="open",
        business_date=BEGINS,
        without_identity=True,
        actor=HOUSE,
        at=AT,
    )
    scale = min(dues / 100_000, 1)
    late = [(BEGINS + timedelta(days=n), max(int(OVERDUE_A_DAY * scale), 1)) for n in range(1, 31)]
    kinds = pools()
    last = insert(kinds, late, start=0)
    closed_until(CLOSES - timedelta(days=1))
    rest = spread(loans - last, dues, max(int(UNPAID_YESTERDAY * scale), 1))
    insert(kinds, rest, start=last)
    closed_until(CLOSES)
    if connection.vendor == "postgresql":
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def spread(loans: int, dues: int, unpaid: int) -> list[tuple[date, int]]:
    """First due dates: yesterday's unpaid, today's dues, the others evenly over later days."""
    later = [date(2026, 5, day) for day in range(22, 29)]
    later += [date(2026, 6, day) for day in range(1, 16)]
    left = loans - dues - unpaid
    share = [left // len(later)] * len(later)
    share[0] += left - sum(share)
    return [(CLOSES, unpaid), (OPENS, dues), *zip(later, share, strict=True)]


def closed_until(day: date) -> None:
    """Real closes; the bank answers every debit of the past with no."""
    now = book_queries.business_date(BOOK)
    while now < day:
        now += timedelta(days=1)
        servicing.close_day(book=BOOK, until=now, actor=HOUSE, at=AT)
        with unit_of_work(actor=HOUSE, at=AT, book=BOOK, on=now) as work:
            work.unchanged()
            DebitOrder.objects.filter(state="ordered").update(state="failed", reason="no money")
            made = DebitFile.objects.filter(state="made")
            for number in made.values_list("number", flat=True):
                work.record("payments.debit_results_taken", subject=number)
            made.update(state="answered")


def pools() -> list[Kind]:
    """A pool for each product, funder and rate."""
    kinds = []
    for product in PRODUCTS:
        for funder in FUNDERS:
            for ppm in RATES_PPM:
                agreed = terms(ppm, 1_000_000, BEGINS)
                rules = rules_of(agreed)
                channel = f"open_bank:{funder}"
                code = pool_code(product=product, funder=funder, rules=rules, channel=channel)
                made = Pool.objects.create(
                    book_id=BOOK,
                    code=code,
                    product=product,
                    funder=funder,
                    channel=channel,
                    annual_rate=format(rules.annual_rate, "f"),
                    grace_days=0,
                    rules_json=rules.text(),
                )
                kinds.append(Kind(made.pk, code, product, funder, agreed.to_dict(), ppm))
    return kinds


def terms(ppm: int, principal_minor: int, start: date) -> Terms:
    """Twelve equal instalments by equal months, penalty one and a half times the rate."""
    return Terms(
        method=Method.EQUAL_INSTALMENT,
        principal_minor=principal_minor,
        currency="CNY",
        annual_rate=Decimal(ppm) / 1_000_000,
        instalments=INSTALMENTS,
        start_date=start,
        penalty=Penalty(multiplier=Decimal("1.5")),
    )


def insert(kinds: list[Kind], wanted: list[tuple[date, int]], *, start: int) -> int:
    """Loans with their first due dates, in blocks; returns the number of loans so far."""
    # Due dates lie mixed in the table, as they do in a book that grew day by day.
    chance = np.random.default_rng(SEED + start)
    firsts = np.repeat(np.arange(len(wanted)), [count for _, count in wanted])
    chance.shuffle(firsts)
    days = [day for day, _ in wanted]
    for begin in range(0, len(firsts), BLOCK):
        block = [days[place] for place in firsts[begin : begin + BLOCK]]
        with transaction.atomic():
            insert_block(kinds, block, start + begin, chance)
    return start + len(firsts)


def insert_block(
    kinds: list[Kind], firsts: list[date], start: int, chance: np.random.Generator
) -> None:
    count = len(firsts)
    chosen = [kinds[place] for place in chance.integers(0, len(kinds), count)]
    principal = chance.integers(1_000_00, 50_000_00, count)
    ppm = np.array([kind.ppm for kind in chosen], dtype=np.int64)
    plan = level_schedules(principal, ppm, INSTALMENTS)
    parts, interests = plan.principal_minor.T.tolist(), plan.interest_minor.T.tolist()
    numbers = [f"LN-B{start + place:016d}" for place in range(count)]
    loans = list(zip(numbers, firsts, chosen, principal.tolist(), strict=True))
    insert_many(LOAN, opening.LOAN_COLUMNS, loan_rows(loans))
    ids = dict(
        Loan.objects.filter(number__range=(numbers[0], numbers[-1])).values_list("number", "id")
    )
    insert_many(
        TERMS,
        ("loan_id", "terms_json"),
        (
            (
                ids[number],
                json.dumps(
                    {
                        **kind.terms,
                        "principal_minor": amount,
                        "start_date": add_months(first, -1).isoformat(),
                    },
                    separators=(",", ":"),
                    sort_keys=True,
                ),
            )
            for number, first, kind, amount in loans
        ),
    )
    booked_on = book_queries.business_date(BOOK)
    insert_many(
        EVENT,
        opening.EVENT_COLUMNS,
        (
            (
                ids[number],
                "disbursed",
                "disbursed",
                add_months(first, -1),
                booked_on,
                AT,
                amount,
                "",
                "",
            )
            for number, first, _, amount in loans
        ),
    )
    insert_many(
        INSTALMENT, opening.INSTALMENT_COLUMNS, instalment_rows(ids, loans, parts, interests)
    )
    insert_many(Unfolded._meta.db_table, ("loan_id", "book_id"), ((ids[n], BOOK) for n in numbers))
    # Numbers carry their moment: as in life, no two blocks share one.
    post(loans, AT + timedelta(milliseconds=start // BLOCK))


def loan_rows(loans: list[tuple[str, date, Kind, int]]) -> Iterator[tuple[object, ...]]:
    for number, first, kind, amount in loans:
        serial = number[3:]
        began = add_months(first, -1)
        yield (
            number, BOOK, kind.pool, f"AP-{serial}", f"CT-{serial}", f"IN-{serial}",
            f"SN-{serial}", "", kind.funder, "", kind.funder, kind.product, "", "",
            amount, amount, began, INSTALMENTS, "active", 0, amount, first, 0, began, False,
        )  # fmt: skip


def instalment_rows(
    ids: dict[str, int],
    loans: list[tuple[str, date, Kind, int]],
    parts: list[list[int]],
    interests: list[list[int]],
) -> Iterator[tuple[object, ...]]:
    calendar = {
        first: [add_months(first, n) for n in range(-1, INSTALMENTS)]
        for first in {first for _, first, _, _ in loans}
    }
    for (number, first, kind, _), part, interest in zip(loans, parts, interests, strict=True):
        days = calendar[first]
        for n in range(INSTALMENTS):
            yield (
                ids[number], kind.pool, n + 1, days[n], days[n + 1], part[n], interest[n], 0,
                0, 0, 0, 0, part[n] + interest[n], 0,
            )  # fmt: skip


def post(loans: list[tuple[str, date, Kind, int]], at: datetime) -> None:
    """The journal of every payout, as opening posts it."""
    day = book_queries.business_date(BOOK)
    with unit_of_work(actor=HOUSE, at=at, book=BOOK, on=day) as work:
        work.unchanged()
        ledger.post_many(
            work=work,
            on=day,
            journals=[
                JournalIn(
                    kind="servicing.disbursed",
                    subject=number,
                    entries=(
                        EntryIn(
                            principal(kind.code, 0),
                            AccountKey(f"funder.payable:{kind.funder}"),
                            amount,
                        ),
                    ),
                    once=f"disbursed:IN-{number[3:]}",
                )
                for number, _, kind, amount in loans
            ],
        )


if __name__ == "__main__":
    if sys.argv[1] == "build":
        build(int(sys.argv[2]), int(sys.argv[3]))
        if found := violations(CODES):
            raise SystemExit(found[0])
    elif sys.argv[1] == "verify":
        CLOSE.plug(STEPS)
        json.dump(violations(CODES), sys.stdout)
