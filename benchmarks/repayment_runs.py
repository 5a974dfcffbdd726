"""Repayments in a process of its own: ``python -m benchmarks.repayment_runs LOANS AGE_DAYS``.

Ours, the same complete work by an ORM that gets and saves, and the driver's bare statements take
turns, one durable transaction each, on loans of one age.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import median

from loanops.config import startup

startup.start()

from django.db import connection, transaction  # noqa: E402

from benchmarks.checks import violations  # noqa: E402
from loanops.kernel.access import Actor  # noqa: E402
from loanops.kernel.calendar import add_months  # noqa: E402
from loanops.kernel.schedule import Method, Penalty, Terms  # noqa: E402
from loanops.loanbook.servicing import operations as servicing  # noqa: E402
from loanops.loanbook.servicing.domain.position import pay  # noqa: E402
from loanops.loanbook.servicing.domain.rules import read_rules  # noqa: E402
from loanops.loanbook.servicing.models import Instalment, Loan, LoanEvent  # noqa: E402
from loanops.loanbook.servicing.operations import STEPS, DisbursedIn, RepaymentIn  # noqa: E402
from loanops.loanbook.servicing.ports import CLOSE  # noqa: E402
from loanops.loanbook.servicing.queries.loans import item_of_row  # noqa: E402
from loanops.money.ledger.models import Account, Entry, Journal, Unfolded  # noqa: E402
from loanops.money.payments.models import DebitOrder, Receipt  # noqa: E402
from loanops.platform.audit.models import Entry as AuditEntry  # noqa: E402
from loanops.platform.books import operations as books  # noqa: E402
from loanops.platform.books.models import Book  # noqa: E402
from loanops.platform.db import new_number  # noqa: E402
from loanops.platform.outbox.models import Message  # noqa: E402

BOOK, BANK = "bench", "open_bank:harbour"
HOUSE = Actor.house("bench")
TODAY = date(2026, 5, 20)
AT = datetime(2026, 5, 20, 6, 0, tzinfo=UTC)
INSTALMENTS = 36
CODES = frozenset(f"INV-{n:02d}" for n in (1, 2, 3, 4, 5, 7, 8))


def build(loans: int, age_days: int) -> list[str]:
    """Loans of one age; what fell due so far was paid, one repayment for each instalment."""
    CLOSE.plug(STEPS)
    books.open_book(
        code=BOOK,
        name={"zh-hans": "基准账套", "en": "Benchmark book"},
        legal_entity="Benchmark",
        currency="CNY",
        zone="Asia/Shanghai",
        pack="open",
        business_date=TODAY,
        without_identity=True,
        actor=HOUSE,
        at=AT,
    )
    start = TODAY - timedelta(days=age_days)
    agreed = Terms(
        method=Method.EQUAL_INSTALMENT,
        principal_minor=3_600_000,
        currency="CNY",
        annual_rate=Decimal("0.18"),
        instalments=INSTALMENTS,
        start_date=start,
        penalty=Penalty(multiplier=Decimal("1.5")),
    )
    numbers = servicing.open_loans(
        book=BOOK,
        disbursed=[
            DisbursedIn(
                application=f"AP-{n}",
                contract=f"CT-{n}",
                intent=f"IN-{n}",
                serial=f"SN-{n:06d}",
                funder="harbour",
                product="cash",
                channel=BANK,
                principal_minor=agreed.principal_minor,
                terms=agreed.to_dict(),
                disbursed_on=start,
            )
            for n in range(loans)
        ],
        actor=HOUSE,
        at=AT,
    )
    first = Instalment.objects.filter(number=1).first()
    assert first is not None
    for month in range(1, INSTALMENTS + 1):
        due = add_months(start, month)
        if due >= TODAY:
            break
        paid = servicing.repay_many(
            book=BOOK,
            rows=[
                RepaymentIn(
                    loan=loan,
                    channel=BANK,
                    pay_no=f"H{month}-{loan}",
                    amount_minor=first.open_minor,
                    on=due,
                )
                for loan in numbers
            ],
            actor=HOUSE,
            at=AT,
        )
        assert not paid.refused
    analyse()
    return numbers


def analyse() -> None:
    """What a server does by itself in a book that did not come into being this minute."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def ours(loan: str, pay_no: str, amount_minor: int) -> None:
    servicing.repay(
        loan=loan,
        channel=BANK,
        pay_no=pay_no,
        amount_minor=amount_minor,
        on=TODAY,
        actor=HOUSE,
        at=AT,
    )


def by_orm(loan: str, pay_no: str, amount_minor: int) -> None:
    """The same rule, rows and witnesses, each object got and saved."""
    with transaction.atomic():
        row = Loan.objects.select_related("pool").select_for_update(of=("self",)).get(number=loan)
        book = Book.objects.get(pk=row.book_id)
        if Receipt.objects.filter(channel=BANK, pay_no=pay_no).exists():
            return
        rules = read_rules(row.pool.rules_json)
        instalments = {each.number: each for each in Instalment.objects.filter(loan=row)}
        items = [item_of_row(each) for each in instalments.values() if each.settled_on is None]
        paid = pay(items, rules, amount_minor, TODAY)
        receipt = Receipt.objects.create(
            number=new_number("RC", AT),
            book=book,
            channel=BANK,
            pay_no=pay_no,
            subject=loan,
            amount_minor=amount_minor,
            allocated_minor=amount_minor - paid.unapplied_minor,
            received_on=TODAY,
            at=AT,
        )
        parts = paid.parts
        LoanEvent.objects.create(
            loan=row,
            key=f"{BANK}:{pay_no}",
            kind="repaid",
            counts_on=TODAY,
            booked_on=book.business_date,
            at=AT,
            amount_minor=amount_minor,
            receipt=receipt.number,
            values_json=json.dumps(
                {
                    "principal_minor": parts.principal_minor,
                    "interest_minor": parts.interest_minor,
                    "fee_minor": parts.fee_minor,
                    "penalty_minor": parts.penalty_minor,
                    "unapplied_minor": paid.unapplied_minor,
                }
            ),
        )
        for number, item in paid.items.items():
            instalment = instalments[number]
            instalment.paid_principal_minor = item.paid_principal_minor
            instalment.paid_interest_minor = item.paid_interest_minor
            instalment.open_minor = item.open_minor
            instalment.settled_on = item.settled_on
            instalment.save()
        row.outstanding_minor -= parts.principal_minor
        row.oldest_due_on = min(
            (each.due_on for each in instalments.values() if each.open_minor), default=None
        )
        row.last_event_on = TODAY
        row.save()
        post_by_orm(book, row, parts.principal_minor, parts.interest_minor, amount_minor)
        for order in DebitOrder.objects.filter(subject=loan, state="ordered"):
            order.state = "stopped"
            order.save()
        witness_by_orm(loan, json.dumps({"receipt": receipt.number, "amount_minor": amount_minor}))


def witness_by_orm(loan: str, values: str) -> None:
    AuditEntry.objects.create(
        at=AT,
        on=TODAY,
        book=BOOK,
        actor="bench",
        code="servicing.repaid",
        subject=loan,
        values_json=values,
    )
    Message.objects.create(
        name="servicing.repaid", book=BOOK, subject=loan, payload_json=values, at=AT, on=TODAY
    )


def post_by_orm(book: Book, row: Loan, principal: int, interest: int, amount: int) -> None:
    def account(code: str, dimension: str = "") -> Account:
        return Account.objects.get_or_create(book=book, code=code, dimension=dimension)[0]

    unapplied = account("unapplied")
    legs = [(account(f"cash.clearing:{BANK}"), unapplied, amount)]
    if principal:
        stands = account("loans.principal", f"{row.pool.code}/M{row.bucket}")
        legs.append((unapplied, stands, principal))
    if interest:
        legs.append((unapplied, account("loans.interest_receivable", row.pool.code), interest))
    journal = Journal.objects.create(
        number=new_number("JN", AT),
        book=book,
        kind="servicing.repaid",
        subject=row.number,
        posted_on=TODAY,
        at=AT,
        total_minor=sum(amount_minor for _, _, amount_minor in legs),
        entry_count=len(legs),
    )
    for debit, credit, amount_minor in legs:
        Entry.objects.create(journal=journal, debit=debit, credit=credit, amount_minor=amount_minor)
    Unfolded.objects.create(journal=journal, book=book, posted_on=TODAY)


def by_driver(loan: str, pay_no: str, amount_minor: int) -> None:
    """The limit: four bare statements of a durable transaction, no rule and no witness."""
    del amount_minor
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_repayment (loan, pay_no) VALUES (%s, %s)", [loan, pay_no])
        for side in (1, -1):
            cursor.execute("INSERT INTO bench_posting (loan, amount) VALUES (%s, %s)", [loan, side])
        cursor.execute("UPDATE bench_loan SET paid = paid + 1 WHERE loan = %s", [loan])


def measured(numbers: list[str]) -> dict[str, float]:
    """Median seconds of each way, and of the processor; the ways take turns, loan by loan."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_repayment (loan varchar(32), pay_no varchar(80))")
        cursor.execute("CREATE TABLE bench_posting (loan varchar(32), amount bigint)")
        cursor.execute("CREATE TABLE bench_loan (loan varchar(32) PRIMARY KEY, paid bigint)")
        for number in numbers:
            cursor.execute("INSERT INTO bench_loan VALUES (%s, 0)", [number])
    first = Instalment.objects.filter(number=1).first()
    assert first is not None
    amount_minor = first.principal_minor + first.interest_minor
    ways: dict[str, Callable[[str, str, int], None]] = {
        "ours": ours,
        "orm": by_orm,
        "driver": by_driver,
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    used: dict[str, list[float]] = {name: [] for name in ways}
    for place, loan in enumerate(numbers):
        name = list(ways)[place % len(ways)]
        began, began_used = time.perf_counter(), time.process_time()
        ways[name](loan, f"T-{loan}", amount_minor)
        took[name].append(time.perf_counter() - began)
        used[name].append(time.process_time() - began_used)
    return {
        **{name: median(times) for name, times in took.items()},
        **{f"{name}_used": median(times) for name, times in used.items()},
    }


if __name__ == "__main__":
    made = build(int(sys.argv[1]), int(sys.argv[2]))
    before = violations(CODES)
    result = measured(made)
    json.dump({**result, "violations": before + violations(CODES)}, sys.stdout)
