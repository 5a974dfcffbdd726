"""How products say no."""

from __future__ import annotations

from loanops.kernel.refusals import Refusal


class VersionNotLater(Refusal):
    """Versions follow each other in time."""

    code = "products_version_not_later"
    sentence = "The version must begin after {effective_from}, when the one before it began."
    status = 422


class TermForbidden(Refusal):
    """The law forbids what the card says."""

    code = "products_term_forbidden"
    sentence = "The rule pack forbids this product: {problem} ({source})"
    status = 422


class NoVersionInForce(Refusal):
    """A product without a version on that day offers nothing."""

    code = "products_no_version_in_force"
    sentence = "The product {product} has no version in force on {on}."
    status = 404
