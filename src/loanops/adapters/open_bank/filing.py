"""Files: JSON lines under a header that counts and adds them; all of it, or nothing."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from typing import Any

from loanops.adapters.open_bank.reading import Unreadable, count, minor, text
from loanops.adapters.open_bank.speaking import Heard
from loanops.origination.routing.ports import DailyFile, SignedCopy, Standing

_AMOUNT_OF = {"disbursements": "paid_amount", "repayments": "paid_amount", "debits": "paid_amount"}


def signed_copy(heard: Heard, *, request_number: str) -> SignedCopy:
    """The bytes of a signed copy; anything that is no PDF is unknown."""
    found = not heard.problem and heard.status == 200 and heard.body.startswith(b"%PDF-")
    return SignedCopy(
        standing=Standing.SUCCESS if found else Standing.UNKNOWN,
        request_number=request_number,
        problem="" if found else heard.problem or "not_found",
        evidence=heard.evidence if found else "",
        content=heard.body if found else b"",
    )


def read_lines(
    raw: bytes, *, amount_field: str, currency: str
) -> tuple[dict[str, Any], tuple[dict[str, Any], ...], int]:
    """Header, lines and sum of a file.

    :raises Unreadable: a line is no JSON object, or count or amount differ from the header
    """
    try:
        found = [json.loads(line) for line in raw.decode("utf-8").splitlines()]
    except (ValueError, RecursionError) as wrong:
        raise Unreadable("lines") from wrong
    if not found or not all(isinstance(entry, dict) for entry in found):
        raise Unreadable("lines")
    header, lines = found[0], tuple(found[1:])
    if header.get("currency") != currency:
        raise Unreadable("currency")
    total = sum(minor(line, amount_field, currency) for line in lines)
    if count(header, "count") != len(lines) or minor(header, "amount", currency) != total:
        raise Unreadable("totals")
    return header, lines, total


def daily_file(
    heard: Heard, *, kind: str, on: date, currency: str, request_number: str
) -> DailyFile:
    """A file of the day, its header held against its lines."""
    if heard.problem or heard.status != 200:
        return DailyFile(
            standing=Standing.UNKNOWN,
            request_number=request_number,
            problem=heard.problem or "not_found",
        )
    try:
        header, lines, total = read_lines(
            heard.body, amount_field=_AMOUNT_OF[kind], currency=currency
        )
        if text(header, "file") != kind or text(header, "business_date") != on.isoformat():
            raise Unreadable("header")
        version = count(header, "version")
    except Unreadable as wrong:
        return DailyFile(
            standing=Standing.UNKNOWN, request_number=request_number, problem=f"unreadable:{wrong}"
        )
    return DailyFile(
        standing=Standing.SUCCESS,
        request_number=request_number,
        evidence=sha256(heard.body).hexdigest(),
        kind=kind,
        on=on,
        version=version,
        amount_minor=total,
        lines=lines,
        content=heard.body,
    )
