"""The page on which a borrower signs, at the bank itself; Chinese and English side by side."""

import secrets
from html import escape
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import parse_qs

from loanops_sandbox import clock, codes
from loanops_sandbox.amounts import minor_of
from loanops_sandbox.bank import signings
from loanops_sandbox.bank.desk import Desk
from loanops_sandbox.bank.dispatch import Answer
from loanops_sandbox.bank.policy import BankPolicy
from loanops_sandbox.bank.store import unpacked

_FOLDER = Path(__file__).with_name("pages")
_FRAME = Template((_FOLDER / "frame.html").read_text(encoding="utf-8"))
_ASK = Template((_FOLDER / "ask.html").read_text(encoding="utf-8"))
_DONE = Template((_FOLDER / "done.html").read_text(encoding="utf-8"))
_STYLE = (_FOLDER / "page.css").read_text(encoding="utf-8")

_OUTCOMES = {
    codes.SUCCESS: (
        "good",
        "签署完成",
        "Signed",
        "您的合同已由银行留存。",
        "The bank keeps your contract.",
    ),
    codes.FAIL: (
        "bad",
        "未签署",
        "Not signed",
        "本次签署已结束，未签任何合同。",
        "Nothing was signed.",
    ),
    "missing": ("bad", "链接无效", "Link not valid", "请返回平台重新发起。", "Please start again."),
}


def show(desk: Desk, bank: str, token: str, method: str, raw: bytes) -> Answer:
    """The page, or what became of it once the borrower pressed a button."""
    policy = desk.banks[bank]
    with desk.store.turn() as store:
        row = signings.find_by_token(store, bank, token)
        if row is None:
            return _framed(policy, _done("missing", ""), 404)
        row = desk.settle(row, clock.seconds())
        status = str(row["status"])
        content = unpacked(row["content"])
        if method == "POST" and status == codes.PROCESSING:
            form = parse_qs(raw.decode("utf-8", "replace"))
            agreed = form.get("decision") == ["agree"]
            if agreed and form.get("read") != ["yes"]:
                return _framed(policy, _ask(policy, content, reminder=True), 400)
            status = signings.answer_borrower(
                store, policy, row, agreed=agreed, now=clock.seconds()
            )
    if status == codes.PROCESSING:
        return _framed(policy, _ask(policy, content, reminder=False), 200)
    return _framed(policy, _done(status, content["return_url"]), 200)


def _grouped(amount: str, currency: str) -> str:
    symbol = {"CNY": "¥", "USD": "$"}.get(currency, f"{currency} ")
    whole, cents = divmod(minor_of(amount, "amount"), 100)
    return f"{symbol}{whole:,}.{cents:02d}"


def _ask(policy: BankPolicy, content: dict[str, Any], *, reminder: bool) -> str:
    rate = float(content["annual_rate"]) * 100
    # The platform names the cost in per cent, rounded as its statement shows it.
    cost = str(content.get("all_in_cost", "")).removesuffix("%") or f"{rate:.2f}"
    return _ASK.substitute(
        lender_zh=escape(policy.name_zh),
        lender_en=escape(policy.name_en),
        amount=escape(_grouped(content["amount"], content["currency"])),
        term=content["term_count"],
        rate=f"{rate:.2f}%",
        cost=escape(f"{cost}%"),
        contract=escape(content["contract_number"]),
        digest=escape(content["contract_digest"][:16]),
        reminder="shown" if reminder else "hidden",
    )


def _done(status: str, back: str) -> str:
    tone, zh, en, text_zh, text_en = _OUTCOMES[status]
    link = (
        f'<a class="main" href="{escape(back, quote=True)}">返回平台 <small>Back</small></a>'
        if back
        else ""
    )
    return _DONE.substitute(tone=tone, zh=zh, en=en, text_zh=text_zh, text_en=text_en, link=link)


def _framed(policy: BankPolicy, body: str, status: int) -> Answer:
    nonce = secrets.token_urlsafe(12)
    html = _FRAME.substitute(
        name_zh=escape(policy.name_zh),
        name_en=escape(policy.name_en),
        nonce=nonce,
        style=_STYLE,
        body=body,
    )
    return Answer(
        status=status,
        body=html.encode(),
        content_type="text/html; charset=utf-8",
        headers={
            "Content-Security-Policy": (
                f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self';"
                " frame-ancestors 'none'; base-uri 'none'"
            ),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        },
    )
