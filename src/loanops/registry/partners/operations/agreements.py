"""Orders about agreements: sign, amend, suspend, resume, end."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, ChangedMeanwhile, NotFound
from loanops.platform.books import queries as books
from loanops.platform.db import new_number
from loanops.platform.work import unit_of_work
from loanops.platform.work.unit import canonical
from loanops.registry.compliance import queries as compliance
from loanops.registry.partners import permissions, queries
from loanops.registry.partners.domain.lifecycle import STANDING, Standing, Step
from loanops.registry.partners.domain.refusals import (
    AgreementPeriodEmpty,
    AmendmentNotLater,
    CapAboveLaw,
    LicenceExpired,
    MayNotCharge,
    NotAGuarantor,
    NotALender,
    PartnerNotActive,
    PortionBelowLaw,
)
from loanops.registry.partners.domain.terms import AgreementTerms
from loanops.registry.partners.domain.words import ENHANCERS, LENDERS, PartnerKind
from loanops.registry.partners.models import Agreement, AgreementVersion, Partner
from loanops.registry.partners.queries.cards import AgreementCard

_CHARGERS = frozenset({"funder", "guarantor", "insurer", "platform"})
_DONE = {
    Step.SUSPEND: "partners.agreement_suspended",
    Step.RESUME: "partners.agreement_resumed",
    Step.END: "partners.agreement_ended",
}


def sign_agreement(
    *,
    book: str,
    partner: str,
    terms: Mapping[str, Any],
    valid_from: date,
    valid_to: date,
    actor: Actor,
    at: datetime,
) -> AgreementCard:
    """Record a signed agreement with a funder as version 1; ``valid_to`` is exclusive.

    ``terms`` are the plain values of ``AgreementTerms``.

    :raises NotPermitted: the actor may not sign agreements.
    :raises NotFound: there is no such partner or guarantor.
    :raises BadField: a term is missing, unknown or out of range.
    :raises AgreementPeriodEmpty: the period ends before it begins.
    :raises PartnerNotActive, NotALender, NotAGuarantor, LicenceExpired: the parties do not fit.
    :raises MayNotCharge, CapAboveLaw, PortionBelowLaw: the law forbids a term.
    """
    require(actor, permissions.SIGN)
    funder = _partner(partner, book, actor)
    agreed = AgreementTerms.from_dict(terms)
    if valid_to <= valid_from:
        raise AgreementPeriodEmpty(field="valid_to", valid_from=valid_from, valid_to=valid_to)
    _check_parties(funder, agreed, valid_from, actor)
    _check_law(book, funder, agreed, valid_from)
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        agreement = Agreement.objects.create(
            number=new_number("AG", at), book_id=book, partner=funder
        )
        digest = _add_version(agreement, 1, agreed, valid_from, valid_to, actor=actor, at=at)

        work.record(
            "partners.agreement_signed",
            subject=agreement.number,
            partner=partner,
            valid_from=valid_from,
            valid_to=valid_to,
            terms_sha256=digest,
        )
    return queries.get_agreement(agreement.number)


def amend_agreement(
    *,
    number: str,
    terms: Mapping[str, Any],
    valid_from: date,
    valid_to: date,
    actor: Actor,
    at: datetime,
) -> AgreementCard:
    """Add a version with new terms; the version before ends on the day this one begins.

    Offers and loans keep the version they were made under.

    :raises NotPermitted: the actor may not sign agreements.
    :raises NotFound: there is no such agreement or guarantor.
    :raises BadField: a term is missing, unknown or out of range.
    :raises AgreementPeriodEmpty, AmendmentNotLater: the period does not follow the one before.
    :raises PartnerNotActive, NotALender, NotAGuarantor, LicenceExpired: the parties do not fit.
    :raises MayNotCharge, CapAboveLaw, PortionBelowLaw: the law forbids a term.
    """
    require(actor, permissions.SIGN)
    agreement = _find(number, actor)
    agreed = AgreementTerms.from_dict(terms)
    if valid_to <= valid_from:
        raise AgreementPeriodEmpty(field="valid_to", valid_from=valid_from, valid_to=valid_to)
    _check_parties(agreement.partner, agreed, valid_from, actor)
    _check_law(agreement.book_id, agreement.partner, agreed, valid_from)
    on = books.business_date(agreement.book_id)
    with unit_of_work(actor=actor, at=at, book=agreement.book_id, on=on) as work:
        last = AgreementVersion.objects.filter(agreement=agreement).order_by("-number")[0]
        if valid_from <= last.valid_from:
            raise AmendmentNotLater(field="valid_from", valid_from=last.valid_from)
        if valid_from < last.valid_to:
            AgreementVersion.objects.filter(pk=last.pk).update(valid_to=valid_from)
        version = last.number + 1
        digest = _add_version(agreement, version, agreed, valid_from, valid_to, actor=actor, at=at)

        work.record(
            "partners.agreement_amended",
            subject=number,
            version=version,
            valid_from=valid_from,
            valid_to=valid_to,
            terms_sha256=digest,
        )
    return queries.get_agreement(number)


def _add_version(
    agreement: Agreement,
    number: int,
    terms: AgreementTerms,
    valid_from: date,
    valid_to: date,
    *,
    actor: Actor,
    at: datetime,
) -> str:
    text = canonical(terms.to_dict())
    digest = hashlib.sha256(text.encode()).hexdigest()
    AgreementVersion.objects.create(
        agreement=agreement,
        number=number,
        terms_json=text,
        terms_sha256=digest,
        valid_from=valid_from,
        valid_to=valid_to,
        signed_at=at,
        signed_by=actor.person,
    )
    return digest


def _check_parties(funder: Partner, terms: AgreementTerms, valid_from: date, actor: Actor) -> None:
    if PartnerKind(funder.kind) not in LENDERS:
        raise NotALender(field="partner", partner=funder.code, kind=funder.kind)
    parties = [funder]
    if terms.guarantor:
        guarantor = _partner(terms.guarantor, funder.book_id, actor)
        if PartnerKind(guarantor.kind) not in ENHANCERS:
            raise NotAGuarantor(field="guarantor", partner=guarantor.code, kind=guarantor.kind)
        parties.append(guarantor)
    elif any(fee.charging_party in {"guarantor", "insurer"} for fee in terms.fees):
        raise BadField(field="guarantor", problem="a guarantor's fee needs the guarantor's code")
    sharing = terms.co_lending
    if sharing and sharing.lead != funder.code:
        raise BadField(
            field="co_lending.principal", problem="must begin with the funder, who leads"
        )
    for code in sharing.owners[1:]:
        lender = _partner(code, funder.book_id, actor)
        if PartnerKind(lender.kind) not in LENDERS:
            raise NotALender(field="co_lending.principal", partner=lender.code, kind=lender.kind)
        parties.append(lender)
    for party in parties:
        if party.state != Standing.ACTIVE.value:
            raise PartnerNotActive(partner=party.code, state=party.state)
        expires = party.licence_expires_on
        if expires is not None and expires <= valid_from:
            raise LicenceExpired(partner=party.code, expired_on=expires)


def _check_law(book: str, funder: Partner, terms: AgreementTerms, on: date) -> None:
    law = compliance.law_of(book=book, on=on)
    for fee in terms.fees:
        if fee.charging_party not in _CHARGERS:
            known = ", ".join(sorted(_CHARGERS))
            raise BadField(
                field="fees.charging_party", problem="must be one of {known}", known=known
            )
        answer = law.may_charge(charging_party=fee.charging_party)
        if not answer.allowed:
            raise MayNotCharge(
                field="fees",
                fee=fee.name,
                charging_party=fee.charging_party,
                source=f"{answer.source} {answer.article}",
            )
    _check_portions(book, funder, terms, on)
    for limit in law.cost_caps(lender_kind=funder.kind):
        if terms.cost_cap_annual is not None and terms.cost_cap_annual > limit.rate_annual:
            raise CapAboveLaw(
                field="cost_cap_annual",
                agreed=terms.cost_cap_annual,
                limit=limit.rate_annual,
                source=limit.source,
            )


def _check_portions(book: str, funder: Partner, terms: AgreementTerms, on: date) -> None:
    """Hold that whoever lends beside the lead funds as much of each loan as the law asks."""
    key = "colending.partner_share_min"
    limit = compliance.get_limit(book=book, key=key, on=on, lender_kind=funder.kind)
    if limit is None:
        return
    least = Decimal(str(limit.value))
    for portion in terms.co_lending.principal[1:]:
        if portion.share < least:
            raise PortionBelowLaw(
                field="co_lending.principal",
                partner=portion.owner,
                agreed=portion.share,
                limit=least,
                source=limit.source,
            )


def suspend_agreement(*, number: str, reason: str, actor: Actor, at: datetime) -> AgreementCard:
    """Stop routing under an agreement (pause its quota); running loans are untouched.

    :raises NotPermitted: the actor may not suspend agreements.
    :raises NotFound: there is no such agreement.
    :raises MoveNotAllowed: it is suspended or ended already.
    :raises BadField: no reason is given.
    """
    return _step(number, Step.SUSPEND, reason, actor=actor, at=at)


def resume_agreement(*, number: str, actor: Actor, at: datetime) -> AgreementCard:
    """Route under a suspended agreement again.

    :raises NotPermitted: the actor may not suspend agreements.
    :raises NotFound: there is no such agreement.
    :raises MoveNotAllowed: it is not suspended.
    """
    return _step(number, Step.RESUME, "", actor=actor, at=at)


def end_agreement(*, number: str, reason: str, actor: Actor, at: datetime) -> AgreementCard:
    """End an agreement for good.

    :raises NotPermitted: the actor may not suspend agreements.
    :raises NotFound: there is no such agreement.
    :raises MoveNotAllowed: it was ended before.
    :raises BadField: no reason is given.
    """
    return _step(number, Step.END, reason, actor=actor, at=at)


def _step(number: str, step: Step, reason: str, *, actor: Actor, at: datetime) -> AgreementCard:
    require(actor, permissions.SUSPEND)
    agreement = _find(number, actor)
    if step is not Step.RESUME and not reason.strip():
        raise BadField(field="reason", problem="write down why")
    after = STANDING.after(Standing(agreement.state), step)
    on = books.business_date(agreement.book_id)
    with unit_of_work(actor=actor, at=at, book=agreement.book_id, on=on) as work:
        changed = Agreement.objects.filter(pk=agreement.pk, state=agreement.state).update(
            state=after.value, version=agreement.version + 1
        )
        if not changed:
            raise ChangedMeanwhile(number=number)

        work.record(_DONE[step], subject=number, reason=reason)
    return queries.get_agreement(number)


def _find(number: str, actor: Actor) -> Agreement:
    agreement = Agreement.objects.select_related("partner").filter(number=number).first()
    if (
        agreement is None
        or not actor.sees_book(agreement.book_id)
        or not actor.sees_funder(agreement.partner.code)
    ):
        raise NotFound(kind="agreement", number=number)
    return agreement


def _partner(code: str, book: str, actor: Actor) -> Partner:
    partner = Partner.objects.filter(code=code, book_id=book).first()
    if partner is None or not actor.sees_book(book):
        raise NotFound(kind="partner", number=code)
    return partner
