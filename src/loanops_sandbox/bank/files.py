"""Files of the day and files of debits: JSON lines under a header that counts and adds them."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from loanops_sandbox import codes
from loanops_sandbox.amounts import Malformed, amount_of
from loanops_sandbox.bank import repayments
from loanops_sandbox.bank.policy import BankPolicy
from loanops_sandbox.bank.store import Store, unpacked


def _lines(header: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> bytes:
    texts = [json.dumps(header, ensure_ascii=False)]
    texts += [json.dumps(row, ensure_ascii=False) for row in rows]
    return ("\n".join(texts) + "\n").encode()


def take_debit_file(
    store: Store, policy: BankPolicy, party: str, raw: bytes, now: float
) -> dict[str, Any]:
    """Take a batch of debit orders once; the same batch again answers the same.

    :raises Malformed: the file does not hold together, or its number was used for another file
    """
    file = repayments.read_debit_file(raw, policy)
    digest = hashlib.sha256(raw).hexdigest()
    name = f"debit:{policy.code}:{file.batch}"
    before = store.setting(name)
    if before is not None and json.loads(before)["digest"] != digest:
        raise Malformed("batch_number", "used for another file")
    if before is None:
        repayments.run_debits(store, policy, file)
        facts = {
            "digest": digest,
            "party": party,
            "on": file.on.isoformat(),
            "ready_at": now + policy.debit_seconds,
        }
        store.set_setting(name, json.dumps(facts))
    return {
        "code": codes.HANDLED,
        "message": codes.MESSAGES[codes.HANDLED],
        "serial": file.batch,
        "status": codes.PROCESSING,
        "count": file.count,
        "amount": amount_of(file.amount_minor),
    }


def debit_results(store: Store, policy: BankPolicy, batch: str, now: float) -> bytes:
    """What became of every order of a batch; empty bytes for a batch nobody sent."""
    kept = store.setting(f"debit:{policy.code}:{batch}")
    if kept is None:
        return b""
    facts = json.loads(kept)
    header: dict[str, Any] = {
        "file": "debit_results",
        "bank": policy.code,
        "batch_number": batch,
        "business_date": facts["on"],
        "currency": policy.currency,
    }
    if facts["ready_at"] > now:
        return _lines({**header, "status": codes.PROCESSING, "count": 0, "amount": "0.00"}, ())
    rows = store.all(
        "select * from debit_lines where bank = ? and batch = ? order by serial",
        policy.code,
        batch,
    )
    header |= {
        "status": codes.SUCCESS,
        "count": len(rows),
        "amount": amount_of(sum(row["debited_minor"] for row in rows)),
        "success_count": sum(row["status"] == codes.SUCCESS for row in rows),
    }
    return _lines(
        header,
        (
            {
                "serial": row["serial"],
                "drawdown_serial": row["loan"],
                "status": row["status"],
                "reason": row["reason"],
                "debited_amount": amount_of(row["debited_minor"]),
                "pay_number": row["pay_number"],
            }
            for row in rows
        ),
    )


def daily_file(store: Store, policy: BankPolicy, kind: str, on: date, party: str) -> bytes:
    """The file of one kind and one day, made from what really happened."""
    rows = _FILES[kind](store, policy.code, on.isoformat(), party)
    header = {
        "file": kind,
        "bank": policy.code,
        "business_date": on.isoformat(),
        "version": 1,
        "currency": policy.currency,
        "count": len(rows),
        "amount": amount_of(sum(row[1] for row in rows)),
    }
    return _lines(header, (row[0] for row in rows))


def _disbursements(
    store: Store, bank: str, on: str, party: str
) -> Sequence[tuple[dict[str, Any], int]]:
    rows = store.all(
        "select * from cases where bank = ? and kind = 'drawdown' and value_date = ?"
        " and status = 'SUCCESS' and party = ? order by serial",
        bank,
        on,
        party,
    )
    found = []
    for row in rows:
        result = unpacked(row["result"])
        line = {
            "serial": row["serial"],
            "reference": result["reference"],
            "pay_number": result["pay_number"],
            "paid_amount": amount_of(row["amount_minor"]),
            "value_date": row["value_date"],
            "schedule_digest": result["schedule_digest"],
        }
        found.append((line, int(row["amount_minor"])))
    return found


def _payments(sources: tuple[str, ...]) -> Any:
    marks = ", ".join("?" * len(sources))

    def rows_of(
        store: Store, bank: str, on: str, party: str
    ) -> Sequence[tuple[dict[str, Any], int]]:
        rows = store.all(
            "select p.* from payments p join cases c on c.bank = p.bank and c.kind = 'drawdown'"  # noqa: S608
            f" and c.serial = p.loan where p.bank = ? and p.paid_on = ? and c.party = ?"
            f" and p.source in ({marks}) order by p.pay_number",
            bank,
            on,
            party,
            *sources,
        )
        return [
            (
                {
                    "pay_number": row["pay_number"],
                    "drawdown_serial": row["loan"],
                    "paid_amount": amount_of(row["amount_minor"]),
                    "paid_on": row["paid_on"],
                    "source": row["source"],
                },
                int(row["amount_minor"]),
            )
            for row in rows
        ]

    return rows_of


_FILES = {
    "disbursements": _disbursements,
    "repayments": _payments(("counter", "reported", "debit")),
    "debits": _payments(("debit",)),
}
