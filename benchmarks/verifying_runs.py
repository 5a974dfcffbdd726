"""Checks in a process of their own: ``python -m benchmarks.verifying_runs whole|one_by_one N``.

``whole`` runs every check of the house. ``one_by_one`` loads so many loans with their terms,
events and instalments, each by itself, and holds them against their replay.
"""

from __future__ import annotations

import json
import sys
import time

from benchmarks.book import CODES
from benchmarks.checks import MOST
from loanops.config import wiring
from loanops.kernel.account import state
from loanops.kernel.schedule import Terms
from loanops.loanbook.servicing.domain.replay import event_of, items_of
from loanops.loanbook.servicing.domain.rules import read_rules
from loanops.loanbook.servicing.models import Instalment, Loan, LoanEvent, LoanTerms
from loanops.loanbook.servicing.operations import STEPS
from loanops.loanbook.servicing.ports import CLOSE
from loanops.loanbook.servicing.queries.loans import item_of_row
from loanops.platform.books import queries as books
from loanops.platform.db.snapshot import snapshot

REPLAYS = "differing_loans"


def whole() -> dict[str, object]:
    """Every check, in seconds; what those find that hold for a book built past the house."""
    CLOSE.plug(STEPS)
    checks, wrong, replays = wiring.invariants(), list[str](), 0.0
    began = time.perf_counter()
    with snapshot():
        for check in checks:
            started = time.perf_counter()
            found = [each for each in check.find() if each.code in CODES]
            wrong += [f"{each.code} {each.object}: {each.found}" for each in found[:MOST]]
            if check.find.__name__ == REPLAYS:
                replays = time.perf_counter() - started
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "replays": replays, "checks": len(checks), "wrong": wrong}


def one_by_one(count: int) -> dict[str, object]:
    """The replay of each loan, read through the ORM by itself."""
    wrong: list[str] = []
    began = time.perf_counter()
    loans = list(Loan.objects.order_by("id").values_list("id", flat=True)[:count])
    for pk in loans:
        loan = Loan.objects.select_related("pool").get(pk=pk)
        agreed = Terms.from_dict(json.loads(LoanTerms.objects.get(loan_id=pk).terms_json))
        events = [
            event_of(row.key, row.kind, row.counts_on, row.amount_minor, row.content_json)
            for row in LoanEvent.objects.filter(loan_id=pk).order_by("id")
        ]
        on = books.business_date(loan.book_id)
        rules = read_rules(loan.pool.rules_json)
        replayed = items_of(state(agreed, events, on), rules)
        stored = [item_of_row(row) for row in Instalment.objects.filter(loan_id=pk)]
        if {item.number: item.open_minor for item in stored} != {
            item.number: item.open_minor for item in replayed
        }:
            wrong.append(f"loan {loan.number} is not its replay")
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "loans": len(loans), "wrong": wrong[:MOST]}


if __name__ == "__main__":
    json.dump(whole() if sys.argv[1] == "whole" else one_by_one(int(sys.argv[2])), sys.stdout)
