"""Callbacks of funders: proven by their own signature, kept, and answered; they move nothing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from loanops.kernel.access import Actor
from loanops.origination.routing import operations, permissions
from loanops.platform.web.clock import now
from loanops.registry.partners import permissions as partners_permissions
from loanops.surfaces.api.shapes import Shown

router = Router(tags=["callbacks"])
# What a message proven by its funder's signature may do: be looked up, and be kept.
_GRANTS = frozenset({permissions.RESOLVE, partners_permissions.VIEW})


class Kept(Shown):
    """The callback is kept; whether it was new."""

    status: str
    new: bool


@router.post("/{funder}", response=Kept, auth=None)
def take_callback(request: HttpRequest, funder: str) -> dict[str, Any]:
    """A funder's callback, signed as the funder protocol says; what it is about is queried."""
    new = operations.take_callback(
        funder=funder,
        method=request.method or "",
        target=request.get_full_path(),
        headers=dict(request.headers),
        raw=request.body,
        actor=Actor(person=f"funder:{funder}"[:80], grants=_GRANTS),
        at=now(),
    )
    return {"status": "kept", "new": new}
