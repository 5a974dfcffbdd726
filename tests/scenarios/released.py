"""``python -m tests.scenarios.released VERB``: what a release leaves to the next, and back again.

``build`` lives through some weeks of a small operation, by a story's clock and with banks on paper:
two books under two rule packs, and of everything a little, so that no table stays empty. ``unmask
NUMBER`` prints a borrower's name in clear, ``close`` closes one more day of each book, ``back
ROOM …`` takes back the last migration of each room.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from loanops.config import startup

startup.start()

from django.db import connection  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402

from loanops.config import wiring  # noqa: E402
from loanops.kernel.access import Actor, Viewer  # noqa: E402
from loanops.loanbook.servicing import operations as servicing  # noqa: E402
from loanops.loanbook.servicing import queries as loans  # noqa: E402
from loanops.loanbook.servicing.queries import LoanCard, LoanFilter  # noqa: E402
from loanops.money.payments import operations as payments  # noqa: E402
from loanops.money.payments.ports import CHANNELS, DebitFileOut, DebitResult  # noqa: E402
from loanops.origination.applications import operations as applications  # noqa: E402
from loanops.origination.applications import queries as applications_asked  # noqa: E402
from loanops.origination.contracts import operations as contracts  # noqa: E402
from loanops.origination.contracts import queries as contracts_asked  # noqa: E402
from loanops.origination.contracts.ports import PAGES, TYPESETTERS  # noqa: E402
from loanops.origination.contracts.queries import ContractCard  # noqa: E402
from loanops.origination.routing import operations as routing  # noqa: E402
from loanops.origination.routing.ports import GATEWAYS, Standing  # noqa: E402
from loanops.platform.audit import operations as audit  # noqa: E402
from loanops.platform.books import queries as books  # noqa: E402
from loanops.platform.identity import operations as identity  # noqa: E402
from loanops.platform.inbox import operations as inbox  # noqa: E402
from loanops.platform.jobs import loop, runner  # noqa: E402
from loanops.platform.parameters import operations as parameters  # noqa: E402
from loanops.platform.webhooks import operations as webhooks  # noqa: E402
from loanops.platform.webhooks import sending  # noqa: E402
from loanops.registry.compliance import operations as compliance  # noqa: E402
from loanops.registry.parties import operations as parties  # noqa: E402
from tests.factories import decisioning, desk, registry, requests  # noqa: E402
from tests.factories import routing as funding  # noqa: E402
from tests.factories.contracts import PAGE, evidence_of  # noqa: E402
from tests.factories.paper_bank import PaperBanks  # noqa: E402
from tests.factories.registry import AT, TODAY  # noqa: E402

HOUSE = Actor.house("release")
LOOK = Viewer.house("release")
BOOKS = ("cn", "us")
LAST_DAY = date(2026, 12, 14)
CHANNEL = "open_bank:jianglan"
SECOND = timedelta(seconds=1)


@dataclass
class PaperDebits:
    """Debits on paper: everything is collected, but from those who have nothing."""

    poor: set[str] = field(default_factory=set)
    files: dict[str, DebitFileOut] = field(default_factory=dict)

    def send_debit_file(self, *, file: DebitFileOut) -> str:
        self.files[file.number] = file
        return f"REF-{file.number}"

    def fetch_results(self, *, party: str, file: str) -> Sequence[DebitResult]:
        sent = self.files[file]
        return [
            DebitResult(line.order, "", 0, sent.due_on, "insufficient_funds")
            if line.account in self.poor
            else DebitResult(line.order, f"D-{line.order}", line.amount_minor, sent.due_on)
            for line in sent.lines
        ]


class PaperPages:
    """Contracts and statements as a line: set in type, they would be most of a fixture."""

    def render(self, *, template: str, data: Mapping[str, Any], dated: date) -> bytes:
        return f"%PDF-1.7 {template} {dated} {len(data)}".encode()


class Story:
    """The clock of the operation; whatever is due meanwhile is done."""

    def __init__(self) -> None:
        self.now = AT

    def let_pass(self, seconds: int) -> datetime:
        self.now += timedelta(seconds=seconds)
        loop.drain(clock=lambda: self.now)
        return self.now

    def close_until(self, day: date) -> None:
        """Close day by day at three in the morning (UTC), in both books."""
        while self.now.date() < day:
            self.now = datetime.combine(self.now.date() + timedelta(days=1), time(3), AT.tzinfo)
            for book in BOOKS:
                servicing.close_day(book=book, until=self.now.date(), actor=HOUSE, at=self.now)
            # A debit file goes out; then its answer is fetched and laid on the loans.
            self.let_pass(60)
            self.let_pass(300)


def build() -> None:
    """Live through the weeks."""
    banks, debits, story = PaperBanks(), PaperDebits(), Story()
    GATEWAYS.plug("open_bank", banks.open)
    CHANNELS.plug("open_bank", debits)
    TYPESETTERS.plug(PAGES, PaperPages())
    runner.plan(wiring.CRON, at=story.now)
    with patch.object(sending, "post", return_value=204):
        _open_house()
        _open_books()
        _apply_and_sign(story, banks)
        _live_on(story, debits)
        _leave_open(story, banks)
    audit.seal(actor=HOUSE, at=story.now)


def _open_house() -> None:
    """Staff, a program, a parameter, and somebody who listens."""
    for role in desk.STAFF:
        desk.hire(role)
    identity.issue_key(name="shop", partner="", role="channel", books=("cn",), actor=HOUSE, at=AT)
    parameters.set_parameter(
        name="contracts.offer_valid_days", value=10, effective_from=TODAY, actor=HOUSE, at=AT
    )
    webhooks.subscribe(
        url="https://hooks.example.com/loans", events=("*",), partner="", actor=HOUSE, at=AT
    )


def _open_books() -> None:
    registry.open_book()
    registry.register("anchor", "guarantor")
    funding.listed("anchor", "guarantor", book="cn")
    for place, bank in enumerate(("jianglan", "yunting")):
        registry.register(bank, "bank")
        funding.listed(bank, "funder", book="cn")
        registry.sign(bank, priority=place)
    registry.publish()
    registry.publish("careful")
    applications.set_checklist(
        book="cn", product="careful", actor=HOUSE, at=AT,
        items=[applications.ItemIn("id_front", mandatory=True),
               applications.ItemIn("income_proof", mandatory=True)],
    )  # fmt: skip
    funding.dollars()
    decisioning.in_force()
    decisioning.in_force("us", "us-2018")
    compliance.record_decision(
        book="us", topic="signing.ours", partner="prairieford", reason="read and agreed",
        document="minutes 4", valid_from=TODAY, valid_to=registry.YEAR_END, actor=HOUSE, at=AT,
    )  # fmt: skip
    compliance.record_reference_rate(
        book="cn", key="lpr_1y", rate_annual=Decimal("0.030"), effective_from=TODAY,
        document="notice of the day", actor=HOUSE, at=AT,
    )  # fmt: skip


def _apply_and_sign(story: Story, banks: PaperBanks) -> None:
    """Borrowers of both books come in, are judged, funded, and sign; some are turned away."""
    steady = decisioning.submitted(*[decisioning.STEADY] * 6)
    decisioning.submitted(decisioning.UNKNOWN, decisioning.OVERDUE, first=20)
    dollars = _ask_for_dollars(3)
    story.let_pass(1)
    banks.say("jianglan", "credit", Standing.REFUSED, "income_too_low")
    banks.say("yunting", "credit", Standing.REFUSED, "region")
    decisioning.submitted(decisioning.STEADY, first=30)
    story.let_pass(1)
    banks.says.clear()
    for number in steady[:5]:
        _sign_at_the_bank(story, _drawn_up(story, number))
    for number in dollars:
        _sign_with_us(story, _drawn_up(story, number))
    card = applications_asked.get_application(steady[5], viewer=LOOK)
    applications.withdraw(
        number=card.number, reason="other", version=card.version, actor=HOUSE, at=story.now
    )
    story.let_pass(60)


def _ask_for_dollars(number: int) -> list[str]:
    taken = applications.submit_many(
        book="us", source="release", actor=HOUSE, at=AT,
        requests=[
            applications.ApplicationRequest(
                key=f"K-{place}", product="personal", amount_minor=1_000_000, term_months=12,
                annual_rate=Decimal("0.079"), instalment_minor=86_950, purpose="refinance_cards",
                region="CA", facts=decisioning.STEADY_DOLLARS,
            )
            for place in range(number)
        ],
    )  # fmt: skip
    return list(taken.created)


def _drawn_up(story: Story, application: str) -> ContractCard:
    offer = contracts_asked.list_offers(application=application)[0].number
    contracts.show_disclosure(offer=offer, actor=HOUSE, at=story.now)
    contracts.confirm_disclosure(
        offer=offer, read_seconds=30, evidence=PAGE, actor=HOUSE, at=story.let_pass(30)
    )
    return contracts.draw_up(offer=offer, actor=HOUSE, at=story.now)


def _sign_at_the_bank(story: Story, contract: ContractCard) -> None:
    routing.start_signing(
        contract=contract.number, return_url=funding.RETURN, actor=HOUSE, at=story.now
    )
    at = story.let_pass(300)
    routing.settle_signing(contract=contract.number, actor=HOUSE, at=at)
    story.let_pass(60)


def _sign_with_us(story: Story, contract: ContractCard) -> None:
    contracts.record_signature(
        contract=contract.number, mode="ours", evidence=evidence_of(contract),
        signed_at=story.now, actor=HOUSE, at=story.now + SECOND,
    )  # fmt: skip
    story.let_pass(60)


def _live_on(story: Story, debits: PaperDebits) -> None:
    """One loan is settled early, one falls overdue and is cured, one stays overdue in each book."""
    settled, cured, late = _loans("cn")[:3]
    debits.poor |= {cured.serial, late.serial, _loans("us")[0].serial}
    story.close_until(date(2026, 11, 20))
    _repay(story, settled.number, settled.principal_minor * 2)
    story.close_until(date(2026, 12, 8))
    _repay(story, cured.number, settled.principal_minor // 10)
    _repay(story, late.number, 50_000)
    payments.receive(
        book="cn", channel=CHANNEL, pay_no="P-nobody", amount_minor=12_345,
        on=date(2026, 12, 8), loan="", actor=HOUSE, at=story.now,
    )  # fmt: skip
    story.close_until(LAST_DAY)


def _loans(book: str) -> list[LoanCard]:
    """Every loan of a book, oldest first."""
    lines = loans.list_loans(wanted=LoanFilter(book=book), viewer=LOOK).lines
    return [loans.get_loan(number=line.number, viewer=LOOK) for line in reversed(lines)]


def _repay(story: Story, loan: str, amount_minor: int) -> None:
    servicing.repay(
        loan=loan, channel=CHANNEL, pay_no=f"P-{loan}-{story.now:%m%d}", amount_minor=amount_minor,
        on=story.now.date(), actor=HOUSE, at=story.now,
    )  # fmt: skip


def _leave_open(story: Story, banks: PaperBanks) -> None:
    """What is under way on the last day: work at many stages, and a payout without an end."""
    offered, signing, paying = decisioning.submitted(*[decisioning.STEADY] * 3, first=40)
    story.let_pass(60)
    for asked in ("drawdown", "drawdown_query"):
        banks.say("jianglan", asked, Standing.UNKNOWN, "timeout")
    _sign_at_the_bank(story, _drawn_up(story, paying))
    banks.say("jianglan", "signing", Standing.PROCESSING)
    _sign_at_the_bank(story, _drawn_up(story, signing))
    for _ in range(3):
        story.let_pass(3600)
    applications.open_draft(
        book="cn", key="K-draft", request=desk.request(50), actor=HOUSE, at=story.now
    )
    careful = requests.submit(51, product="careful", consents=decisioning.request(51).consents)
    for verb in (applications.accept_document, applications.send_back_document):
        paper = applications.add_document(
            number=careful.number, kind="id_front", name="paper.pdf", content=requests.PDF,
            actor=HOUSE, at=story.now,
        )  # fmt: skip
        said = {} if verb is applications.accept_document else {"reason": "unreadable"}
        verb(document=paper.number, **said, actor=HOUSE, at=story.now)
    inbox.once(
        source="api:shop", key="order-1", content={"amount": "1.00"}, at=story.now,
        do=lambda: inbox.Reply(201, {"number": offered}),
    )  # fmt: skip
    inbox.keep(source="api:jianglan", key="call-1", raw="{}", at=story.now)
    story.let_pass(60)
    _repay(story, _loans("cn")[2].number, 20_000)
    story.let_pass(60)


def unmask(number: str) -> None:
    """The name of a borrower in clear."""
    name = parties.unmask(
        number=number, kind="name", purpose="complaint", actor=HOUSE, at=AT + timedelta(days=60)
    )
    sys.stdout.write(name)


def close() -> None:
    """Close one more day of each book, in the hours that follow in the story."""
    for book in BOOKS:
        day = books.business_date(book) + timedelta(days=1)
        at = datetime.combine(day, time(3), AT.tzinfo)
        servicing.close_day(book=book, until=day, actor=HOUSE, at=at)


def back(*rooms: str) -> None:
    """Take back the last migration of rooms."""
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    lines = (graph.forwards_plan(graph.leaf_nodes(room)[0]) for room in rooms)
    executor.migrate(
        [
            [key for key in line if key[0] == room][-2]
            for room, line in zip(rooms, lines, strict=True)
        ]
    )


VERBS: dict[str, Callable[..., None]] = {
    "build": build, "unmask": unmask, "close": close, "back": back,
}  # fmt: skip

if __name__ == "__main__":
    VERBS[sys.argv[1]](*sys.argv[2:])
