"""INV-09: every floating loan is noted with the next day on which it reads its index."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from loanops.kernel.access import Viewer
from loanops.kernel.account import Reversed
from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import Reset, Terms
from loanops.loanbook.servicing.domain.lifecycle import LoanState
from loanops.loanbook.servicing.models import LoanEvent, LoanTerms, RateReset, Unfolded
from loanops.loanbook.servicing.ports import CLOSE
from loanops.platform.audit import Violation
from loanops.platform.books import queries as books
from loanops.platform.books.queries import BookCard

_HOUSE: Final = Viewer.house("servicing")
_FLOATING: Final = '"floating":{'


def looked_at() -> Iterator[Violation]:
    """Floating loans that no close looks at, or on a wrong day; loans noted that do not float."""
    days = {card.code: _looked_to(card) for card in books.list_books(viewer=_HOUSE)}
    fresh = set(Unfolded.objects.values_list("loan_id", flat=True)) | set(_undone(days))
    noted = {row.loan_id: row for row in RateReset.objects.select_related("loan")}
    agreed = LoanTerms.objects.filter(terms_json__contains=_FLOATING).select_related("loan")
    for row in agreed.iterator():
        try:
            terms = Terms.from_dict(json.loads(row.terms_json))
        except (Refusal, ValueError):
            # The replay of every loan names terms that cannot be read.
            continue
        withdrawn = row.loan.state == LoanState.WITHDRAWN
        if terms.floating is None or row.loan.set_aside or (withdrawn and row.loan_id not in noted):
            noted.pop(row.loan_id, None)
            continue
        reset = noted.pop(row.loan_id, None)
        found = "nothing" if reset is None else f"{reset.reference} on {reset.next_on}"
        if reset is None or reset.reference != terms.floating.index:
            yield _violation(row.loan.number, terms.floating.index, found)
        elif not _is_right(terms, reset, days[row.loan.book_id], row.loan_id in fresh):
            yield _violation(row.loan.number, "its next day of reset", found)
    for reset in noted.values():
        yield _violation(reset.loan.number, "a fixed rate", reset.reference)


def _undone(days: Mapping[str, date]) -> Iterator[int]:
    """Loans of which something was undone today: the next close looks at days that passed."""
    for book, on in days.items():
        rows = LoanEvent.objects.filter(
            booked_on=on,
            kind=Reversed.KIND,
            loan__in=RateReset.objects.filter(book_id=book).values("loan"),
        )
        yield from rows.values_list("loan_id", flat=True)


def _looked_to(card: BookCard) -> date:
    """The last day for which indices were read: an unfinished close may not have come to it."""
    eve = card.business_date - timedelta(days=1)
    done = books.finished_steps(book=card.code, on=eve)
    return card.business_date if not done or CLOSE.is_finished(done) else eve


def _is_right(terms: Terms, reset: RateReset, looked_to: date, is_fresh: bool) -> bool:
    floating, day = terms.floating, reset.next_on
    if day is not None and day <= looked_to and not is_fresh:
        return False
    if floating is None or floating.reset is Reset.EACH_CHANGE:
        return day is None or is_fresh
    if day is None:
        return False
    return floating.next_reset(start=terms.start_date, after=day - timedelta(days=1)) == day


def _violation(loan: str, expected: str, found: str) -> Violation:
    return Violation(
        code="INV-09",
        object=f"loan {loan}",
        expected=f"follows {expected}",
        found=found,
        hint="the close would not read the index of this loan when its terms say",
    )
