"""INV-06, 11, 15, 16 and 18, over routing's own tables and those that stand lower."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any, Final

from django.db.models import Count, Max, QuerySet

from loanops.kernel.access import Viewer
from loanops.kernel.guarantee import CEILING
from loanops.money.limits import queries as limits
from loanops.origination.contracts import queries as contracts
from loanops.origination.routing.domain.eligibility import SHARE_ACT, person_owner, quota_owner
from loanops.origination.routing.domain.judging import Trouble
from loanops.origination.routing.domain.lifecycle import (
    LIVE_ATTEMPTS,
    LIVE_PAYOUTS,
    OPEN_PAYOUTS,
    PayoutState,
)
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
from loanops.registry.compliance import queries as compliance
from loanops.registry.compliance.queries import ConsentCard
from loanops.registry.partners import queries as partners

_LIVE: Final = [state.value for state in LIVE_PAYOUTS]
_OPEN: Final = [state.value for state in OPEN_PAYOUTS]
_LIVE_CREDIT: Final = frozenset(state.value for state in LIVE_ATTEMPTS)
_CHUNK: Final = 2_000


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


def strayed_payouts() -> Iterator[Violation]:
    """Payouts that are not of the book, application, funder and amount of their contract."""
    rows = PayoutIntent.objects.order_by("id").values_list(
        "serial", "contract", "book_id", "application", "funder", "amount_minor",
        "attempt__application", "attempt__funder",
    )  # fmt: skip
    for part in _chunks(rows):
        cards = contracts.find_contracts(row[1] for row in part)
        for serial, number, *found, application, funder in part:
            card = cards.get(number)
            expected = (
                [card.book, card.application, card.funder, card.principal_minor] if card else []
            )
            if expected != found or expected[1:3] != [application, funder]:
                yield Violation(
                    code="INV-15",
                    object=serial,
                    expected=f"the contract {number}: {expected}",
                    found=f"{found} after the credit of {application} at {funder}",
                    hint="a payout belongs to the contract and the credit it was ordered for",
                )


def untrue_holds() -> Iterator[Violation]:
    """Holds on a funder's quota that do not stand where their credit and its payout stand."""
    paid = set(
        PayoutIntent.objects.filter(state=PayoutState.SUCCESS.value).values_list(
            "attempt_id", flat=True
        )
    )
    rows = Attempt.objects.order_by("id").values_list(
        "id", "number", "funder", "agreement", "state"
    )
    for part in _chunks(rows):
        held: dict[str, str] = {}
        for owner in sorted(
            {quota_owner(funder, agreement) for _, _, funder, agreement, _ in part}
        ):
            keys = [f"{number}:funder" for _, number, f, a, _ in part if quota_owner(f, a) == owner]
            held |= limits.states_of(owner=owner, keys=keys)
        for pk, number, _, _, state in part:
            found = held.get(f"{number}:funder")
            expected = "used" if pk in paid else "reserved" if state in _LIVE_CREDIT else "released"
            if found not in {None, expected} and (found, expected) != ("given_back", "used"):
                yield Violation(
                    code="INV-16",
                    object=number,
                    expected=f"its quota {expected}",
                    found=str(found),
                    hint="compare the funder's quota with its payouts before granting more",
                )


def strayed_holds() -> Iterator[Violation]:
    """Holds under the number of an attempt that are not of it, or of no attempt at all."""
    attempts: dict[str, tuple[Any, ...]] = {}
    columns = ("number", "book_id", "funder", "agreement", "party", "amount_minor", "planned_on")
    for number, book, funder, agreement, party, *held in Attempt.objects.values_list(
        *columns
    ).iterator():
        attempts[f"{number}:funder"] = (book, quota_owner(funder, agreement), *held)
        attempts[f"{number}:person"] = (book, person_owner(party), *held)
    for book, owner, key, *held in limits.all_holds(but=CEILING):
        wanted, found = attempts.get(key), (book, owner, *held)
        if wanted != found:
            yield Violation(
                code="INV-16",
                object=f"hold {key} of {owner}",
                expected=str(wanted or "the number of an attempt"),
                found=str(found),
                hint="what is held is held for an attempt at a funder, in its amount",
            )


def shared_without_consent() -> Iterator[Violation]:
    """Persons told to a funder without a consent that lived at that moment."""
    rows = Attempt.objects.exclude(party="").order_by("id")
    for part in _chunks(
        rows.values_list("number", "book_id", "party", "funder", "planned_at", "planned_on")
    ):
        given: dict[tuple[str, str, str], list[ConsentCard]] = {}
        parties = sorted({row[2] for row in part})
        for card in compliance.list_consents(subjects=parties, viewer=Viewer.house("verify")):
            given.setdefault((card.subject, card.purpose, card.recipient), []).append(card)
        laws: dict[tuple[str, date], tuple[tuple[str, bool], ...]] = {}
        for number, book, party, funder, at, on in part:
            if (book, on) not in laws:
                needed = compliance.law_of(book=book, on=on).consents_needed_for(SHARE_ACT)
                laws[book, on] = tuple((each.purpose, each.per_recipient) for each in needed)
            lacking = [
                purpose
                for purpose, per_recipient in laws[book, on]
                if not any(
                    card.given_at <= at and (card.withdrawn_at is None or card.withdrawn_at > at)
                    for card in given.get((party, purpose, funder if per_recipient else ""), ())
                )
            ]
            if lacking:
                yield Violation(
                    code="INV-18",
                    object=number,
                    expected=f"a living consent to {', '.join(lacking)} for {funder}",
                    found="none",
                    hint="tell compliance: personal data went to a funder without consent",
                )


def _chunks(rows: QuerySet[Any, tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    found = rows.iterator(chunk_size=_CHUNK)
    while part := list(islice(found, _CHUNK)):
        yield part


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
    Check(
        code="INV-15",
        statement="Every payout is that of its contract and of its credit.",
        find=strayed_payouts,
    ),
    Check(
        code="INV-16",
        statement="Every hold on a funder's quota stands where its credit and payout stand.",
        find=untrue_holds,
    ),
    Check(
        code="INV-16",
        statement="Every hold is held for an attempt at a funder, in its amount and on its day.",
        find=strayed_holds,
    ),
    Check(
        code="INV-18",
        statement="Every person told to a funder had a living consent to that.",
        find=shared_without_consent,
    ),
)
