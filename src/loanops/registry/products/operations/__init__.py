"""Orders to the products: versions, and promotions on them."""

from loanops.registry.products.operations.promotions import (
    end_promotion,
    launch_promotion,
    release_promotion_uses,
    take_promotion,
)
from loanops.registry.products.operations.versions import publish_version, withdraw_product

__all__ = [
    "end_promotion",
    "launch_promotion",
    "publish_version",
    "release_promotion_uses",
    "take_promotion",
    "withdraw_product",
]
