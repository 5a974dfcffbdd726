"""The scope of one person bounds every question that a borrower's rights would let be asked."""

from __future__ import annotations

import pytest

from loanops.kernel.access import Actor, Scopes, Viewer
from loanops.kernel.refusals import NotFound, Refusal
from loanops.loanbook.servicing import permissions as servicing_grants
from loanops.loanbook.servicing import queries as servicing
from loanops.loanbook.servicing.queries import LoanFilter
from loanops.origination.applications import permissions as application_grants
from loanops.origination.applications import queries as applications
from loanops.origination.contracts import permissions as contract_grants
from loanops.origination.contracts import queries as contracts
from loanops.origination.routing import permissions as routing_grants
from loanops.origination.routing import queries as routing
from loanops.registry.compliance import permissions as compliance_grants
from loanops.registry.compliance import queries as compliance
from loanops.registry.parties import permissions as party_grants
from loanops.registry.parties import queries as parties
from tests.factories import desk
from tests.factories.people import person

LOOK = Viewer.house("tests")
GRANTS = frozenset(
    {
        application_grants.VIEW,
        compliance_grants.VIEW,
        contract_grants.VIEW,
        party_grants.VIEW,
        routing_grants.VIEW,
        servicing_grants.VIEW,
    }
)


@pytest.fixture
def borrower(operation: desk.Operation) -> Actor:
    """The person of the loan, with more rights than a borrower has, and the own scope."""
    party = servicing.get_loan(number=operation.loan, viewer=LOOK).party
    scopes = Scopes(books=frozenset({"cn"}), parties=frozenset({party}))
    return Actor("borrower:x", GRANTS, scopes)


def test_lists_hold_ones_own_alone(operation: desk.Operation, borrower: Actor) -> None:
    [party] = borrower.scopes.parties or ()
    asked = applications.list_applications(applications.Filter(book="cn"), viewer=borrower)
    counted = applications.count_by_stage(book="cn", viewer=borrower)
    listed = contracts.list_contracts(where=contracts.Filter(book="cn"), viewer=borrower)
    loans = servicing.list_loans(wanted=LoanFilter(book="cn"), viewer=borrower)

    assert {card.party for card in asked.cards} == {party}
    assert sum(counted.values()) == len(asked.cards)
    assert {card.party for card in listed} == {party}
    assert [line.number for line in loans.lines] == [operation.loan]


def test_sums_and_counts_of_the_book_are_told_to_nobody(
    operation: desk.Operation, borrower: Actor
) -> None:
    wanted = LoanFilter(book="cn")

    assert servicing.count_loans(wanted=wanted, viewer=borrower) is None
    assert servicing.find_totals(wanted=wanted, viewer=borrower) is None
    with pytest.raises(Refusal):
        servicing.list_ageing(book="cn", viewer=borrower)


def test_what_hangs_on_somebody_elses_application_is_not_there(
    operation: desk.Operation, borrower: Actor
) -> None:
    number = operation.paying

    assert contracts.list_offers(application=number, viewer=borrower) == []
    assert contracts.contracts_of(application=number, viewer=borrower) == []
    assert routing.list_attempts(application=number, viewer=borrower) == []
    assert routing.list_decisions(application=number, viewer=borrower) == []
    assert routing.list_signings(application=number, viewer=borrower) == []
    assert routing.payouts_of(application=number, viewer=borrower) == []
    assert routing.exceptions_of(application=number, viewer=borrower) == []
    with pytest.raises(NotFound):
        routing.get_payout(operation.payout, viewer=borrower)
    with pytest.raises(NotFound):
        routing.words_of(serial=operation.payout, viewer=borrower)


def test_other_persons_and_their_consents_are_not_there(
    operation: desk.Operation, borrower: Actor
) -> None:
    other = applications.get_application(operation.declined, viewer=LOOK).party or ""

    assert compliance.list_consents(subjects=[other], viewer=borrower) == []
    assert parties.search(book="cn", text=person(62).mobile, viewer=borrower) == []
    with pytest.raises(NotFound):
        parties.get_party(other, viewer=borrower)
