"""Choosing funders and writing it down: decisions, reservations, attempts with their serials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from loanops.kernel.access import Actor
from loanops.money.limits import operations as limits
from loanops.money.limits import permissions as limit_grants
from loanops.money.limits import queries as limits_asked
from loanops.money.limits.operations import Wish
from loanops.origination.applications import operations as applications
from loanops.origination.applications import permissions as application_grants
from loanops.origination.applications.queries import ApplicationCard
from loanops.origination.routing import events
from loanops.origination.routing.domain.eligibility import (
    Candidate,
    Considered,
    person_owner,
    quota_owner,
)
from loanops.origination.routing.domain.lifecycle import LIVE_ATTEMPTS, AttemptState
from loanops.origination.routing.models import Attempt, Decision
from loanops.origination.routing.operations._asking import lend
from loanops.origination.routing.operations._weighing import Frame, rate_of, take, weigh
from loanops.platform.db import insert_many, new_numbers
from loanops.platform.work import Work

CHUNK: Final = 5_000
_DECISION = (
    "book_id", "application", "round", "agreement", "funder", "guarantor", "candidates",
    "decided_at", "decided_on",
)  # fmt: skip
_ATTEMPT = (
    "number", "book_id", "application", "party", "round", "funder", "agreement",
    "agreement_version", "guarantor", "precheck_serial", "credit_serial", "currency",
    "amount_minor", "term_months", "annual_rate", "state", "reason", "problem", "evidence",
    "tries", "planned_at", "planned_on", "moved_at",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What a round of choosing came to: applications with their candidate, or with none."""

    chosen: list[tuple[ApplicationCard, Candidate]]
    without: list[tuple[ApplicationCard, list[Considered]]]


def plan(work: Work, frame: Frame, asked: Sequence[ApplicationCard]) -> Plan:
    """Choose for each application in order, reserve, and write decisions and attempts."""
    rounds = _rounds([each.number for each in asked])
    found = Plan([], [])
    decisions = []
    for card in asked:
        considered = weigh(frame, card)
        candidate = take(frame, card, considered)
        decisions.append(_decision_row(work, card, considered, candidate, rounds[card.number]))
        if candidate is None:
            found.without.append((card, considered))
        else:
            found.chosen.append((card, candidate))
    insert_many(Decision._meta.db_table, _DECISION, decisions)
    numbers = new_numbers("RA", work.at, len(found.chosen))
    _reserve(work, found.chosen, numbers)
    _insert_attempts(work, frame, found.chosen, numbers, rounds)
    return found


def _rounds(numbers: Sequence[str]) -> dict[str, int]:
    """The number of the next round of each application."""
    rounds = dict.fromkeys(numbers, 1)
    for start in range(0, len(numbers), CHUNK):
        rows = Decision.objects.filter(application__in=numbers[start : start + CHUNK])
        for application, last in rows.order_by("round").values_list("application", "round"):
            rounds[application] = last + 1
    return rounds


def _decision_row(
    work: Work,
    card: ApplicationCard,
    considered: Sequence[Considered],
    candidate: Candidate | None,
    place: int,
) -> tuple[Any, ...]:
    told = [
        {
            "agreement": each.candidate.agreement,
            "version": each.candidate.version,
            "funder": each.candidate.funder,
            "guarantor": each.candidate.guarantor,
            "priority": each.candidate.priority,
            "exclusions": [
                {"code": exclusion.code, "values": dict(exclusion.values)}
                for exclusion in each.exclusions
            ],
        }
        for each in considered
    ]
    chosen = (
        (candidate.agreement, candidate.funder, candidate.guarantor) if candidate else ("",) * 3
    )
    return (work.book, card.number, place, *chosen, told, work.at, work.on)


def _reserve(
    work: Work, chosen: Sequence[tuple[ApplicationCard, Candidate]], numbers: Sequence[str]
) -> None:
    """Reserve the funder's quota and the person's line under the attempt's number.

    :raises QuotaExhausted: somebody else took it since it was read; the round is tried again
    """
    wishes: list[Wish] = []
    for (card, candidate), number in zip(chosen, numbers, strict=True):
        amount_minor = card.offered_minor or card.amount_minor
        owner = quota_owner(candidate.funder, candidate.agreement)
        wishes.append(Wish(f"{number}:funder", owner, amount_minor))
        if card.party:
            wishes.append(Wish(f"{number}:person", person_owner(card.party), amount_minor))
    if not wishes:
        return
    outcome = limits.reserve_many(
        book=work.book, wishes=wishes, on=work.on, actor=holding(work.actor), at=work.at
    )
    for wish in wishes:
        short = outcome[wish.key]
        if short is not None:
            raise limits.QuotaExhausted(
                owner=wish.owner, kind=short.ceiling, left=short.left_minor,
                wanted=wish.amount_minor,
            )  # fmt: skip


def holding(actor: Actor) -> Actor:
    """The actor for the orders that reserve, use and release."""
    return lend(actor, limit_grants.HOLD, limit_grants.VIEW)


def _insert_attempts(
    work: Work,
    frame: Frame,
    chosen: Sequence[tuple[ApplicationCard, Candidate]],
    numbers: Sequence[str],
    rounds: dict[str, int],
) -> None:
    credit_serials = new_numbers("CR", work.at, len(chosen))
    prechecks = new_numbers("PC", work.at, len(chosen))
    agreements = {each.number: each for each in frame.agreements}
    rows = []
    for (card, candidate), number, credit, precheck in zip(
        chosen, numbers, credit_serials, prechecks, strict=True
    ):
        version = frame.versions.get(card.product)
        rate = rate_of(frame, agreements[candidate.agreement], card, version)
        rows.append((
            number, work.book, card.number, card.party or "", rounds[card.number],
            candidate.funder, candidate.agreement, candidate.version, candidate.guarantor,
            precheck if card.party else "", credit, frame.book.currency,
            card.offered_minor or card.amount_minor, card.term_months, rate or Decimal(0),
            AttemptState.PLANNED.value, "", "", "", 0, work.at, work.on, work.at,
        ))  # fmt: skip
    insert_many(Attempt._meta.db_table, _ATTEMPT, rows)


def move_holds(work: Work, attempts: Sequence[Attempt], *, use: bool) -> None:
    """Use or release what attempts reserved; what was not reserved (no quota) stays untouched."""
    verb = limits.use_many if use else limits.release_many
    by_owner: dict[str, list[str]] = {}
    for each in attempts:
        owner = quota_owner(each.funder, each.agreement)
        by_owner.setdefault(owner, []).append(f"{each.number}:funder")
        if each.party:
            by_owner.setdefault(person_owner(each.party), []).append(f"{each.number}:person")
    for owner, keys in sorted(by_owner.items()):
        held = limits_asked.states_of(owner=owner, keys=keys)
        if held:
            verb(
                book=work.book, owner=owner, keys=sorted(held), on=work.on,
                actor=holding(work.actor), at=work.at,
            )  # fmt: skip


def refuse(work: Work, without: Sequence[tuple[ApplicationCard, list[Considered]]]) -> None:
    """Order the end into applications for which no funder is left, and tell it."""
    by_reasons: dict[tuple[str, ...], list[str]] = {}
    for card, considered in without:
        codes = {exclusion.code for each in considered for exclusion in each.exclusions}
        by_reasons.setdefault(tuple(sorted(codes)) or ("no_funder",), []).append(card.number)
    actor = lend(work.actor, application_grants.ADVANCE)
    for reasons, numbers in by_reasons.items():
        applications.refuse_funding_many(numbers=numbers, reasons=reasons, actor=actor, at=work.at)
        for number in numbers:
            work.announce(
                events.FundingRefused(subject=number, application=number, reasons=reasons)
            )


def live_of(numbers: Sequence[str]) -> set[str]:
    """Applications that have a live attempt already."""
    states = [state.value for state in LIVE_ATTEMPTS]
    found: set[str] = set()
    for start in range(0, len(numbers), CHUNK):
        rows = Attempt.objects.filter(
            application__in=numbers[start : start + CHUNK], state__in=states
        )
        found.update(rows.values_list("application", flat=True))
    return found
