"""The protocol's table of contents: which request does what, and in which mood it is answered."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from loanops_sandbox import clock, codes
from loanops_sandbox.amounts import Malformed, date_of
from loanops_sandbox.bank import cases, credit, drawdowns, files, reading, repayments, signings
from loanops_sandbox.bank.cases import NewCase, SerialReused
from loanops_sandbox.bank.desk import Desk, Replayed
from loanops_sandbox.bank.moods import Mood, choose, mood_of
from loanops_sandbox.bank.policy import BankPolicy
from loanops_sandbox.wire import Sender, Unsigned, verify_request

JSON = "application/json"
LINES = "application/x-ndjson"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request that was believed."""

    bank: BankPolicy
    sender: Sender
    content: Mapping[str, Any]
    raw: bytes
    now: float


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What goes back; `fault` is what the connection itself does wrong."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    fault: str = ""
    hang_seconds: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)


Deal = Callable[[Desk, Asked, tuple[str, ...]], Answer]


def told(content: Mapping[str, Any], status: int = 200) -> Answer:
    """A JSON answer."""
    return Answer(status=status, body=json.dumps(content, ensure_ascii=False).encode())


def said(code: str, status: int, detail: str = "") -> Answer:
    message = codes.MESSAGES[code]
    return told({"code": code, "message": f"{message}: {detail}" if detail else message}, status)


def _pre_check(desk: Desk, asked: Asked, _: tuple[str, ...]) -> Answer:
    on = date_of(asked.content.get("business_date"), "business_date")
    serial = reading.serial(asked.content)
    digest = reading.text(asked.content, "identity_digest", 64)
    reading.text(asked.content, "mobile_digest", 64)
    name, args = choose(
        desk.store, bank=asked.bank.code, operation="pre_check", facts={"serial": serial}
    )
    mood = mood_of(name, args)
    reason = mood.reason or credit.check_digest(
        desk.store, asked.bank, identity_digest=digest, on=on
    )
    result = {
        "code": codes.HANDLED,
        "message": codes.MESSAGES[codes.HANDLED],
        "serial": serial,
        "status": codes.FAIL if reason else codes.SUCCESS,
        "reason": reason,
    }
    return _in_mood(result, mood)


def _submit(kind: str) -> Deal:
    def deal(desk: Desk, asked: Asked, _: tuple[str, ...]) -> Answer:
        serial = reading.serial(asked.content)
        reading.text(asked.content, "request_number", 64)
        row = cases.known(desk.store, bank=asked.bank.code, kind=kind, content=asked.content)
        if row is not None:
            return told(cases.asked(desk.store, desk.settle(row, asked.now)))
        new = _READERS[kind](desk, asked)
        name, args, mood = cases.meet(
            desk.store, policy=asked.bank, kind=kind, content=asked.content, new=new
        )
        if not mood.accepts:
            return _in_mood(cases.unknown_serial(serial), mood)
        cases.keep(
            desk.store,
            policy=asked.bank,
            kind=kind,
            party=asked.sender.party,
            content=asked.content,
            new=new,
            behaviour=(name, args),
            seconds=_seconds(asked.bank, kind, mood),
            now=asked.now,
        )
        kept = cases.find(desk.store, asked.bank.code, kind, serial)
        if kept is None:
            raise RuntimeError("a case that was just kept is gone")
        return _in_mood(cases.shown(desk.settle(kept, asked.now)), mood)

    return deal


def _read_signing(desk: Desk, asked: Asked) -> NewCase:
    platform = desk.platforms[asked.sender.party]
    new = signings.read_signing(desk.store, asked.content, asked.bank, platform.return_prefixes)
    page = f"{desk.base_url}/b/{asked.bank.code}/sign/{new.token}"
    return NewCase(
        amount_minor=new.amount_minor,
        person=new.person,
        parent=new.parent,
        token=new.token,
        facts=new.facts,
        result={"page_url": page},
    )


_READERS: dict[str, Callable[[Desk, Asked], NewCase]] = {
    "credit": lambda desk, asked: credit.read_application(
        asked.content, asked.bank, desk.salts[asked.bank.code]
    ),
    "signing": _read_signing,
    "drawdown": lambda desk, asked: drawdowns.read_drawdown(desk.store, asked.content, asked.bank),
}


def _seconds(policy: BankPolicy, kind: str, mood: Mood) -> float:
    if kind == "signing":
        return policy.signing_hours * 3600.0
    usual = policy.credit_seconds if kind == "credit" else policy.drawdown_seconds
    return usual if mood.settle_seconds is None else mood.settle_seconds


def _query(kind: str) -> Deal:
    def deal(desk: Desk, asked: Asked, parts: tuple[str, ...]) -> Answer:
        row = cases.find(desk.store, asked.bank.code, kind, parts[0])
        if row is None or row["party"] != asked.sender.party:
            return told(cases.unknown_serial(parts[0]))
        mood = mood_of(
            *choose(
                desk.store,
                bank=asked.bank.code,
                operation=f"query_{kind}",
                facts={"serial": parts[0]},
            )
        )
        return _in_mood(cases.asked(desk.store, desk.settle(row, asked.now)), mood)

    return deal


def _copy(desk: Desk, asked: Asked, parts: tuple[str, ...]) -> Answer:
    row = cases.find(desk.store, asked.bank.code, "signing", parts[0])
    copy = signings.copy_of(asked.bank, row) if row is not None else None
    if row is None or copy is None or row["party"] != asked.sender.party:
        return said(codes.NOT_FOUND, 404)
    return Answer(body=copy, content_type="application/pdf")


def _schedule(desk: Desk, asked: Asked, parts: tuple[str, ...]) -> Answer:
    row = cases.find(desk.store, asked.bank.code, "drawdown", parts[0])
    if row is None or row["status"] != codes.SUCCESS or row["party"] != asked.sender.party:
        return told(cases.unknown_serial(parts[0]))
    return told(drawdowns.schedule_of(row))


def _repayment(desk: Desk, asked: Asked, _: tuple[str, ...]) -> Answer:
    answer = repayments.report(desk.store, asked.bank, asked.content)
    return told(answer, 409 if answer["code"] == codes.KEY_REUSED else 200)


def _debit_file(desk: Desk, asked: Asked, _: tuple[str, ...]) -> Answer:
    return told(
        files.take_debit_file(desk.store, asked.bank, asked.sender.party, asked.raw, asked.now)
    )


def _debit_results(desk: Desk, asked: Asked, parts: tuple[str, ...]) -> Answer:
    lines = files.debit_results(desk.store, asked.bank, parts[0], asked.now)
    return Answer(body=lines, content_type=LINES) if lines else told(cases.unknown_serial(parts[0]))


def _daily_file(desk: Desk, asked: Asked, parts: tuple[str, ...]) -> Answer:
    lines = files.daily_file(
        desk.store, asked.bank, parts[0], date_of(parts[1], "date"), asked.sender.party
    )
    return Answer(body=lines, content_type=LINES)


_SERIAL = "([A-Za-z0-9_-]{6,64})"
ROUTES: tuple[tuple[str, re.Pattern[str], Deal], ...] = tuple(
    (method, re.compile(f"/v1/{path}"), deal)
    for method, path, deal in (
        ("POST", "pre-checks", _pre_check),
        ("POST", "credit-applications", _submit("credit")),
        ("GET", f"credit-applications/{_SERIAL}", _query("credit")),
        ("POST", "signings", _submit("signing")),
        ("GET", f"signings/{_SERIAL}", _query("signing")),
        ("GET", f"signings/{_SERIAL}/copy", _copy),
        ("POST", "drawdowns", _submit("drawdown")),
        ("GET", f"drawdowns/{_SERIAL}", _query("drawdown")),
        ("GET", f"schedules/{_SERIAL}", _schedule),
        ("POST", "repayments", _repayment),
        ("POST", "debit-files", _debit_file),
        ("GET", f"debit-files/{_SERIAL}/results", _debit_results),
        ("GET", r"files/(disbursements|repayments|debits)/([0-9-]{10})", _daily_file),
    )
)


def answer(
    desk: Desk, *, bank: str, method: str, target: str, headers: Mapping[str, str], raw: bytes
) -> tuple[Answer, Sender | None]:
    """Believe, find, deal; the sender (for the signature of the answer) where it was believed."""
    now = clock.seconds()
    path = target.partition("?")[0].removeprefix(f"/b/{bank}")
    try:
        sender = verify_request(
            headers=headers,
            to=bank,
            method=method,
            target=target,
            body=raw,
            at=datetime.fromtimestamp(now, UTC),
            find_key=desk.find_key,
        )
    except Unsigned:
        return said(codes.NOT_BELIEVED, 401), None
    for wanted, pattern, deal in ROUTES:
        found = pattern.fullmatch(path)
        if wanted == method and found:
            return _dealt(desk, deal, bank, sender, found.groups(), raw, now), sender
    return said(codes.NOT_FOUND, 404, "no such call"), sender


def _dealt(
    desk: Desk,
    deal: Deal,
    bank: str,
    sender: Sender,
    parts: tuple[str, ...],
    raw: bytes,
    now: float,
) -> Answer:
    try:
        with desk.store.turn():
            desk.remember_nonce(sender.key_id, sender.nonce, sender.seconds)
            if desk.store.setting(f"down:{bank}"):
                return Answer(status=503, fault="down")
            content = reading.body_of(raw) if raw and deal is not _debit_file else {}
            asked = Asked(bank=desk.banks[bank], sender=sender, content=content, raw=raw, now=now)
            return deal(desk, asked, parts)
    except Replayed:
        return said(codes.NOT_BELIEVED, 401)
    except SerialReused:
        return said(codes.KEY_REUSED, 409)
    except Malformed as wrong:
        return said(codes.BAD_PARAMETERS, 400, str(wrong))


def _in_mood(content: Mapping[str, Any], mood: Mood) -> Answer:
    """The answer to a submission as the mood has it: the truth, something else, or nothing."""
    manner = mood.submit
    if manner in {"honest", "wrong_amount", "wrong_serial", "contrary"}:
        return told(cases.distorted(content, manner))
    if manner in {"hang", "reset", "unsigned", "down", "malformed"}:
        return Answer(
            body=told(content).body,
            status=503 if manner == "down" else 200,
            fault=manner,
            hang_seconds=mood.hang_seconds,
        )
    if manner == "html":
        page = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
        return Answer(body=page, content_type="text/html")
    serial = content.get("serial", "")
    code, status = {
        "system_error": (codes.UNKNOWN, codes.PROCESSING),
        "system_fail": (codes.UNKNOWN, codes.FAIL),
        "timed_out": (codes.TIMED_OUT, codes.PROCESSING),
        "server_error": (codes.UNKNOWN, codes.PROCESSING),
    }[manner]
    body = {"code": code, "message": codes.MESSAGES[code], "serial": serial, "status": status}
    return told(body, 500 if manner == "server_error" else 200)
