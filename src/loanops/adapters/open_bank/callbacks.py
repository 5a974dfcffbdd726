"""Callbacks: believed on their raw bytes, or not at all. What they say is a hint."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from loanops.adapters.open_bank.signing import NotBelieved, check_request
from loanops.adapters.open_bank.speaking import Line
from loanops.origination.routing.ports import Callback, CallbackNotBelieved, Standing

_STANDINGS: Final = {"SUCCESS": Standing.SUCCESS, "FAIL": Standing.REFUSED}
_EVENTS: Final = {"credit", "signing", "drawdown", "repayment"}


def read_callback(
    line: Line, *, method: str, target: str, headers: Mapping[str, str], raw: bytes, at: datetime
) -> Callback:
    """Verify a callback and read it. The event id is the key under which it is taken once; a
    replayed message carries an event id that was taken.

    :raises CallbackNotBelieved: its signature, time, sender or shape is wrong
    """
    try:
        check_request(
            headers=headers,
            recipient=line.identity.party,
            method=method,
            target=target,
            body=raw,
            keys=line.introduction.keys,
            at=at,
        )
        body = json.loads(raw)
    except (NotBelieved, ValueError, RecursionError) as wrong:
        raise CallbackNotBelieved(str(wrong)) from wrong
    if not isinstance(body, dict) or body.get("funder") != line.introduction.party:
        raise CallbackNotBelieved("the callback is not about its sender")
    values = [body.get(name) for name in ("event_id", "event", "serial")]
    if not all(isinstance(value, str) and 0 < len(value) <= 64 for value in values):
        raise CallbackNotBelieved("the callback lacks its event or serial")
    if body["event"] not in _EVENTS:
        raise CallbackNotBelieved("the callback tells of an event this protocol has not")
    return Callback(
        event_id=body["event_id"],
        event=body["event"],
        funder=line.introduction.party,
        serial=body["serial"],
        standing=_STANDINGS.get(str(body.get("status")), Standing.PROCESSING),
        body=body,
    )
