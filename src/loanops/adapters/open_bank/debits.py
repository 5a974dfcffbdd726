"""Debit files over the open protocol: handed over whole, answered whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from loanops.adapters.open_bank.filing import read_lines
from loanops.adapters.open_bank.reading import Unreadable, minor, parsed, text
from loanops.adapters.open_bank.speaking import Heard, Line, outcome_of
from loanops.kernel.money import format_amount
from loanops.money.payments.ports import DebitFileOut, DebitResult
from loanops.origination.routing.ports import Standing

_LINES = "application/x-ndjson"


class DebitsInDoubt(OSError):
    """The bank's answer to a debit file is missing or cannot be believed; the job tries again."""


class OpenBankDebits:
    """Satisfies payments' debit channel; the party of a file names the bank."""

    def __init__(self, find_line: Callable[[str], Line]) -> None:
        self._find_line = find_line

    def send_debit_file(self, *, file: DebitFileOut) -> str:
        """Hand a file over; the bank takes one number once, so a repeat collects nothing twice.

        :raises DebitsInDoubt: the bank did not say that it has the file
        """
        line = self._find_line(file.party)
        heard = line.call_raw("POST", "debit-files", _bytes_of(file), _LINES)
        found = outcome_of(
            _as_json(heard), serial=file.number, request_number=file.number, moves_money=True
        )
        if found["standing"] not in {Standing.PROCESSING, Standing.SUCCESS}:
            raise DebitsInDoubt(f"{file.number}: {found.get('problem') or found.get('code')}")
        return str(found["evidence"])[:32]

    def fetch_results(self, *, party: str, file: str) -> Sequence[DebitResult] | None:
        """The answer to a file, or ``None`` while the bank is still debiting.

        :raises DebitsInDoubt: the answer is missing or does not add up
        """
        line = self._find_line(party)
        heard = line.call_raw("GET", f"debit-files/{file}/results", b"", "")
        if heard.problem or heard.status != 200:
            raise DebitsInDoubt(f"{file}: {heard.problem or heard.status}")
        currency = line.introduction.currency
        try:
            header, lines, _ = read_lines(
                heard.body, amount_field="debited_amount", currency=currency
            )
            if header.get("batch_number") != file:
                raise Unreadable("batch_number")
            if header.get("status") != "SUCCESS":
                return None
            on = parsed(header, "business_date", date.fromisoformat)
            return [_result(entry, currency, on) for entry in lines]
        except Unreadable as wrong:
            raise DebitsInDoubt(f"{file}: unreadable {wrong}") from wrong


def _bytes_of(file: DebitFileOut) -> bytes:
    header = {
        "batch_number": file.number,
        "business_date": file.due_on.isoformat(),
        "currency": file.currency,
        "count": len(file.lines),
        "amount": format_amount(sum(line.amount_minor for line in file.lines), file.currency),
        "part_minimum": (
            None
            if file.part_min_minor is None
            else format_amount(file.part_min_minor, file.currency)
        ),
    }
    texts = [json.dumps(header)]
    texts += [
        json.dumps(
            {
                "serial": line.order,
                "drawdown_serial": line.account,
                "amount": format_amount(line.amount_minor, file.currency),
            }
        )
        for line in file.lines
    ]
    return ("\n".join(texts) + "\n").encode()


def _as_json(heard: Heard) -> Heard:
    if heard.problem:
        return heard
    try:
        content = json.loads(heard.body)
    except (ValueError, RecursionError):
        return Heard(problem="malformed", status=heard.status)
    return Heard(status=heard.status, body=heard.body, content=content)


def _result(entry: Mapping[str, Any], currency: str, on: date) -> DebitResult:
    collected = minor(entry, "debited_amount", currency)
    return DebitResult(
        order=text(entry, "serial"),
        pay_no=text(entry, "pay_number") if collected else "",
        collected_minor=collected,
        collected_on=on,
        reason=str(entry.get("reason") or "")[:40],
    )
