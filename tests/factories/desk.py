"""A small operation with staff, for the pages of the console."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from loanops.kernel.access import Viewer
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.ports import CLOSE
from loanops.origination.applications import operations as applications
from loanops.origination.applications import queries as application_queries
from loanops.platform.identity import operations as identity
from loanops.platform.identity.roles import roles
from tests.factories import contracts, loans, registry
from tests.factories.registry import AT, HOUSE

PASSWORD = "lantern-river-2026"
PROGRAMS = ("channel", "payment_company", "funder")
STAFF = tuple(sorted(role for role in roles() if role not in PROGRAMS))


@dataclass(frozen=True)
class Operation:
    """The numbers of what the operation holds, one of each."""

    party: str
    draft_of: str
    in_review: str
    approved: str
    offer: str
    contract: str
    loan: str
    agreement: str
    product: str


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
    approved, offered, drawn, reviewed = contracts.approved(market, 3) + _referred(market)
    offer = contracts.offered(market, offered)
    other = contracts.offered(market, drawn)
    contract = contracts.drawn_up(other.number)
    CLOSE.plug(servicing.STEPS)
    loan = loans.open_loan(
        agreed=loans.terms(start_date=registry.TODAY), application=drawn, contract=contract.number
    )
    card = application_queries.get_application(approved, viewer=Viewer.house())
    return Operation(
        party=card.party or "",
        draft_of=card.product,
        in_review=reviewed,
        approved=approved,
        offer=offer.number,
        contract=contract.number,
        loan=loan,
        agreement=market.agreement,
        product=market.version,
    )


def _referred(market: contracts.Market) -> list[str]:
    """One more application, which waits for a person."""
    request = contracts.ApplicationRequest(
        key="K-review",
        product="steady",
        amount_minor=1_000_000,
        term_months=12,
        purpose="daily",
        applicant=contracts._applicant(9),
        consents=contracts._consents(),
    )
    outcome = applications.submit_many(
        book=market.book, source="test", requests=[request], actor=HOUSE, at=AT
    )
    [number] = outcome.created
    applications.refer(number=number, reasons=["SCORE_LOW"], actor=HOUSE, at=AT)
    return [number]
