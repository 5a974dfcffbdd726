"""Writes: each carried out once per key, and its answer kept for those who ask again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from pydantic import BaseModel

from loanops.platform.inbox import operations as inbox
from loanops.platform.inbox.operations import Reply
from loanops.platform.web.clock import now
from loanops.surfaces.api.keys import Asked
from loanops.surfaces.api.reading import read

REPLAYED = "Idempotent-Replay"


def once(
    request: Asked,
    do: Callable[[datetime], BaseModel | Mapping[str, Any]],
    *,
    status: int = 200,
    content: Mapping[str, Any] | None = None,
    shown_once: Callable[[], Mapping[str, Any]] = dict,
) -> HttpResponse:
    """Carry out ``do`` once for this key and content; a repeat gets the kept answer.

    ``content`` stands for a body that is not JSON. ``shown_once`` adds what only the first answer
    may hold, such as a secret: it is not kept.
    """
    at = now()

    def carry_out() -> Reply:
        made = do(at)
        body = made.model_dump(mode="json") if isinstance(made, BaseModel) else dict(made)
        return Reply(status=status, body=body)

    reply, repeated = inbox.once(
        source=f"api:{request.auth.actor.person}",
        key=request.headers["Idempotency-Key"],
        content={
            "method": request.method,
            "path": request.path,
            "body": content or (read(request.body) if request.body else None),
        },
        at=at,
        do=carry_out,
    )
    body = reply.body if repeated else {**reply.body, **shown_once()}
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False) if reply.status != 204 else b"",
        status=reply.status,
        content_type="application/json",
    )
    if repeated:
        response[REPLAYED] = "true"
    return response
