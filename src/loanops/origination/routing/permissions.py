"""Grants of routing."""

VIEW = "routing.view"
ROUTE = "routing.route"
DRAW_DOWN = "routing.draw_down"
RESOLVE = "routing.resolve"
