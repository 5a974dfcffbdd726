"""Grants of the parameters."""

SET = "parameters.set"
VIEW = "parameters.view"
