"""Signing on the funder's page: the session, the way back, and the proof by query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from loanops.kernel.access import Actor, require
from loanops.kernel.pricing import display
from loanops.kernel.refusals import MoveNotAllowed, NotFound
from loanops.origination.contracts import operations as contracts
from loanops.origination.contracts import permissions as contract_grants
from loanops.origination.contracts import queries as contracts_asked
from loanops.origination.contracts.queries import ContractCard
from loanops.origination.routing import permissions
from loanops.origination.routing.domain.judging import Source, Trouble
from loanops.origination.routing.domain.lifecycle import (
    OPEN_SIGNINGS,
    SIGNINGS,
    AttemptState,
    SigningMove,
    SigningState,
)
from loanops.origination.routing.domain.refusals import (
    CreditExpired,
    NoApprovedFunder,
    SignedElsewhere,
)
from loanops.origination.routing.models import Attempt, Signing
from loanops.origination.routing.operations._asking import Reach, committed, doubting, lend
from loanops.origination.routing.operations._crediting import reach_of
from loanops.origination.routing.operations._noting import Heard, Opening, observe, open_exceptions
from loanops.origination.routing.ports import (
    SignedCopy,
    SigningAnswer,
    SigningRequest,
    Standing,
)
from loanops.origination.routing.queries.cards import SigningCard, signing_card
from loanops.platform.books import queries as books
from loanops.platform.db import new_number
from loanops.platform.work import Work, unit_of_work

FUNDER_PAGE: Final = "funder_page"
_OPEN = [state.value for state in OPEN_SIGNINGS]
_LIVE = [*_OPEN, SigningState.SIGNED.value]


def start_signing(*, contract: str, return_url: str, actor: Actor, at: datetime) -> SigningCard:
    """Open a session on the funder's page for a contract that is drawn up; one hop, ``page_url``.

    A session that is open already is given again. In doubt the card has no page yet: asking again
    sends the same serial.

    :raises NotPermitted: the actor may not route.
    :raises NotFound: there is no such contract in the actor's scope.
    :raises SignedElsewhere: the agreement has the parties sign with us.
    :raises MoveNotAllowed: the contract is signed or void.
    :raises NoApprovedFunder, CreditExpired: no credit stands behind it.
    """
    require(actor, permissions.ROUTE)
    card = _contract(contract, actor)
    _permit(card)
    signing = _open_session(card, return_url, actor, at)
    if signing.state == SigningState.OPEN.value:
        return signing_card(signing)
    number = new_number("RQ", at)
    reach = _reach(signing)
    request = SigningRequest(**_request_of(signing, number))
    answer = doubting(SigningAnswer, number, lambda: reach.open().create_signing(request))
    return _take(signing, Source.ANSWER, answer, None, actor, at)


def settle_signing(*, contract: str, actor: Actor, at: datetime) -> SigningCard:
    """Ask the funder what became of a session; a proven signature signs the contract.

    The borrower's return to us proves nothing. Digests that are not ours become an exception.

    :raises NotPermitted: the actor may not route.
    :raises NotFound: there is no such contract in the actor's scope, or no session of it.
    """
    require(actor, permissions.ROUTE)
    _contract(contract, actor)
    signing = Signing.objects.filter(contract=contract).order_by("-id").first()
    if signing is None:
        raise NotFound(kind="signing", number=contract)
    if signing.state not in _OPEN:
        return signing_card(signing)
    number = new_number("RQ", at)
    reach = _reach(signing)
    answer = doubting(
        SigningAnswer,
        number,
        lambda: reach.open().query_signing(signing.serial, request_number=number),
    )
    copy = None
    if answer.standing is Standing.SUCCESS:
        copy = doubting(
            SignedCopy,
            number,
            lambda: reach.open().fetch_signed_copy(signing.serial, request_number=number),
        )
    return _take(signing, Source.QUERY, answer, copy, actor, at)


def _contract(number: str, actor: Actor) -> ContractCard:
    """The contract within the actor's scope; who may route sees what is signed."""
    return contracts_asked.get_contract(number, viewer=lend(actor, contract_grants.VIEW))


def _permit(card: ContractCard) -> None:
    if card.signing_mode != FUNDER_PAGE:
        raise SignedElsewhere(contract=card.number, mode=card.signing_mode)
    if "sign" not in card.moves:
        raise MoveNotAllowed(state=card.state, move="sign")


def _attempt_for(card: ContractCard, work: Work) -> Attempt:
    attempt = Attempt.objects.filter(
        application=card.application, funder=card.funder, state=AttemptState.APPROVED.value
    ).first()
    if attempt is None:
        raise NoApprovedFunder(application=card.application)
    if attempt.valid_until is not None and work.on > attempt.valid_until:
        raise CreditExpired(
            funder=card.funder, application=card.application, valid_until=attempt.valid_until
        )
    return attempt


def _open_session(card: ContractCard, return_url: str, actor: Actor, at: datetime) -> Signing:
    """The live session of a contract, committed with its serial before it is sent."""
    on = books.business_date(card.book)
    with committed(), unit_of_work(actor=actor, at=at, book=card.book, on=on) as work:
        attempt = _attempt_for(card, work)
        known = Signing.objects.filter(contract=card.number, state__in=_LIVE).first()
        if known is not None:
            work.unchanged()
            return known
        serial = new_number("SG", at)
        made = Signing.objects.create(
            serial=serial,
            book_id=card.book,
            attempt=attempt,
            application=card.application,
            contract=card.number,
            funder=card.funder,
            request=_request(card, attempt, serial, return_url),
            state=SigningState.OPENING.value,
            opened_at=at,
            moved_at=at,
        )

        work.record(
            "routing.signing_opened", subject=card.application, serial=serial, funder=card.funder
        )
    return made


def _request(card: ContractCard, attempt: Attempt, serial: str, return_url: str) -> dict[str, Any]:
    return {
        "serial": serial,
        "credit_serial": attempt.credit_serial,
        "currency": card.currency,
        "amount_minor": card.principal_minor,
        "term_count": int(card.terms["instalments"]),
        "annual_rate": str(card.terms["annual_rate"]),
        "all_in_cost": display(getattr(card.cost, card.cost.measure)),
        "contract_number": card.number,
        "contract_digest": card.witness,
        "disclosure_digest": card.statement_sha256,
        "return_url": return_url,
    }


def _request_of(signing: Signing, number: str) -> dict[str, Any]:
    from_row = dict(signing.request)
    from_row["annual_rate"] = Decimal(from_row["annual_rate"])
    return {**from_row, "request_number": number}


def _reach(signing: Signing) -> Reach:
    attempt = Attempt.objects.get(pk=signing.attempt_id)
    return reach_of([attempt])[attempt.agreement, attempt.agreement_version]


def _take(
    signing: Signing,
    source: Source,
    answer: SigningAnswer,
    copy: SignedCopy | None,
    actor: Actor,
    at: datetime,
) -> SigningCard:
    """Write down what was heard; a signature that fits is recorded with the contract."""
    on = books.business_date(signing.book_id)
    with committed(), unit_of_work(actor=actor, at=at, book=signing.book_id, on=on) as work:
        observe([Heard(signing.serial, source, answer)], at)
        row = Signing.objects.select_for_update().get(pk=signing.pk)
        if row.state not in _OPEN:
            work.unchanged()
            return signing_card(row)
        answer, trouble = _held_against(row, answer, copy)
        move = _move(answer)
        after = SIGNINGS.after(SigningState(row.state), move)
        Signing.objects.filter(pk=row.pk).update(
            state=after.value,
            page_url=answer.page_url or row.page_url,
            reason=answer.reason,
            problem=trouble.value if trouble else answer.problem,
            evidence=answer.evidence,
            funder_contract_number=answer.funder_contract_number,
            signed_at=answer.signed_at,
            copy_sha256=answer.signed_copy_digest,
            moved_at=at,
        )
        if trouble is not None:
            open_exceptions(work, [Opening(
                kind=trouble, serial=row.serial, application=row.application, funder=row.funder,
                detail={"contract": row.contract},
            )])  # fmt: skip
        if move is SigningMove.SIGN and copy is not None:
            _sign(work, row, answer, copy)

        work.record(
            "routing.signing_answered",
            subject=row.application,
            serial=row.serial,
            state=after.value,
            reason=answer.reason,
        )
    return signing_card(Signing.objects.get(pk=signing.pk))


def _move(answer: SigningAnswer) -> SigningMove:
    return {
        Standing.SUCCESS: SigningMove.SIGN,
        Standing.REFUSED: SigningMove.END,
        Standing.PROCESSING: SigningMove.OPEN,
        Standing.UNKNOWN: SigningMove.DOUBT,
    }[answer.standing]


def _held_against(
    row: Signing, answer: SigningAnswer, copy: SignedCopy | None
) -> tuple[SigningAnswer, Trouble | None]:
    """A signature that is not proven whole is doubt; one of something else is trouble too."""
    if answer.standing is not Standing.SUCCESS:
        return answer, None
    if copy is None or copy.standing is not Standing.SUCCESS:
        doubt = replace(answer, standing=Standing.UNKNOWN, problem="copy_missing")
        return doubt, None
    asked: Mapping[str, Any] = row.request
    fits = (
        answer.contract_digest == asked["contract_digest"]
        and answer.disclosure_digest == asked["disclosure_digest"]
        and copy.evidence == answer.signed_copy_digest
    )
    if fits:
        return answer, None
    return replace(answer, standing=Standing.UNKNOWN), Trouble.COPY_DIFFERS


def _sign(work: Work, row: Signing, answer: SigningAnswer, copy: SignedCopy) -> None:
    actor = lend(work.actor, contract_grants.SIGN)
    contracts.record_signature(
        contract=row.contract,
        mode=FUNDER_PAGE,
        evidence={
            "reference": answer.funder_contract_number,
            "signed_copy_sha256": answer.signed_copy_digest,
            "contract_digest": answer.contract_digest,
            "disclosure_digest": answer.disclosure_digest,
        },
        signed_at=answer.signed_at or work.at,
        actor=actor,
        at=work.at,
    )
    contracts.keep_signed_copy(contract=row.contract, content=copy.content, actor=actor, at=work.at)
