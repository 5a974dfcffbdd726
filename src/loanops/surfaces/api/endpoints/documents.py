"""Documents of an application: what is asked for, what is there, and the papers themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils.translation import get_language
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict

from loanops.kernel.refusals import BadField
from loanops.origination.applications import operations, permissions, queries
from loanops.surfaces.api import refusals
from loanops.surfaces.api.commands import once
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.shapes import Shown, Text, Word, listed, published, shown

router = Router(tags=["documents"])

SIZE_MAX_BYTES = 20 * 1024 * 1024
KINDS = ("application/pdf", "image/png", "image/jpeg")
_MAGIC = {
    "application/pdf": b"%PDF-",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
}
_UNSAID = frozenset({"file", "added_by", "judged_by", "moves"})
_BINARY: dict[str, Any] = {
    kind: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS
}
Document = published(queries.DocumentCard, leave_out=_UNSAID)


class Wish(Shown):
    """A document that the product asks for."""

    kind: str
    name: str
    mandatory: bool
    is_there: bool


class DocumentNamed(BaseModel):
    """What the document is, and what its file is called."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Word
    name: Text


@router.get(
    "/applications/{number}/checklist",
    response=listed(Wish, paged=False),
    auth=Key(permissions.VIEW),
)
def list_application_checklist(request: Asked, number: str) -> dict[str, Any]:
    """The documents that an application needs; it is decided once the mandatory ones are there."""
    lines = queries.get_checklist(number, viewer=actor_of(request))
    return {
        "items": [
            {
                "kind": line.kind,
                "name": _spoken(line.name, line.kind),
                "mandatory": line.mandatory,
                "is_there": line.is_there,
            }
            for line in lines
        ]
    }


def _spoken(names: Mapping[str, str], kind: str) -> str:
    return names.get(get_language() or "en", kind)


@router.get(
    "/applications/{number}/documents",
    response=listed(Document, paged=False),
    auth=Key(permissions.VIEW),
)
def list_application_documents(request: Asked, number: str) -> dict[str, Any]:
    """The documents of an application, oldest first, with what was said of each."""
    found = queries.list_documents(number, viewer=actor_of(request))
    return {"items": [shown(card, "", leave_out=_UNSAID) for card in found]}


@router.post(
    "/applications/{number}/documents",
    response={201: Document},
    auth=Key(permissions.SUBMIT),
    openapi_extra={"requestBody": {"required": True, "content": _BINARY}},
)
def add_application_document(
    request: Asked, number: str, wanted: Query[DocumentNamed]
) -> HttpResponse:
    """Add a document: the body is the PDF, PNG or JPEG itself, of at most 20 MB."""
    media_type, content = request.content_type or "", request.read()
    if not content:
        raise BadField(field="file", problem="the file is empty; choose another one")
    if media_type not in KINDS:
        raise refusals.NotDocument(kinds=", ".join(KINDS))
    if not content.startswith(_MAGIC[media_type]):
        raise BadField(field="file", problem="the file is not what its Content-Type says")

    def do(at: datetime) -> dict[str, Any]:
        card = operations.add_document(
            number=number,
            kind=wanted.kind,
            name=wanted.name,
            content=content,
            actor=actor_of(request),
            at=at,
        )
        return shown(card, "", leave_out=_UNSAID)

    named = {**wanted.model_dump(), "sha256": hashlib.sha256(content).hexdigest()}
    return once(request, do, status=201, content=named)


@router.get(
    "/documents/{number}/content",
    auth=Key(permissions.VIEW),
    openapi_extra={"responses": {200: {"description": "the document", "content": _BINARY}}},
)
def read_application_document(request: Asked, number: str) -> HttpResponse:
    """A document as it was sent."""
    card, content = queries.read_document(number, viewer=actor_of(request))
    return HttpResponse(
        content,
        content_type=card.media_type,
        headers={"Content-Disposition": f'attachment; filename="{number}"'},
    )
