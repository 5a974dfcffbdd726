"""Addresses of the API and of the probes."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from loanops.surfaces.api import probes
from loanops.surfaces.api.window import framed, nothing_here, patterns

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(patterns())),
    path("api/<path:rest>", framed(nothing_here)),
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("metrics", probes.metrics, name="metrics"),
]
