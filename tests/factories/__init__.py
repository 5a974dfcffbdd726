"""Makers of things that tests need."""
