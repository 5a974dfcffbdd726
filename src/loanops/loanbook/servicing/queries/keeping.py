"""Which receipts stand on loans: payments asks before money is refunded or taken back."""

from __future__ import annotations

import json
from collections.abc import Sequence

from loanops.kernel.account import Reversed
from loanops.loanbook.servicing.models import Loan, LoanEvent
from loanops.platform.db import fetch

_CHUNK = 5_000


def keeps(*, receipts: Sequence[tuple[str, str]]) -> frozenset[str]:
    """The receipts (number and loan) that an event of their loan lays, and none undid."""
    kept: set[str] = set()
    for start in range(0, len(receipts), _CHUNK):
        part = receipts[start : start + _CHUNK]
        loans = sorted({subject for _, subject in part if subject})
        if not loans:
            continue
        rows = fetch(
            f"""
            SELECT e.loan_id, e.key, e.kind, e.receipt, e.content_json
            FROM {LoanEvent._meta.db_table} e JOIN {Loan._meta.db_table} l ON l.id = e.loan_id
            WHERE l.number IN ({", ".join(["%s"] * len(loans))})
                AND (e.receipt <> '' OR e.kind = '{Reversed.KIND}')
            """,  # noqa: S608 - names come from the models
            loans,
        )
        undone = {
            (loan, json.loads(content)["of"])
            for loan, _, kind, _, content in rows
            if kind == Reversed.KIND
        }
        wanted = {number for number, _ in part}
        kept |= {
            receipt
            for loan, key, kind, receipt, _ in rows
            if kind != Reversed.KIND and receipt in wanted and (loan, key) not in undone
        }
    return frozenset(kept)
