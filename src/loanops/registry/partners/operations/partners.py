"""Orders about partners: register, renew a licence, suspend, resume, end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, ChangedMeanwhile, NotFound
from loanops.platform.books import queries as books
from loanops.platform.work import unit_of_work
from loanops.registry.partners import permissions
from loanops.registry.partners.domain.lifecycle import STANDING, Standing, Step
from loanops.registry.partners.domain.refusals import PartnerCodeTaken
from loanops.registry.partners.domain.words import PartnerKind
from loanops.registry.partners.models import Partner
from loanops.registry.partners.queries.cards import PartnerCard, partner_card

_LANGUAGES = {"zh-hans", "en"}
_DONE = {
    Step.SUSPEND: "partners.suspended",
    Step.RESUME: "partners.resumed",
    Step.END: "partners.ended",
}


def register_partner(
    *,
    book: str,
    code: str,
    kind: str,
    name: Mapping[str, str],
    legal_name: str,
    licence_number: str,
    licence_expires_on: date | None,
    contact: str,
    actor: Actor,
    at: datetime,
) -> PartnerCard:
    """Enter a partner into the register; ``name`` gives zh-hans and en.

    :raises NotPermitted: the actor may not register partners.
    :raises BadField: code, kind, name or legal name cannot be used.
    :raises PartnerCodeTaken: the code belongs to another partner.
    """
    require(actor, permissions.REGISTER)
    _check(code=code, kind=kind, name=name, legal_name=legal_name)
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        if Partner.objects.filter(code=code).exists():
            raise PartnerCodeTaken(field="code", code=code)
        partner = Partner.objects.create(
            code=code,
            book_id=book,
            kind=kind,
            name=dict(name),
            legal_name=legal_name,
            licence_number=licence_number,
            licence_expires_on=licence_expires_on,
            contact=contact,
        )

        work.record(
            "partners.registered",
            subject=code,
            kind=kind,
            licence_number=licence_number,
            licence_expires_on=licence_expires_on,
        )
    return partner_card(partner)


def _check(*, code: str, kind: str, name: Mapping[str, str], legal_name: str) -> None:
    if not code.isascii() or not code.replace("_", "").replace("-", "").isalnum():
        raise BadField(field="code", problem="use letters, digits, - and _ only")
    if kind not in {each.value for each in PartnerKind}:
        known = ", ".join(each.value for each in PartnerKind)
        raise BadField(field="kind", problem="must be one of {known}", known=known)
    if set(name) != _LANGUAGES or not all(text.strip() for text in name.values()):
        raise BadField(field="name", problem="give it in zh-hans and in en")
    if not legal_name.strip():
        raise BadField(field="legal_name", problem="write the registered name of the company")


def renew_licence(
    *,
    code: str,
    licence_number: str,
    licence_expires_on: date,
    version: int,
    actor: Actor,
    at: datetime,
) -> PartnerCard:
    """Record a partner's licence anew; ``version`` is the one the editor saw.

    :raises NotPermitted: the actor may not register partners.
    :raises NotFound: there is no such partner.
    :raises BadField: no licence number is given, or it has ended already.
    :raises ChangedMeanwhile: somebody else edited the partner.
    """
    require(actor, permissions.REGISTER)
    partner = _find(code, actor)
    on = books.business_date(partner.book_id)
    if not licence_number.strip():
        raise BadField(field="licence_number", problem="write the number on the licence")
    if licence_expires_on <= on:
        raise BadField(field="licence_expires_on", problem="the licence must end after today")
    with unit_of_work(actor=actor, at=at, book=partner.book_id, on=on) as work:
        changed = Partner.objects.filter(pk=partner.pk, version=version).update(
            licence_number=licence_number,
            licence_expires_on=licence_expires_on,
            version=version + 1,
        )
        if not changed:
            raise ChangedMeanwhile(number=code)

        work.record(
            "partners.licence_renewed",
            subject=code,
            licence_number=licence_number,
            licence_expires_on=licence_expires_on,
        )
    partner.refresh_from_db()
    return partner_card(partner)


def suspend(*, partner: str, reason: str, actor: Actor, at: datetime) -> PartnerCard:
    """Stop routing to a partner; its running loans are untouched.

    :raises NotPermitted: the actor may not suspend partners.
    :raises NotFound: there is no such partner.
    :raises MoveNotAllowed: it is suspended or ended already.
    :raises BadField: no reason is given.
    """
    return _step(partner, Step.SUSPEND, reason, actor=actor, at=at)


def resume(*, partner: str, actor: Actor, at: datetime) -> PartnerCard:
    """Route to a suspended partner again.

    :raises NotPermitted: the actor may not suspend partners.
    :raises NotFound: there is no such partner.
    :raises MoveNotAllowed: it is not suspended.
    """
    return _step(partner, Step.RESUME, "", actor=actor, at=at)


def end_partner(*, partner: str, reason: str, actor: Actor, at: datetime) -> PartnerCard:
    """End the work with a partner for good.

    :raises NotPermitted: the actor may not suspend partners.
    :raises NotFound: there is no such partner.
    :raises MoveNotAllowed: it was ended before.
    :raises BadField: no reason is given.
    """
    return _step(partner, Step.END, reason, actor=actor, at=at)


def _step(code: str, step: Step, reason: str, *, actor: Actor, at: datetime) -> PartnerCard:
    require(actor, permissions.SUSPEND)
    partner = _find(code, actor)
    if step is not Step.RESUME and not reason.strip():
        raise BadField(field="reason", problem="write down why")
    after = STANDING.after(Standing(partner.state), step)
    on = books.business_date(partner.book_id)
    with unit_of_work(actor=actor, at=at, book=partner.book_id, on=on) as work:
        changed = Partner.objects.filter(pk=partner.pk, state=partner.state).update(
            state=after.value, version=partner.version + 1
        )
        if not changed:
            raise ChangedMeanwhile(number=code)

        work.record(_DONE[step], subject=code, reason=reason)
    partner.refresh_from_db()
    return partner_card(partner)


def _find(code: str, actor: Actor) -> Partner:
    partner = Partner.objects.filter(code=code).first()
    if partner is None or not (actor.sees_book(partner.book_id) and actor.sees_funder(code)):
        raise NotFound(kind="partner", number=code)
    return partner
