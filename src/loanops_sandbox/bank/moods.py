"""How a bank can misbehave, as a table, and the rules that say when it does.

A mood never changes the truth about money except where its row says so; it changes what the bank
tells us about it. `/sandbox/truth` always tells the truth.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from typing import Any

from loanops_sandbox.bank.store import Store, packed


@dataclass(frozen=True, kw_only=True)
class Mood:
    """What is said at each of three moments: the submission, the queries, the callbacks."""

    submit: str = "honest"
    query: str = "honest"
    callbacks: tuple[str, ...] = ("honest",)
    accepts: bool = True
    settle_seconds: float | None = None
    hang_seconds: float = 30.0
    hidden_queries: int = 0
    callback_seconds: float = 0.0
    reason: str = ""


MOODS: dict[str, Mood] = {
    "late": Mood(settle_seconds=2.0),
    "late_callbacks": Mood(settle_seconds=0.2, callback_seconds=3.0),
    "duplicate_callbacks": Mood(settle_seconds=0.2, callbacks=("honest", "honest", "honest")),
    "lost_callbacks": Mood(settle_seconds=0.2, callbacks=()),
    "contradicting_callbacks": Mood(settle_seconds=0.2, callbacks=("honest", "contrary")),
    "wrong_amount_callbacks": Mood(settle_seconds=0.2, callbacks=("wrong_amount",)),
    "forged_callbacks": Mood(settle_seconds=0.2, callbacks=("forged",)),
    "contradicting_answers": Mood(query="contrary_later"),
    "wrong_amount": Mood(submit="wrong_amount", query="wrong_amount"),
    "wrong_serial": Mood(submit="wrong_serial"),
    "system_error": Mood(submit="system_error", settle_seconds=0.5),
    "system_fail": Mood(submit="system_fail", settle_seconds=0.5),
    "not_found_then_paid": Mood(submit="timed_out", hidden_queries=2, settle_seconds=0.5),
    "server_error": Mood(submit="server_error"),
    "server_error_unpaid": Mood(submit="server_error", accepts=False),
    "timeout": Mood(submit="hang"),
    "timeout_unpaid": Mood(submit="hang", accepts=False),
    "reset": Mood(submit="reset"),
    "malformed": Mood(submit="malformed"),
    "html": Mood(submit="html"),
    "unsigned": Mood(submit="unsigned"),
    "refuse": Mood(reason="F105"),
    "down": Mood(submit="down", accepts=False),
}

# People who exist only for tests: whoever lends to this mobile number meets this mood.
TEST_MOBILES: dict[str, tuple[str, str]] = {
    "19900000001": ("drawdown", "late"),
    "19900000002": ("drawdown", "duplicate_callbacks"),
    "19900000003": ("drawdown", "lost_callbacks"),
    "19900000004": ("drawdown", "contradicting_callbacks"),
    "19900000005": ("drawdown", "wrong_amount_callbacks"),
    "19900000006": ("drawdown", "system_error"),
    "19900000007": ("drawdown", "system_fail"),
    "19900000008": ("drawdown", "not_found_then_paid"),
    "19900000009": ("drawdown", "timeout"),
    "19900000010": ("drawdown", "malformed"),
    "19900000011": ("drawdown", "refuse"),
    "19900000012": ("credit", "refuse"),
    "19900000013": ("credit", "late"),
    "19900000014": ("credit", "system_error"),
    "19900000015": ("drawdown", "reset"),
}

_ARGS = {field.name: field.type for field in fields(Mood)}


class BadRule(Exception):
    """A rule of behaviour names something that does not exist."""


def mood_of(name: str, args: Mapping[str, Any]) -> Mood:
    """The mood of that name with some of its figures changed; no name is the honest mood."""
    if not name:
        return Mood()
    if name not in MOODS:
        raise BadRule(f"no behaviour is called {name}; there are: {', '.join(MOODS)}")
    unknown = sorted(set(args) - set(_ARGS))
    if unknown:
        raise BadRule(f"behaviour {name} has no figure called {unknown[0]}")
    changed: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in args.items()}
    return replace(MOODS[name], **changed)


def set_rule(store: Store, rule: Mapping[str, Any]) -> int:
    """Keep one rule: which bank, operation and field value meet which behaviour, how often."""
    known = {"bank", "operation", "field", "pattern", "behaviour", "args", "times"}
    unknown = sorted(set(rule) - known)
    if unknown:
        raise BadRule(f"a rule has no key called {unknown[0]}")
    args = rule.get("args") or {}
    mood_of(str(rule.get("behaviour", "")), args)
    store.insert(
        "rules",
        {
            "bank": str(rule.get("bank", "*")),
            "operation": str(rule.get("operation", "*")),
            "field": str(rule.get("field", "*")),
            "pattern": str(rule.get("pattern", "*")),
            "behaviour": str(rule["behaviour"]),
            "args": packed(args),
            "times_left": rule.get("times"),
        },
    )
    return store.number("select max(id) from rules")


def share_of(*parts: str) -> float:
    """A number in [0, 1) that depends on nothing but the parts."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def choose(
    store: Store, *, bank: str, operation: str, facts: Mapping[str, str]
) -> tuple[str, dict[str, Any]]:
    """The behaviour that this call meets, and its figures; the newest rule that fits wins.

    A rule for every operation (`*`) leaves queries alone: a mood is met when a case is opened.
    """
    any_operation = "" if operation.startswith("query_") else "*"
    rows = store.all(
        "select * from rules where bank in (?, '*') and operation in (?, ?)"
        " and (times_left is null or times_left > 0) order by id desc",
        bank,
        operation,
        any_operation,
    )
    for row in rows:
        if not _fits(str(row["field"]), str(row["pattern"]), bank, facts):
            continue
        if row["times_left"] is not None:
            store.run("update rules set times_left = times_left - 1 where id = ?", row["id"])
        return str(row["behaviour"]), json.loads(row["args"])
    of_person = TEST_MOBILES.get(facts.get("mobile", ""))
    if of_person and of_person[0] == operation:
        return of_person[1], {}
    return "", {}


def _fits(field: str, pattern: str, bank: str, facts: Mapping[str, str]) -> bool:
    if field == "*":
        return True
    if field == "share":
        return share_of("mood", bank, facts.get("serial", "")) < float(pattern)
    return fnmatchcase(facts.get(field, ""), pattern)
