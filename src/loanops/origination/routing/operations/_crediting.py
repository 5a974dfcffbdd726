"""The credit handshake: pre-check and application sent, their answers written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from loanops.origination.applications import queries as applications
from loanops.origination.applications.queries import ApplicationCard
from loanops.origination.contracts import operations as contracts
from loanops.origination.contracts import permissions as contract_grants
from loanops.origination.contracts.operations import OfferIn
from loanops.origination.routing import events
from loanops.origination.routing.domain.eligibility import SHARE_ACT, monthly_means
from loanops.origination.routing.domain.judging import NOT_FOUND, Source, Trouble, judge_credit
from loanops.origination.routing.domain.lifecycle import (
    ATTEMPTS,
    OPEN_ATTEMPTS,
    AttemptMove,
    AttemptState,
)
from loanops.origination.routing.models import Attempt
from loanops.origination.routing.operations._asking import Reach, ask_all, doubting, lend
from loanops.origination.routing.operations._noting import Heard, Opening, observe, open_exceptions
from loanops.origination.routing.operations._planning import move_holds
from loanops.origination.routing.ports import (
    Applicant,
    CreditAnswer,
    CreditRequest,
    Outcome,
    PrecheckRequest,
    Standing,
)
from loanops.platform.db import lock, new_numbers, update_many
from loanops.platform.parameters import queries as parameters
from loanops.platform.work import Work
from loanops.registry.parties import operations as parties
from loanops.registry.parties import permissions as party_grants
from loanops.registry.parties.operations import Particulars
from loanops.registry.partners import queries as partners
from loanops.registry.products import queries as products

_BACK_OFF_MAX = 6
_CHANGED = (
    "state", "granted_minor", "valid_until", "reason", "problem", "evidence", "tries",
    "not_found_since", "moved_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answered:
    """One attempt with what was heard about it; the last word counts."""

    attempt: Attempt
    answer: CreditAnswer
    source: Source
    precheck: Outcome | None = None


def reach_of(attempts: Iterable[Attempt]) -> dict[tuple[str, int], Reach]:
    """How the funder of each agreement version is reached."""
    cards = partners.find_agreements((each.agreement, each.agreement_version) for each in attempts)
    return {
        pair: Reach(card.gateway, card.partner, tuple(sorted(card.gateway_config.items())))
        for pair, card in cards.items()
    }


def disclose(work: Work, attempts: Sequence[Attempt]) -> dict[str, Particulars]:
    """The persons that funders are about to be told of, each with consent, recorded."""
    actor = lend(work.actor, party_grants.DISCLOSE)
    persons: dict[str, Particulars] = {}
    for funder in sorted({each.funder for each in attempts if each.party}):
        persons |= parties.disclose_many(
            numbers=[each.party for each in attempts if each.funder == funder and each.party],
            recipient=funder,
            act=SHARE_ACT,
            book=work.book,
            actor=actor,
            at=work.at,
        )
    return persons


def apply_all(
    attempts: Sequence[Attempt],
    cards: Mapping[str, ApplicationCard],
    persons: Mapping[str, Particulars],
) -> list[Answered]:
    """Ask every funder, pre-check first where there is a person; nothing is written here."""
    reaches = reach_of(attempts)
    calls: list[Callable[[], Answered]] = []
    for each in attempts:
        numbers = new_numbers("RQ", each.planned_at, 2)
        reach = reaches[each.agreement, each.agreement_version]
        person = persons.get(each.party)
        card = cards[each.application]
        calls.append(partial(_apply, each, reach, card, person, numbers))
    return ask_all(calls)


def _apply(
    attempt: Attempt,
    reach: Reach,
    card: ApplicationCard,
    person: Particulars | None,
    numbers: Sequence[str],
) -> Answered:
    precheck: Outcome | None = None
    if person is not None:
        request = PrecheckRequest(
            serial=attempt.precheck_serial,
            request_number=numbers[0],
            on=attempt.planned_on,
            id_number=person.id_number,
            mobile=person.mobile,
        )
        precheck = doubting(Outcome, numbers[0], lambda: reach.open().precheck(request))
        if precheck.standing is not Standing.SUCCESS:
            return Answered(attempt, _as_credit(precheck), Source.ANSWER, precheck)
    credit = _credit_request(attempt, card, person, numbers[1])
    answer = doubting(CreditAnswer, numbers[1], lambda: reach.open().apply_for_credit(credit))
    return Answered(attempt, answer, Source.ANSWER, precheck)


def _as_credit(precheck: Outcome) -> CreditAnswer:
    """A pre-check that did not pass stands for the answer; nothing was applied for."""
    refused = precheck.standing is Standing.REFUSED
    return CreditAnswer(
        standing=Standing.REFUSED if refused else Standing.UNKNOWN,
        request_number=precheck.request_number,
        code=precheck.code,
        reason=precheck.reason,
        problem=precheck.problem if refused else f"precheck:{precheck.problem}"[:64],
        evidence=precheck.evidence,
    )


def _credit_request(
    attempt: Attempt, card: ApplicationCard, person: Particulars | None, request_number: str
) -> CreditRequest:
    income_minor, debts_minor = monthly_means(card.facts)
    return CreditRequest(
        serial=attempt.credit_serial,
        request_number=request_number,
        on=attempt.planned_on,
        reference=attempt.application,
        product=card.product,
        currency=attempt.currency,
        amount_minor=attempt.amount_minor,
        term_count=attempt.term_months,
        annual_rate=attempt.annual_rate,
        purpose=card.purpose,
        applicant=Applicant(
            name=person.name if person else "",
            id_number=person.id_number if person else "",
            mobile=person.mobile if person else "",
            region=card.region,
            industry=str(card.facts.get("industry") or ""),
            income_monthly_minor=income_minor,
            debts_monthly_minor=debts_minor,
        ),
        consents=(SHARE_ACT,) if person else (),
    )


def query_all(attempts: Sequence[Attempt]) -> list[Answered]:
    """Ask every funder what became of an application; nothing is written here."""
    reaches = reach_of(attempts)
    calls: list[Callable[[], Answered]] = []
    for each in attempts:
        number = new_numbers("RQ", each.planned_at, 1)[0]
        reach = reaches[each.agreement, each.agreement_version]
        calls.append(partial(_query, each, reach, number))
    return ask_all(calls)


def _query(attempt: Attempt, reach: Reach, number: str) -> Answered:
    answer = doubting(
        CreditAnswer,
        number,
        lambda: reach.open().query_credit(attempt.credit_serial, request_number=number),
    )
    return Answered(attempt, answer, Source.QUERY)


def take_answers(work: Work, answers: Sequence[Answered]) -> None:
    """Write down what was heard; approvals become offers, refusals free what was reserved."""
    observe(_heard(answers), work.at)
    still = _still_open([each.attempt for each in answers])
    fresh = [each for each in answers if each.attempt.pk in still]
    if not fresh:
        work.unchanged()
        return
    moved = {each.attempt.pk: judge_credit(each.answer.standing.value) for each in fresh}
    update_many(
        Attempt._meta.db_table,
        ("id",),
        _CHANGED,
        [_changes(each, moved[each.attempt.pk], work) for each in fresh],
    )
    refused = [each.attempt for each in fresh if moved[each.attempt.pk] is AttemptMove.REFUSE]
    move_holds(work, refused, use=False)
    _offer(work, [each for each in fresh if moved[each.attempt.pk] is AttemptMove.GRANT])
    _wait(
        work,
        [
            each
            for each in fresh
            if moved[each.attempt.pk]
            in {
                AttemptMove.WAIT,
                AttemptMove.DOUBT,
            }
        ],
    )
    open_exceptions(work, [
        Opening(
            kind=Trouble.SERIAL_REUSED, serial=each.attempt.credit_serial,
            application=each.attempt.application, funder=each.attempt.funder,
        )
        for each in fresh
        if each.answer.problem == Trouble.SERIAL_REUSED.value
    ])  # fmt: skip
    _record(work, fresh, moved)


def _heard(answers: Sequence[Answered]) -> Iterable[Heard]:
    for each in answers:
        if each.precheck is not None:
            yield Heard(each.attempt.precheck_serial, Source.ANSWER, each.precheck)
        if each.precheck is None or each.precheck.standing is Standing.SUCCESS:
            yield Heard(each.attempt.credit_serial, each.source, each.answer)


def _still_open(attempts: Sequence[Attempt]) -> set[int]:
    """Attempts that nobody has ended since they were read, held until the work ends."""
    ids = [each.pk for each in attempts]
    lock(Attempt._meta.db_table, ids)
    states = {state.value for state in OPEN_ATTEMPTS}
    rows = Attempt.objects.filter(pk__in=ids, state__in=states)
    return set(rows.values_list("pk", flat=True))


def _changes(each: Answered, move: AttemptMove, work: Work) -> tuple[Any, ...]:
    attempt, answer = each.attempt, each.answer
    after = ATTEMPTS.after(AttemptState(attempt.state), move)
    granted = move is AttemptMove.GRANT
    lost = answer.problem == NOT_FOUND
    return (
        attempt.pk,
        after.value,
        answer.approved_minor if granted else None,
        answer.valid_until if granted else None,
        answer.reason or ("0001" if answer.problem == "bad_parameters" else ""),
        answer.problem,
        answer.evidence if granted or move is AttemptMove.REFUSE else attempt.evidence,
        attempt.tries + 1,
        (attempt.not_found_since or work.at) if lost else None,
        work.at,
    )


def _offer(work: Work, granted: Sequence[Answered]) -> None:
    """Make the funder's offer of what it granted; what cannot be offered lapses."""
    if not granted:
        return
    cards = applications.cards_of(each.attempt.application for each in granted)
    versions = {card.product: card for card in products.list_versions(book=work.book, on=work.on)}
    _tell_granted(work, granted)
    offers = []
    for each in granted:
        attempt, card = each.attempt, cards[each.attempt.application]
        version = versions.get(card.product)
        # What the funder was asked with may be another figure than that of the offer's day.
        is_read = version is not None and products.begins_at_index(version)
        offers.append(
            OfferIn(
                application=attempt.application,
                agreement=attempt.agreement,
                product_version=version.number if version else "",
                principal_minor=min(each.answer.approved_minor or 0, attempt.amount_minor),
                instalments=attempt.term_months,
                annual_rate=None if is_read else Decimal(attempt.annual_rate),
                start_date=card.start_on or work.on,
            )
        )
    outcome = contracts.make_offers_many(
        book=work.book, offers=offers, actor=lend(work.actor, contract_grants.OFFER), at=work.at
    )
    attempts = {each.attempt.application: each.attempt for each in granted}
    refused = {each.subject: each.refusal.code for each in outcome.refused}
    lapse_rows(work, [(attempts[number], code) for number, code in refused.items()])


def _tell_granted(work: Work, granted: Sequence[Answered]) -> None:
    """Announce what was granted: one event, or one for the batch."""
    rows: list[dict[str, Any]] = [
        {
            "application": each.attempt.application,
            "funder": each.attempt.funder,
            "agreement": each.attempt.agreement,
            "granted_minor": each.answer.approved_minor or 0,
        }
        for each in granted
    ]
    first = granted[0].attempt
    if len(rows) == 1:
        work.announce(events.CreditApproved(subject=first.application, **rows[0]))
        return
    subject = f"{work.book}:{first.number}"
    work.announce(events.CreditsApproved(subject=subject, rows=tuple(rows)))


def lapse_rows(work: Work, lapsing: Sequence[tuple[Attempt, str]]) -> None:
    """End approvals that are not taken up, and free what they reserved."""
    after = ATTEMPTS.after(AttemptState.APPROVED, AttemptMove.LAPSE).value
    update_many(
        Attempt._meta.db_table,
        ("id",),
        ("state", "reason", "moved_at"),
        [(attempt.pk, after, reason[:64], work.at) for attempt, reason in lapsing],
    )
    move_holds(work, [attempt for attempt, _ in lapsing], use=False)
    for attempt, reason in lapsing:
        work.record(
            "routing.lapsed", subject=attempt.application, funder=attempt.funder, reason=reason
        )


def _wait(work: Work, waiting: Sequence[Answered]) -> None:
    seconds = parameters.value_on("routing.query_interval_seconds", work.on)
    for each in waiting:
        tries = each.attempt.tries + 1
        work.enqueue(
            "routing.settle_attempt",
            key=f"routing.settle_attempt:{each.attempt.number}:{tries}",
            payload={"attempt": each.attempt.number, "tries": tries},
            run_at=work.at + timedelta(seconds=seconds * 2 ** min(tries - 1, _BACK_OFF_MAX)),
        )


def _record(work: Work, fresh: Sequence[Answered], moved: Mapping[int, AttemptMove]) -> None:
    if len(fresh) == 1:
        attempt = fresh[0].attempt
        after = ATTEMPTS.after(AttemptState(attempt.state), moved[attempt.pk])
        work.record(
            "routing.answered",
            subject=attempt.application,
            funder=attempt.funder,
            serial=attempt.credit_serial,
            state=after.value,
            reason=fresh[0].answer.reason,
        )
        return
    counts: dict[str, int] = {}
    for move in moved.values():
        counts[move.value] = counts.get(move.value, 0) + 1
    numbers = [each.attempt.number for each in fresh]
    work.record_batch("routing.answered_many", subjects=numbers, moves=counts)
