"""Contracts waiting for their money, and processes that die while they pay it out.

``build`` leaves signed contracts whose payouts are jobs; ``killed`` works on them in children that
kill themselves at every named place; ``rest`` works until nothing is left; ``ours`` prints what
the house believes it paid. Time is a story's: a file that whoever drives moves on.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from loanops.config import startup

startup.start()

from loanops.config import wiring  # noqa: E402
from loanops.kernel.access import Actor  # noqa: E402
from loanops.loanbook.servicing import operations as servicing  # noqa: E402
from loanops.loanbook.servicing.models import Loan  # noqa: E402
from loanops.origination.applications import operations as applications  # noqa: E402
from loanops.origination.contracts import operations as contracts  # noqa: E402
from loanops.origination.contracts import queries as contracts_asked  # noqa: E402
from loanops.origination.routing.domain.lifecycle import OPEN_PAYOUTS  # noqa: E402
from loanops.origination.routing.models import ExceptionCase, PayoutIntent  # noqa: E402
from loanops.origination.routing.operations import paying  # noqa: E402
from loanops.platform.jobs import loop, runner  # noqa: E402
from loanops.platform.jobs.models import Job  # noqa: E402
from loanops.platform.outbox.models import Message  # noqa: E402
from loanops.platform.parameters import operations as parameters  # noqa: E402
from loanops.platform.web import clock  # noqa: E402
from tests.factories import routing as make  # noqa: E402
from tests.factories.contracts import evidence_of, later  # noqa: E402
from tests.factories.decisioning import STEADY_DOLLARS, in_force  # noqa: E402
from tests.factories.registry import AT, TODAY  # noqa: E402

HOUSE = Actor.house("tests")
STORY = Path(os.environ["LOANOPS_CLOCK_FILE"])
BEGINS = AT + timedelta(hours=1)
STEP = timedelta(seconds=30)
ROUNDS_MAX = 400

# name: the function that is replaced, and whether the process dies before or after it ran. What
# lets a payout end comes late: a sweep may end all that are open at once, and leaves none to ask.
PLACES: dict[str, tuple[Any, str, bool]] = {
    "before the serials are committed": (paying, "submit", False),
    "before the order is sent": (paying, "send_all", True),
    "after the order was answered": (paying, "send_all", False),
    "after the funder was asked": (paying, "query_all", False),
    "before the answer is committed": (paying, "take_answers", False),
    "after the answer is committed": (paying, "_outcome", True),
    "before the loan is opened": (servicing, "open_loans", True),
    "before the loan is committed": (servicing, "open_loans", False),
}


def build(count: int) -> None:
    """Signed contracts: all but two of them one by one, those as a batch."""
    clock.set_story(STORY, AT)
    funded = make.dollars()
    for name, value in (
        ("routing.query_interval_seconds", 30),
        ("routing.resend_after_seconds", 60),
    ):
        parameters.set_parameter(name=name, value=value, effective_from=TODAY, actor=HOUSE, at=AT)
    drawn = make.drawn_up(funded, offered(funded.book, count))
    cards = contracts_asked.find_contracts(drawn)
    for number in drawn[:-2]:
        contracts.record_signature(
            contract=number, mode="ours", evidence=evidence_of(cards[number]),
            signed_at=later(26), actor=HOUSE, at=later(30),
        )  # fmt: skip
    contracts.record_signatures_many(
        book=funded.book,
        signatures=[
            contracts.SignatureIn(
                contract=number, mode="ours", evidence=evidence_of(cards[number]),
                signed_at=later(26),
            )
            for number in drawn[-2:]
        ],
        actor=HOUSE,
        at=later(30),
    )  # fmt: skip
    clock.set_story(STORY, BEGINS)


def offered(book: str, count: int) -> list[str]:
    """Applications that a strategy approved and a funder granted, by the house's own wiring."""
    in_force(book, "us-2018")
    outcome = applications.submit_many(
        book=book,
        source="test",
        requests=[
            applications.ApplicationRequest(
                key=f"K-{place}", product="personal", amount_minor=1_000_000, term_months=12,
                annual_rate=Decimal("0.079"), instalment_minor=86_950, purpose="refinance_cards",
                region="CA", facts=STEADY_DOLLARS,
            )
            for place in range(count)
        ],
        actor=HOUSE,
        at=AT,
    )  # fmt: skip
    loop.drain(clock=clock.now)
    return list(outcome.created)


def is_quiet() -> bool:
    """Whether nothing is open, undelivered, or waiting to run."""
    opened = PayoutIntent.objects.filter(state__in=[state.value for state in OPEN_PAYOUTS])
    jobs = Job.objects.filter(state__in=["waiting", "running"]).exclude(key__startswith="cron:")
    messages = Message.objects.filter(delivered_at__isnull=True)
    return not (opened.exists() or jobs.exists() or messages.exists())


def rest() -> None:
    """Work, and let time pass, until it is quiet."""
    runner.plan(wiring.CRON, at=clock.now())
    for _ in range(ROUNDS_MAX):
        loop.drain(clock=clock.now)
        if is_quiet():
            return
        clock.set_story(STORY, clock.now() + STEP)
    sys.exit("it never became quiet")


def killed() -> None:
    """The parent never touches the database; each child works until it dies."""
    for name, (module, function, before) in PLACES.items():
        ended = in_child(lambda place=(module, function, before): die_at(*place))
        if ended != -signal.SIGKILL:
            sys.exit(f"nobody was killed {name}")


def die_at(module: Any, function: str, before: bool) -> None:
    real: Callable[..., Any] = getattr(module, function)

    def dying(*args: Any, **kwargs: Any) -> None:
        if not before:
            real(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, function, dying)
    rest()


def in_child(run: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        try:
            run()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def ours() -> None:
    """What the house believes: every payout, every loan, every exception."""
    intents = PayoutIntent.objects.order_by("id")
    loans = Loan.objects.order_by("id")
    json.dump(
        {
            "payouts": [
                {"serial": row.serial, "contract": row.contract, "state": row.state,
                 "amount_minor": row.amount_minor, "pay_number": row.pay_number}
                for row in intents
            ],
            "loans": [
                {"serial": row.serial, "principal_minor": row.principal_minor} for row in loans
            ],
            "exceptions": sorted(ExceptionCase.objects.values_list("kind", flat=True)),
            "dead": list(Job.objects.filter(state="dead").values_list("key", flat=True)),
        },
        sys.stdout,
    )  # fmt: skip


if __name__ == "__main__":
    verb, *rest_of = sys.argv[1:]
    {"killed": killed, "rest": rest, "ours": ours}.get(verb, lambda: build(int(rest_of[0])))()
