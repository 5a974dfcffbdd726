"""Grants of the products."""

VIEW = "products.view"
PUBLISH = "products.publish"
PROMOTE = "products.promote"
"""Launch and end promotions."""
REDEEM = "products.redeem"
"""Take a promotion for a loan, and give it back."""
