"""Compensations due: what guarantors are to pay for by their agreements, and have not yet.

Loans are found by the index of late loans and by the day on which their agreement has the guarantor
pay; only those of a page are folded, by the function that works a compensation out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from loanops.kernel.access import Viewer, require
from loanops.kernel.account import Compensated, met_by
from loanops.kernel.aging import dpd
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.domain.compensating import Agreed, Claim, claims_of
from loanops.loanbook.servicing.models import Instalment, Loan, LoanTerms
from loanops.loanbook.servicing.queries.board import PortfolioNotByChannel
from loanops.loanbook.servicing.queries.guarantees import agreed_of
from loanops.loanbook.servicing.queries.histories import told_of
from loanops.platform.books import queries as books
from loanops.platform.db import fetch
from loanops.registry.partners import queries as partners

_CHUNK = 5_000
_LOAN, _TERMS, _INSTALMENT = (model._meta.db_table for model in (Loan, LoanTerms, Instalment))


@dataclass(frozen=True)
class CompensationDue:
    """What a guarantor is to pay for at once: an instalment, or with no ``number`` a whole loan.

    It is due since ``first_on``; amounts are what is paid on the business day, in minor units.
    """

    loan: str
    number: int | None
    funder: str
    guarantor: str
    agreement: str
    due_on: date
    dpd: int
    first_on: date
    principal_minor: int
    interest_minor: int
    fee_minor: int
    penalty_minor: int
    price_minor: int


@dataclass(frozen=True)
class CompensationsDue:
    """Which compensations: of a book, of one guarantor or funder; ``after`` pages on by loan."""

    book: str
    guarantor: str = ""
    funder: str = ""
    after: str = ""
    limit: int = 50


@dataclass(frozen=True)
class CompensationPage:
    """A page of compensations due on the business day; ``next`` is the ``after`` of the next."""

    on: date
    lines: tuple[CompensationDue, ...]
    next: str


def list_compensations_due(*, wanted: CompensationsDue, viewer: Viewer) -> CompensationPage:
    """What guarantors are to pay for, by loan; ``limit`` counts loans, not what is paid for.

    :raises NotPermitted: the viewer may not see loans.
    :raises PortfolioNotByChannel: the viewer sees only loans of some channels.
    """
    require(viewer, permissions.VIEW)
    if viewer.scopes.by_application:
        raise PortfolioNotByChannel
    on = books.business_date(wanted.book)
    found = _due_loans(wanted, viewer, on) if viewer.sees_book(wanted.book) else []
    page = found[: wanted.limit]
    lines = [line for line in _lines([id_ for id_, _ in page], on) if line.first_on <= on]
    return CompensationPage(on, tuple(lines), page[-1][1] if len(found) > wanted.limit else "")


def compensations_falling_due(*, book: str, on: date) -> list[CompensationDue]:
    """What guarantors are to pay for from this very day on, by loan, for the house.

    Loans that are set aside are left out.
    """
    ids = loans_falling_due(book=book, on=on)
    return [line for line in _lines(ids, on) if line.first_on == on] if ids else []


def loans_falling_due(*, book: str, on: date) -> list[int]:
    """The late loans of which an instalment comes to the day on which its guarantor pays for it.

    Costs the unpaid instalments of the few due days that come to it, never the book.
    """
    days = {
        (card.number, card.version): on - timedelta(days=card.compensation_days or 0)
        for card in partners.list_guaranteed(book=book)
    }
    if not days:
        return []
    rows = Instalment.objects.filter(due_on__in=set(days.values()), open_minor__gt=0)
    # In two parts, each with an index of its own, and loans by their ids alone.
    parts = (rows.filter(penal_to__isnull=late) for late in (True, False))
    coming = [row for part in parts for row in part.values_list("loan_id", "due_on", "owner")]
    found: dict[str, int] = {}
    for start in range(0, len(coming), _CHUNK):
        part = coming[start : start + _CHUNK]
        late = _guaranteed(book, [loan_id for loan_id, _, _ in part])
        for loan_id, due_on, owner in part:
            loan = late.get(loan_id)
            if loan and owner != loan.guarantor and days.get(loan.agreed) == due_on:
                found[loan.number] = loan_id
    return [found[number] for number in sorted(found)]


class _Late(NamedTuple):
    number: str
    guarantor: str
    agreed: tuple[str, int]


def _guaranteed(book: str, ids: Sequence[int]) -> dict[int, _Late]:
    """Those of some loans of a book that are late and guaranteed, but for what is set aside."""
    # The book not by SQL: where one is named, a planner may begin with all of its loans.
    return {
        loan_id: _Late(number, guarantor, (agreement, version))
        for loan_id, of, number, guarantor, agreement, version in fetch(
            f"""
            SELECT l.id, l.book_id, l.number, l.guarantor, t.agreement, t.agreement_version
            FROM {_LOAN} l JOIN {_TERMS} t ON t.loan_id = l.id
            WHERE l.id IN ({", ".join(["%s"] * len(ids))}) AND l.bucket >= 1
                AND l.guarantor <> '' AND NOT l.set_aside
            """,  # noqa: S608 - names come from the models
            ids,
        )
        if of == book
    }


def _lines(ids: Sequence[int], on: date) -> list[CompensationDue]:
    """Every claim of loans on their guarantors, due or still to come."""
    agreed, told = agreed_of(ids), told_of(ids)
    return [
        _line(agreed[id_], claim, on)
        for id_ in ids
        for claim in claims_of(
            agreed[id_], met_by(told[id_].terms, told[id_].events, Compensated, on)
        )
    ]


def _due_loans(wanted: CompensationsDue, viewer: Viewer, on: date) -> list[tuple[int, str]]:
    """One more than a page of the late loans of which something is to be paid for, by number."""
    terms, values = _triggers(wanted.book, on)
    if not terms:
        return []
    narrowed: list[Any] = []
    scope = ""
    for column, value in (("guarantor", wanted.guarantor), ("funder", wanted.funder)):
        if value:
            scope += f" AND l.{column} = %s"
            narrowed.append(value)
    if viewer.scopes.funders is not None:
        funders = sorted(viewer.scopes.funders) or [""]
        scope += f" AND l.funder IN ({', '.join(['%s'] * len(funders))})"
        narrowed += funders
    return fetch(
        f"""
        SELECT l.id, l.number FROM {_LOAN} l JOIN {_TERMS} t ON t.loan_id = l.id
        WHERE l.book_id = %s AND l.bucket >= 1 AND l.oldest_due_on IS NOT NULL
            AND l.guarantor <> '' AND l.number > %s {scope}
            AND EXISTS (
                SELECT 1 FROM {_INSTALMENT} i
                WHERE i.loan_id = l.id AND i.open_minor > 0 AND i.owner <> l.guarantor
                    AND ({terms})
            )
        ORDER BY l.number LIMIT %s
        """,  # noqa: S608 - names come from the models
        [wanted.book, wanted.after, *narrowed, *values, wanted.limit + 1],
    )


def _triggers(book: str, on: date) -> tuple[str, Sequence[Any]]:
    """What an instalment is overdue by each version of an agreement that has the guarantor pay."""
    conditions, values = [], list[Any]()
    for card in partners.list_guaranteed(book=book):
        conditions.append("(t.agreement = %s AND t.agreement_version = %s AND i.due_on <= %s)")
        last_due = on.fromordinal(on.toordinal() - (card.compensation_days or 0))
        values += [card.number, card.version, last_due]
    return " OR ".join(conditions), values


def _line(agreed: Agreed, claim: Claim, on: date) -> CompensationDue:
    parts = claim.parts
    return CompensationDue(
        loan=agreed.loan,
        number=claim.number,
        funder=agreed.lender,
        guarantor=agreed.guarantor,
        agreement=agreed.agreement,
        due_on=claim.due_on,
        dpd=dpd(claim.due_on, on),
        first_on=claim.first_on,
        principal_minor=parts.principal_minor,
        interest_minor=parts.interest_minor,
        fee_minor=parts.fee_minor,
        penalty_minor=parts.penalty_minor,
        price_minor=parts.total_minor,
    )
