"""One seeded life of a small book: loans of drawn terms, every kind of change, closes, crashes.

``python -m tests.soak.book SEED STEPS`` lives it in the installation of its process and prints
what came of it as one JSON line. Money comes late, twice, back-dated and beside other money;
changes are looked at, ordered and undone; a statement fails or the process "dies" at chance, in
the middle of a close too. Now and then the close is finished, and then `verify` has to be clean,
a rebuild has to find nothing to do, and the receipts have to be the money that was taken.
"""

from __future__ import annotations

import json
import random
import sys
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from loanops.config import startup

startup.start()

from django.db import OperationalError, connection  # noqa: E402
from django.db.models import QuerySet  # noqa: E402

from loanops.config import wiring  # noqa: E402
from loanops.kernel.access import Viewer  # noqa: E402
from loanops.kernel.account import AccountState, Repaid, event_to_dict  # noqa: E402
from loanops.kernel.refusals import Refusal  # noqa: E402
from loanops.loanbook.servicing import operations as servicing  # noqa: E402
from loanops.loanbook.servicing.models import Loan, LoanEvent, SetAside  # noqa: E402
from loanops.loanbook.servicing.operations import ChangeIn  # noqa: E402
from loanops.loanbook.servicing.operations.loading import histories, hold, replayed  # noqa: E402
from loanops.loanbook.servicing.queries import BookFile  # noqa: E402
from loanops.money.ledger import queries as ledger  # noqa: E402
from loanops.money.payments.models import Receipt  # noqa: E402
from loanops.platform.books import queries as books  # noqa: E402
from loanops.platform.db import numbers  # noqa: E402
from loanops.registry.compliance import operations as compliance  # noqa: E402
from tests.factories import loans as factory  # noqa: E402
from tests.factories.everything import BROUGHT  # noqa: E402
from tests.factories.loans import AT, DAY  # noqa: E402
from tests.factories.moving import MAP, open_moving_book, reading  # noqa: E402
from tests.soak import faults, happenings, imports  # noqa: E402
from tests.soak.faults import Death, Dice, Faults, quiet_logs  # noqa: E402
from tests.soak.imports import COLLEAGUE, HOUSE  # noqa: E402

BOOK, CHANNEL = "cn", "counter"
LOOK_EVERY = 25
LOANS_MAX = 14
UNHELD = {"INV-11": "nobody delivers what is announced: no server takes part"}
BESIDE_SECONDS = 0.5
"""How long one waits for the other before it goes on: only who is held up by it waits longer."""


class Broken(AssertionError):
    """Something that always holds did not; the words say what."""


class Meeting:
    """At the n-th statement another thread begins, and has a moment to come through."""

    def __init__(self, left: int, other: threading.Thread) -> None:
        self.left, self.other = left, other

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if self.left and faults.is_work(sql):
            self.left -= 1
            if not self.left:
                self.other.start()
                self.other.join(BESIDE_SECONDS)
        return execute(sql, params, many, context)


class Life:
    """The book and the chance of one seed, and the money that it took."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        # Numbers of the house are random; here they follow from the seed.
        numbers.secrets = Dice(seed)  # type: ignore[assignment]
        self.faults = Faults()
        self.now = AT
        self.place = 0
        self.told: list[str] = []
        self.files: list[BookFile] = []
        self.done: Counter[str] = Counter()
        self.paid: dict[str, tuple[str, int]] = {}
        self.unsure: dict[str, tuple[str, int]] = {}

    @property
    def today(self) -> date:
        return books.business_date(BOOK)

    def begin(self) -> None:
        """Open the book, some loans, and sometimes a portfolio from elsewhere."""
        open_moving_book(on=DAY)
        for rate, since in (("0.03", DAY - timedelta(days=400)), ("0.035", DAY)):
            compliance.record_reference_rate(
                book=BOOK, key=happenings.INDEX, rate_annual=Decimal(rate), effective_from=since,
                document="notice", actor=HOUSE, at=self.now,
            )  # fmt: skip
        if self.chance.random() < 0.3:
            text = MAP.replace("2026-06-30", DAY.isoformat())
            servicing.import_book(read=reading(BROUGHT, text=text), actor=HOUSE, at=self.now)
        for _ in range(self.chance.randint(2, 5)):
            self.take("open", open_one)

    def live(self, steps: int) -> None:
        """So many steps under faults; :raises Broken: something does not hold."""
        self.begin()
        names = list(ACTS)
        weights = [ACTS[name][0] for name in names]
        with connection.execute_wrapper(self.faults):
            for place in range(1, steps + 1):
                self.place = place
                name = self.chance.choices(names, weights)[0]
                if self.chance.random() < 0.15:
                    kind = self.chance.choice((OperationalError, Death))
                    self.faults.arm(self.chance.randint(1, 60), kind)
                self.take(name, ACTS[name][1])
                self.now += timedelta(seconds=self.chance.randint(1, 120))
                if place % LOOK_EVERY == 0 or place == steps:
                    self.look()

    def take(self, name: str, act: Callable[[Life], str]) -> None:
        """One step, told with what came of it."""
        try:
            came, what = "done", act(self)
        except Refusal as refusal:
            came, what = "refused", refusal.code
        except Death:
            came, what = "died", ""
        except OperationalError as fault:
            if faults.WORDS not in str(fault):
                raise
            came, what = "failed", ""
        finally:
            # What only tells of the step is no part of it.
            self.faults.disarm()
        self.done[f"{name} {came}"] += 1
        self.told.append(f"{self.place} {self.today} {name} {what} {came}")

    def one(self) -> Loan:
        """One of the loans that are in the book."""
        return self.chance.choice(list(self.loans().order_by("id")))

    @staticmethod
    def loans() -> QuerySet[Loan]:
        """The loans of the book; those of a file that was taken back are in it no more."""
        return Loan.objects.exclude(state="withdrawn")

    def at(self, loan: Loan) -> int:
        """The place of a loan in the book, which is the same in every run of a seed."""
        return Loan.objects.filter(pk__lt=loan.pk).count() + 1

    def account(self, loan: Loan) -> AccountState:
        """A loan as its events make it today."""
        [held] = hold([loan.pk], whole=True, locked=False)
        return replayed(histories([loan.pk])[loan.pk], held, [], self.today).account

    def some_day(self) -> date:
        """Today, or a day gone by for what is told late."""
        late = self.chance.choice((0, 0, 0, 1, 3, 12, 40))
        return self.today - timedelta(days=late)

    def repay(self, loan: str, pay_no: str, amount_minor: int, on: date) -> str:
        """Take money and remember it; unsure as long as nobody has said that it was booked."""
        known, self.unsure[pay_no] = self.paid.get(pay_no), (loan, amount_minor)
        card = servicing.repay(
            loan=loan, channel=CHANNEL, pay_no=pay_no, amount_minor=amount_minor, on=on,
            actor=HOUSE, at=self.now,
        )  # fmt: skip
        if known and not card.repeated:
            raise Broken(f"payment {pay_no} was booked twice")
        self.paid[pay_no] = (loan, amount_minor)
        return "again" if card.repeated else card.state

    def look(self) -> None:
        """Finish the close, and hold everything that has to hold; :raises Broken:."""
        servicing.close_day(book=BOOK, until=self.today, actor=HOUSE, at=self.now)
        found = [
            f"{each.code} {each.object}: expected {each.expected}, found {each.found}"
            for check in wiring.invariants()
            if check.code not in UNHELD
            for each in check.find()
        ]
        rebuilt = servicing.rebuild(book=BOOK, actor=HOUSE, at=self.now)
        if (rebuilt.changed, rebuilt.periods, rebuilt.pools, rebuilt.stuck) != (0, 0, 0, ()):
            found.append(f"a rebuild found {rebuilt}")
        found += [f"set aside: {row.step} {row.reason}" for row in SetAside.objects.all()]
        booked = {
            pay_no: (loan, minor)
            for pay_no, loan, minor in Receipt.objects.filter(channel=CHANNEL).values_list(
                "pay_no", "subject", "amount_minor"
            )
        }
        for pay_no in booked.keys() | self.paid.keys():
            right = self.paid.get(pay_no) or self.unsure.get(pay_no)
            if booked.get(pay_no) != right:
                found.append(f"payment {pay_no}: took {right}, booked {booked.get(pay_no)}")
        if found:
            raise Broken("; ".join(found))

    def mark(self) -> str:
        """What the book came to, in short: equal for two runs of one seed."""
        balance = ledger.trial_balance(book=BOOK, viewer=Viewer.house("soak"))
        loans = Loan.objects.order_by("id").values_list(
            "state", "outstanding_minor", "credit_minor", "instalment_count", "oldest_due_on"
        )
        said = f"{self.told} {balance} {list(loans)}"
        return sha256(said.encode()).hexdigest()


# --- what can happen


def open_one(life: Life) -> str:
    if life.loans().count() >= LOANS_MAX:
        return "enough"
    start = life.today - timedelta(days=life.chance.choice((0, 0, 0, 1, 5)))
    agreed = happenings.agreed(life.chance, start=start)
    payout = factory.disbursed(agreed)
    servicing.open_loans(book=BOOK, disbursed=[payout], actor=HOUSE, at=life.now)
    return str(agreed.method)


def close(life: Life) -> str:
    days = life.chance.choice((1, 1, 2, 5, 10))
    servicing.close_day(
        book=BOOK, until=life.today + timedelta(days=days), actor=HOUSE, at=life.now
    )
    return str(days)


def repay(life: Life) -> str:
    loan = life.one()
    drawn = happenings.money(life.chance, life.account(loan))
    pay_no, on = f"P-{life.chance.randint(1, 400)}", life.some_day()
    if pay_no in life.paid:
        return "known"
    state = life.repay(loan.number, pay_no, drawn, on)
    return f"{life.at(loan)} {drawn} for {on} {state}"


def repay_again(life: Life) -> str:
    rows = list(Receipt.objects.filter(channel=CHANNEL, returned_minor=0).order_by("id"))
    known = [row for row in rows if row.pay_no in life.paid]
    if not known:
        return "none"
    row = life.chance.choice(known)
    return life.repay(row.subject, row.pay_no, row.amount_minor, row.received_on)


def change(life: Life) -> str:
    loan = life.one()
    on = life.some_day()
    event = happenings.event(life.chance, "drawn", on, life.account(loan))
    if type(event) is Repaid:
        return "a plain repayment"
    said = event_to_dict(event)
    values = {name: each for name, each in said.items() if name not in {"kind", "key", "on"}}
    return ordered(life, loan, event.KIND, on, values)


def settle(life: Life) -> str:
    loan = life.one()
    left = life.account(loan)
    amount_minor = (left.due - left.paid).total_minor + life.chance.choice((0, 0, 500))
    return ordered(life, loan, "settled_early", life.today, {"amount_minor": amount_minor})


def undo(life: Life) -> str:
    loan = life.one()
    keys = list(LoanEvent.objects.filter(loan=loan).order_by("id").values_list("key", flat=True))
    return ordered(life, loan, "reversed", life.today, {"of": life.chance.choice(keys)})


def ordered(life: Life, loan: Loan, kind: str, on: date, values: dict[str, Any]) -> str:
    """Look, and order what was shown, by two where that is asked; sometimes the loan moves on."""
    pay_no = ""
    if kind in {"prepaid", "settled_early"}:
        pay_no = f"C-{life.place}"
        life.unsure[pay_no] = (loan.number, values["amount_minor"])
    asked = ChangeIn(
        loan=loan.number, kind=kind, on=on, values=values, channel=CHANNEL if pay_no else "",
        pay_no=pay_no,
    )  # fmt: skip
    shown = servicing.preview_change(asked=asked, viewer=HOUSE)
    said = f"{life.at(loan)} {kind} for {on} {values}"
    orders: dict[str, Any] = {"asked": asked, "seen": shown.digest, "reason": "as agreed"}
    if shown.needs_second:
        request = servicing.ask_change(**orders, actor=HOUSE, at=life.now)
        if life.chance.random() < 0.1:
            servicing.refuse_change(request=request, note="no", actor=COLLEAGUE, at=life.now)
            return f"{said} asked for in vain"
        booked = servicing.approve_change(request=request, actor=COLLEAGUE, at=life.now)
    else:
        booked = servicing.change(**orders, actor=HOUSE, at=life.now)
    if booked != shown:
        raise Broken(f"{said} was booked otherwise than it was shown")
    if pay_no:
        life.paid[pay_no] = life.unsure[pay_no]
    return said


def beside(life: Life) -> str:
    """Two at once: money beside money, for one loan or two, the same twice, or beside a close."""
    first, second = life.one(), life.one()
    amount_minor, more_minor = life.chance.randint(1, 50_000), life.chance.randint(1, 50_000)
    on, fallen = life.today, []
    kind = life.chance.choice(("same", "other", "close"))

    def other() -> None:
        try:
            if kind == "close":
                servicing.close_day(book=BOOK, actor=HOUSE, at=life.now)
            elif kind == "same":
                life.repay(first.number, f"B-{life.place}", amount_minor, on)
            else:
                life.repay(second.number, f"B-{life.place}-2", more_minor, on)
        except Refusal:
            return
        except Exception as fault:
            fallen.append(f"{type(fault).__name__} {fault}")
        finally:
            connection.close()

    thread = threading.Thread(target=other)
    met = Meeting(life.chance.randint(1, 25), thread)
    wrapped: AbstractContextManager[None] = connection.execute_wrapper(met)
    life.faults.disarm()
    try:
        with wrapped:
            servicing.repay(
                loan=first.number, channel=CHANNEL, pay_no=f"B-{life.place}",
                amount_minor=amount_minor, on=on, actor=HOUSE, at=life.now,
            )  # fmt: skip
        life.paid[f"B-{life.place}"] = (first.number, amount_minor)
    finally:
        if thread.ident is not None:
            thread.join()
    if fallen:
        raise Broken(f"{kind} beside a repayment: {fallen[0]}")
    return f"{life.at(first)} {amount_minor} and {kind} {life.at(second)} {more_minor}"


ACTS: dict[str, tuple[int, Callable[[Life], str]]] = {
    "open": (3, open_one),
    "close": (22, close),
    "repay": (28, repay),
    "repay again": (4, repay_again),
    "change": (22, change),
    "settle": (3, settle),
    "undo": (10, undo),
    "beside": (4, beside),
    **imports.ACTS,
}


def main(seed: int, steps: int) -> None:
    life, found = Life(seed), []
    with quiet_logs():
        try:
            life.live(steps)
        except Exception as broken:
            found = [f"step {life.place}: {type(broken).__name__} {broken}", *life.told]
    came = {"found": found, "mark": life.mark(), "steps": dict(sorted(life.done.items()))}
    sys.stdout.write(json.dumps(came) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
