"""Keeping: what a restructuring changed is written beside its event, as it was shown."""

from __future__ import annotations

from loanops.kernel.account import Event
from loanops.loanbook.servicing.domain.restructuring import FOLD, AgreedAnew, texts_of
from loanops.loanbook.servicing.models import Restructuring
from loanops.platform.work import Work


def keep_restructuring(work: Work, loan_id: int, event: Event, agreed: AgreedAnew) -> None:
    """Write a loan before and after a restructuring, in the transaction of its event."""
    before, after, treated = texts_of(agreed)
    Restructuring.objects.create(
        loan_id=loan_id,
        book_id=work.book,
        event=event.key,
        counts_on=event.on,
        booked_on=work.on,
        at=work.at,
        before_json=before,
        after_json=after,
        treated_json=treated,
        fold=FOLD,
    )
