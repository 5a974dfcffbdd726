"""Endpoints: one file per room, one function per operation."""

from __future__ import annotations

from ninja import Router

from loanops.surfaces.api.endpoints import identity

ROUTERS: dict[str, Router] = {
    "": identity.router,
}
