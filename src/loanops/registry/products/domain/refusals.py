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


class IndexUnknown(Refusal):
    """A rate that is read from an index needs a figure of it."""

    code = "products_index_unknown"
    sentence = "No figure of {index} is known on {on}; record what was published first."
    status = 409


class PromotionUnknown(Refusal):
    """No promotion of the book has this code."""

    code = "products_promotion_unknown"
    sentence = "There is no promotion with the code {code}; check how it is written."
    status = 422


class PromotionDoesNotFit(Refusal):
    """The promotion is not for this loan, this day or this person."""

    code = "products_promotion_does_not_fit"
    sentence = "The promotion cannot be used: {problem}."
    status = 409


class PromotionExists(Refusal):
    """A code means one promotion for ever."""

    code = "products_promotion_exists"
    sentence = "The code {code} is that of another promotion; choose another code."
    status = 409


class PromotionOver(Refusal):
    """What is over cannot end again."""

    code = "products_promotion_over"
    sentence = "The promotion {code} was over on {ends}."
    status = 409
