"""Which refunds wait for a second person."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from loanops.money.payments.domain.refunds import RefundState
from loanops.money.payments.models import Refund
from loanops.registry.team.ports import Waiting


def waiting_refunds(*, subjects: Collection[str] | None) -> Iterator[Waiting]:
    """Refunds that somebody asked for and nobody let go or refused."""
    rows = Refund.objects.filter(state=RefundState.REQUESTED.value)
    if subjects is not None:
        rows = rows.filter(number__in=list(subjects))
    for row in rows.order_by("id").iterator():
        yield Waiting(
            subject=row.number,
            book=row.book_id,
            since=row.requested_at,
            topic=row.reason,
            amount_minor=row.amount_minor,
            not_by=frozenset({row.requested_by}),
        )
