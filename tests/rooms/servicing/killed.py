"""A close that is killed with signal 9 inside and after every step, in processes of its own.

``build`` opens a small book that has something to do in every step; ``clean`` closes three days,
the first of which ends a month, and prints what the steps of that one touched;
``killed`` closes the same days, dying twice in each step; ``beside`` closes them twice at once;
``dump`` prints what a close leaves, without moments and random numbers.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from loanops.config import startup

startup.start()

from django.apps import apps  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import CharField  # noqa: E402

from loanops.kernel.allocation import Order  # noqa: E402
from loanops.kernel.schedule import Floating, Reset, Terms  # noqa: E402
from loanops.loanbook.servicing import operations as servicing  # noqa: E402
from loanops.loanbook.servicing.ports import CLOSE, CloseStep, Closing  # noqa: E402
from loanops.platform.books import queries as books  # noqa: E402
from loanops.platform.work import Work  # noqa: E402
from loanops.registry.compliance import operations as compliance  # noqa: E402
from tests.factories.loans import AT, HOUSE, close_until, open_book, open_loan, repay  # noqa: E402
from tests.factories.loans import terms as agreed  # noqa: E402
from tests.factories.registry import register, sign  # noqa: E402

FIRST = date(2026, 11, 30)
END = FIRST + timedelta(days=3)
WIRED = tuple(CLOSE)
_GUARANTEE = {"scope": "instalment", "base": "principal_and_interest"}
RANDOM = {"id", "at", "finished_at", "journal", "sealed_at"}
# A row's own id differs where a killed close took some, so rows are named by what they are.
NAMED = {
    "account": ("account__code", "account__dimension"),
    "loan": ("loan__serial",),
    "pool": ("pool__code",),
    "file": ("file__channel", "file__due_on", "file__window"),
}
LEFT_OUT = {"jobs_job", "outbox_message", "audit_entry", "ledger_journal", "ledger_entry"}


def build() -> None:
    open_book()
    # A guarantor is to pay from the first day that begins.
    register("harbour", "bank")
    register("anchor", "guarantor")
    signed = sign("harbour", guarantor="anchor", compensation_days=1, guarantee=_GUARANTEE)
    open_loan(
        agreed=due(FIRST), guarantor="anchor", agreement=signed.number,
        agreement_version=signed.version,
    )  # fmt: skip
    late = [open_loan(agreed=due(FIRST - timedelta(days=days))) for days in (0, 0, 0, 15)]
    # Thirty-one days past due on the day that begins: it changes its class.
    open_loan(agreed=due(FIRST - timedelta(days=30), start_date=FIRST - timedelta(days=60)))
    thrifty = open_loan(agreed=due(FIRST + timedelta(days=1), allocation=Order(in_advance=())))
    ahead = [open_loan(agreed=due(FIRST + timedelta(days=days))) for days in (1, 1, 2, 2, 3)]
    repay(thrifty, 100_000)
    repay(ahead[0], 10_000)
    # It reads its index, which has fallen since it began, anew on the day that begins.
    index = Floating(index="lpr_1y", reset=Reset.YEARLY, month=12, day=1)
    for rate, since in (("0.03", date(2025, 5, 20)), ("0.025", FIRST - timedelta(days=5))):
        compliance.record_reference_rate(
            book="cn", key="lpr_1y", rate_annual=Decimal(rate), effective_from=since,
            document="notice", actor=HOUSE, at=AT,
        )  # fmt: skip
    open_loan(agreed=due(FIRST + timedelta(days=9), floating=index))
    close_until(FIRST)
    repay(late[0], 10_000)


def due(on: date, **values: Any) -> Terms:
    return agreed(first_due_date=on, **values)


def clean() -> None:
    CLOSE.plug(WIRED)
    [first, *_] = servicing.close_day(book="cn", until=END, actor=HOUSE, at=datetime.now(tz=UTC))
    json.dump({step.step: step.touched for step in first.steps}, sys.stdout)


def killed() -> None:
    """The parent never touches the database; each child closes until it dies."""
    for step in WIRED:
        for place in (inside, after):
            if in_child(lambda step=step, place=place: place(step.name)) != -signal.SIGKILL:
                sys.exit(f"the close was not killed in {step.name}")
    if in_child(clean) != 0:
        sys.exit("the close did not end")


def beside() -> None:
    """Two closes at once; both end well."""
    children = [fork(clean) for _ in range(2)]
    if [wait(child) for child in children] != [0, 0]:
        sys.exit("a close beside another failed")


def inside(name: str) -> None:
    """Die when the step has done its work and nothing of it is committed."""

    def dying(run: Callable[[Work, Closing], int]) -> Callable[[Work, Closing], int]:
        def run_and_die(work: Work, closing: Closing) -> int:
            run(work, closing)
            return die()

        return run_and_die

    CLOSE.plug(
        [replace(step, run=dying(step.run)) if step.name == name else step for step in WIRED]
    )
    servicing.close_day(book="cn", until=END, actor=HOUSE, at=datetime.now(tz=UTC))


def after(name: str) -> None:
    """Die when the step is committed and before the next one begins."""
    names = [step.name for step in WIRED]
    kept = WIRED[: names.index(name) + 1]
    CLOSE.plug([*kept, CloseStep("death", lambda work, closing: die())])
    servicing.close_day(book="cn", until=END, actor=HOUSE, at=datetime.now(tz=UTC))


def die() -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def in_child(run: Callable[[], None]) -> int:
    return wait(fork(run))


def fork(run: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        run()
        os._exit(0)
    return child


def wait(child: int) -> int:
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _random(field: Any) -> bool:
    """A number of the house is random; the number of an instalment is not."""
    return field.name == "number" and isinstance(field, CharField)


def dump() -> None:
    """Every table of the rooms that a close writes, as sorted rows."""
    tables: dict[str, list[list[Any]]] = {}
    for label in ("books", "ledger", "payments", "servicing"):
        for model in apps.get_app_config(label).get_models():
            table = model._meta.db_table
            if table in LEFT_OUT:
                continue
            fields = model._meta.concrete_fields
            told = [
                part
                for field in sorted(fields, key=lambda field: field.name)
                if field.name not in RANDOM and not _random(field)
                for part in (NAMED.get(field.name) if field.is_relation else None) or (field.name,)
            ]
            rows = model._base_manager.values_list(*told)
            tables[table] = sorted([str(value) for value in row] for row in rows)
    for table, columns in (
        ("audit_entry", "code"),
        ("outbox_message", "name"),
        ("ledger_journal", "kind, posted_on, total_minor"),
    ):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns}, COUNT(*) FROM {table} GROUP BY {columns}")  # noqa: S608
            tables[table] = sorted([str(value) for value in row] for row in cursor.fetchall())
    json.dump({"business_date": str(books.business_date("cn")), **tables}, sys.stdout)


if __name__ == "__main__":
    {"build": build, "clean": clean, "killed": killed, "beside": beside, "dump": dump}[
        sys.argv[1]
    ]()
