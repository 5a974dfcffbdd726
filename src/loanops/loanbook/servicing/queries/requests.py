"""Changes that wait for a second person, or were decided."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from loanops.kernel.access import Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.domain.asking import AskState
from loanops.loanbook.servicing.models import ChangeRequest
from loanops.loanbook.servicing.queries.loans import seen


@dataclass(frozen=True)
class RequestCard:
    """A change that somebody asked for; ``digest`` names the effect that was shown to them.

    ``channel`` and ``pay_no`` name the payment that comes with it, empty where none does.
    """

    number: str
    book: str
    loan: str
    kind: str
    on: date
    values: dict[str, Any]
    channel: str
    pay_no: str
    reason: str
    digest: str
    asked_on: date
    asked_by: str
    asked_at: datetime
    state: str
    decided_by: str
    decided_at: datetime | None
    note: str


def get_request(*, number: str, viewer: Viewer) -> RequestCard:
    """One request.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none that the viewer may see.
    """
    require(viewer, permissions.VIEW)
    row = ChangeRequest.objects.select_related("loan").filter(number=number).first()
    if row is None or not seen([row.loan], viewer):
        raise NotFound(kind="request", number=number)
    return _card(row)


def list_requests(
    *, book: str, viewer: Viewer, loan: str = "", waiting: bool = True, limit: int = 100
) -> list[RequestCard]:
    """Requests of a book, the newest first; those that wait, or all of them.

    :raises NotPermitted: the viewer may not see loans.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        return []
    rows = ChangeRequest.objects.filter(book_id=book).select_related("loan").order_by("-id")
    if waiting:
        rows = rows.filter(state=AskState.ASKED.value)
    if loan:
        rows = rows.filter(loan__number=loan)
    found = list(rows[:limit])
    mine = {loan.pk for loan in seen((row.loan for row in found), viewer)}
    return [_card(row) for row in found if row.loan_id in mine]


def count_requests(*, book: str, viewer: Viewer) -> int:
    """How many requests of a book wait for a second person; none where they may not be seen."""
    return len(list_requests(book=book, viewer=viewer)) if viewer.may(permissions.VIEW) else 0


def _card(row: ChangeRequest) -> RequestCard:
    return RequestCard(
        number=row.number,
        book=row.book_id,
        loan=row.loan.number,
        kind=row.kind,
        on=row.counts_on,
        values=json.loads(row.values_json),
        channel=row.channel,
        pay_no=row.pay_no,
        reason=row.reason,
        digest=row.digest,
        asked_on=row.asked_on,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        state=row.state,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        note=row.note,
    )
