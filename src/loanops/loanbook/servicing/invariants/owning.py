"""INV-28: a loan is owned by one set of owners that adds up to the whole, at any time."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from loanops.kernel.account import Event, owned, state
from loanops.kernel.allocation import Component
from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import Terms
from loanops.loanbook.servicing.domain.owners import RECEIVED, payees
from loanops.loanbook.servicing.domain.replay import event_of
from loanops.loanbook.servicing.domain.rules import Rules, read_rules
from loanops.loanbook.servicing.models import Loan, LoanEvent, LoanTerms, Pool
from loanops.money.ledger import queries as ledger
from loanops.platform.audit import Violation
from loanops.platform.books import queries as books

_CHUNK = 1_000


def shares() -> Iterator[Violation]:
    """Shared pools whose portions are not one whole, and loans whose owners' money differs."""
    days: dict[str, date] = {}
    for pool in Pool.objects.order_by("id"):
        try:
            rules = read_rules(pool.rules_json)
        except Refusal as refusal:
            yield _violation(f"pool {pool.code}", "portions that add up to 1", str(refusal))
            continue
        if not rules.sharing:
            continue
        if rules.sharing.lead != pool.funder:
            yield _violation(f"pool {pool.code}", f"led by {pool.funder}", rules.sharing.lead)
        if pool.book_id not in days:
            days[pool.book_id] = books.business_date(pool.book_id)
        yield from _differing(pool, rules, days[pool.book_id])


def _differing(pool: Pool, rules: Rules, on: date) -> Iterator[Violation]:
    loans = list(Loan.objects.filter(pool=pool).order_by("id"))
    for start in range(0, len(loans), _CHUNK):
        part = loans[start : start + _CHUNK]
        ids = [loan.pk for loan in part]
        rows = LoanTerms.objects.filter(loan_id__in=ids)
        terms = dict(rows.values_list("loan_id", "terms_json"))
        events: dict[int, list[Event]] = defaultdict(list)
        posted = _posted(part)
        try:
            for row in LoanEvent.objects.filter(loan_id__in=ids).order_by("id"):
                events[row.loan_id].append(
                    event_of(row.key, row.kind, row.counts_on, row.amount_minor, row.content_json)
                )
        except Refusal:
            # The replay of every loan names an event that cannot be read.
            continue
        for loan in part:
            wanted = _wanted(loan, terms.get(loan.pk, "{}"), events[loan.pk], rules, on)
            found = posted.get(loan.number, {})
            for name in sorted(wanted.keys() | found.keys()):
                expected, kept = wanted.get(name, 0), found.get(name, 0)
                if expected != kept:
                    yield _violation(
                        f"loan {loan.number} owner {name[0]}",
                        f"{name[1]} received {expected}",
                        f"{name[1]} received {kept}",
                    )


def _posted(loans: Sequence[Loan]) -> Mapping[str, dict[tuple[str, str], int]]:
    posted: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    numbers = [loan.number for loan in loans]
    for subject, code, dimension, minor in ledger.moved_of(head=RECEIVED, subjects=numbers):
        posted[subject][code.removeprefix(f"{RECEIVED}:"), dimension] = minor
    return posted


def _wanted(
    loan: Loan, terms: str, events: Sequence[Event], rules: Rules, on: date
) -> dict[tuple[str, str], int]:
    """What each owner received by component; nothing where the loan cannot be replayed."""
    try:
        account = state(Terms.from_dict(json.loads(terms)), events, on)
    except Refusal:
        return {}
    shared = owned(account, rules.sharing, lender=loan.funder, payees=payees(loan.guarantor))
    return {
        (owner, component.value): amount_minor
        for owner, each in shared.items()
        for component in Component
        if (amount_minor := each.received.of(component))
    }


def _violation(name: str, expected: str, found: str) -> Violation:
    return Violation(
        code="INV-28", object=name, expected=expected, found=found,
        hint="the owners of the loan and their shares do not add up to it",
    )  # fmt: skip
