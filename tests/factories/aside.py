"""Loans that the close sets aside, by a step that cannot treat them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from loanops.kernel.refusals import BadField
from loanops.loanbook.servicing.models import Loan
from loanops.loanbook.servicing.operations import STEPS
from loanops.loanbook.servicing.ports import CLOSE, CloseStep, Closing
from loanops.platform.books import queries as books
from loanops.platform.work import Work
from tests.factories.loans import close_until


def set_aside(loan: str, *, book: str = "cn") -> None:
    """Close a day, of which one step cannot treat the loan."""
    ageing = next(step for step in STEPS if step.name == "ageing")

    def age(work: Work, closing: Closing) -> int:
        touched = ageing.run(work, closing)
        if not Loan.objects.get(number=loan).set_aside:
            raise BadField(field="loan", problem="cannot be read")
        return touched

    def treated(closing: Closing) -> Sequence[int]:
        return list(Loan.objects.filter(number=loan).values_list("pk", flat=True))

    sick = CloseStep("ageing", age, on_new_day=ageing.on_new_day, loans=treated)
    CLOSE.plug([sick if step is ageing else step for step in STEPS])
    try:
        close_until(books.business_date(book) + timedelta(days=1), book=book)
    finally:
        CLOSE.plug(STEPS)
