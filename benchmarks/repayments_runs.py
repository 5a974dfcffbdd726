"""A repayment file in a process of its own: ``python -m benchmarks.repayments_runs ROWS ORM_ROWS``.

Nine rows in ten pay exactly what falls due on the day. One in ten is odd: less or more, from days
ago, for a loan that does not exist, or told twice. The ORM way gets and saves, row by row.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta

from benchmarks import repayment_runs as single
from benchmarks.checks import violations
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.models import Instalment
from loanops.loanbook.servicing.operations import RepaymentIn

AGE_DAYS = 30


def file_of(numbers: list[str], due_minor: int) -> list[RepaymentIn]:
    """A row for each loan, every tenth of them odd; what is told twice stands at the end."""
    rows = []
    for place, number in enumerate(numbers):
        loan, amount_minor, on = number, due_minor, single.TODAY
        odd = place // 10 % 5 if place % 10 == 0 else -1
        if odd == 0:
            amount_minor = due_minor // 3
        elif odd == 1:
            amount_minor = due_minor + 12_345
        elif odd == 2:
            on -= timedelta(days=4)
        elif odd == 3:
            loan = f"LN-NOWHERE-{place}"
        rows.append(
            RepaymentIn(
                loan=loan,
                channel=single.BANK,
                pay_no=f"F-{place}",
                amount_minor=amount_minor,
                on=on,
            )
        )
    return rows + [row for place, row in enumerate(rows) if place % 50 == 40]


def main(count: int, orm_count: int) -> dict[str, object]:
    """Seconds for a row of each way, how many rows were booked and refused, and what is wrong."""
    numbers = single.build(count + orm_count, AGE_DAYS)
    first = Instalment.objects.filter(number=1).first()
    assert first is not None
    rows = file_of(numbers[:count], first.open_minor)
    began = time.perf_counter()
    booked = servicing.repay_many(book=single.BOOK, rows=rows, actor=single.HOUSE, at=single.AT)
    ours = (time.perf_counter() - began) / len(rows)
    began = time.perf_counter()
    for loan in numbers[count:]:
        single.by_orm(loan, f"O-{loan}", first.open_minor)
    orm = (time.perf_counter() - began) / orm_count
    return {
        "rows": len(rows),
        "ours": ours,
        "orm": orm,
        "booked": len(booked.cards),
        "refused": len(booked.refused),
        "violations": violations(single.CODES),
    }


if __name__ == "__main__":
    json.dump(main(int(sys.argv[1]), int(sys.argv[2])), sys.stdout)
