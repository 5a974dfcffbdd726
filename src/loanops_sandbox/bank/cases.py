"""A case: something a platform asked once, under one serial, that the bank answers for ever.

Credit applications, signings and drawdowns are cases. The same serial with the same content gets
the same case; with other content it is refused.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from loanops_sandbox import codes
from loanops_sandbox.amounts import amount_of, minor_of
from loanops_sandbox.bank.moods import Mood, choose, mood_of
from loanops_sandbox.bank.policy import BankPolicy
from loanops_sandbox.bank.store import Store, packed, unpacked


class SerialReused(Exception):
    """The serial is known with another content."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How a case ends, or that it has not ended yet (PROCESSING until `due_at`)."""

    status: str
    reason: str = ""
    result: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class NewCase:
    """What a kind of case says about a request before it is kept."""

    amount_minor: int = 0
    person: str = ""
    parent: str = ""
    value_date: str = ""
    token: str | None = None
    result: Mapping[str, Any] | None = None
    facts: Mapping[str, str] | None = None


Decide = Callable[[Store, BankPolicy, sqlite3.Row], Verdict]


def content_digest(content: Mapping[str, Any]) -> str:
    """What makes two requests the same: everything but the request number."""
    kept = {key: value for key, value in content.items() if key != "request_number"}
    return hashlib.sha256(packed(kept).encode()).hexdigest()


def find(store: Store, bank: str, kind: str, serial: str) -> sqlite3.Row | None:
    return store.one(
        "select * from cases where bank = ? and kind = ? and serial = ?", bank, kind, serial
    )


def known(store: Store, *, bank: str, kind: str, content: Mapping[str, Any]) -> sqlite3.Row | None:
    """The case of this serial, if there is one.

    :raises SerialReused: the serial was used for another content
    """
    row = find(store, bank, kind, str(content["serial"]))
    if row is not None and row["digest"] != content_digest(content):
        raise SerialReused
    return row


def meet(
    store: Store, *, policy: BankPolicy, kind: str, content: Mapping[str, Any], new: NewCase
) -> tuple[str, dict[str, Any], Mood]:
    """Which mood this request meets."""
    facts = {"serial": str(content["serial"]), **(new.facts or {})}
    name, args = choose(store, bank=policy.code, operation=kind, facts=facts)
    return name, args, mood_of(name, args)


def keep(
    store: Store,
    *,
    policy: BankPolicy,
    kind: str,
    party: str,
    content: Mapping[str, Any],
    new: NewCase,
    behaviour: tuple[str, dict[str, Any]],
    seconds: float | None,
    now: float,
) -> None:
    """Write a new case; it is due `seconds` from now, or never by itself where that is None."""
    store.insert(
        "cases",
        {
            "bank": policy.code,
            "kind": kind,
            "serial": content["serial"],
            "party": party,
            "digest": content_digest(content),
            "content": packed(content),
            "status": codes.PROCESSING,
            "result": packed(new.result or {}),
            "amount_minor": new.amount_minor,
            "person": new.person,
            "parent": new.parent,
            "value_date": new.value_date,
            "accepted_at": now,
            "due_at": None if seconds is None else now + seconds,
            "behaviour": behaviour[0],
            "behaviour_args": packed(behaviour[1]),
            "token": new.token,
        },
    )


def end(store: Store, row: sqlite3.Row, verdict: Verdict, now: float) -> None:
    """Write the end of a case that is still in process, and plan what will be called back."""
    result = {**unpacked(row["result"]), **(verdict.result or {})}
    changed = store.run(
        "update cases set status = ?, reason = ?, result = ?, done_at = ?"
        " where bank = ? and kind = ? and serial = ? and status = 'PROCESSING'",
        verdict.status,
        verdict.reason,
        packed(result),
        now,
        row["bank"],
        row["kind"],
        row["serial"],
    )
    at_once = now - row["accepted_at"] < 0.001 and not row["behaviour"]
    if changed and not at_once:
        _plan_callbacks(store, row, verdict, result, now)


def _plan_callbacks(
    store: Store, row: sqlite3.Row, verdict: Verdict, result: Mapping[str, Any], now: float
) -> None:
    mood = mood_of(row["behaviour"], unpacked(row["behaviour_args"]))
    for position, manner in enumerate(mood.callbacks):
        event = {
            "event": row["kind"],
            "serial": row["serial"],
            "status": verdict.status,
            "reason": verdict.reason,
            **result,
        }
        store.insert(
            "callbacks",
            {
                "bank": row["bank"],
                "party": row["party"],
                "event": packed({"manner": manner, "body": distorted(event, manner)}),
                "due_at": now + mood.callback_seconds + 0.05 * position,
            },
        )


def distorted(answer: Mapping[str, Any], manner: str) -> dict[str, Any]:
    """An answer as a bank in that mood gives it."""
    told = dict(answer)
    if manner == "contrary":
        told["status"] = codes.FAIL if told["status"] == codes.SUCCESS else codes.SUCCESS
        told["reason"] = "F304" if told["status"] == codes.FAIL else ""
    elif manner == "wrong_amount" and isinstance(told.get("paid_amount"), str):
        told["paid_amount"] = amount_of(minor_of(told["paid_amount"], "paid_amount") + 1)
    elif manner == "wrong_serial":
        told["serial"] = f"{told['serial']}X"
    return told


def shown(row: sqlite3.Row) -> dict[str, Any]:
    """What the bank says about a case when it is honest."""
    return {
        "code": codes.HANDLED,
        "message": codes.MESSAGES[codes.HANDLED],
        "serial": row["serial"],
        "status": row["status"],
        "reason": row["reason"],
        **unpacked(row["result"]),
    }


def asked(store: Store, row: sqlite3.Row) -> dict[str, Any]:
    """The answer to a query, as the mood of the case has it."""
    mood = mood_of(row["behaviour"], unpacked(row["behaviour_args"]))
    if row["behaviour"]:
        store.run(
            "update cases set queries = queries + 1 where bank = ? and kind = ? and serial = ?",
            row["bank"],
            row["kind"],
            row["serial"],
        )
    if row["queries"] < mood.hidden_queries:
        return unknown_serial(row["serial"])
    answer = shown(row)
    if mood.query == "contrary_later":
        return distorted(answer, "contrary") if row["queries"] else answer
    return distorted(answer, mood.query)


def unknown_serial(serial: str) -> dict[str, Any]:
    return {
        "code": codes.NOT_FOUND,
        "message": codes.MESSAGES[codes.NOT_FOUND],
        "serial": serial,
    }
