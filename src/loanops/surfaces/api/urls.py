"""Addresses of the API and of the probes."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from loanops.surfaces.api import probes
from loanops.surfaces.api.window import patterns

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(patterns())),
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("metrics", probes.metrics, name="metrics"),
]
