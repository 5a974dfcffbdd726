"""Money that comes while the day is closed, in processes of its own.

``build`` opens a small book; ``race`` lets a repayment read the business date and stop there while
another process closes the day; ``pass_by`` repays a second loan while the first repayment holds
the day and the close waits for it; ``twice`` books one payment in two processes at once. All print
how many repayments the ledger has, and on which day the first of them. ``window`` lets two order
the same debit window at once, and prints how many debits each ordered.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any, NoReturn

from loanops.config import startup

startup.start()

from loanops.loanbook.servicing import operations as servicing  # noqa: E402
from loanops.money.ledger.models import Journal  # noqa: E402
from loanops.money.payments import operations as payments  # noqa: E402
from loanops.money.payments import queries as receipts  # noqa: E402
from loanops.money.payments.operations import debits  # noqa: E402
from loanops.money.payments.ports import CHANNELS  # noqa: E402
from loanops.money.payments.queries import DebitPolicy  # noqa: E402
from loanops.platform.books import queries as books  # noqa: E402
from tests.factories.loans import (  # noqa: E402
    AT,
    BANK,
    DAY,
    HOUSE,
    close_until,
    open_book,
    open_loan,
    terms,
)
from tests.rooms.payments.bank import Bank, answer  # noqa: E402
from tests.rooms.servicing.killed import fork, wait  # noqa: E402

LOOK_SECONDS = 1.5
"""How long the close may show that it does not wait: it needs a small part of that."""
PATIENCE_SECONDS = 60


def build() -> None:
    open_book()
    open_loan()
    open_loan()


def race() -> None:
    payer, reached, go = stopped_payer()
    await_byte(reached)
    closer = fork(close)
    time.sleep(LOOK_SECONDS)
    os.write(go, b".")
    told([payer, closer])


def pass_by() -> None:
    payer, reached, go = stopped_payer()
    await_byte(reached)
    closer = fork(close)
    time.sleep(LOOK_SECONDS)
    done, finished = os.pipe()

    def second() -> None:
        pay("P2", loan_number(1))
        os.write(finished, b".")

    passer = fork(second)
    await_byte(done)
    os.write(go, b".")
    told([payer, closer, passer])


def twice() -> None:
    """The same payment by two: the second is booked while the first has looked and found none."""
    reached, say = os.pipe()
    waiting, go = os.pipe()
    find = receipts.find_receipts

    def find_and_stop(**wanted: Any) -> Any:
        receipts.find_receipts = find
        found = find(**wanted)
        os.write(say, b".")
        await_byte(waiting)
        return found

    def first() -> None:
        receipts.find_receipts = find_and_stop
        pay("P1", loan_number(0))

    children = [fork(first)]
    await_byte(reached)
    children.append(fork(lambda: pay("P1", loan_number(0))))
    time.sleep(LOOK_SECONDS)
    os.write(go, b".")
    told(children)


def window() -> None:
    """The same window by two: the second comes while the first has looked and found no file."""
    if wait(fork(with_an_unpaid_debit)):
        fail("there is nothing to ask for again")
    reached, say = os.pipe()
    waiting, go = os.pipe()
    said, tell = os.pipe()
    insert = debits._insert_files

    def stop_and_insert(*given: Any) -> None:
        os.write(say, b".")
        await_byte(waiting)
        insert(*given)

    def first() -> None:
        debits._insert_files = stop_and_insert
        order()

    def order() -> None:
        at = datetime.now(tz=UTC)
        made = servicing.order_window(book="cn", window=2, channel="", actor=HOUSE, at=at)
        os.write(tell, f"{made.orders} ".encode())

    children = [fork(first)]
    await_byte(reached)
    children.append(fork(order))
    time.sleep(LOOK_SECONDS)
    os.write(go, b".")
    ended = [wait(child) for child in children]
    if any(ended):
        fail("a process failed")
    os.close(tell)
    json.dump({"ordered": sorted(os.read(said, 100).decode().split())}, sys.stdout)


def with_an_unpaid_debit() -> None:
    """A loan whose debit of the first window brought nothing."""
    CHANNELS.plug("open_bank", Bank())
    tomorrow = DAY + timedelta(days=1)
    payments.set_debit_policy(
        book="cn", channel=BANK, policy=DebitPolicy(windows=("09:00", "14:00")),
        effective_from=tomorrow, actor=HOUSE, at=AT,
    )  # fmt: skip
    # Names of its own: the process counts its payouts from one again.
    named = {name: f"{name}-window" for name in ("application", "contract", "intent", "serial")}
    loan = open_loan(agreed=terms(first_due_date=tomorrow), **named)
    close_until(tomorrow)
    answer({loan: 0}, on=tomorrow)


def stopped_payer() -> tuple[int, int, int]:
    """A process that stops where it has read the business date; what it says, what lets it go."""
    reached, say = os.pipe()
    waiting, go = os.pipe()
    read = books.business_date

    def read_and_stop(code: str) -> date:
        on = read(code)
        os.write(say, b".")
        await_byte(waiting)
        return on

    def run() -> None:
        books.business_date = read_and_stop
        pay("P1", loan_number(0))

    return fork(run), reached, go


def pay(pay_no: str, loan: str) -> None:
    servicing.repay(
        loan=loan,
        channel="counter",
        pay_no=pay_no,
        amount_minor=10_000,
        on=DAY,
        actor=HOUSE,
        at=datetime.now(tz=UTC),
    )


def loan_number(place: int) -> str:
    from loanops.loanbook.servicing.models import Loan

    return str(Loan.objects.order_by("id").values_list("number", flat=True)[place])


def close() -> None:
    servicing.close_day(book="cn", actor=HOUSE, at=datetime.now(tz=UTC))


def await_byte(pipe: int) -> None:
    if not select.select([pipe], [], [], PATIENCE_SECONDS)[0]:
        fail("a process did not come so far")
    os.read(pipe, 1)


def told(children: list[int]) -> None:
    ended = [wait(child) for child in children]
    if any(ended):
        fail("a process failed")
    posted = list(Journal.objects.filter(kind="servicing.repaid").order_by("posted_on", "id"))
    came = {
        "posted": len(posted),
        "posted_on": str(posted[0].posted_on),
        "open_on": str(books.business_date("cn")),
    }
    json.dump(came, sys.stdout)


def fail(why: str) -> NoReturn:
    os.write(2, why.encode())
    os._exit(1)


if __name__ == "__main__":
    ways = {"build": build, "race": race, "pass_by": pass_by, "twice": twice, "window": window}
    ways[sys.argv[1]]()
