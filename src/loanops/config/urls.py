"""Addresses: which window answers which path."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.views import defaults
from django.views.generic import RedirectView

from loanops.surfaces.api import problems

handler500 = "loanops.platform.web.middleware.on_fault"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="console:board"), name="front"),
    path("", include("loanops.surfaces.api.urls")),
    path("console/", include("loanops.surfaces.console.urls")),
    path("portal/", include("loanops.surfaces.portal.urls")),
]


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django refuses before any window is asked, such as an unknown host."""
    if request.path.startswith("/api/"):
        return problems.of_unreadable()
    return defaults.bad_request(request, exception)
