"""Orders about the list of partners (名单制): put on, take off."""

from __future__ import annotations

from datetime import date, datetime

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, NotFound
from loanops.platform.books import queries as books
from loanops.platform.db import new_number
from loanops.platform.work import unit_of_work
from loanops.registry.partners import permissions
from loanops.registry.partners.domain.refusals import (
    AgreementPeriodEmpty,
    ListedAlready,
    RoleDoesNotFit,
)
from loanops.registry.partners.domain.words import ROLE_OF, PartnerKind, Role
from loanops.registry.partners.models import Partner, WhitelistEntry
from loanops.registry.partners.queries.cards import WhitelistCard, whitelist_card


def whitelist(
    *,
    book: str,
    partner: str,
    role: str,
    valid_from: date,
    valid_to: date,
    source_url: str,
    actor: Actor,
    at: datetime,
) -> WhitelistCard:
    """Put a partner on the list for a role; ``valid_to`` is exclusive.

    ``source_url`` is where the list (or the licence) was read, at the moment ``at``.

    :raises NotPermitted: the actor may not edit the list.
    :raises NotFound: there is no such partner.
    :raises BadField: no source is named.
    :raises RoleDoesNotFit: a partner of this kind cannot play the role.
    :raises AgreementPeriodEmpty: the period ends before it begins.
    :raises ListedAlready: an entry for the same role overlaps.
    """
    require(actor, permissions.WHITELIST)
    listed = Partner.objects.filter(code=partner, book_id=book).first()
    if listed is None or not actor.sees_book(book):
        raise NotFound(kind="partner", number=partner)
    if not source_url.strip():
        raise BadField(field="source_url", problem="say where the entry was read")
    if role not in {each.value for each in Role} or ROLE_OF[PartnerKind(listed.kind)] != role:
        raise RoleDoesNotFit(field="role", kind=listed.kind, role=role)
    if valid_to <= valid_from:
        raise AgreementPeriodEmpty(field="valid_to", valid_from=valid_from, valid_to=valid_to)
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        twin = WhitelistEntry.objects.filter(
            book_id=book,
            partner=listed,
            role=role,
            valid_from__lt=valid_to,
            valid_to__gt=valid_from,
        ).first()
        if twin is not None:
            raise ListedAlready(
                partner=partner, role=role, valid_from=twin.valid_from, valid_to=twin.valid_to
            )
        entry = WhitelistEntry.objects.create(
            number=new_number("WL", at),
            book_id=book,
            partner=listed,
            role=role,
            valid_from=valid_from,
            valid_to=valid_to,
            source_url=source_url,
            captured_at=at,
        )

        work.record(
            "partners.listed",
            subject=entry.number,
            partner=partner,
            role=role,
            valid_from=valid_from,
            valid_to=valid_to,
            source_url=source_url,
        )
    return whitelist_card(entry)


def unlist(*, number: str, reason: str, actor: Actor, at: datetime) -> WhitelistCard:
    """Take a partner off the list: the entry ends with the business day before.

    :raises NotPermitted: the actor may not edit the list.
    :raises NotFound: there is no such entry, or it has ended.
    :raises BadField: no reason is given.
    """
    require(actor, permissions.WHITELIST)
    entry = WhitelistEntry.objects.select_related("partner").filter(number=number).first()
    if entry is None or not actor.sees_book(entry.book_id):
        raise NotFound(kind="list entry", number=number)
    if not reason.strip():
        raise BadField(field="reason", problem="write down why")
    on = books.business_date(entry.book_id)
    with unit_of_work(actor=actor, at=at, book=entry.book_id, on=on) as work:
        ends = max(on, entry.valid_from)
        live = WhitelistEntry.objects.filter(pk=entry.pk, valid_to__gt=ends)
        if not live.update(valid_to=ends):
            raise NotFound(kind="list entry", number=number)

        work.record(
            "partners.unlisted",
            subject=number,
            partner=entry.partner.code,
            role=entry.role,
            reason=reason,
        )
    entry.refresh_from_db()
    return whitelist_card(entry)
