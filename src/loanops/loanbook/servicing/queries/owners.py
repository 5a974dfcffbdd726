"""Owners: whose a loan is, and what each of them has received and is still owed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from loanops.kernel.access import Viewer
from loanops.kernel.account import Owned, owned, state
from loanops.kernel.schedule import Terms
from loanops.kernel.sharing import Sharing, share
from loanops.loanbook.servicing.domain.owners import payees
from loanops.loanbook.servicing.domain.rules import read_rules
from loanops.loanbook.servicing.models import LoanTerms
from loanops.loanbook.servicing.queries.histories import events_of
from loanops.loanbook.servicing.queries.loans import find_row
from loanops.platform.books import queries as books

_PARTS_OF_ONE = 10_000


@dataclass(frozen=True)
class OwnerCard:
    """One owner of a loan: what is unpaid of what is theirs, and what they received in money.

    ``portion`` is the agreed share of principal, zero for who did not lend; ``share`` that of the
    principal outstanding now. Shares of all owners add up to one while there is any.
    ``accrued_minor`` is the interest of the running period so far, ``written_off_minor`` the
    principal outstanding that was written off.
    """

    owner: str
    portion: Decimal
    share: Decimal
    outstanding_minor: int
    interest_minor: int
    accrued_minor: int
    fee_minor: int
    penalty_minor: int
    written_off_minor: int
    received_minor: int
    received_principal_minor: int
    received_interest_minor: int
    received_fee_minor: int
    received_penalty_minor: int


@dataclass(frozen=True)
class OwnersCard:
    """Whose a loan is on a day, by the version of the agreement under which it was paid out.

    ``agreement`` is empty and its version zero where a loan came without one.
    """

    loan: str
    on: date
    agreement: str
    agreement_version: int
    outstanding_minor: int
    received_minor: int
    owners: tuple[OwnerCard, ...]


def get_owners(*, number: str, viewer: Viewer) -> OwnersCard:
    """Whose a loan is on the business day; amounts add up to those of the loan.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none that the viewer may see.
    """
    loan = find_row(number, viewer)
    agreed = LoanTerms.objects.get(loan=loan)
    on = books.business_date(loan.book_id)
    account = state(Terms.from_dict(json.loads(agreed.terms_json)), events_of(loan), on)
    sharing = read_rules(loan.pool.rules_json).sharing
    shared = owned(account, sharing, lender=loan.funder, payees=payees(loan.guarantor))
    return OwnersCard(
        loan=number,
        on=on,
        agreement=agreed.agreement,
        agreement_version=agreed.agreement_version,
        outstanding_minor=account.principal_outstanding_minor,
        received_minor=sum(parts.total_minor for _, parts in account.received),
        owners=_cards(shared, sharing, loan.funder, is_off=account.written_off_on is not None),
    )


def _cards(
    shared: dict[str, Owned], sharing: Sharing, funder: str, *, is_off: bool
) -> tuple[OwnerCard, ...]:
    portions = {each.owner: each.share for each in sharing.principal} or {funder: Decimal(1)}
    names = [*portions, *sorted(shared.keys() - portions.keys())]
    weights = [shared.get(name, Owned()).open.principal_minor for name in names]
    shares = share(_PARTS_OF_ONE, weights) if sum(weights) else [0] * len(names)
    return tuple(
        _card(name, portions.get(name, Decimal(0)), Decimal(part) / _PARTS_OF_ONE, each, is_off)
        for name, part in zip(names, shares, strict=True)
        for each in (shared.get(name, Owned()),)
    )


def _card(name: str, portion: Decimal, part: Decimal, each: Owned, is_off: bool) -> OwnerCard:
    return OwnerCard(
        owner=name,
        portion=portion,
        share=part,
        outstanding_minor=each.open.principal_minor,
        interest_minor=each.open.interest_minor,
        accrued_minor=each.accrued_minor,
        fee_minor=each.open.fee_minor,
        penalty_minor=each.open.penalty_minor,
        written_off_minor=each.open.principal_minor if is_off else 0,
        received_minor=each.received.total_minor,
        received_principal_minor=each.received.principal_minor,
        received_interest_minor=each.received.interest_minor,
        received_fee_minor=each.received.fee_minor,
        received_penalty_minor=each.received.penalty_minor,
    )
