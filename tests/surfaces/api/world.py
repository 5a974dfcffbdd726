"""One of everything that the API shows, and for every operation a request that could be right."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.operations import ChangeIn
from loanops.money.payments import operations as payments
from loanops.money.payments.models import DebitFile
from loanops.money.payments.operations.debits import DebitRow
from loanops.origination.applications import queries as applications
from loanops.origination.applications.operations import VerdictIn, add_document, apply_verdicts_many
from loanops.platform.work import unit_of_work
from loanops.registry.team import operations as team
from loanops.surfaces.api.window import API
from tests.factories import contracts, loans, moving, promotions, work
from tests.factories.registry import AT, HOUSE
from tests.surfaces.api.conftest import Program
from tests.surfaces.api.test_flow import asked, submit

DOCUMENT: dict[str, Any] = json.loads(json.dumps(API.get_openapi_schema(), default=str))
PDF = b"%PDF-1.7 a paper"
# Which parts of a path are what: the name of a number of the world.
KINDS = {
    "/applications/{number}": "application",
    "/offers/{number}": "offer",
    "/contracts/{number}": "contract",
    "/loans/{number}": "loan",
    "/change-requests/{number}": "request",
    "/documents/{number}": "document",
    "/debit-files/{number}": "debit_file",
    "/receipts/{number}": "receipt",
    "/refunds/{number}": "refund",
    "/webhooks/{number}": "webhook",
    "/promotions/{number}": "promotion",
    "/rereads/{number}": "reread",
    "/imports/{number}": "import",
    "/reference-rates/{key}": "reference_rate",
    "/work-items/{number}": "work_item",
    "/work-runs/{number}": "work_run",
    "/callbacks/{funder}": "funder",
    "/agreements/{number}": "agreement",
}


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    name: str
    method: str
    path: str
    raw: dict[str, Any]

    @property
    def queries(self) -> list[str]:
        """The names it may be asked with."""
        return [each["name"] for each in self.raw["parameters"] if each["in"] == "query"]

    @property
    def kind(self) -> str:
        """What its path names; empty where it names nothing."""
        return next((kind for start, kind in KINDS.items() if self.path.startswith(start)), "")

    def address(self, number: str) -> str:
        """Its path with a number in its place."""
        path = self.path.replace("{paper}", "calendar")
        return re.sub(r"\{\w+\}", lambda _: number, path)


_RATE = {
    "kind": "rate_changed",
    "on": loans.DAY.isoformat(),
    "values": {"annual_rate": "0.06"},
}


def operations() -> Iterator[Operation]:
    """Every operation of the document."""
    for path, methods in DOCUMENT["paths"].items():
        for method, raw in methods.items():
            yield Operation(raw["operationId"], method.upper(), path.removeprefix("/api/v1"), raw)


OPERATIONS = {each.name: each for each in operations()}


@dataclass(frozen=True)
class World:
    """The numbers of what there is, all of it of the channel `acorn`, and who may do what."""

    numbers: dict[str, str]
    channel: Program
    staff: Program
    desk: Program
    till: Program
    finance: Program
    compliance: Program
    seller: Program

    def caller(self, operation: str) -> Program:
        """A program that may order the operation."""
        if operation in {"repay", "list_receipts"}:
            return self.till
        if operation.endswith(("_reference_rate", "_reference_rates")):
            return self.compliance
        if operation in {"launch_promotion", "end_promotion"}:
            return self.seller
        if OPERATIONS[operation].raw["tags"] == ["money"]:
            return self.finance
        if OPERATIONS[operation].raw["tags"] == ["work"]:
            return self.staff
        if operation in {"ask_reread", "ask_import_undo"}:
            return self.desk
        of_the_book = operation.startswith(
            ("list_loan", "list_guarantee", "list_compensations", "list_reread", "list_import")
        ) or operation.endswith(("_reread", "_import", "_import_undo"))
        return self.staff if of_the_book else self.channel

    def body(self, operation: str) -> Any:
        """A body that the operation would take; None where it takes none."""
        row = asked(9)
        row.pop("book")
        return {
            "submit_application": asked(8),
            "submit_applications": {"book": "cn", "applications": [row]},
            "withdraw_application": {"reason": "other", "version": 1},
            "show_disclosure": {},
            "confirm_disclosure": {"read_seconds": 60, "evidence": contracts.PAGE},
            "draw_up_contract": {},
            "launch_promotion": {
                "book": "cn", "code": "SUMMER", "name": {"zh-hans": "夏", "en": "Summer"},
                "effect": "fee_share", "fraction": "0.2", "charging_party": "guarantor",
                "effective_from": loans.DAY.isoformat(),
            },
            "end_promotion": {"effective_to": "2099-01-01", "reason": "budget spent"},
            "preview_promotion": {"code": "SPRING"},
            "redeem_promotion": {"code": "SPRING"},
            "start_signing": {"return_url": "http://127.0.0.1/back"},
            "find_signing_result": {},
            "repay": {
                "loan": self.numbers["loan"], "channel": "till", "pay_no": "P-9",
                "amount": "100.00", "currency": "CNY", "on": loans.DAY.isoformat(),
            },
            "create_webhook": {"url": "https://partner.example/hooks", "events": ["*"]},
            "rotate_webhook_secret": {},
            "quote": {"book": "cn", "product": "steady", "amount": "12000.00", "term_months": 12},
            "take_callback": {},
            "preview_change": _RATE,
            "change_loan": {**_RATE, "digest": "0" * 64, "reason": "agreed"},
            "ask_change": {**_RATE, "digest": "0" * 64, "reason": "agreed"},
            "approve_change": {},
            "refuse_change": {"note": "no proof"},
            "set_debit_policy": {
                "book": "cn", "effective_from": "2027-01-01", "windows": ["09:00"],
            },
            "record_reference_rate": {
                "book": "cn", "key": "lpr_1y", "rate_annual": "0.0295",
                "effective_from": "2027-01-20", "document": "LPR 2027-01-20",
            },
            "ask_reread": {
                "book": "cn", "index": "lpr_5y", "since": "2025-05-20", "reason": "late notice",
            },
            "approve_reread": {},
            "refuse_reread": {"note": "no proof"},
            "ask_import_undo": {"effect": "0" * 64, "reason": "rate read as monthly"},
            "approve_import_undo": {"effect": "0" * 64},
            "refuse_import_undo": {"note": "the rate is right"},
            "return_receipt": {"amount": "5.00", "reason": "D102", "on": loans.DAY.isoformat()},
            "request_refund": {"amount": "1.00", "reason": "not_ours"},
            "approve_refund": {},
            "refuse_refund": {},
            "confirm_refund": {"reference": "WIRE-1"},
            "fail_refund": {"problem": "closed"},
            "claim_next_work_item": {"book": "cn", "kind": "change"},
            "claim_work_item": {},
            "release_work_item": {},
            "assign_work_item": {"to": "lan"},
            "hand_over_work_items": {
                "book": "cn", "holder": "lan", "to": "mei", "reason": "left",
            },
            "set_service_level": {
                "book": "cn", "kind": "review", "effective_from": "2027-01-04",
                "target_minutes": 120, "reason": "faster",
            },
        }.get(operation)  # fmt: skip

    def question(self, operation: str) -> dict[str, str]:
        """A query that the operation would take."""
        return {
            "list_products": {"book": "cn"},
            "list_promotions": {"book": "cn"},
            "list_applications": {"book": "cn"},
            "list_loans": {"book": "cn"},
            "get_portfolio": {"book": "cn"},
            "list_past_loans": {"book": "cn", "on": loans.DAY.isoformat()},
            "get_cash_flow": {"book": "cn"},
            "list_vintages": {"book": "cn"},
            "list_reference_rates": {"book": "cn"},
            "get_reference_rate_effects": {
                "book": "cn",
                "effective_from": "2025-05-20",
                "rate_annual": "0.031",
            },
            "list_rereads": {"book": "cn"},
            "list_imports": {"book": "cn"},
            "list_receipts": {"channel": "till", "pay_no": "P-1"},
            "list_change_requests": {"book": "cn"},
            "list_debit_files": {"book": "cn"},
            "list_debit_policies": {"book": "cn"},
            "list_unapplied": {"book": "cn"},
            "list_compensations_due": {"book": "cn"},
            "list_refunds": {"book": "cn"},
            "get_loan_outlook": {"amount": "500.00"},
            "get_loan_past": {"on": loans.DAY.isoformat()},
            "list_work_items": {"book": "cn"},
            "get_work_board": {"book": "cn"},
            "list_service_levels": {"book": "cn"},
            "list_teams": {"book": "cn"},
            "add_application_document": {"kind": "id_front", "name": "front.pdf"},
        }.get(operation, {})

    def number(self, operation: str) -> str:
        """The number of what the operation is about."""
        return self.numbers.get(OPERATIONS[operation].kind, "")


def _requested(loan: str) -> str:
    """A change of the loan that waits for a second person."""
    wanted = ChangeIn(loan=loan, kind="extended", on=loans.DAY, values={"periods": 1})
    shown = servicing.preview_change(asked=wanted, viewer=HOUSE)
    return servicing.ask_change(
        asked=wanted, seen=shown.digest, reason="hardship", actor=HOUSE, at=AT
    )


def _strayed(pay_no: str) -> str:
    """Money that is nobody's."""
    return payments.receive(
        book="cn", channel="till", pay_no=pay_no, amount_minor=500, on=loans.DAY, loan="",
        actor=HOUSE, at=AT,
    ).number  # fmt: skip


def _refunding() -> str:
    """A refund that waits for a second person."""
    return payments.request_refund(
        receipt=_strayed("STRAY-1"), amount_minor=200, reason="not_ours", actor=HOUSE, at=AT
    ).number


def _debited(loan: str) -> str:
    """The file of a debit that was ordered."""
    row = DebitRow("DB-1", "till", loan, "6222", 900, loans.DAY)
    with unit_of_work(actor=HOUSE, at=AT, book="cn", on=loans.DAY) as unit:
        payments.order_debits(work=unit, due_on=loans.DAY, window=1, rows=[row])
        unit.record("servicing.debits_ordered", subject="cn", count=1, amount_minor=900)
    return DebitFile.objects.get().number


def _brought(application: str) -> str:
    """An import that somebody asked to be taken back."""
    card = applications.get_application(application, viewer=HOUSE)
    number = moving.bring_one(
        book="cn",
        product="steady",
        funder="harbour",
        party=card.party or "",
        cut_off=moving.CUT_OFF,
    )
    moving.ask_back(number)
    return number


def _waiting(request: str) -> str:
    """The work item of a change that waits for a second person."""
    work.follow()
    return work.item_of(request).number


def build(program: Any) -> World:
    """One application with what hangs on it, up to its loan."""
    market = contracts.chinese_market()
    channel = program("channel", partner="acorn")
    number, other = (submit(channel, serial)["number"] for serial in (1, 2))
    document = add_document(
        number=number, kind="id_front", name="a", content=PDF, actor=HOUSE, at=AT
    )
    apply_verdicts_many(
        verdicts=[
            VerdictIn(number=each, outcome="approve", reasons=(), offered_minor=1_200_000)
            for each in (number, other)
        ],
        actor=HOUSE,
        at=AT,
    )
    offer = contracts.offered(market, number)
    contract = contracts.drawn_up(contracts.offered(market, other).number)
    hook = channel.post(
        "/webhooks", {"url": "https://partner.example/hooks", "events": ["*"]}
    ).json()["subscription"]
    loan = loans.open_loan(application=other)
    request = _requested(loan)
    item = _waiting(request)
    return World(
        numbers={
            "work_item": item,
            "work_run": team.assign_by_run(
                book="cn", numbers=[item], to="", actor=HOUSE, at=AT
            ).number,
            "application": number,
            "document": document.number,
            "offer": offer.number,
            "contract": contract.number,
            "loan": loan,
            "request": request,
            "reread": servicing.ask_reread(
                book="cn",
                index="lpr_1y",
                since=date(2025, 5, 20),
                reason="late notice",
                actor=HOUSE,
                at=AT,
            ),
            "import": _brought(other),
            "webhook": hook["number"],
            "receipt": _strayed("STRAY-2"),
            "refund": _refunding(),
            "debit_file": _debited(loan),
            "funder": "harbour",
            "agreement": market.agreement,
            "promotion": promotions.launched().number,
            "reference_rate": "lpr_1y",
        },
        channel=channel,
        staff=program("manager"),
        desk=program("operations"),
        till=program("payment_company", partner="till"),
        finance=program("finance"),
        compliance=program("compliance_officer"),
        seller=program("product_manager"),
    )
