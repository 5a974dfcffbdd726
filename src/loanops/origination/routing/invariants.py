"""INV-06, INV-11 and the listed half of INV-16, over routing's own tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.db.models import Count, Max

from loanops.origination.routing.domain.judging import Trouble
from loanops.origination.routing.domain.lifecycle import LIVE_PAYOUTS, OPEN_PAYOUTS, PayoutState
from loanops.origination.routing.models import (
    Attempt,
    Decision,
    ExceptionCase,
    Observation,
    PayoutIntent,
)
from loanops.platform.audit import Check, Violation
from loanops.platform.books import queries as books
from loanops.platform.parameters import queries as parameters
from loanops.registry.partners import queries as partners

_LIVE: Final = [state.value for state in LIVE_PAYOUTS]
_OPEN: Final = [state.value for state in OPEN_PAYOUTS]


def doubled_payouts() -> Iterator[Violation]:
    """Contracts and applications with two payouts that are open or paid."""
    for column in ("contract", "application"):
        rows = (
            PayoutIntent.objects.filter(state__in=_LIVE)
            .values_list(column)
            .annotate(count=Count("id"))
            .filter(count__gt=1)
            .order_by(column)
        )
        for subject, count in rows:
            yield Violation(
                code="INV-06",
                object=f"{column} {subject}",
                expected="at most one payout that is open or paid",
                found=str(count),
                hint="compare the serials with the funder's truth before anything else is paid",
            )


def unproven_payouts() -> Iterator[Violation]:
    """Payouts called paid or failed without a word of the funder that says so."""
    ended = {PayoutState.SUCCESS.value: "success", PayoutState.FAILED.value: "refused"}
    proofs = set(
        Observation.objects.filter(standing__in=ended.values())
        .exclude(evidence="")
        .exclude(source="callback")
        .values_list("serial", "standing", "evidence")
    )
    rows = PayoutIntent.objects.filter(state__in=ended).order_by("id")
    for serial, state, evidence in rows.values_list("serial", "state", "evidence").iterator():
        if (serial, ended[state], evidence) not in proofs:
            yield Violation(
                code="INV-06",
                object=serial,
                expected=f"a signed answer that says {ended[state]}",
                found="none",
                hint="ask the funder about this serial (resolve), and look who changed the row",
            )


def forgotten_payouts() -> Iterator[Violation]:
    """Open payouts older than the bound, before the newest thing heard, without an exception."""
    newest = Observation.objects.aggregate(last=Max("heard_at"))["last"]
    if newest is None:
        return
    watched = set(
        ExceptionCase.objects.filter(
            kind=Trouble.UNKNOWN_TOO_LONG.value, closed_at__isnull=True
        ).values_list("serial", flat=True)
    )
    rows = PayoutIntent.objects.filter(state__in=_OPEN).order_by("id")
    for serial, book, since in rows.values_list("serial", "book_id", "submitted_at"):
        bound = parameters.value_on("routing.unknown_bound_minutes", books.business_date(book))
        if since < newest - timedelta(minutes=bound) and serial not in watched:
            yield Violation(
                code="INV-11",
                object=serial,
                expected=f"an open exception after {bound} minutes",
                found="none",
                hint="run the sweep (routing.settle_open); see that a worker runs",
            )


def unowned_exceptions() -> Iterator[Violation]:
    """Exceptions without an owner."""
    for number in ExceptionCase.objects.filter(owner="").values_list("number", flat=True):
        yield Violation(
            code="INV-11", object=number, expected="an owner", found="none",
            hint="give it to somebody",
        )  # fmt: skip


def unlisted_choices() -> Iterator[Violation]:
    """Choices of a funder that was not on the list of that day."""
    pairs = (
        Decision.objects.exclude(funder="")
        .values_list("book_id", "decided_on", "funder")
        .distinct()
        .order_by("book_id", "decided_on", "funder")
    )
    listed: dict[tuple[str, object], frozenset[str]] = {}
    for book, on, funder in pairs:
        if (book, on) not in listed:
            listed[book, on] = partners.whitelisted(
                book=book, role=partners.Role.FUNDER.value, on=on
            )
        if funder not in listed[book, on]:
            yield Violation(
                code="INV-16",
                object=f"{funder} on {on}",
                expected="on the list of that day",
                found="not on it",
                hint="compare the list's history with the decisions of that day",
            )


def unchosen_attempts() -> Iterator[Violation]:
    """Attempts at a funder that no decision chose."""
    chosen = set(Decision.objects.exclude(funder="").values_list("application", "round", "funder"))
    rows = Attempt.objects.order_by("id").values_list("number", "application", "round", "funder")
    for number, application, place, funder in rows.iterator():
        if (application, place, funder) not in chosen:
            yield Violation(
                code="INV-16",
                object=number,
                expected=f"a decision of round {place} for {funder}",
                found="none",
                hint="an attempt or a decision was changed by hand",
            )


CHECKS = (
    Check(
        code="INV-06",
        statement="No drawdown has two payouts that are open or paid.",
        find=doubled_payouts,
    ),
    Check(
        code="INV-06",
        statement="Every payout that ended is proven by a signed answer of its funder.",
        find=unproven_payouts,
    ),
    Check(
        code="INV-11",
        statement="No payout is unknown beyond its bound without an open exception.",
        find=forgotten_payouts,
    ),
    Check(code="INV-11", statement="Every exception has an owner.", find=unowned_exceptions),
    Check(
        code="INV-16",
        statement="Every funder chosen was on the list of that day.",
        find=unlisted_choices,
    ),
    Check(
        code="INV-16",
        statement="Every attempt at a funder was chosen by a decision.",
        find=unchosen_attempts,
    ),
)
