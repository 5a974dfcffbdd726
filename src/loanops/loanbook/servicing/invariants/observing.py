"""INV-09: restructured loans are observed, and for as long as their events say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from loanops.kernel.access import Viewer
from loanops.kernel.account import Restructured
from loanops.loanbook.servicing.domain.classing import OrderKind
from loanops.loanbook.servicing.domain.lifecycle import LIVE
from loanops.loanbook.servicing.domain.restructuring import KEPT
from loanops.loanbook.servicing.invariants.closing import is_closed
from loanops.loanbook.servicing.models import ClassOrder, LoanEvent
from loanops.loanbook.servicing.queries.classing import class_rules
from loanops.loanbook.servicing.queries.observing import observations_of
from loanops.platform.audit import Violation
from loanops.platform.books import queries as books

_HOUSE = Viewer.house("verify")
_LIVE = [state.value for state in LIVE]


def observed() -> Iterator[Violation]:
    """Loans held in their class for another restructuring, or for less long, than events say.

    A missed due day lengthens an observation when its last day comes, not at once.
    """
    for card in books.list_books(viewer=_HOUSE):
        on = card.business_date
        rules = class_rules(book=card.code, on=on).observation
        if rules is None or not is_closed(card.code, on):
            continue
        standing = ClassOrder.objects.filter(
            book_id=card.code,
            kind=OrderKind.OBSERVATION.value,
            ended_on__isnull=True,
            loan__set_aside=False,
            loan__state__in=[state.value for state in LIVE],
        ).select_related("loan")
        rows = list(standing)
        news = set(
            LoanEvent.objects.filter(
                booked_on=on, counts_on__lt=on, loan_id__in=[row.loan_id for row in rows]
            ).values_list("loan_id", flat=True)
        )
        seen = observations_of([row.loan_id for row in rows], rules=rules, on=on)
        for row in rows:
            right = seen.get(row.loan_id)
            is_right = (
                right is not None
                and row.until is not None
                and right.key == row.reason
                and on < row.until <= right.until
            )
            # What came late during the day, the next close reads.
            if not is_right and row.loan_id not in news:
                yield Violation(
                    code="INV-09",
                    object=f"loan {row.loan.number}",
                    expected=f"observed for {right.key if right else None}, "
                    f"until {right.until if right else None}",
                    found=f"observed for {row.reason}, until {row.until}",
                    hint="the observation is not what the events of the loan make it",
                )


def unobserved() -> Iterator[Violation]:
    """Restructured loans that should be held in their class and are not.

    Those restructured before both sides of it were kept may be so: nobody was observed then.
    """
    for card in books.list_books(viewer=_HOUSE):
        on = card.business_date
        rules = class_rules(book=card.code, on=on).observation
        if rules is None or not is_closed(card.code, on):
            continue
        due = {
            (event.loan_id, event.key): event
            for event in LoanEvent.objects.filter(
                kind=Restructured.KIND,
                values_json__contains=f'"{KEPT}"',
                loan__book_id=card.code,
                loan__set_aside=False,
                loan__state__in=_LIVE,
            ).select_related("loan")
        }
        ids = {loan_id for loan_id, _ in due}
        standing = set(
            ClassOrder.objects.filter(
                book_id=card.code, kind=OrderKind.OBSERVATION.value, ended_on__isnull=True
            ).values_list("loan_id", flat=True)
        )
        news = set(
            LoanEvent.objects.filter(
                booked_on=on, counts_on__lt=on, loan_id__in=ids - standing
            ).values_list("loan_id", flat=True)
        )
        seen = observations_of(ids - standing - news, rules=rules, on=on)
        for loan_id, right in sorted(seen.items()):
            event = due.get((loan_id, right.key))
            if event is None or right.until <= on or not _asked(card.code, event.booked_on):
                continue
            yield Violation(
                code="INV-09",
                object=f"loan {event.loan.number}",
                expected=f"observed for {right.key}, until {right.until}",
                found="not observed",
                hint="what holds a restructured loan in its class is missing",
            )


def _asked(book: str, on: date) -> bool:
    """Whether the rule pack asked for an observation on the day of a booking."""
    return class_rules(book=book, on=on).observation is not None
