"""Books whose funders are the sandbox's banks, and applications on their way to a loan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from loanops.origination.applications import operations as applications
from loanops.origination.applications.operations import (
    Applicant,
    ApplicationRequest,
    Consent,
    VerdictIn,
)
from loanops.origination.contracts import operations as contracts
from loanops.origination.contracts import queries as contracts_asked
from loanops.origination.contracts.operations import ConfirmationIn, SignatureIn
from loanops.origination.routing import operations as routing
from loanops.registry.partners import operations as partners
from tests.factories import people
from tests.factories.contracts import PAGE, evidence_of, later
from tests.factories.registry import AT, HOUSE, YEAR_END, open_book, publish, register, sign

RETURN = "http://127.0.0.1/back"
PURPOSES = (("personal_information", "PI-1"), ("sensitive_information", "SI-1"))


@dataclass(frozen=True)
class Funded:
    """A book and its agreements by the funder's code."""

    book: str
    agreements: dict[str, str]


def listed(partner: str, role: str, *, book: str) -> None:
    """Put a partner on the list for the year."""
    partners.whitelist(
        book=book, partner=partner, role=role, valid_from=date(2026, 1, 1), valid_to=YEAR_END,
        source_url="https://example.com/list", actor=HOUSE, at=AT,
    )  # fmt: skip


def dollars(**terms: Any) -> Funded:
    """Pack open: no identity, one bank, the parties sign with us."""
    open_book("us", pack="open", currency="USD", without_identity=True)
    register("prairieford", "bank", book="us")
    listed("prairieford", "funder", book="us")
    given = {"signing_mode": "ours", **terms}
    agreement = sign("prairieford", book="us", **given)
    publish("personal", book="us", terms={"method": "equal_instalment"}, rate_annual=None)
    return Funded("us", {"prairieford": agreement.number})


def yuan(*, first: dict[str, Any] | None = None, second: dict[str, Any] | None = None) -> Funded:
    """Pack cn: two banks that sign on their own pages, jianglan before yunting."""
    open_book()
    agreements = {}
    for place, (code, terms) in enumerate((("jianglan", first), ("yunting", second))):
        register(code, "bank")
        listed(code, "funder", book="cn")
        agreements[code] = sign(code, **{"priority": place, **(terms or {})}).number
    publish()
    return Funded("cn", agreements)


def applied(
    funded: Funded,
    count: int = 1,
    *,
    first: int = 1,
    amount_minor: int = 1_000_000,
    mobile: str = "",
    recipients: Sequence[str] = ("jianglan", "yunting"),
) -> list[str]:
    """Applications that were submitted and approved; `first` makes the persons new ones."""
    identified = funded.book == "cn"
    requests = [
        ApplicationRequest(
            key=f"K-{place}",
            product="steady" if identified else "personal",
            amount_minor=amount_minor,
            term_months=12,
            annual_rate=None if identified else Decimal("0.1199"),
            purpose="daily",
            region="330106" if identified else "CA",
            applicant=_applicant(place, mobile) if identified else None,
            consents=_consents(recipients) if identified else (),
            facts={},
        )
        for place in range(first, first + count)
    ]
    outcome = applications.submit_many(
        book=funded.book, source="test", requests=requests, actor=HOUSE, at=AT
    )
    assert not outcome.refused, outcome.refused[0].refusals
    applications.apply_verdicts_many(
        verdicts=[
            VerdictIn(number=number, outcome="approve", reasons=(), offered_minor=amount_minor)
            for number in outcome.created
        ],
        actor=HOUSE,
        at=AT,
    )
    return list(outcome.created)


def _applicant(place: int, mobile: str) -> Applicant:
    said = people.person(place)
    return Applicant(
        name=said.name,
        id_number=said.id_number,
        mobile=mobile or said.mobile,
        income_monthly_minor=1_200_000,
    )


def _consents(recipients: Sequence[str]) -> tuple[Consent, ...]:
    shared = tuple(Consent("share_with_funder", code, "SF-1") for code in recipients)
    given = tuple(Consent(purpose, "", version) for purpose, version in PURPOSES)
    return (*given, Consent("credit_query", "", "CQ-1"), *shared)


def routed(funded: Funded, count: int = 1, **values: Any) -> list[str]:
    """Applications that a funder approved and offered for."""
    numbers = applied(funded, count, **values)
    outcome = routing.route_many(book=funded.book, numbers=numbers, actor=HOUSE, at=AT)
    assert outcome.approved == tuple(numbers), outcome
    return numbers


def drawn_up(funded: Funded, numbers: Sequence[str]) -> list[str]:
    """The contracts of applications, disclosed, confirmed and drawn up."""
    offers = [contracts_asked.list_offers(application=number)[0].number for number in numbers]
    contracts.show_disclosures_many(book=funded.book, offers=offers, actor=HOUSE, at=AT)
    confirmations = [ConfirmationIn(offer=each, read_seconds=20, evidence=PAGE) for each in offers]
    contracts.confirm_disclosures_many(
        book=funded.book, confirmations=confirmations, actor=HOUSE, at=later(20)
    )
    made = contracts.draw_up_many(book=funded.book, offers=offers, actor=HOUSE, at=later(25))
    assert len(made.numbers) == len(offers), made.refused[0].refusal
    return list(made.numbers)


def signed(funded: Funded, count: int = 1, **values: Any) -> list[str]:
    """Contracts that are signed with us, ready to be drawn."""
    drawn = drawn_up(funded, routed(funded, count, **values))
    cards = contracts_asked.find_contracts(drawn)
    signatures = [
        SignatureIn(
            contract=number,
            mode="ours",
            evidence=evidence_of(cards[number]),
            signed_at=later(26),
        )
        for number in drawn
    ]
    outcome = contracts.record_signatures_many(
        book=funded.book, signatures=signatures, actor=HOUSE, at=later(30)
    )
    assert len(outcome.done) == len(drawn), outcome.refused[0].refusal
    return drawn
