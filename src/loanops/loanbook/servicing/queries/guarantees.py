"""Guarantees: who pays for a loan that is not paid, by its agreement, and from which day."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Sum

from loanops.kernel.access import Viewer, require
from loanops.kernel.account import Compensated, met_by
from loanops.kernel.aging import dpd
from loanops.kernel.guarantee import CapPeriod, Guarantee
from loanops.kernel.refusals import NotFound
from loanops.kernel.schedule import Terms
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.domain.compensating import Agreed, Ceiling, Claim, claims_of
from loanops.loanbook.servicing.domain.rules import read_rules
from loanops.loanbook.servicing.models import LoanTerms, PaidOut
from loanops.loanbook.servicing.queries.histories import events_of
from loanops.loanbook.servicing.queries.loans import find_row
from loanops.money.limits import queries as limits
from loanops.platform.books import queries as books
from loanops.registry.partners import queries as partners

_HOUSE: Final = Viewer.house("servicing")


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
            "loan__book_id",
            "loan__disbursed_on",
        )
    )
    cards = partners.find_agreements({(row[1], row[2]) for row in rows if row[1] and row[5]})
    found: dict[int, Agreed] = {}
    for id_, agreement, version, number, funder, guarantor, rules, book, paid_out_on in rows:
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
            book=book,
            paid_out_on=paid_out_on,
        )
    return found


@dataclass(frozen=True)
class CeilingCard:
    """What guarantors may pay under an agreement, for all its loans or those of one year.

    ``period`` is ``life`` or the calendar year of payout. Amounts in minor units: the principal
    that was paid out, the ceiling by the newest version, what of it is used and what is left.
    """

    agreement: str
    period: str
    paid_out_minor: int
    cap_minor: int
    used_minor: int
    left_minor: int


def list_ceilings(*, agreement: str, viewer: Viewer) -> list[CeilingCard]:
    """The ceilings of an agreement with what is left of them, newest year first; empty without.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is no such agreement for the viewer; none is for who sees only loans of
        some channels.
    """
    require(viewer, permissions.VIEW)
    card = partners.get_agreement(agreement)
    is_seen = viewer.sees_book(card.book) and viewer.sees_funder(card.partner)
    if not is_seen or viewer.scopes.by_application:
        raise NotFound(kind="agreement", number=agreement)
    if card.guarantee is None or card.guarantee.cap_of(0) is card.guarantee.cap_of(1) is None:
        return []
    sums = dict(
        PaidOut.objects.filter(agreement=agreement, book=card.book)
        .order_by("-year")
        .values_list("year", "principal_minor")
    )
    is_yearly = card.guarantee.cap_per is CapPeriod.YEAR
    periods = list(sums.items()) if is_yearly else [(None, sum(sums.values()))]
    ceilings = {Ceiling(card.book, card.partner, agreement, year): minor for year, minor in periods}
    used = used_of(ceilings)
    found = []
    for ceiling, paid_out_minor in ceilings.items():
        cap_minor = card.guarantee.cap_of(paid_out_minor) or 0
        used_minor = used.get(ceiling.owner, 0)
        found.append(
            CeilingCard(
                agreement=agreement,
                period=str(ceiling.year or CapPeriod.LIFE),
                paid_out_minor=paid_out_minor,
                cap_minor=cap_minor,
                used_minor=used_minor,
                left_minor=max(0, cap_minor - used_minor),
            )
        )
    return found


def cap_of(agreed: Agreed, ceiling: Ceiling) -> int:
    """The ceiling of a loan today, in minor units, by the version under which it was paid out."""
    sums = PaidOut.objects.filter(agreement=ceiling.agreement, book=ceiling.book)
    if ceiling.year is not None:
        sums = sums.filter(year=ceiling.year)
    paid_out_minor = sums.aggregate(Sum("principal_minor"))["principal_minor__sum"] or 0
    cap_minor = agreed.guarantee.cap_of(paid_out_minor) if agreed.guarantee else None
    return cap_minor or 0


def used_of(ceilings: Iterable[Ceiling]) -> dict[str, int]:
    """What is used of ceilings, by their owner; those of which nothing is are not in the answer."""
    owners = {ceiling.owner: ceiling.book for ceiling in ceilings}
    found: dict[str, int] = {}
    for book in sorted(set(owners.values())):
        for quota in limits.list_quotas(
            book=book, on=books.business_date(book), owners=owners, viewer=_HOUSE
        ):
            found[quota.owner] = quota.reserved_minor + quota.used_minor
    return found
