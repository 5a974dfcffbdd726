"""The market at work on a running platform: borrowers apply, read, sign, pay, and some do not.

Everything goes over HTTP: to the platform through its channels' programs, to the banks through
their pages. The banks' control desk is used for what in life lies outside: what is in an account,
and who pays at a counter. One seed and the same days give the same market.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from loanops_sandbox.market import habits
from loanops_sandbox.market.calling import Line, Program, Refused, browse
from loanops_sandbox.market.people import Borrower, Product, borrower
from loanops_sandbox.market.returning import ReturnPage
from loanops_sandbox.market.visiting import Visitors

READ_SECONDS = 45
PAGE_MOST = "200"
DIRECT = "branch"
CONFLICT = 409
AT_ONCE = 2
PAID_WITHIN = timedelta(days=30)


@dataclass
class Case:
    """One borrower and where they stand."""

    who: Borrower
    program: Program
    number: str
    offer: str = ""
    reads_on: date = date.max
    contract: str = ""
    loan: Loan | None = None


@dataclass
class Loan:
    """A borrower's loan as the borrower knows it."""

    number: str
    bank: str
    serial: str
    dues: Mapping[date, int]  # minor units
    makes_up_on: dict[date, date] = field(default_factory=dict)  # due day: day of making up


def minor(amount: str) -> int:
    """An amount on the wire in minor units."""
    whole, _, part = amount.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0")[:2] or 0)


def amount(minor_units: int) -> str:
    """An amount as it goes over the wire."""
    return f"{minor_units // 100}.{minor_units % 100:02d}"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the market plays: the platform's book, its channels' keys, the banks."""

    platform: str
    book: str
    keys: Mapping[str, str]
    banks: str
    products: tuple[Product, ...]
    consents: Sequence[Mapping[str, str]]


class Market:
    """Everybody in the market. Days are told by whoever plays the story."""

    def __init__(self, seed: int, place: Place) -> None:
        self._seed = seed
        self._place = place
        self._programs = {
            channel: Program(place.platform, key) for channel, key in place.keys.items()
        }
        self._cases: dict[str, Case] = {}
        self._waiting: dict[str, Case] = {}  # signed, the money not there yet
        self._taking: dict[str, Case] = {}
        self._browsers: dict[str, Line] = {}
        self._desk = Line(f"{place.banks}/sandbox")
        self._page = ReturnPage(self._come_back)
        self._visitors = Visitors(place.platform, place.banks)
        self.base_url = self._page.base_url

    def close(self) -> None:
        """Go home."""
        self._page.close()

    def apply(self, *, on: date, first: int, count: int) -> dict[str, Any]:
        """Borrowers with these serial numbers apply, each channel sending its own in one batch;
        how many were taken in, and why others not."""
        asking: dict[str, list[Borrower]] = {}
        for who in self._people(on, first, count):
            if habits.comes_by_portal(who):
                continue
            channel = who.channel if who.channel in self._programs else DIRECT
            asking.setdefault(channel, []).append(who)
        refused: Counter[str] = Counter()
        taken = 0
        for channel, people in sorted(asking.items()):
            answer = self._programs[channel].order(
                "/applications/batch",
                {
                    "book": self._place.book,
                    "applications": [self._request(who) for who in people],
                },
                name=self._name(people[0], "a"),
            )
            refused.update(each["problems"][0]["title"] for each in answer["refused"])
            taken += len(answer["created"])
            self._note(channel, people, answer["created"])
        return {"taken": taken, "refused": dict(refused)}

    def _people(self, on: date, first: int, count: int) -> list[Borrower]:
        return [
            borrower(self._seed, serial, on=on, products=self._place.products)
            for serial in range(first, first + count)
        ]

    def knock(self, *, on: date, first: int, count: int) -> dict[str, Any]:
        """Those of these borrowers who come by the portal ask for a code."""
        coming = [who for who in self._people(on, first, count) if habits.comes_by_portal(who)]
        for who in coming:
            self._visitors.knock(who)
        return {"knocked": len(coming)}

    def enter(self) -> dict[str, Any]:
        """Those who wait at the portal's door have their codes and apply."""
        came, gave_up = self._visitors.enter()
        for who, number in came:
            channel = who.channel if who.channel in self._programs else DIRECT
            self._cases[number] = Case(who, self._programs[channel], number)
        return {"taken": len(came), "gave_up": gave_up}

    def _note(
        self, channel: str, people: Sequence[Borrower], taken: Sequence[Mapping[str, str]]
    ) -> None:
        by_reference = {self._reference(who): who for who in people}
        for each in taken:
            who = by_reference[each["reference"]]
            case = Case(who, self._programs[channel], each["number"])
            self._cases[case.number] = case
            if habits.changes_mind(self._seed, who):
                self._give_up(case, "no_longer_needed")

    def _reference(self, who: Borrower) -> str:
        return f"market-{self._seed}-{who.serial}"

    def _name(self, who: Borrower, verb: str) -> str:
        return f"market-{self._seed}-{who.serial}-{verb}"

    def _request(self, who: Borrower) -> dict[str, Any]:
        return {
            "reference": self._reference(who),
            "product": who.product,
            "amount": f"{who.amount}.00",
            "term_months": who.term_months,
            "purpose": who.purpose,
            "region": who.region,
            "applicant": {
                "name": who.name,
                "id_number": who.id_number,
                "mobile": who.mobile,
                "region": who.region,
                "industry": who.industry,
                "income_monthly": f"{who.income_monthly}.00",
            },
            "facts": dict(who.facts),
            "consents": list(self._place.consents),
        }

    def _give_up(self, case: Case, reason: str) -> int:
        """The borrower withdraws, unless it is too late for that; how many did."""
        version = case.program.ask(f"/applications/{case.number}")["version"]
        try:
            case.program.order(
                f"/applications/{case.number}/withdraw",
                {"reason": reason, "version": version},
                name=self._name(case.who, f"w{version}"),
            )
        except Refused as wrong:
            if wrong.status != CONFLICT:
                raise
            return 0
        return 1

    def hear(self, *, on: date) -> dict[str, Any]:
        """Borrowers look at the offers made to them and make up their minds."""
        heard: Counter[str] = Counter(offers=0, takes=0, withdrawn=0)
        for program in self._programs.values():
            page = program.ask(
                "/applications", book=self._place.book, stage="offered", limit=PAGE_MOST
            )
            for row in page["items"]:
                case = self._cases.get(row["number"])
                if case is not None:
                    heard.update(self._look(case, on))
        return dict(heard)

    def _look(self, case: Case, on: date) -> Counter[str]:
        if case.offer:
            return Counter()
        offers = case.program.ask(f"/applications/{case.number}/offers")["items"]
        offered = next((each for each in offers if each["state"] == "made"), None)
        if offered is None:
            return Counter()
        case.offer = offered["number"]
        answer = habits.answer_to_offer(
            self._seed, case.who, cost_annual=float(offered["cost"]["simple"])
        )
        if answer.takes:
            case.reads_on = on + timedelta(days=answer.after_days)
            self._taking[case.number] = case
            return Counter(offers=1, takes=1)
        if answer.gives_up:
            return Counter(offers=1, withdrawn=self._give_up(case, "terms_not_liked"))
        return Counter(offers=1)

    def read(self, *, on: date) -> dict[str, Any]:
        """Those who take an offer now have its disclosure before their eyes."""
        reading = 0
        for case in [each for each in self._taking.values() if each.reads_on <= on]:
            path = f"/offers/{case.offer}/disclosure"
            try:
                case.program.order(path, {}, name=self._name(case.who, f"d{on}"))
            except Refused as wrong:
                if wrong.status != CONFLICT:
                    raise
                # Who thinks it over for too long finds the offer gone.
                del self._taking[case.number]
            else:
                reading += 1
        return {"reading": reading}

    def sign(self, *, on: date) -> dict[str, Any]:
        """Those who have read confirm, and sign on the bank's page."""
        signing = [each for each in self._taking.values() if each.reads_on <= on]
        for case in signing:
            del self._taking[case.number]
        # Several at once, as in life: one is at the bank while another is still with us.
        with ThreadPoolExecutor(AT_ONCE) as people:
            return dict(Counter(people.map(self._try_to_sign, signing)))

    def _try_to_sign(self, case: Case) -> str:
        try:
            return self._sign(case)
        except Refused as wrong:
            if wrong.status != CONFLICT:
                raise
            return wrong.code

    def _sign(self, case: Case) -> str:
        program, who = case.program, case.who
        program.order(
            f"/offers/{case.offer}/confirmation",
            {
                "read_seconds": READ_SECONDS,
                "evidence": {"channel": who.channel, "device": "simulated", "ip": "127.0.0.1"},
            },
            name=self._name(who, "c"),
        )
        made = program.order(f"/offers/{case.offer}/contract", {}, name=self._name(who, "u"))
        case.contract = made["number"]
        session = program.order(
            f"/contracts/{case.contract}/signing",
            {"return_url": self._page.address_of(case.contract)},
            name=self._name(who, "s"),
        )
        browse(self._browsers, session["page_url"])
        what = habits.behaviour_at_bank(self._seed, who)
        if what == "leaves":
            return what
        form = {"decision": "decline"}
        if what != "decline":
            form = {"decision": "agree", "read": "yes"}
            self._waiting[case.number] = case
        browse(self._browsers, session["page_url"], form)
        if what != "closes":
            browse(self._browsers, self._page.address_of(case.contract))
        return what

    def _come_back(self, contract: str) -> None:
        """The channel's page was opened by somebody who came back: the bank is to be asked."""
        for case in self._cases.values():
            if case.contract == contract:
                path = f"/contracts/{contract}/signing/result"
                case.program.order(path, {}, name=self._name(case.who, "r"))

    def take_loans(self, *, on: date) -> dict[str, Any]:
        """Those who signed look whether the money is there, and note when they must pay."""
        if not self._waiting:
            return {"waiting": 0}
        since = on - PAID_WITHIN
        paid = self._desk.order("POST", "/truth", {"since": since.isoformat()})["drawdowns"]
        serials = {row["reference"]: row["serial"] for row in paid}
        page = self._programs[DIRECT].ask("/loans", book=self._place.book, limit=PAGE_MOST)
        for row in page["items"]:
            case = self._waiting.get(row["application"])
            if case is None or row["application"] not in serials:
                continue
            del self._waiting[case.number]
            rows = case.program.ask(f"/loans/{row['number']}/schedule")["items"]
            case.loan = Loan(
                number=row["number"],
                bank=row["funder"],
                serial=serials[case.number],
                dues={date.fromisoformat(each["due_on"]): minor(each["open"]) for each in rows},
            )
        return {"waiting": len(self._waiting)}

    def fill_accounts(self, *, on: date) -> dict[str, Any]:
        """What lies in the accounts of those who owe an instalment on that day."""
        wallets: dict[str, dict[str, str]] = {}
        short = 0
        for case in self._cases.values():
            loan = case.loan
            if loan is None or on not in loan.dues:
                continue
            planned = habits.payment(self._seed, case.who, due_on=on)
            there = loan.dues[on] * planned.in_account_pct // 100
            wallets.setdefault(loan.bank, {})[loan.serial] = amount(there)
            if not planned.in_account:
                short += 1
                loan.makes_up_on[on] = planned.makes_up_on
        for bank, balances in wallets.items():
            self._desk.order("PUT", "/wallets", {"bank": bank, "balances": balances})
        return {"due": sum(len(each) for each in wallets.values()), "short": short}

    def pay(self, *, on: date) -> dict[str, Any]:
        """Those who make up for what they missed pay all they owe at the bank's counter."""
        payments: dict[str, list[dict[str, str]]] = {}
        for case in self._cases.values():
            loan = case.loan
            if loan is None or not loan.makes_up_on:
                continue
            if min(loan.makes_up_on.values()) > on:
                continue
            loan.makes_up_on = {due: day for due, day in loan.makes_up_on.items() if day > on}
            card = case.program.ask(f"/loans/{loan.number}")
            owed = sum(minor(card[name]) for name in ("overdue", "due", "penalty"))
            if owed:
                payment = {"drawdown_serial": loan.serial, "amount": amount(owed)}
                payments.setdefault(loan.bank, []).append({**payment, "paid_on": on.isoformat()})
        for bank, rows in payments.items():
            self._desk.order("POST", "/payments", {"bank": bank, "payments": rows})
        return {"paid": sum(len(rows) for rows in payments.values())}
