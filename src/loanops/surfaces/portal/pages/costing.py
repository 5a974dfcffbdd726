"""Which loans there are to apply for, and what one would cost."""

from __future__ import annotations

from typing import Any

from loanops.kernel.money import format_amount, parse_amount
from loanops.kernel.refusals import Refusal
from loanops.origination.contracts import queries as contracts
from loanops.platform.web.words import words_of
from loanops.registry.products import queries as products
from loanops.registry.products.queries import ProductVersionCard
from loanops.surfaces.portal.pages.shell import PortalRequest


def offered(request: PortalRequest) -> list[ProductVersionCard]:
    """The products of the day, but for those whose schedule only a funder knows."""
    listed = products.list_versions(
        book=request.book.code, on=request.book.business_date, viewer=request.actor
    )
    return [each for each in listed if each.terms["method"] != "custom"]


def usual(version: ProductVersionCard) -> dict[str, Any]:
    """What the form shows first: an amount between the bounds, and the longest term."""
    between = version.amount_min_minor + (version.amount_max_minor - version.amount_min_minor) // 4
    step = 100_000
    amount = max(between // step * step, version.amount_min_minor)
    return {
        "amount_minor": format_amount(amount, version.currency),
        "term_months": str(version.terms_months[-1]),
    }


def quoted(
    request: PortalRequest, version: ProductVersionCard, typed: dict[str, Any]
) -> dict[str, Any]:
    """What it would cost by the product's own rate, or why that cannot be said."""
    try:
        amount_minor = parse_amount(str(typed["amount_minor"]).replace(",", ""), version.currency)
        quote = contracts.quote(
            book=request.book.code,
            product=version.product,
            principal_minor=amount_minor,
            term_months=int(typed["term_months"]),
            annual_rate=None,
        )
    except Refusal as refusal:
        return {"quote_problem": words_of(refusal)}
    return {"quote": quote}
