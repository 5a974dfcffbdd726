"""Grants of the products."""

VIEW = "products.view"
PUBLISH = "products.publish"
