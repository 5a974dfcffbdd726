"""INV-16: what guarantors may pay, and have paid, under the ceilings of agreements."""

from __future__ import annotations

from collections.abc import Iterator

from loanops.kernel.account import Compensated, Reversed
from loanops.kernel.guarantee import CEILING
from loanops.kernel.refusals import Refusal
from loanops.loanbook.servicing.domain.lifecycle import LoanState
from loanops.loanbook.servicing.models import Loan, LoanEvent, LoanTerms, PaidOut
from loanops.loanbook.servicing.operations.loading import History, histories
from loanops.loanbook.servicing.queries.guarantees import agreed_of
from loanops.money.limits import queries as limits
from loanops.platform.audit import Violation, named
from loanops.platform.db import fetch

_LOAN, _TERMS, _PAID_OUT = (model._meta.db_table for model in (Loan, LoanTerms, PaidOut))
_CHUNK = 1_000
_Holds = dict[tuple[str, str], tuple[int, str]]


def paid_out() -> Iterator[Violation]:
    """Sums of what was paid out under agreements that are not those of their loans."""
    rows = fetch(
        f"""
        SELECT 'paid out under ' || x.agreement || ' in ' || x.year || ' in ' || x.book_id,
            SUM(x.wanted_minor), SUM(x.found_minor)
        FROM (
            SELECT l.book_id, t.agreement,
                SUBSTR(CAST(l.disbursed_on AS VARCHAR(10)), 1, 4) AS year,
                l.principal_minor AS wanted_minor, 0 AS found_minor
            FROM {_LOAN} l JOIN {_TERMS} t ON t.loan_id = l.id
            WHERE t.agreement <> '' AND l.state <> '{LoanState.WITHDRAWN}'
            UNION ALL
            SELECT p.book_id, p.agreement, CAST(p.year AS VARCHAR(4)), 0, p.principal_minor
            FROM {_PAID_OUT} p
        ) x
        GROUP BY x.book_id, x.agreement, x.year
        HAVING SUM(x.wanted_minor) <> SUM(x.found_minor)
        ORDER BY 1
        """  # noqa: S608 - names come from the models
    )
    hint = "ceilings of guarantors are shares of this: it was changed by hand"
    yield from named("INV-16", hint, rows)


def held_compensations() -> Iterator[Violation]:
    """Compensations under a ceiling that are not held there, and holds that are of none."""
    found: _Holds = {
        (owner, key): (amount_minor, state)
        for owner, key, amount_minor, state in limits.holds_of_kind(CEILING)
    }
    wanted: _Holds = {}
    rows = LoanEvent.objects.filter(kind=Compensated.KIND)
    ids = sorted(set(rows.values_list("loan_id", flat=True)))
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        agreed = agreed_of(part)
        try:
            told = histories(part)
        except Refusal:
            # The replay of every loan names an event that cannot be read.
            return
        for id_ in part:
            ceiling = agreed[id_].ceiling
            if ceiling is not None and id_ in told:
                for key, held in _of_loan(told[id_]).items():
                    wanted[ceiling.owner, f"{agreed[id_].loan}:{key}"] = held
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            yield Violation(
                code="INV-16",
                object=f"hold {name[1]} of {name[0]}",
                expected=str(wanted.get(name, "none")),
                found=str(found.get(name, "none")),
                hint="what a guarantor pays under a ceiling is held there until it is undone",
            )


def _of_loan(history: History) -> dict[str, tuple[int, str]]:
    """What the compensations of a loan hold, by the key of the event that booked them."""
    known = {event.key: event for event in history.events}
    held: dict[str, tuple[int, str]] = {}
    for event in history.events:
        target, is_forth = event, True
        while isinstance(target, Reversed):
            target, is_forth = known[target.of], not is_forth
        if not isinstance(target, Compensated) or not target.price_minor:
            continue
        if is_forth:
            held[event.key] = target.price_minor, "used"
        elif isinstance(event, Reversed):
            held[event.of] = target.price_minor, "given_back"
    return held
