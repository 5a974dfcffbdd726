"""A small operation with staff, for the pages of the console."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from loanops.kernel.access import Viewer
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.ports import CLOSE
from loanops.origination.applications import operations as applications
from loanops.origination.applications import queries as application_queries
from loanops.origination.applications.models import Application
from loanops.origination.contracts import queries as contract_queries
from loanops.origination.decisioning import operations as decisions
from loanops.origination.routing import operations as routing
from loanops.origination.routing import queries as routing_queries
from loanops.origination.routing.ports import GATEWAYS, Standing
from loanops.platform.identity import operations as identity
from loanops.platform.identity.roles import roles
from tests.factories import contracts, loans, promotions, registry, work
from tests.factories import decisioning as deciding
from tests.factories import routing as funding
from tests.factories.paper_bank import PaperBanks
from tests.factories.registry import AT, HOUSE

PASSWORD = "lantern-river-2026"
PROGRAMS = ("channel", "payment_company", "funder")
STAFF = tuple(
    sorted(code for code, role in roles().items() if role.is_given and code not in PROGRAMS)
)


@dataclass(frozen=True)
class Operation:
    """The numbers of what the operation holds, one of each."""

    party: str
    draft: str
    submitted: str
    in_review: str
    granted: str
    declined: str
    approved: str
    offer: str
    contract: str
    loan: str
    partner: str
    agreement: str
    product: str
    funded: str
    to_sign: str
    paying: str
    payout: str
    exception: str
    promotion: str
    item: str


BANKS = PaperBanks()


def plug_banks() -> None:
    """Reach the banks of the operation on paper."""
    BANKS.says.clear()
    GATEWAYS.plug("open_bank", BANKS.open)


def hire(
    role: str, *, login: str = "", books: tuple[str, ...] = (), language: str = "zh-hans"
) -> str:
    """Somebody with one role; the login is the role's name where none is given."""
    login = login or role.replace("_", "-")
    identity.add_person(
        login=login,
        name="王敏",
        password=PASSWORD,
        is_demo=False,
        language=language,
        actor=HOUSE,
        at=AT,
    )
    if role in roles():
        identity.grant_role(
            login=login,
            role=role,
            books=books,
            valid_from=date(2026, 1, 1),
            actor=HOUSE,
            at=AT,
        )
    return login


def hire_for_everything(login: str = "everyone", *, language: str = "zh-hans") -> str:
    """Somebody with every role, who sees every page."""
    hire(login, language=language)
    for role in STAFF:
        identity.grant_role(
            login=login, role=role, books=(), valid_from=date(2026, 1, 1), actor=HOUSE, at=AT
        )
    return login


def open_operation() -> Operation:
    """A Chinese book with an application at each stage, an offer, a contract and a loan."""
    market = contracts.chinese_market()
    deciding.in_force()
    approved, offered, drawn = contracts.approved(market, 3)
    reviewed, granted, declined, waiting = _judged()
    offer = contracts.offered(market, offered)
    other = contracts.offered(market, drawn)
    contract = contracts.drawn_up(other.number)
    CLOSE.plug(servicing.STEPS)
    loan = loans.open_loan(
        agreed=loans.terms(start_date=registry.TODAY),
        application=drawn,
        contract=contract.number,
        guarantor="anchor",
        party=application_queries.parties_of([drawn])[drawn],
    )
    card = application_queries.get_application(approved, viewer=Viewer.house())
    payout, to_sign = _funded()
    [exception] = routing_queries.list_exceptions(book="cn", viewer=Viewer.house())
    return Operation(
        party=card.party or "",
        draft=_draft(),
        submitted=waiting,
        in_review=reviewed,
        granted=granted,
        declined=declined,
        approved=approved,
        offer=offer.number,
        contract=contract.number,
        loan=loan,
        partner="harbour",
        agreement=market.agreement,
        product=market.version,
        funded=to_sign.application,
        to_sign=to_sign.number,
        paying=payout.application,
        payout=payout.serial,
        exception=exception.number,
        promotion=promotions.launched().number,
        item=_item(reviewed),
    )


def _item(application: str) -> str:
    """The work item of an application; what was announced so far is followed."""
    work.follow()
    return work.item_of(application).number


def _judged() -> list[str]:
    """Applications that the strategy referred, approved and declined, and one it has not seen."""
    facts = (deciding.UNKNOWN, deciding.STEADY, deciding.OVERDUE, deciding.STEADY)
    numbers = deciding.submitted(*facts, first=60)
    decisions.decide_many(book="cn", numbers=numbers[:3], actor=HOUSE, at=AT)
    return numbers


def _draft() -> str:
    card = applications.open_draft(
        book="cn", key="K-draft", request=request(19), actor=HOUSE, at=AT
    )
    return card.number


def request(place: int) -> contracts.ApplicationRequest:
    """What the person of this place asks for."""
    return contracts.ApplicationRequest(
        key=f"K-review-{place}",
        product="steady",
        amount_minor=1_000_000,
        term_months=12,
        purpose="daily",
        applicant=contracts._applicant(place),
        consents=contracts._consents(),
    )


def _funded() -> tuple[routing_queries.PayoutCard, contract_queries.ContractCard]:
    """A payout that has been unknown for a day, and a contract to be signed with its bank.

    The first bank asked refuses, so that each application has two rounds.
    """
    plug_banks()
    BANKS.say("jianglan", "credit", Standing.REFUSED, "income_too_low")
    BANKS.say("yunting", "drawdown", Standing.UNKNOWN, "timeout")
    BANKS.say("yunting", "drawdown_query", Standing.UNKNOWN, "not_found")
    for place, bank in enumerate(("jianglan", "yunting"), start=1):
        registry.register(bank, "bank")
        funding.listed(bank, "funder", book="cn")
        registry.sign(bank, priority=place)
    market = funding.Funded("cn", {})
    paying, signing = funding.drawn_up(market, funding.routed(market, 2, first=40))
    for contract in (paying, signing):
        routing.start_signing(
            contract=contract, return_url=funding.RETURN, actor=HOUSE, at=contracts.later(30)
        )
    routing.settle_signing(contract=paying, actor=HOUSE, at=contracts.later(60))
    routing.draw_down(contract=paying, actor=HOUSE, at=contracts.later(90))
    card = contract_queries.get_contract(paying)
    [payout] = routing_queries.payouts_of(application=card.application)
    routing.resolve(serial=payout.serial, actor=HOUSE, at=AT + timedelta(days=1))
    return payout, contract_queries.get_contract(signing)


def own(application: str, *, by: str) -> None:
    """Let an application be one that somebody entered."""
    Application.objects.filter(number=application).update(entered_by=by)
