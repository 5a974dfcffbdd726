"""Addresses of the API; the probes are answered before any address is looked at."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from loanops.surfaces.api.window import framed, nothing_here, patterns

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(patterns())),
    path("api/<path:rest>", framed(nothing_here)),
]
