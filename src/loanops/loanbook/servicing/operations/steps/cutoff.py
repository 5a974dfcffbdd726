"""The first and the last steps: the date moves, balances are carried, the day is announced."""

from __future__ import annotations

from loanops.loanbook.servicing import events
from loanops.loanbook.servicing.operations.asking import lapse_requests
from loanops.loanbook.servicing.operations.undo_asking import lapse_undos
from loanops.loanbook.servicing.ports import Closing
from loanops.money.ledger import operations as ledger
from loanops.platform.books import operations as books
from loanops.platform.work import Work


def cut_off(work: Work, closing: Closing) -> int:
    """Step ``cut_off``: the business date moves on."""
    books.move_business_date(work=work, book=closing.book, closed_on=closing.closed_on)
    return 1


def carry_balances(work: Work, closing: Closing) -> int:
    """Step ``postings``: what was posted up to the closed day becomes its balances."""
    accounts = ledger.fold(work=work, on=closing.closed_on)
    work.record(
        "servicing.postings_folded",
        subject=closing.book,
        accounts=accounts,
        closed_on=closing.closed_on,
    )
    return accounts


def end(work: Work, closing: Closing) -> int:
    """Step ``end``: requests of the closed day lapse, and whoever waits for it is told."""
    lapse_requests(work, closing)
    lapse_undos(work, closing)
    work.announce(
        events.DayClosed(
            subject=closing.book,
            closed_on=closing.closed_on.isoformat(),
            business_date=closing.opens_on.isoformat(),
        )
    )
    return 1
