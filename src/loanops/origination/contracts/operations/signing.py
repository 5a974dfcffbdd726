"""Orders about signatures: record, record many, keep the funder's signed copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, NotFound, Refusal
from loanops.origination.applications import operations as applications
from loanops.origination.contracts import events, permissions, queries
from loanops.origination.contracts.domain.evidence import (
    FUNDER_PAGE,
    OURS,
    SIGNATURE,
    require_keys,
)
from loanops.origination.contracts.domain.lifecycle import (
    CONTRACTS,
    ContractMove,
    ContractState,
    OfferMove,
)
from loanops.origination.contracts.domain.refusals import (
    EvidenceDoesNotFit,
    NotSigned,
    OfferExpired,
    SigningModeDiffers,
    SigningNotAllowed,
)
from loanops.origination.contracts.domain.witness import canonical, digest
from loanops.origination.contracts.models import Contract, Offer, Signature
from loanops.origination.contracts.operations._lapsing import OPEN, lapse
from loanops.origination.contracts.operations._rows import (
    book_of_contract,
    hold_contracts,
    move_offers,
)
from loanops.origination.contracts.operations._telling import (
    Outcome,
    Refused,
    advancing,
    only,
    see_book,
    witnessed,
)
from loanops.origination.contracts.queries import ContractCard
from loanops.platform import vault
from loanops.platform.books import queries as books
from loanops.platform.db import insert_many, update_many
from loanops.platform.files import operations as files
from loanops.platform.work import Work, unit_of_work
from loanops.registry.compliance import queries as compliance
from loanops.registry.compliance.queries import Law

_COLUMNS = (
    "contract_id", "book_id", "mode", "signer", "reference", "witness", "evidence_sealed",
    "evidence_sha256", "signed_at", "recorded_at", "recorded_by",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SignatureIn:
    """A signature as it reached us.

    Evidence of ``ours``: signer, ip, device, and the witness that was before the signer's eyes.
    Of ``funder_page``: the funder's signing reference and the hash of the copy it keeps; where it
    names the digests it showed (contract_digest, disclosure_digest), they must be ours.
    """

    contract: str
    mode: str
    evidence: Mapping[str, str]
    signed_at: datetime


def record_signature(
    *,
    contract: str,
    mode: str,
    evidence: Mapping[str, str],
    signed_at: datetime,
    actor: Actor,
    at: datetime,
) -> ContractCard:
    """Record that the borrower signed; other offers of the application lapse.

    :raises NotPermitted: the actor may not sign.
    :raises NotFound: there is no such contract.
    :raises MoveNotAllowed: it is signed or void.
    :raises OfferExpired: the offer's last day was over when it was signed.
    :raises SigningModeDiffers: the agreement says another place.
    :raises SigningNotAllowed: the rule pack needs a decision that is not in force.
    :raises EvidenceMissing, EvidenceDoesNotFit, BadField: the evidence does not prove it.
    """
    require(actor, permissions.SIGN)
    book = book_of_contract(contract, actor)
    given = SignatureIn(contract=contract, mode=mode, evidence=evidence, signed_at=signed_at)
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        signed, refused = _record(work, [given])
        only(refused)

        work.record("contracts.signed", subject=contract, mode=mode)
        row = _told(signed[0])
        work.announce(events.ContractSigned(subject=signed[0].application, **row))
    return queries.get_contract(contract)


def record_signatures_many(
    *, book: str, signatures: Sequence[SignatureIn], actor: Actor, at: datetime
) -> Outcome:
    """Record many signatures; each row is refused by itself and by the same rules as one.

    :raises NotPermitted: the actor may not sign.
    :raises NotFound: there is no such book in the actor's scope.
    """
    require(actor, permissions.SIGN)
    see_book(actor, book)
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        signed, refused = _record(work, signatures)
        numbers = [contract.number for contract in signed]
        witnessed(work, "contracts.signed_many", numbers)
        if signed:
            rows = tuple(_told(contract) for contract in signed)
            work.announce(events.ContractsSigned(subject=f"{book}:{numbers[0]}", rows=rows))
    return Outcome(tuple(numbers), tuple(refused))


def _record(work: Work, given: Sequence[SignatureIn]) -> tuple[list[Contract], list[Refused]]:
    contracts = hold_contracts([each.contract for each in given], book=work.book, actor=work.actor)
    law = compliance.law_of(book=work.book, on=work.on)
    signed: list[tuple[Contract, SignatureIn]] = []
    refused: list[Refused] = []
    applications_taken: set[str] = set()
    firsts: dict[str, SignatureIn] = {}
    for each in given:
        firsts.setdefault(each.contract, each)
    for each in firsts.values():
        try:
            contract = _signable(each, contracts.get(each.contract), law, work)
            if contract.application in applications_taken:
                CONTRACTS.after(ContractState.SIGNED, ContractMove.SIGN)
        except Refusal as refusal:
            refused.append(Refused(each.contract, refusal))
        else:
            applications_taken.add(contract.application)
            signed.append((contract, each))
    if signed:
        _write(work, signed)
    return [contract for contract, _ in signed], refused


def _signable(given: SignatureIn, contract: Contract | None, law: Law, work: Work) -> Contract:
    if contract is None:
        raise NotFound(kind="contract", number=given.contract)
    CONTRACTS.after(ContractState(contract.state), ContractMove.SIGN)
    if work.on >= contract.offer.expires_on:
        raise OfferExpired(offer=contract.offer.number, expires_on=contract.offer.expires_on)
    if given.mode != contract.signing_mode:
        raise SigningModeDiffers(
            field="mode", contract=contract.number, agreed=contract.signing_mode, mode=given.mode
        )
    answer = law.may_sign(mode=given.mode, funder=contract.funder)
    if not answer.allowed:
        raise SigningNotAllowed(
            mode=given.mode, funder=contract.funder, source=f"{answer.source} {answer.article}"
        )
    # A funder's clock is its own; what was signed in our page lies between drawing up and now.
    if given.mode == OURS and not contract.drawn_up_at <= given.signed_at <= work.at:
        problem = "must lie between the drawing up of the contract and now"
        raise BadField(field="signed_at", problem=problem)
    require_keys(contract.number, given.evidence, SIGNATURE[given.mode])
    _check_digests(given, contract)
    return contract


def _check_digests(given: SignatureIn, contract: Contract) -> None:
    ours = {
        "witness": contract.witness,
        "contract_digest": contract.witness,
        "disclosure_digest": contract.offer.statement_sha256,
    }
    for key, value in ours.items():
        if given.evidence.get(key, value) != value:
            raise EvidenceDoesNotFit(field=f"evidence.{key}", what=key, contract=contract.number)


def _write(work: Work, signed: Sequence[tuple[Contract, SignatureIn]]) -> None:
    insert_many(
        Signature._meta.db_table,
        _COLUMNS,
        [_signature_row(work, contract, given) for contract, given in signed],
    )
    update_many(
        Contract._meta.db_table,
        ("number",),
        ("state", "signed_at", "signed_on", "signed_copy_sha256"),
        [
            (
                contract.number, ContractState.SIGNED.value, given.signed_at, work.on,
                given.evidence.get("signed_copy_sha256", "") if given.mode == FUNDER_PAGE else "",
            )
            for contract, given in signed
        ],
    )  # fmt: skip
    move_offers([contract.offer for contract, _ in signed], OfferMove.SIGN)
    taken = [contract.application for contract, _ in signed]
    others = Offer.objects.filter(application__in=taken, state__in=OPEN)
    lapse(
        work,
        list(others.values_list("number", flat=True)),
        OfferMove.WITHDRAW,
        reason="another offer was taken",
        reopen=False,
    )
    applications.mark_signed_many(numbers=taken, actor=advancing(work.actor), at=work.at)


def _signature_row(work: Work, contract: Contract, given: SignatureIn) -> tuple[Any, ...]:
    text = canonical(dict(given.evidence))
    signer = given.evidence.get("signer", "") if given.mode == OURS else contract.party
    return (
        contract.number, work.book, given.mode, signer or contract.application,
        given.evidence.get("reference", ""), contract.witness, vault.seal("evidence", text),
        digest(text), given.signed_at, work.at, work.actor.person,
    )  # fmt: skip


def _told(contract: Contract) -> dict[str, Any]:
    """What the event of a signature says, alone or as a row of many."""
    return {
        "application": contract.application,
        "offer": contract.offer_id,
        "contract": contract.number,
        "funder": contract.funder,
        "guarantor": contract.guarantor,
        "principal_minor": contract.principal_minor,
        "signing_mode": contract.signing_mode,
    }


def keep_signed_copy(*, contract: str, content: bytes, actor: Actor, at: datetime) -> ContractCard:
    """Keep the signed copy that was fetched from the funder, once; it must be the one it named.

    :raises NotPermitted: the actor may not sign.
    :raises NotFound: there is no such contract.
    :raises NotSigned: nobody has signed it.
    :raises EvidenceDoesNotFit: the bytes are not those whose hash stands in the signature.
    :raises BadField: the bytes are no document.
    """
    require(actor, permissions.SIGN)
    book = book_of_contract(contract, actor)
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        row = hold_contracts([contract], book=book, actor=actor)[contract]
        if row.state != ContractState.SIGNED.value:
            raise NotSigned(contract=contract, state=row.state)
        if row.signed_copy_id:
            work.unchanged()
            return queries.get_contract(contract)
        kept = files.store(
            work=work,
            kind="signed_contract",
            name=f"{contract}-signed.pdf",
            content=content,
            actor=actor,
            at=at,
        )
        if kept.sha256 != row.signed_copy_sha256:
            raise EvidenceDoesNotFit(field="content", what="signed copy", contract=contract)
        Contract.objects.filter(pk=row.pk).update(signed_copy_id=kept.number)

        work.record("contracts.signed_copy_kept", subject=contract, sha256=kept.sha256)
    return queries.get_contract(contract)
