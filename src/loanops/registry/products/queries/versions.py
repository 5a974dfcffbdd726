"""Questions to the products.

Windows pass their viewer; without one the asker is a room of the house.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db.models import Q, QuerySet

from loanops.kernel.access import Viewer, require
from loanops.kernel.calendar import Roll, Unit, add_months
from loanops.kernel.pricing import AllInCost, all_in_cost
from loanops.kernel.refusals import BadField, NotFound
from loanops.kernel.schedule import Fee, Method, Schedule, Terms, schedule
from loanops.registry.compliance import queries as compliance
from loanops.registry.products import permissions
from loanops.registry.products.domain.card import terms_of
from loanops.registry.products.domain.refusals import NoVersionInForce
from loanops.registry.products.models import ProductVersion

_HOUSE: Final = Viewer.house("products")
_MONTHS_BEYOND: Final = 12
"""How far beyond its end a loan knows the days that are not worked: loans are extended."""


@dataclass(frozen=True)
class ProductVersionCard:
    """A version of a product; ``terms`` are the kernel's terms but for what each loan brings.

    Amounts are minor units of ``currency``; ``effective_to`` is exclusive.
    """

    number: str
    book: str
    product: str
    version: int
    name: dict[str, str]
    currency: str
    terms: dict[str, Any]
    amount_min_minor: int
    amount_max_minor: int
    terms_months: tuple[int, ...]
    rate_annual: Decimal | None
    fees: tuple[dict[str, Any], ...]
    allocation: dict[str, Any]
    penalty: dict[str, Any] | None
    cooling_off_days: int
    effective_from: date
    effective_to: date | None

    @property
    def method(self) -> str:
        """How principal comes back."""
        return str(self.terms["method"])


@dataclass(frozen=True)
class Preview:
    """A trial calculation (试算): terms, schedule, and what it costs a year; binding nobody."""

    terms: Terms
    schedule: Schedule
    cost: AllInCost


def version_card(row: ProductVersion) -> ProductVersionCard:
    """A row with its product (fetched with it) as a card."""
    card = json.loads(row.card_json)
    return ProductVersionCard(
        number=row.number,
        book=row.book_id,
        product=row.product.code,
        version=row.version,
        name=row.name,
        currency=row.currency,
        terms=card,
        amount_min_minor=row.amount_min_minor,
        amount_max_minor=row.amount_max_minor,
        terms_months=tuple(row.terms_months),
        rate_annual=row.rate_annual,
        fees=tuple(card["fees"]),
        allocation=card["allocation"],
        penalty=card["penalty"],
        cooling_off_days=row.cooling_off_days,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
    )


def get_version(
    *, book: str, product: str, on: date, viewer: Viewer = _HOUSE
) -> ProductVersionCard:
    """The version of a product in force on a day.

    :raises NotPermitted: the viewer may not read products.
    :raises NoVersionInForce: there is no such product, or none of its versions is in force.
    """
    require(viewer, permissions.VIEW)
    row = _in_force(on).filter(book_id=book, product__code=product).first()
    if row is None or not viewer.sees_book(book):
        raise NoVersionInForce(product=product, on=on)
    return version_card(row)


def get_version_by_number(number: str, *, viewer: Viewer = _HOUSE) -> ProductVersionCard:
    """A version by its number, in force or not.

    :raises NotPermitted: the viewer may not read products.
    :raises NotFound: there is none, or it is outside the viewer's books.
    """
    require(viewer, permissions.VIEW)
    row = _versions().filter(number=number).first()
    if row is None or not viewer.sees_book(row.book_id):
        raise NotFound(kind="product version", number=number)
    return version_card(row)


def find_versions(numbers: Iterable[str]) -> dict[str, ProductVersionCard]:
    """Versions by number, in one query; unknown numbers are left out."""
    rows = _versions().filter(number__in=sorted(set(numbers)))
    return {row.number: version_card(row) for row in rows}


def list_versions(
    *, book: str, on: date | None = None, viewer: Viewer = _HOUSE
) -> list[ProductVersionCard]:
    """The versions of a book in force on a day, or (without a day) all, newest first.

    :raises NotPermitted: the viewer may not read products.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        return []
    rows = _versions() if on is None else _in_force(on)
    return [
        version_card(row) for row in rows.filter(book_id=book).order_by("product__code", "-version")
    ]


def list_names(*, book: str, viewer: Viewer) -> dict[str, dict[str, str]]:
    """What the products of a book are called by their newest version, by code.

    A name stands in every offer and is no secret, so it takes no grant.
    """
    if not viewer.sees_book(book):
        return {}
    rows = _versions().filter(book_id=book).order_by("product__code", "version")
    return {row.product.code: row.name for row in rows}


def terms_for(
    version: ProductVersionCard,
    *,
    principal_minor: int,
    instalments: int,
    annual_rate: Decimal,
    start_date: date,
    fees: Sequence[Fee] = (),
) -> Terms:
    """The kernel's terms of one loan under a version; ``fees`` are the funder's on top.

    :raises BadField: the loan cannot be scheduled.
    """
    terms = terms_of(
        version.terms,
        principal_minor=principal_minor,
        currency=version.currency,
        instalments=instalments,
        annual_rate=annual_rate,
        start_date=start_date,
        fees=fees,
    )
    return _with_days(version.book, terms)


def _with_days(book: str, terms: Terms) -> Terms:
    """The terms with the days that are not worked, a year beyond their end, as known today."""
    # A schedule that the funder gave is authoritative, its due dates too.
    if terms.roll is Roll.NONE or terms.method is Method.CUSTOM:
        return terms
    until = add_months(schedule(terms).rows[-1].due_date, _MONTHS_BEYOND)
    days = compliance.days_off(book=book, since=terms.start_date, until=until)
    if days is None:
        return terms
    return replace(
        terms, calendar=days.calendar, closed_days=days.closed, exchanged_days=days.exchanged
    )


def instalments_for(version: ProductVersionCard, term_months: int) -> int:
    """How many instalments a term of months makes under a version.

    :raises BadField: the term is no whole number of its periods, or it counts days.
    """
    frequency = version.terms["frequency"]
    if frequency["unit"] != Unit.MONTHS.value or term_months % frequency["every"]:
        raise BadField(field="term_months", problem="is no whole number of the product's periods")
    return term_months // int(frequency["every"])


def preview(
    version: ProductVersionCard,
    *,
    principal_minor: int,
    instalments: int,
    annual_rate: Decimal,
    start_date: date,
    fees: Sequence[Fee] = (),
) -> Preview:
    """Schedule and all-in annual cost of a loan under a version.

    :raises BadField: the loan cannot be scheduled.
    """
    terms = terms_for(
        version,
        principal_minor=principal_minor,
        instalments=instalments,
        annual_rate=annual_rate,
        start_date=start_date,
        fees=fees,
    )
    plan = schedule(terms)
    return Preview(terms, plan, all_in_cost(terms, plan))


def _versions() -> QuerySet[ProductVersion]:
    return ProductVersion.objects.select_related("product")


def _in_force(on: date) -> QuerySet[ProductVersion]:
    return _versions().filter(
        Q(effective_to__isnull=True) | Q(effective_to__gt=on), effective_from__lte=on
    )
