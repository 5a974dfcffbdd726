"""Payout intents: what may be drawn, written down with its serial before a byte leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from loanops.kernel.refusals import Refusal
from loanops.origination.applications import queries as applications
from loanops.origination.contracts import queries as contracts
from loanops.origination.contracts.queries import ContractCard
from loanops.origination.routing.domain.lifecycle import (
    LIVE_PAYOUTS,
    AttemptState,
    PayoutState,
    SigningState,
)
from loanops.origination.routing.domain.refusals import (
    AgreementNotInForce,
    CreditExpired,
    FunderNotListedAnymore,
    NoApprovedFunder,
    PayoutLive,
)
from loanops.origination.routing.models import Attempt, PayoutIntent, Signing
from loanops.platform.db import insert_many, new_numbers
from loanops.platform.work import Work
from loanops.registry.partners import queries as partners

_LIVE: Final = [state.value for state in LIVE_PAYOUTS]
_COLUMNS = (
    "number", "serial", "book_id", "attempt_id", "application", "contract", "funder", "guarantor",
    "product_version", "signing_serial", "contract_digest", "currency", "amount_minor",
    "value_date", "terms", "state", "pay_number", "schedule_digest", "schedule_state", "reason",
    "problem", "evidence", "tries", "submitted_at", "submitted_on", "moved_at",
)  # fmt: skip


@dataclass(frozen=True)
class Refused:
    """One contract of a batch that was refused, and why."""

    contract: str
    refusal: Refusal


@dataclass(frozen=True)
class _Ground:
    """What drawdowns stand on, read once for a batch."""

    on: date
    attempts: Mapping[str, Attempt]
    signings: Mapping[str, Signing]
    live: Mapping[str, PayoutIntent]
    in_force: frozenset[str]
    listed: Mapping[str, frozenset[str]]
    kinds: Mapping[str, str]
    starts: Mapping[str, date | None]


def submit(work: Work, numbers: Sequence[str]) -> tuple[list[str], list[Refused]]:
    """Write the intents of signed contracts; the serials to send, and what was refused."""
    cards = contracts.find_signed_contracts(numbers)
    ground = _ground(work, list(cards.values()))
    fit: list[ContractCard] = []
    refused: list[Refused] = []
    for number in numbers:
        try:
            card = cards.get(number) or contracts.get_signed_contract(number)
            _permit(card, ground)
        except Refusal as refusal:
            refused.append(Refused(number, refusal))
            continue
        fit.append(card)
    serials = new_numbers("DD", work.at, len(fit))
    intents = new_numbers("PI", work.at, len(fit))
    rows = [
        _row(work, card, ground, serial, intent)
        for card, serial, intent in zip(fit, serials, intents, strict=True)
    ]
    insert_many(PayoutIntent._meta.db_table, _COLUMNS, rows)
    return serials, refused


def _ground(work: Work, cards: Sequence[ContractCard]) -> _Ground:
    numbers = [card.number for card in cards]
    asked = [card.application for card in cards]
    attempts = Attempt.objects.filter(application__in=asked, state=AttemptState.APPROVED.value)
    signings = Signing.objects.filter(contract__in=numbers, state=SigningState.SIGNED.value)
    live = PayoutIntent.objects.filter(contract__in=numbers, state__in=_LIVE)
    agreements = partners.list_agreements(book=work.book, on=work.on)
    guarantors = partners.find_partners(card.guarantor for card in cards if card.guarantor)
    roles = (partners.Role.FUNDER, partners.Role.GUARANTOR, partners.Role.INSURER)
    return _Ground(
        on=work.on,
        attempts={each.application: each for each in attempts},
        signings={each.contract: each for each in signings},
        live={each.contract: each for each in live},
        in_force=frozenset(each.number for each in agreements),
        listed={
            role.value: partners.whitelisted(book=work.book, role=role.value, on=work.on)
            for role in roles
        },
        kinds={code: card.kind for code, card in guarantors.items()},
        starts={number: card.start_on for number, card in applications.cards_of(asked).items()},
    )


def _permit(card: ContractCard, ground: _Ground) -> None:
    """Let a drawdown pass only on a standing credit, agreement and list, once.

    :raises PayoutLive, NoApprovedFunder, CreditExpired, AgreementNotInForce,
        FunderNotListedAnymore: it stands on none
    """
    live = ground.live.get(card.number)
    if live is not None:
        raise PayoutLive(contract=card.number, serial=live.serial, state=live.state)
    attempt = ground.attempts.get(card.application)
    if attempt is None or attempt.funder != card.funder:
        raise NoApprovedFunder(application=card.application)
    if attempt.valid_until is not None and ground.on > attempt.valid_until:
        raise CreditExpired(
            funder=card.funder, application=card.application, valid_until=attempt.valid_until
        )
    if attempt.agreement not in ground.in_force:
        raise AgreementNotInForce(agreement=attempt.agreement, funder=card.funder, on=ground.on)
    roles = {card.funder: partners.Role.FUNDER.value}
    if card.guarantor:
        roles[card.guarantor] = ground.kinds.get(card.guarantor, partners.Role.GUARANTOR.value)
    for partner, role in roles.items():
        if partner not in ground.listed.get(role, frozenset()):
            raise FunderNotListedAnymore(partner=partner, role=role, on=ground.on)


def _row(
    work: Work, card: ContractCard, ground: _Ground, serial: str, intent: str
) -> tuple[Any, ...]:
    signing = ground.signings.get(card.number)
    terms = terms_from(card.terms, ground.starts.get(card.application) or work.on)
    return (
        intent, serial, work.book, ground.attempts[card.application].pk, card.application,
        card.number, card.funder, card.guarantor or "", card.product_version,
        signing.serial if signing else "", card.witness, card.currency, card.principal_minor,
        terms["start_date"], terms, PayoutState.SUBMITTED.value, "", "", "", "", "", "", 0,
        work.at, work.on, work.at,
    )  # fmt: skip


def terms_from(terms: Mapping[str, Any], start: date) -> dict[str, Any]:
    """The agreed terms with interest running from the day of the payout.

    A first due date that this day has overtaken is left to the due day.
    """
    dated = {**terms, "start_date": start.isoformat()}
    first = dated.get("first_due_date")
    if first and date.fromisoformat(str(first)) <= start:
        dated["first_due_date"] = None
    return dated
