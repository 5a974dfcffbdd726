"""Surfaces: the windows of the house, strangers to each other."""
