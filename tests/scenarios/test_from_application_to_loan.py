"""One borrower in China, from the request to the money: every step by the house's own wiring."""

from __future__ import annotations

from datetime import timedelta

import pytest

from loanops.config import wiring
from loanops.kernel.access import Viewer
from loanops.loanbook.servicing import queries as loans
from loanops.loanbook.servicing.queries import LoanFilter
from loanops.money.ledger import queries as ledger
from loanops.origination.applications import operations as applications
from loanops.origination.applications import queries as asked
from loanops.origination.contracts import operations as contracts
from loanops.origination.contracts import queries as contracts_asked
from loanops.origination.decisioning import operations as decisioning
from loanops.origination.decisioning import queries as decisions
from loanops.origination.routing import operations as routing
from loanops.origination.routing import queries as routing_asked
from loanops.platform.jobs import loop
from tests.factories import decisioning as make
from tests.factories.contracts import PAGE
from tests.factories.people import staff
from tests.factories.registry import AT, HOUSE
from tests.factories.routing import RETURN, yuan
from tests.factories.sandbox import Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.processes]
LOOK = Viewer.house("tests")


@pytest.fixture
def house(banks: Sandbox) -> Sandbox:
    """The house as it is wired, but with the banks of the tests."""
    wiring.wire()
    gateways = banks.gateways()
    wiring.GATEWAYS.plug("open_bank", gateways)
    wiring.CHANNELS.plug("open_bank", gateways.debits())
    return banks


class Clock:
    """Time that only the story moves."""

    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> object:
        return self.now

    def pass_seconds(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        loop.drain(clock=lambda: self.now)


def stage_of(number: str) -> str:
    return asked.stages_of([number])[number]


def sign_on_the_banks_page(banks: Sandbox, clock: Clock, application: str) -> str:
    """What the borrower does with an offer: reads, confirms, signs at the bank, comes back."""
    offer = contracts_asked.list_offers(application=application)[0]
    contracts.show_disclosure(offer=offer.number, actor=HOUSE, at=clock.now)
    clock.pass_seconds(30)
    contracts.confirm_disclosure(
        offer=offer.number, read_seconds=30, evidence=PAGE, actor=HOUSE, at=clock.now
    )
    contract = contracts.draw_up(offer=offer.number, actor=HOUSE, at=clock.now)
    session = routing.start_signing(
        contract=contract.number, return_url=RETURN, actor=HOUSE, at=clock.now
    )
    assert session.page_url.startswith(banks.base_url)
    banks.sign(offer.funder, session.serial)
    clock.pass_seconds(60)
    routing.settle_signing(contract=contract.number, actor=HOUSE, at=clock.now)
    clock.pass_seconds(60)
    return contract.number


def test_from_application_to_loan(house: Sandbox) -> None:
    clock = Clock()
    yuan()
    make.in_force()

    # A steady borrower asks for 10,000.00; the strategy approves, the first bank grants.
    [number] = make.submitted(make.STEADY)
    clock.pass_seconds(1)
    [verdict] = decisions.verdicts_of(application=number, viewer=LOOK)
    assert (verdict.outcome, verdict.offered_minor) == ("approve", 1_000_000)
    assert stage_of(number) == "offered"

    # The offer is read, confirmed and signed at the bank; the money follows by itself.
    sign_on_the_banks_page(house, clock, number)
    assert stage_of(number) == "disbursed"
    [payout] = routing_asked.payouts_of(application=number, viewer=LOOK)
    assert payout.state == "success"
    assert [row["serial"] for row in house.truth(payout.funder)].count(payout.serial) == 1

    # The payout became a loan with a schedule, and principal went out once.
    page = loans.list_loans(wanted=LoanFilter(book="cn"), viewer=LOOK)
    [loan] = page.lines
    assert (loan.application, loan.principal_minor) == (number, 1_000_000)
    assert loan.origin_channel == asked.get_application(number=number, viewer=LOOK).channel != ""
    assert ledger.trial_balance(book="cn", viewer=LOOK).debit_minor > 0

    # Nothing contradicts anything.
    found = [each for check in wiring.invariants() for each in check.find()]
    assert [each for each in found if each.code != "INV-14"] == []


def test_a_referred_borrower_is_reviewed_by_a_person_and_a_decline_binds(house: Sandbox) -> None:
    clock = Clock()
    yuan()
    make.in_force()
    wang = staff("wang.fang", "decisioning.review")

    referred, declined = make.submitted(make.UNKNOWN, make.OVERDUE)
    clock.pass_seconds(1)
    assert (stage_of(referred), stage_of(declined)) == ("in_review", "declined")

    decisioning.review(
        number=referred,
        outcome="approve",
        reasons=("REVIEW_CAPACITY_GOOD",),
        offered_minor=800_000,
        note="Called the employer; salary confirmed.",
        actor=wang,
        at=clock.now,
    )
    clock.pass_seconds(1)

    assert (stage_of(referred), stage_of(declined)) == ("offered", "declined")
    [first, second] = decisions.verdicts_of(application=referred, viewer=LOOK)
    assert (first.outcome, second.outcome, second.decided_by) == ("refer", "approve", "wang.fang")
    with pytest.raises(Exception, match="not possible"):
        applications.approve(
            number=declined, offered_minor=1, reasons=(), actor=HOUSE, at=clock.now
        )
