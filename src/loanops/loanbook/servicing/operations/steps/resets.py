"""Resets: floating loans read their index on the days that their terms say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from loanops.kernel.schedule import IndexValue, index_changes
from loanops.loanbook.servicing.operations.floating import RESET
from loanops.loanbook.servicing.operations.loading import LOAN, as_date, marks
from loanops.loanbook.servicing.operations.resetting import Look, reset_many
from loanops.loanbook.servicing.ports import Closing
from loanops.platform.db import fetch
from loanops.platform.work import Work
from loanops.registry.compliance import queries as compliance


def resetting(closing: Closing) -> list[int]:
    """The loans that read their index for the day that begins."""
    return [look.loan_id for look in _looks(closing, _series(closing))]


def reset_rates(work: Work, closing: Closing) -> int:
    """Step ``resets``: loans whose day has come, and those whose index changed, read it."""
    series = _series(closing)
    looks = _looks(closing, series)
    if not looks:
        return 0
    return reset_many(work=work, looks=looks, values=series, until=closing.opens_on)


def _series(closing: Closing) -> Mapping[str, Sequence[IndexValue]]:
    return compliance.reference_series(book=closing.book)


def _looks(closing: Closing, series: Mapping[str, Sequence[IndexValue]]) -> list[Look]:
    """Loans by their own day, and those without one by a change of their index.

    What was recorded during the closed day counts from it: a change of either day is looked at.
    """
    found = [
        Look(loan_id, as_date(next_on), is_on_day=True)
        for loan_id, next_on in fetch(
            f"""
            SELECT r.loan_id, r.next_on FROM {RESET} r JOIN {LOAN} l ON l.id = r.loan_id
            WHERE r.book_id = %s AND r.next_on <= %s AND NOT l.set_aside
            """,  # noqa: S608 - names come from the models
            [closing.book, closing.opens_on],
        )
    ]
    changed = [
        key
        for key, values in sorted(series.items())
        if index_changes(values, since=closing.closed_on, until=closing.opens_on)
    ]
    if changed:
        found += [
            Look(loan_id, closing.closed_on, is_on_day=False)
            for (loan_id,) in fetch(
                f"""
                SELECT r.loan_id FROM {RESET} r JOIN {LOAN} l ON l.id = r.loan_id
                WHERE r.book_id = %s AND r.next_on IS NULL AND r.reference IN ({marks(changed)})
                    AND NOT l.set_aside
                """,  # noqa: S608 - names come from the models
                [closing.book, *changed],
            )
        ]
    return found
