"""Money coming back: reported by the platform, paid at the counter, or debited by file."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from loanops_sandbox import codes
from loanops_sandbox.amounts import Malformed, amount_of, date_of, minor_of
from loanops_sandbox.bank import reading
from loanops_sandbox.bank.moods import share_of
from loanops_sandbox.bank.policy import BankPolicy
from loanops_sandbox.bank.store import Store, packed

LINES_MOST = 200_000
SHARE_WITH_MONEY = 0.95  # of borrowers whose account nobody has set


def _is_ours(store: Store, bank: str, loan: str) -> bool:
    return bool(
        store.number(
            "select count(*) from cases where bank = ? and kind = 'drawdown' and serial = ?"
            " and status = 'SUCCESS'",
            bank,
            loan,
        )
    )


def report(store: Store, policy: BankPolicy, content: Mapping[str, Any]) -> dict[str, Any]:
    """A repayment that the platform received: booked once under its serial.

    :raises Malformed: a field cannot be read, or the serial was used for another payment
    """
    serial = reading.serial(content)
    loan = reading.serial(content, "drawdown_serial")
    amount = minor_of(content.get("amount"), "amount")
    on = date_of(content.get("paid_on"), "paid_on").isoformat()
    before = store.one(
        "select * from payments where bank = ? and pay_number = ?", policy.code, serial
    )
    if before is not None:
        if (before["loan"], before["amount_minor"], before["paid_on"]) != (loan, amount, on):
            return _said(codes.KEY_REUSED, serial)
        return _said(codes.HANDLED, serial, codes.SUCCESS)
    if not _is_ours(store, policy.code, loan):
        return _said(codes.HANDLED, serial, codes.FAIL, "D103")
    _book(store, policy.code, serial, loan, amount, on, "reported")
    return _said(codes.HANDLED, serial, codes.SUCCESS)


def _said(code: str, serial: str, status: str = "", reason: str = "") -> dict[str, Any]:
    told: dict[str, Any] = {"code": code, "message": codes.MESSAGES[code], "serial": serial}
    return {**told, "status": status, "reason": reason} if status else told


def _book(
    store: Store, bank: str, number: str, loan: str, amount: int, on: str, source: str
) -> None:
    store.insert(
        "payments",
        {
            "bank": bank,
            "pay_number": number,
            "loan": loan,
            "amount_minor": amount,
            "paid_on": on,
            "source": source,
        },
    )


def pay_at_counter(
    store: Store, policy: BankPolicy, *, loan: str, amount_minor: int, on: date, now: float
) -> str:
    """A borrower pays at the bank itself; the platform hears of it by callback and by file."""
    drawdown = store.one(
        "select * from cases where bank = ? and kind = 'drawdown' and serial = ?"
        " and status = 'SUCCESS'",
        policy.code,
        loan,
    )
    if drawdown is None:
        raise Malformed("drawdown_serial", "no such loan at this bank")
    number = "CTR" + hashlib.sha256(f"{policy.code}{loan}{now}".encode()).hexdigest()[:20].upper()
    _book(store, policy.code, number, loan, amount_minor, on.isoformat(), "counter")
    event = {
        "event": "repayment",
        "serial": number,
        "status": codes.SUCCESS,
        "reason": "",
        "drawdown_serial": loan,
        "paid_amount": amount_of(amount_minor),
        "currency": policy.currency,
        "paid_on": on.isoformat(),
    }
    store.insert(
        "callbacks",
        {
            "bank": policy.code,
            "party": drawdown["party"],
            "event": packed({"manner": "honest", "body": event}),
            "due_at": now,
        },
    )
    return number


@dataclass(frozen=True, kw_only=True)
class DebitFile:
    """A batch of debit orders whose header agrees with its lines."""

    batch: str
    on: date
    count: int
    amount_minor: int
    lines: tuple[tuple[str, str, int], ...]  # serial, loan, amount
    part_min_minor: int | None = 1  # the least part that may be taken; None: the whole or nothing


def read_debit_file(raw: bytes, policy: BankPolicy) -> DebitFile:
    """All or nothing: one bad line, or a header that does not add up, refuses the whole file.

    :raises Malformed: names the line
    """
    texts = raw.decode("utf-8", "replace").splitlines()
    if not texts or len(texts) > LINES_MOST + 1:
        raise Malformed("file", f"a header and at most {LINES_MOST} lines are needed")
    header = _line(texts[0], 1)
    if header.get("currency") != policy.currency:
        raise Malformed("currency", f"this bank lends in {policy.currency}")
    lines = []
    for position, text in enumerate(texts[1:], start=2):
        entry = _line(text, position)
        lines.append(
            (
                reading.serial(entry),
                reading.serial(entry, "drawdown_serial"),
                minor_of(entry.get("amount"), f"amount in line {position}"),
            )
        )
    count, amount = len(lines), sum(line[2] for line in lines)
    if header.get("count") != count or minor_of(header.get("amount"), "amount") != amount:
        raise Malformed("header", f"the lines give {count} orders of {amount_of(amount)} in all")
    if len({line[0] for line in lines}) != count:
        raise Malformed("serial", "one serial stands in two lines")
    return DebitFile(
        batch=reading.serial(header, "batch_number"),
        on=date_of(header.get("business_date"), "business_date"),
        count=count,
        amount_minor=amount,
        lines=tuple(lines),
        part_min_minor=_part_minimum(header, policy),
    )


def _part_minimum(header: Mapping[str, Any], policy: BankPolicy) -> int | None:
    if not policy.debit_partial or header.get("part_minimum", "") is None:
        return None
    return minor_of(header.get("part_minimum", "0.01"), "part_minimum")


def _line(text: str, position: int) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise Malformed(f"line {position}", "not JSON") from wrong
    if not isinstance(found, dict):
        raise Malformed(f"line {position}", "not a JSON object")
    return found


def run_debits(store: Store, policy: BankPolicy, file: DebitFile) -> None:
    """Debit every account of the file: what is there, or nothing where no part may be taken."""
    ours = {
        str(row["serial"])
        for row in store.all(
            "select serial from cases where bank = ? and kind = 'drawdown' and status = 'SUCCESS'",
            policy.code,
        )
    }
    wallets = {
        str(row["loan"]): int(row["balance_minor"])
        for row in store.all("select * from wallets where bank = ?", policy.code)
    }
    results: list[Sequence[object]] = []
    payments: list[Sequence[object]] = []
    day = file.on.isoformat()
    for serial, loan, amount in file.lines:
        taken, reason = _take(policy, file, wallets, loan, amount, loan in ours)
        status = codes.SUCCESS if taken else codes.FAIL
        number = f"DEB{serial}" if taken else ""
        results.append(
            (policy.code, file.batch, serial, loan, amount, taken, status, reason, number)
        )
        if taken:
            payments.append((policy.code, number, loan, taken, day, "debit"))
    store.run_many("insert into debit_lines values (?, ?, ?, ?, ?, ?, ?, ?, ?)", results)
    store.run_many("insert into payments values (?, ?, ?, ?, ?, ?)", payments)
    store.run_many(
        "update wallets set balance_minor = ? where bank = ? and loan = ?",
        [(balance, policy.code, loan) for loan, balance in wallets.items()],
    )


def _take(
    policy: BankPolicy, file: DebitFile, wallets: dict[str, int], loan: str, amount: int, ours: bool
) -> tuple[int, str]:
    if not ours:
        return 0, "D103"
    if loan not in wallets:
        has_money = share_of("wallet", policy.code, loan, file.on.isoformat()) < SHARE_WITH_MONEY
        return (amount, "") if has_money else (0, "D101")
    balance = wallets[loan]
    least = amount if file.part_min_minor is None else min(file.part_min_minor, amount)
    taken = min(balance, amount) if balance >= least else 0
    wallets[loan] = balance - taken
    return taken, "" if taken == amount else "D101"
