"""Endpoints: one file per room, one function per operation."""

from __future__ import annotations

from ninja import Router

from loanops.surfaces.api.endpoints import (
    applications,
    callbacks,
    contracts,
    events,
    identity,
    loans,
    products,
    signings,
    webhooks,
)

ROUTERS: dict[str, tuple[Router, ...]] = {
    "": (
        identity.router,
        products.router,
        contracts.router,
        signings.router,
        loans.router,
    ),
    "/applications": (applications.router,),
    "/callbacks": (callbacks.router,),
    "/events": (events.router,),
    "/webhooks": (webhooks.router,),
}
