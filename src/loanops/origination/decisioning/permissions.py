"""Grants of decisioning."""

VIEW = "decisioning.view"
DECIDE = "decisioning.decide"
REVIEW = "decisioning.review"
PUBLISH = "decisioning.publish"
ASSIGN = "decisioning.assign"
