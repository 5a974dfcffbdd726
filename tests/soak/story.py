"""One seeded story: orders, faults and time in a book of its own, then every invariant.

``python -m tests.soak.story SEED STEPS`` lives it in the installation of its process and prints
what came of it as one JSON line. A statement of the database fails at chance, the process "dies"
at chance, the bank misbehaves at chance; at the end all become honest, the story runs on until it
is quiet, and then the bank's truth has to be ours and `verify` has to be clean.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from loanops.config import startup

startup.start()

from django.db import OperationalError, connection  # noqa: E402

from loanops.config import wiring  # noqa: E402
from loanops.kernel.access import Actor  # noqa: E402
from loanops.kernel.refusals import Refusal  # noqa: E402
from loanops.loanbook.servicing import operations as servicing  # noqa: E402
from loanops.loanbook.servicing.models import Loan  # noqa: E402
from loanops.origination.applications import operations as applications  # noqa: E402
from loanops.origination.applications.models import Application  # noqa: E402
from loanops.origination.contracts import operations as contracts  # noqa: E402
from loanops.origination.contracts import queries as contracts_asked  # noqa: E402
from loanops.origination.decisioning import operations as decisioning  # noqa: E402
from loanops.origination.routing import operations as routing  # noqa: E402
from loanops.origination.routing.domain.lifecycle import OPEN_PAYOUTS  # noqa: E402
from loanops.origination.routing.models import PayoutIntent  # noqa: E402
from loanops.platform.books import queries as books  # noqa: E402
from loanops.platform.db import numbers  # noqa: E402
from loanops.platform.jobs import loop, runner  # noqa: E402
from loanops.platform.jobs.models import Job  # noqa: E402
from loanops.platform.outbox.models import Message  # noqa: E402
from tests.factories import routing as make  # noqa: E402
from tests.factories.contracts import PAGE, evidence_of  # noqa: E402
from tests.factories.decisioning import STEADY_DOLLARS, in_force  # noqa: E402
from tests.factories.registry import AT  # noqa: E402
from tests.soak import faults  # noqa: E402
from tests.soak.bank import Bank  # noqa: E402
from tests.soak.faults import Death, Dice, Faults, quiet_logs  # noqa: E402

HOUSE = Actor.house("soak")
FUNDER, BOOK = "prairieford", "us"
QUIET_ROUNDS_MAX = 300
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Story:
    """The book, the bank and the chance of one seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        # Numbers of the house are random; here they follow from the seed.
        numbers.secrets = Dice(seed)  # type: ignore[assignment]
        self.bank = Bank(seed)
        self.faults = Faults()
        self.now = AT
        self.done: Counter[str] = Counter()
        opened: Any = self.bank
        wiring.GATEWAYS.plug("open_bank", opened)
        wiring.CHANNELS.plug("open_bank", opened)

    def live(self, steps: int) -> None:
        """Begin, and take so many steps under faults."""
        make.dollars()
        in_force(BOOK, "us-2018")
        runner.plan(wiring.CRON, at=self.now)
        names = list(ACTS)
        weights = [ACTS[name][0] for name in names]
        with connection.execute_wrapper(self.faults):
            for _ in range(steps):
                name = self.chance.choices(names, weights)[0]
                if self.chance.random() < 0.25:
                    kind = self.chance.choice((OperationalError, Death))
                    self.faults.arm(self.chance.randint(1, 60), kind)
                self.done[f"{name} {self.take(ACTS[name][1])}"] += 1
                self.faults.disarm()
                self.now += timedelta(seconds=self.chance.randint(1, 120))

    def take(self, act: Callable[[Story], None]) -> str:
        """One step; what an order may end in besides success."""
        try:
            act(self)
        except Refusal:
            return "refused"
        except Death:
            # Whatever the dead process held is taken back when its leases have ended.
            Job.objects.filter(state="running").update(lease_until=LONG_AGO)
            return "died"
        except OperationalError as fault:
            if faults.WORDS not in str(fault):
                raise
            return "failed"
        return "done"

    def one(self, rows: Any) -> Any:
        """One of the rows by chance; refused where there is none."""
        found = list(rows.order_by("id"))
        if not found:
            raise Refusal
        return self.chance.choice(found)

    def rest(self) -> None:
        """Everybody honest, and time until it is quiet."""
        self.bank.honest = True
        for _ in range(QUIET_ROUNDS_MAX):
            self.now += timedelta(minutes=10)
            loop.drain(clock=lambda: self.now)
            if is_quiet():
                # A close that died on the last page is finished; no further day is.
                today = books.business_date(BOOK)
                servicing.close_day(book=BOOK, until=today, actor=HOUSE, at=self.now)
                return
        raise AssertionError("it never became quiet")


def is_quiet() -> bool:
    """Whether nothing is open, undelivered or waiting to run."""
    opened = PayoutIntent.objects.filter(state__in=[state.value for state in OPEN_PAYOUTS])
    jobs = Job.objects.filter(state__in=["waiting", "running"]).exclude(key__startswith="cron:")
    messages = Message.objects.filter(delivered_at__isnull=True)
    return not (opened.exists() or jobs.exists() or messages.exists())


# --- what can happen


def apply(story: Story) -> None:
    chance = story.chance
    requests = [
        applications.ApplicationRequest(
            key=f"K-{chance.randint(1, 60)}",
            product=chance.choice(("personal",) * 9 + ("gold",)),
            amount_minor=chance.choice((500_000, 1_000_000, 1_000_000, 1_000_100, 1)),
            term_months=12,
            annual_rate=Decimal("0.079"),
            instalment_minor=86_950,
            purpose="refinance_cards",
            region="CA",
            facts=facts_of(chance),
        )
        for _ in range(chance.randint(1, 3))
    ]
    applications.submit_many(book=BOOK, source="soak", requests=requests, actor=HOUSE, at=story.now)


def facts_of(chance: random.Random) -> dict[str, int | str | None]:
    changes: dict[str, int | str | None] = chance.choice(
        ({}, {}, {}, {}, {"accounts_delinquent_now": 2}, {"debt_to_income_bp": None})
    )
    return {**STEADY_DOLLARS, **changes}


def work(story: Story) -> None:
    loop.drain(clock=lambda: story.now, turns_max=story.chance.randint(1, 8))


def wait(story: Story) -> None:
    story.now += timedelta(seconds=story.chance.randint(60, 3_600))


def review(story: Story) -> None:
    row = story.one(Application.objects.filter(stage="in_review"))
    approve = story.chance.random() < 0.7
    person = Actor(person="wang.fang", grants=frozenset({"decisioning.review"}))
    decisioning.review(
        number=row.number,
        outcome="approve" if approve else "decline",
        reasons=("REVIEW_CAPACITY_GOOD",) if approve else ("REVIEW_CAPACITY_DOUBT",),
        offered_minor=row.amount_minor if approve else None,
        note="Called the employer.",
        actor=person,
        at=story.now,
    )


def sign(story: Story) -> None:
    row = story.one(Application.objects.filter(stage="offered"))
    offer = contracts_asked.list_offers(application=row.number)[0]
    contracts.show_disclosure(offer=offer.number, actor=HOUSE, at=story.now)
    story.now += timedelta(seconds=30)
    contracts.confirm_disclosure(
        offer=offer.number, read_seconds=30, evidence=PAGE, actor=HOUSE, at=story.now
    )
    contract = contracts.draw_up(offer=offer.number, actor=HOUSE, at=story.now)
    contracts.record_signature(
        contract=contract.number, mode="ours", evidence=evidence_of(contract),
        signed_at=story.now, actor=HOUSE, at=story.now,
    )  # fmt: skip


def withdraw(story: Story) -> None:
    row = story.one(Application.objects.exclude(stage__in=("withdrawn", "declined")))
    applications.withdraw(
        number=row.number, reason="other", version=row.version, actor=HOUSE, at=story.now
    )


def draw_again(story: Story) -> None:
    row = story.one(PayoutIntent.objects.all())
    routing.draw_down(contract=row.contract, actor=HOUSE, at=story.now)


def sweep(story: Story) -> None:
    routing.settle_open(book=BOOK, actor=HOUSE, at=story.now)


def call_back(story: Story) -> None:
    row = story.one(PayoutIntent.objects.all())
    chance = story.chance
    said = {
        "event_id": f"E-{chance.randint(1, 500)}",
        "funder": FUNDER,
        "serial": chance.choice((row.serial,) * 9 + ("DD-STRANGE",)),
        "standing": chance.choice(("success", "success", "refused", "processing")),
        "paid_amount": chance.choice(("10000.00", "5000.00", "0.01", "many")),
        "currency": "USD",
        "pay_number": f"PAY-{row.serial}",
    }
    routing.take_callback(
        funder=FUNDER, method="POST", target="/", raw=json.dumps(said).encode(),
        headers={"signature": chance.choice(("good", "good", "good", "forged"))},
        actor=HOUSE, at=story.now,
    )  # fmt: skip


def repay(story: Story) -> None:
    row = story.one(Loan.objects.all())
    chance = story.chance
    on = books.business_date(BOOK) - timedelta(days=chance.choice((0, 0, 0, 1, 5, 20)))
    servicing.repay(
        loan=row.number, channel=f"open_bank:{FUNDER}", pay_no=f"P-{chance.randint(1, 200)}",
        amount_minor=chance.choice((1, 10_000, 44_000, 86_950, 200_000, 2_000_000)),
        on=on, actor=HOUSE, at=story.now,
    )  # fmt: skip


def close(story: Story) -> None:
    until = books.business_date(BOOK) + timedelta(days=story.chance.randint(1, 9))
    servicing.close_day(book=BOOK, until=until, actor=HOUSE, at=story.now)


ACTS: dict[str, tuple[int, Callable[[Story], None]]] = {
    "apply": (6, apply),
    "work": (14, work),
    "wait": (2, wait),
    "review": (2, review),
    "sign": (7, sign),
    "withdraw": (1, withdraw),
    "draw again": (1, draw_again),
    "sweep": (2, sweep),
    "call back": (5, call_back),
    "repay": (8, repay),
    "close": (4, close),
}


def told(story: Story) -> dict[str, Any]:
    """What the story came to: the truths side by side, and what the checks found."""
    ours = dict(PayoutIntent.objects.filter(state="success").values_list("serial", "pay_number"))
    found = [
        f"{each.code} {each.object}: expected {each.expected}, found {each.found}"
        for check in wiring.invariants()
        for each in check.find()
    ]
    if ours != story.bank.truth():
        found.append(f"the bank paid {sorted(story.bank.truth())}, we say {sorted(ours)}")
    return {
        "found": found,
        "loans": Loan.objects.count(),
        "payouts": PayoutIntent.objects.count(),
        "steps": dict(sorted(story.done.items())),
    }


def main(seed: int, steps: int) -> None:
    story = Story(seed)
    with quiet_logs():
        story.live(steps)
        story.rest()
        came = told(story)
    sys.stdout.write(json.dumps(came) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
