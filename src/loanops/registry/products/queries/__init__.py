"""Questions to the products: versions in force, and promotions on them."""

from loanops.registry.products.domain.promotion import Asked, PromotionEffect, Rule, lower
from loanops.registry.products.queries.first_rates import begins_at_index, first_rate
from loanops.registry.products.queries.promotions import (
    PromotionCard,
    PromotionUseCard,
    code_of,
    find_promotion_uses,
    find_promotions,
    get_promotion,
    holds_promotion,
    list_promotion_uses,
    list_promotions,
    promotion_for,
)
from loanops.registry.products.queries.versions import (
    Preview,
    ProductVersionCard,
    find_versions,
    get_version,
    get_version_by_number,
    instalments_for,
    list_names,
    list_versions,
    preview,
    terms_for,
    version_card,
)

__all__ = [
    "Asked",
    "Preview",
    "ProductVersionCard",
    "PromotionCard",
    "PromotionEffect",
    "PromotionUseCard",
    "Rule",
    "begins_at_index",
    "code_of",
    "find_promotion_uses",
    "find_promotions",
    "find_versions",
    "first_rate",
    "get_promotion",
    "get_version",
    "get_version_by_number",
    "holds_promotion",
    "instalments_for",
    "list_names",
    "list_promotion_uses",
    "list_promotions",
    "list_versions",
    "lower",
    "preview",
    "promotion_for",
    "terms_for",
    "version_card",
]
