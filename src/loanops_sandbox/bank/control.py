"""The control desk of the sandbox: moods, truth, wallets, signatures of simulated borrowers.

Loopback only and unsigned: it is the hand of the tester, no part of the protocol.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from loanops_sandbox import clock
from loanops_sandbox.amounts import Malformed, amount_of, date_of, minor_of
from loanops_sandbox.bank import callbacks, cases, drawdowns, reading, repayments, signings
from loanops_sandbox.bank.desk import Desk
from loanops_sandbox.bank.moods import MOODS, TEST_MOBILES, BadRule, set_rule
from loanops_sandbox.bank.policy import BankPolicy
from loanops_sandbox.keyring import BadIntroduction

Content = Mapping[str, Any]
Order = Callable[[Desk, Content], dict[str, Any]]


def _bank(desk: Desk, content: Content) -> BankPolicy:
    code = str(content.get("bank", ""))
    if code not in desk.banks:
        raise Malformed("bank", f"one of {', '.join(desk.banks)} is needed")
    return desk.banks[code]


def _behaviour(desk: Desk, content: Content) -> dict[str, Any]:
    return {"rule": set_rule(desk.store, content)}


def _forget_behaviour(desk: Desk, _: Content) -> dict[str, Any]:
    desk.store.run("delete from rules")
    desk.store.run("delete from settings where name like 'down:%'")
    return {}


def _moods(_: Desk, __: Content) -> dict[str, Any]:
    return {"behaviours": sorted(MOODS), "test_mobiles": TEST_MOBILES}


def _down(desk: Desk, content: Content) -> dict[str, Any]:
    bank = _bank(desk, content)
    desk.store.set_setting(f"down:{bank.code}", "yes" if content.get("down", True) else None)
    return {"bank": bank.code, "down": bool(content.get("down", True))}


def _truth(desk: Desk, content: Content) -> dict[str, Any]:
    since = content.get("since")
    first: date | None = date_of(since, "since") if since else None
    codes = [_bank(desk, content).code] if content.get("bank") else list(desk.banks)
    return {
        "drawdowns": [row for code in codes for row in drawdowns.truth(desk.store, code, first)]
    }


def _callbacks(desk: Desk, content: Content) -> dict[str, Any]:
    return {"callbacks": callbacks.listing(desk.store, _bank(desk, content).code)}


def _sign(desk: Desk, content: Content) -> dict[str, Any]:
    """A simulated borrower signs or declines without opening the page."""
    bank = _bank(desk, content)
    agreed = bool(content.get("agreed", True))
    statuses = {}
    for serial in content.get("serials", ()):
        row = cases.find(desk.store, bank.code, "signing", str(serial))
        if row is None:
            raise Malformed("serials", f"no signing has the serial {serial}")
        statuses[row["serial"]] = signings.answer_borrower(
            desk.store, bank, row, agreed=agreed, now=clock.seconds()
        )
    return {"signings": statuses}


def _wallets(desk: Desk, content: Content) -> dict[str, Any]:
    """What lies in borrowers' accounts, by drawdown serial; nothing said means usually enough."""
    bank = _bank(desk, content)
    balances = reading.part(content, "balances")
    rows = [
        (bank.code, loan, minor_of(balance, f"balances.{loan}"))
        for loan, balance in balances.items()
    ]
    desk.store.run_many("insert or replace into wallets values (?, ?, ?)", rows)
    return {"wallets": len(rows)}


def _pay(desk: Desk, content: Content) -> dict[str, Any]:
    bank = _bank(desk, content)
    amount = minor_of(content.get("amount"), "amount")
    number = repayments.pay_at_counter(
        desk.store,
        bank,
        loan=reading.serial(content, "drawdown_serial"),
        amount_minor=amount,
        on=date_of(content.get("paid_on"), "paid_on"),
        now=clock.seconds(),
    )
    return {"pay_number": number, "paid_amount": amount_of(amount)}


def _payments(desk: Desk, content: Content) -> dict[str, Any]:
    """Many borrowers pay at the counter, each as one does."""
    made = [
        _pay(desk, {"bank": content.get("bank"), **payment})
        for payment in content.get("payments", ())
    ]
    desk.wake()
    return {"payments": made}


def _waiting(desk: Desk, _: Content) -> dict[str, Any]:
    """How many callbacks are due and unheard; they are sent at once, not at the next tick."""
    desk.wake()
    return {"callbacks": callbacks.count_due(desk.store, clock.seconds())}


def _trust(desk: Desk, content: Content) -> dict[str, Any]:
    platform = desk.trust(dict(content))
    return {"party": platform.party, "keys": [key.key_id for key in platform.keys]}


def _rotate(desk: Desk, content: Content) -> dict[str, Any]:
    bank = _bank(desk, content)
    return {"key": desk.rotate(bank.code)}


def _introductions(desk: Desk, _: Content) -> dict[str, Any]:
    return {"banks": [desk.introduction(code, desk.base_url) for code in desk.banks]}


ORDERS: dict[tuple[str, str], Order] = {
    ("PUT", "behaviour"): _behaviour,
    ("DELETE", "behaviour"): _forget_behaviour,
    ("GET", "behaviour"): _moods,
    ("PUT", "down"): _down,
    ("POST", "truth"): _truth,
    ("GET", "truth"): _truth,
    ("POST", "callbacks"): _callbacks,
    ("POST", "sign"): _sign,
    ("PUT", "wallets"): _wallets,
    ("POST", "pay"): _pay,
    ("POST", "payments"): _payments,
    ("GET", "waiting"): _waiting,
    ("PUT", "trust"): _trust,
    ("POST", "rotate"): _rotate,
    ("GET", "introductions"): _introductions,
}


def obey(desk: Desk, *, method: str, name: str, raw: bytes) -> tuple[int, dict[str, Any]]:
    """Carry out one order of the tester; status and answer."""
    order = ORDERS.get((method, name))
    if order is None:
        return 404, {"message": "no such order", "orders": [f"{m} {n}" for m, n in ORDERS]}
    try:
        with desk.store.turn():
            return 200, order(desk, reading.body_of(raw) if raw else {})
    except (Malformed, BadRule, BadIntroduction, KeyError) as wrong:
        return 400, {"message": str(wrong)}
