"""Addresses: which window answers which path."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="console:board"), name="front"),
    path("", include("loanops.surfaces.api.urls")),
    path("console/", include("loanops.surfaces.console.urls")),
]
