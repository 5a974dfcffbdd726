"""Guarantees: who pays for a loan that is not paid, by its agreement, and from which day."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from loanops.kernel.access import Viewer
from loanops.kernel.account import Compensated, met_by
from loanops.kernel.aging import dpd
from loanops.kernel.guarantee import Guarantee
from loanops.kernel.schedule import Terms
from loanops.loanbook.servicing.domain.compensating import Agreed, Claim, claims_of
from loanops.loanbook.servicing.domain.rules import read_rules
from loanops.loanbook.servicing.models import LoanTerms
from loanops.loanbook.servicing.queries.histories import events_of
from loanops.loanbook.servicing.queries.loans import find_row
from loanops.platform.books import queries as books
from loanops.registry.partners import queries as partners


@dataclass(frozen=True)
class ClaimCard:
    """What a guarantor pays for at once, on a day: an instalment, or with no number the loan.

    It is paid for from ``first_on``; ``dpd`` is its days past due. Amounts are what is paid, in
    minor units: ``price_minor`` in all.
    """

    number: int | None
    due_on: date
    dpd: int
    first_on: date
    is_due: bool
    principal_minor: int
    interest_minor: int
    fee_minor: int
    penalty_minor: int
    price_minor: int


@dataclass(frozen=True)
class GuaranteeCard:
    """Who guarantees a loan, by which version of an agreement, and what they pay for.

    ``guarantor`` is empty where nobody does. ``compensation_days`` and ``guarantee`` are none where
    people agree on it from case to case, and then there are no ``claims``.
    """

    loan: str
    on: date
    guarantor: str
    agreement: str
    agreement_version: int
    compensation_days: int | None
    guarantee: Guarantee | None
    claims: tuple[ClaimCard, ...]


def get_guarantee(*, number: str, viewer: Viewer) -> GuaranteeCard:
    """Who guarantees a loan, and what of it they pay for on the business day.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none that the viewer may see.
    """
    loan = find_row(number, viewer)
    on = books.business_date(loan.book_id)
    agreed = agreed_of([loan.pk])[loan.pk]
    claims: list[Claim] = []
    if agreed.guarantee is not None:
        terms = Terms.from_dict(json.loads(LoanTerms.objects.get(loan=loan).terms_json))
        claims = claims_of(agreed, met_by(terms, events_of(loan), Compensated, on))
    return GuaranteeCard(
        loan=number,
        on=on,
        guarantor=agreed.guarantor,
        agreement=agreed.agreement,
        agreement_version=agreed.version,
        compensation_days=agreed.days,
        guarantee=agreed.guarantee,
        claims=tuple(claim_card(claim, on) for claim in claims),
    )


def claim_card(claim: Claim, on: date) -> ClaimCard:
    """A claim as it is shown on a day."""
    parts = claim.parts
    return ClaimCard(
        number=claim.number,
        due_on=claim.due_on,
        dpd=dpd(claim.due_on, on),
        first_on=claim.first_on,
        is_due=claim.first_on <= on,
        principal_minor=parts.principal_minor,
        interest_minor=parts.interest_minor,
        fee_minor=parts.fee_minor,
        penalty_minor=parts.penalty_minor,
        price_minor=parts.total_minor,
    )


def agreed_of(ids: Sequence[int]) -> dict[int, Agreed]:
    """What the agreements of loans say of their guarantors, by id; of the version at payout."""
    rows = list(
        LoanTerms.objects.filter(loan_id__in=ids).values_list(
            "loan_id",
            "agreement",
            "agreement_version",
            "loan__number",
            "loan__funder",
            "loan__guarantor",
            "loan__pool__rules_json",
        )
    )
    cards = partners.find_agreements({(row[1], row[2]) for row in rows if row[1] and row[5]})
    found: dict[int, Agreed] = {}
    for id_, agreement, version, number, funder, guarantor, rules in rows:
        card = cards.get((agreement, version))
        found[id_] = Agreed(
            loan=number,
            lender=funder,
            sharing=read_rules(rules).sharing,
            guarantor=guarantor,
            agreement=agreement,
            version=version,
            days=card.compensation_days if card else None,
            guarantee=card.guarantee if card else None,
        )
    return found
