"""Endpoints: one file per room, one function per operation."""

from __future__ import annotations

from ninja import Router

from loanops.surfaces.api.endpoints import (
    applications,
    callbacks,
    changes,
    collecting,
    contracts,
    documents,
    events,
    guarantees,
    identity,
    imports,
    intake,
    loans,
    outlook,
    papers,
    portfolio,
    products,
    promotions,
    receipts,
    reference_rates,
    rereads,
    signings,
    verdicts,
    webhooks,
    work,
)

ROUTERS: dict[str, tuple[Router, ...]] = {
    "": (
        identity.router,
        products.router,
        promotions.router,
        documents.router,
        contracts.router,
        signings.router,
        loans.router,
        changes.router,
        outlook.router,
        papers.router,
        guarantees.router,
        portfolio.router,
        receipts.router,
        reference_rates.router,
        rereads.router,
        imports.router,
        collecting.router,
        work.router,
    ),
    "/applications": (intake.router, applications.router, verdicts.router),
    "/callbacks": (callbacks.router,),
    "/events": (events.router,),
    "/webhooks": (webhooks.router,),
}
