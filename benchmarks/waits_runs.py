"""Repayments beside a close, in processes of their own: ``python -m benchmarks.waits_runs``.

The close runs in a child. What the parent books before the child begins is the comparison; what it
books until the child ends is measured. Repaid are loans that owe nothing on the day.
"""

from __future__ import annotations

import json
import os
import sys
import time
from statistics import median

from benchmarks.book import AT, BOOK, CLOSES, CODES, HOUSE, OPENS
from benchmarks.checks import violations
from loanops.kernel.refusals import Refusal
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.models import Loan
from loanops.loanbook.servicing.operations import STEPS
from loanops.loanbook.servicing.ports import CLOSE

BEFORE, MOST = 200, 50_000
AMOUNT_MINOR = 10_000


def main() -> dict[str, object]:
    """Seconds of the repayments before the close and beside it, and what is wrong."""
    CLOSE.plug(STEPS)
    read, say = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(read, 1)
        servicing.close_day(book=BOOK, actor=HOUSE, at=AT)
        os._exit(0)
    found = Loan.objects.filter(book_id=BOOK, bucket=0, oldest_due_on__gt=OPENS).order_by("id")
    loans = iter(found.values_list("number", flat=True)[:MOST])
    refused: list[str] = []
    before = [repaid(next(loans), refused) for _ in range(min(BEFORE, found.count() // 4))]
    os.write(say, b".")
    began = time.perf_counter()
    beside = []
    while not os.waitpid(child, os.WNOHANG)[0]:
        beside.append(repaid(next(loans), refused))
    return {
        "median_before": median(before),
        "beside": len(beside),
        "median": median(beside),
        "longest": max(beside),
        "close": time.perf_counter() - began,
        "refused": len(refused),
        "violations": violations(CODES),
    }


def repaid(loan: str, refused: list[str]) -> float:
    began = time.perf_counter()
    try:
        servicing.repay(
            loan=loan,
            channel="counter",
            pay_no=f"W-{loan}",
            amount_minor=AMOUNT_MINOR,
            on=CLOSES,
            actor=HOUSE,
            at=AT,
        )
    except Refusal as refusal:
        refused.append(refusal.code)
    return time.perf_counter() - began


if __name__ == "__main__":
    json.dump(main(), sys.stdout)
