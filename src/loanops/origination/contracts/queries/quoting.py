"""A quote: schedule and cost before anybody applies, binding nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from loanops.kernel.money import format_amount
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule import FirstRead
from loanops.origination.contracts.domain.refusals import OutsideAgreement, OutsideProduct
from loanops.origination.contracts.domain.statement import rows_of
from loanops.origination.contracts.queries.cards import CostCard, ScheduleRow
from loanops.platform.books import queries as books
from loanops.registry.compliance import queries as compliance
from loanops.registry.compliance.queries import Answer
from loanops.registry.partners.queries import AgreementCard
from loanops.registry.products import queries as products
from loanops.registry.products.queries import ProductVersionCard


@dataclass(frozen=True)
class QuoteCard:
    """A trial calculation; ``binding`` is always False, a funder decides on the real terms.

    ``first_read`` says what the rate was read from, where the product reads it from an index.
    """

    book: str
    product: str
    product_version: str
    currency: str
    principal_minor: int
    instalments: int
    rate_annual: Decimal
    start_date: date
    terms: dict[str, Any]
    schedule: tuple[ScheduleRow, ...]
    interest_minor: int
    fees_minor: int
    total_minor: int
    cost: CostCard
    answer: Answer
    first_read: FirstRead | None = None
    binding: bool = False


def quote(
    *,
    book: str,
    product: str,
    principal_minor: int,
    term_months: int,
    annual_rate: Decimal | None,
    agreement: AgreementCard | None = None,
) -> QuoteCard:
    """What a loan of a product would cost today; with an agreement, by that funder's terms.

    Without ``annual_rate`` the funder's or the product's rate is taken; where the product's first
    rate is read from its index, it is that of the book's day.

    :raises NotFound: there is no such book.
    :raises NoVersionInForce: the product is not offered today.
    :raises OutsideProduct: amount or term do not fit the product.
    :raises IndexUnknown: the rate is read from an index of which no figure is known.
    :raises OutsideAgreement: the rate that is read is above the funder's.
    :raises BadField: no rate is known, it is named though read, or the loan cannot be scheduled.
    """
    card = books.get_book(book)
    on = card.business_date
    version = products.get_version(book=book, product=product, on=on)
    first = _first(version, on)
    rate = _rate(annual_rate, agreement, version, first)
    _check(version, principal_minor, term_months)
    found = products.preview(
        version,
        principal_minor=principal_minor,
        instalments=products.instalments_for(version, term_months),
        annual_rate=rate,
        start_date=on,
        fees=agreement.fees if agreement else (),
    )
    measure = agreement.cost_measure if agreement else "simple"
    answer = compliance.may_offer(
        book=book,
        lender_kind=agreement.lender_kind if agreement else "bank",
        cost=found.cost,
        on=on,
        measure=measure,
        agreed=agreement.cost_cap_annual if agreement else None,
        months=term_months,
    )
    return QuoteCard(
        book=book,
        product=product,
        product_version=version.number,
        currency=card.currency,
        principal_minor=principal_minor,
        instalments=found.terms.instalments,
        rate_annual=rate,
        start_date=on,
        terms=found.terms.to_dict(),
        schedule=tuple(
            ScheduleRow(row[0], date.fromisoformat(row[1]), *row[2:])
            for row in rows_of(found.schedule)
        ),
        interest_minor=found.schedule.interest_minor,
        fees_minor=found.schedule.fees_minor,
        total_minor=found.schedule.total_minor,
        cost=CostCard(found.cost.simple, found.cost.effective, found.cost.method, measure),
        answer=answer,
        first_read=first,
    )


def _first(version: ProductVersionCard, on: date) -> FirstRead | None:
    if not products.begins_at_index(version):
        return None
    series = compliance.reference_series(book=version.book)
    return products.first_rate(version, series=series, on=on)


def _rate(
    given: Decimal | None,
    agreement: AgreementCard | None,
    version: ProductVersionCard,
    first: FirstRead | None,
) -> Decimal:
    if first is not None:
        return _read(first, given, agreement)
    agreed = agreement.rate_annual if agreement else None
    for rate in (given, agreed, version.rate_annual):
        if rate is not None:
            return rate
    raise BadField(field="annual_rate", problem="this product has no rate of its own; give one")


def _read(first: FirstRead, named: Decimal | None, agreement: AgreementCard | None) -> Decimal:
    if named is not None and named != first.rate_annual:
        raise BadField(field="annual_rate", problem="must be left out: it is read from the index")
    agreed = agreement.rate_annual if agreement else None
    if agreement and agreed is not None and first.rate_annual > agreed:
        raise OutsideAgreement(
            field="annual_rate",
            what="rate",
            found=first.rate_annual,
            agreement=agreement.number,
            allowed=agreed,
        )
    return first.rate_annual


def _check(version: ProductVersionCard, principal_minor: int, term_months: int) -> None:
    low, high = version.amount_min_minor, version.amount_max_minor
    if not low <= principal_minor <= high:
        raise OutsideProduct(
            field="principal",
            what="amount",
            found=format_amount(principal_minor, version.currency),
            product=version.product,
            allowed=f"{format_amount(low, version.currency)} - "
            f"{format_amount(high, version.currency)}",
        )
    if term_months not in version.terms_months:
        raise OutsideProduct(
            field="term_months",
            what="term",
            found=term_months,
            product=version.product,
            allowed=", ".join(str(months) for months in version.terms_months),
        )
