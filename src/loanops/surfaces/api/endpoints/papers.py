"""Papers of a loan: payoff quote and settlement certificate as data, all papers as files."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpResponse
from django.utils.timezone import now
from django.utils.translation import get_language
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict

from loanops.loanbook.servicing import operations, permissions, queries
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.owning import own_loan
from loanops.surfaces.api.shapes import Day, Word, published, shown

router = Router(tags=["loans"])

Payoff = published(queries.PayoffCard)
Certificate = published(queries.CertificateCard)
_FILES: dict[str, Any] = {
    "responses": {
        200: {
            "description": "The paper",
            "content": {
                "application/pdf": {"schema": {"type": "string", "format": "binary"}},
                "text/csv": {"schema": {"type": "string", "format": "binary"}},
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
                    "schema": {"type": "string", "format": "binary"}
                },
                "text/calendar": {"schema": {"type": "string", "format": "binary"}},
            },
        }
    }
}


class PayoffWanted(BaseModel):
    """For which day, the open business day where none is given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: Day | None = None


class PaperWanted(BaseModel):
    """Of which days: a payoff quote takes `on`, a statement `since` and `until`, the day after
    its last, and `reading`. `form` is pdf, for a statement csv and xlsx too."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: Day | None = None
    since: Day | None = None
    until: Day | None = None
    reading: Literal["then", "now"] = "now"
    form: Word = "pdf"


@router.get("/loans/{number}/payoff", response=Payoff, auth=Key(permissions.VIEW))
def get_loan_payoff(request: Asked, number: str, wanted: Query[PayoffWanted]) -> dict[str, Any]:
    """What it takes to end a loan on a day, part by part."""
    actor = actor_of(request)
    card = own_loan(number, actor)
    found = queries.get_payoff(number=number, on=wanted.on or card.on, viewer=actor)
    return shown(found, found.head.currency)


@router.get("/loans/{number}/certificate", response=Certificate, auth=Key(permissions.VIEW))
def get_loan_certificate(request: Asked, number: str) -> dict[str, Any]:
    """That a loan is paid in full; refused while anything is owed."""
    actor = actor_of(request)
    own_loan(number, actor)
    found = queries.get_certificate(number=number, viewer=actor)
    return shown(found, found.head.currency)


@router.get("/loans/{number}/papers/{paper}", auth=Key(permissions.VIEW), openapi_extra=_FILES)
def read_loan_paper(
    request: Asked, number: str, paper: str, wanted: Query[PaperWanted]
) -> HttpResponse:
    """A paper as a file: `statement`, `payoff` or `certificate` as PDF, `calendar` as iCalendar.

    A PDF names the borrower in full where the caller may see that, and leaves a trace of it.
    """
    actor = actor_of(request)
    own_loan(number, actor)
    made = operations.issue_paper(
        number=number,
        paper=paper,
        days=queries.PaperDays(
            wanted.on, wanted.since, wanted.until, queries.Reading(wanted.reading)
        ),
        form=wanted.form,
        chinese=(get_language() or "zh").startswith("zh"),
        actor=actor,
        at=now(),
    )
    return HttpResponse(
        made.content,
        content_type=made.kind,
        headers={"Content-Disposition": f'attachment; filename="{made.name}"'},
    )
