"""Floating loans: which there are, and on which day each is looked at next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from loanops.kernel.schedule import Terms
from loanops.loanbook.servicing.domain.floating import first_look
from loanops.loanbook.servicing.models import RateReset
from loanops.platform.db import insert_many
from loanops.platform.work import Work

RESET = RateReset._meta.db_table


def look_again(loan_id: int, *, since: date | None) -> None:
    """Let the next close read the index of a floating loan for every day of reset from a day on.

    What it read since stands, and what it would read later it still does.
    """
    if since is not None:
        mine = RateReset.objects.filter(loan_id=loan_id)
        mine.filter(Q(next_on__isnull=True) | Q(next_on__gt=since)).update(next_on=since)


def note_floating(work: Work, loans: Iterable[tuple[int, Terms, date]]) -> None:
    """Note the floating ones among new loans, each with its terms and the day it begins here."""
    insert_many(
        RESET,
        ("loan_id", "book_id", "reference", "next_on"),
        [
            (loan_id, work.book, terms.floating.index, first_look(terms, begins, work.on))
            for loan_id, terms, begins in loans
            if terms.floating is not None
        ],
    )
