"""Two who compensate at one ceiling at once, or approve at once, in processes of their own.

``build`` opens two late loans under an agreement whose guarantor pays for one of them alone, and
asks for a compensation of each and for the extension of the first. ``looked`` lets the first stop
where it has seen that the ceiling has room, ``taken`` where it has taken its part and nothing is
committed; ``approved`` is ``looked`` by two who approve what was asked for. ``decided`` approves
one request twice, the first stopping before it writes. All print how each ended.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from loanops.config import startup

startup.start()

from loanops.kernel.access import Actor  # noqa: E402
from loanops.kernel.refusals import Refusal  # noqa: E402
from loanops.loanbook.servicing import operations as servicing  # noqa: E402
from loanops.loanbook.servicing import queries  # noqa: E402
from loanops.loanbook.servicing.models import ChangeRequest, Loan, LoanEvent  # noqa: E402
from loanops.loanbook.servicing.operations import changing  # noqa: E402
from tests.factories.changes import COLLEAGUE, asked  # noqa: E402
from tests.factories.loans import AT, DAY, HOUSE, open_book, open_loan, terms  # noqa: E402
from tests.factories.registry import register, sign  # noqa: E402
from tests.rooms.servicing.killed import fork, wait  # noqa: E402
from tests.rooms.servicing.racing import LOOK_SECONDS, await_byte, fail  # noqa: E402

CAP_MINOR = 100_000
"""Room for one instalment of 888.49."""
PAID_OUT = date(2026, 10, 1)


def build() -> None:
    open_book()
    register("harbour", "bank")
    register("anchor", "guarantor")
    says = {"scope": "instalment", "base": "principal_and_interest", "cap_minor": CAP_MINOR}
    agreed = sign("harbour", guarantor="anchor", compensation_days=1, guarantee=says)
    for _ in range(2):
        loan = open_loan(
            agreed=terms(start_date=PAID_OUT), guarantor="anchor", agreement=agreed.number,
            agreement_version=agreed.version,
        )  # fmt: skip
        ask(loan, "compensated")
    ask(loans()[0], "extended", periods=1, fee_minor=0)


def ask(loan: str, kind: str, **values: Any) -> None:
    wanted = asked(loan, kind, DAY, **values)
    shown = servicing.preview_change(asked=wanted, viewer=HOUSE)
    servicing.ask_change(asked=wanted, seen=shown.digest, reason="agreed", actor=HOUSE, at=AT)


def loans() -> list[str]:
    return list(Loan.objects.order_by("id").values_list("number", flat=True))


def compensate(place: int) -> None:
    wanted = asked(loans()[place], "compensated", DAY)
    shown = servicing.preview_change(asked=wanted, viewer=HOUSE)
    servicing.change(asked=wanted, seen=shown.digest, reason="agreed", actor=HOUSE, at=now())


def approve(place: int, actor: Actor = COLLEAGUE) -> None:
    number = ChangeRequest.objects.order_by("id").values_list("number", flat=True)[place]
    servicing.approve_change(request=number, actor=actor, at=now())


def now() -> datetime:
    return datetime.now(tz=UTC)


def race(stop_at: str, first: Callable[[], None], second: Callable[[], None]) -> None:
    """Let the first stop before a part of its work, and the second come as far as it can."""
    reached, say = os.pipe()
    waiting, go = os.pipe()
    said, tell = os.pipe()
    part = getattr(changing, stop_at)

    def stop(*given: Any, **named: Any) -> Any:
        setattr(changing, stop_at, part)
        os.write(say, b".")
        await_byte(waiting)
        return part(*given, **named)

    def end(run: Callable[[], None]) -> Callable[[], None]:
        def run_and_tell() -> None:
            try:
                run()
            except Refusal as refusal:
                os.write(tell, f"{refusal.code} ".encode())
            else:
                os.write(tell, b"booked ")

        return run_and_tell

    def stopping() -> None:
        setattr(changing, stop_at, stop)
        end(first)()

    children = [fork(stopping)]
    await_byte(reached)
    children.append(fork(end(second)))
    time.sleep(LOOK_SECONDS)
    os.write(go, b".")
    ended = [wait(child) for child in children]
    if any(ended):
        fail("a process failed")
    os.close(tell)
    events = LoanEvent.objects.exclude(kind="disbursed")
    ceilings = queries.list_ceilings(agreement=agreement(), viewer=HOUSE)
    came = {
        "ends": sorted(os.read(said, 1_000).decode().split()),
        "kinds": sorted(events.values_list("kind", flat=True)),
        "used": [each.used_minor for each in ceilings],
    }
    json.dump(came, sys.stdout)


def agreement() -> str:
    from loanops.loanbook.servicing.models import LoanTerms

    return str(LoanTerms.objects.values_list("agreement", flat=True)[0])


WAYS: dict[str, Callable[[], None]] = {
    "build": build,
    "looked": lambda: race("hold_ceiling", lambda: compensate(0), lambda: compensate(1)),
    "taken": lambda: race("_write", lambda: compensate(0), lambda: compensate(1)),
    "approved": lambda: race("hold_ceiling", lambda: approve(0), lambda: approve(1)),
    "decided": lambda: race("_write", lambda: approve(2), lambda: approve(2)),
}

if __name__ == "__main__":
    WAYS[sys.argv[1]]()
