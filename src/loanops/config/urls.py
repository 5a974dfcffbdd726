"""Addresses: which window answers which path."""

from __future__ import annotations

urlpatterns: list[object] = []
