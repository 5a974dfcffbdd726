"""Questions to the partner register.

Windows pass their viewer; without one the asker is a room of the house.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import QuerySet

from loanops.kernel.access import Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.registry.partners import permissions
from loanops.registry.partners.domain.lifecycle import Standing
from loanops.registry.partners.domain.terms import AgreementTerms, Share
from loanops.registry.partners.domain.words import PartnerKind, Role, SigningMode
from loanops.registry.partners.models import (
    AgreementVersion,
    Partner,
    WhitelistEntry,
)
from loanops.registry.partners.queries.cards import (
    AgreementCard,
    PartnerCard,
    VersionCard,
    WhitelistCard,
    agreement_card,
    partner_card,
    whitelist_card,
)

_HOUSE: Final = Viewer.house("partners")


@dataclass(frozen=True)
class Filter:
    """Which partners: by kind and state; empty means all."""

    book: str = ""
    kind: str = ""
    state: str = ""


def get_partner(code: str, *, viewer: Viewer = _HOUSE) -> PartnerCard:
    """The partner with this code.

    :raises NotPermitted: the viewer may not read the register.
    :raises NotFound: there is none, or it is outside the viewer's books or funders.
    """
    require(viewer, permissions.VIEW)
    row = Partner.objects.filter(code=code).first()
    if row is None or not _sees(row, viewer):
        raise NotFound(kind="partner", number=code)
    return partner_card(row)


def find_partners(codes: Iterable[str]) -> dict[str, PartnerCard]:
    """Partners by code, in one query; unknown codes are left out."""
    rows = Partner.objects.filter(code__in=sorted(set(codes)))
    return {row.code: partner_card(row) for row in rows}


def list_names(
    *, book: str, viewer: Viewer, kind: PartnerKind | None = None
) -> dict[str, dict[str, str]]:
    """What the partners (of a kind) within the viewer's book and funders are called, by code.

    A name is on every contract and no secret of the register, so it takes no grant.
    """
    rows = Partner.objects.filter(book_id=book, **({"kind": kind.value} if kind else {}))
    return {row.code: row.name for row in rows if _sees(row, viewer)}


def list_partners(*, where: Filter, viewer: Viewer) -> list[PartnerCard]:
    """The partners within the viewer's books and funders, by code.

    :raises NotPermitted: the viewer may not read the register.
    """
    require(viewer, permissions.VIEW)
    rows = Partner.objects.order_by("code")
    for column, value in (
        ("book_id", where.book),
        ("kind", where.kind),
        ("state", where.state),
    ):
        if value:
            rows = rows.filter(**{column: value})
    return [partner_card(row) for row in rows if _sees(row, viewer)]


def _sees(row: Partner, viewer: Viewer) -> bool:
    return viewer.sees_book(row.book_id) and viewer.sees_funder(row.code)


def get_agreement(
    number: str, *, version: int | None = None, viewer: Viewer = _HOUSE
) -> AgreementCard:
    """An agreement by one of its versions, the newest without one.

    :raises NotPermitted: the viewer may not read the register.
    :raises NotFound: there is none, or it is outside the viewer's books or funders.
    """
    require(viewer, permissions.VIEW)
    rows = _versions().filter(agreement__number=number)
    rows = rows.filter(number=version) if version else rows.order_by("-number")
    row = rows.first()
    if row is None or not _sees(row.agreement.partner, viewer):
        raise NotFound(kind="agreement", number=number)
    return agreement_card(row)


def find_agreements(wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], AgreementCard]:
    """Agreements by (number, version), in one query; unknown ones are left out."""
    pairs = set(wanted)
    rows = _versions().filter(agreement__number__in=sorted({number for number, _ in pairs}))
    cards = (agreement_card(row) for row in rows)
    return {
        (card.number, card.version): card for card in cards if (card.number, card.version) in pairs
    }


def agreements_in_force(numbers: Iterable[str], *, on: date) -> dict[str, AgreementCard]:
    """Agreements by number with the version in force on a day, in one query.

    Suspended ones are among them (``card.live`` is False); those without a version are left out.
    """
    rows = _versions().filter(
        agreement__number__in=sorted(set(numbers)), valid_from__lte=on, valid_to__gt=on
    )
    return {card.number: card for card in (agreement_card(row) for row in rows)}


def list_agreements(
    *, book: str, on: date, product: str | None = None, suspended: bool = False
) -> list[AgreementCard]:
    """The agreements whose version is in force on a day, by priority.

    With ``suspended`` those of suspended partners and agreements too, so that routing can say why
    it left them out; ended ones never. A product narrows to agreements that fund it.
    """
    rows = _versions().filter(
        agreement__book_id=book, valid_from__lte=on, valid_to__gt=on
    ).exclude(agreement__state=Standing.ENDED.value)  # fmt: skip
    cards = [agreement_card(row) for row in rows.order_by("agreement_id")]
    kept = [
        card
        for card in cards
        if (suspended or card.live) and (not card.products or product in {None, *card.products})
    ]
    return sorted(kept, key=lambda card: (card.priority, card.number))


def list_guaranteed(*, book: str) -> list[AgreementCard]:
    """Every version of an agreement of a book that says for what its guarantor pays."""
    rows = _versions().filter(agreement__book_id=book).order_by("agreement_id", "number")
    return [card for card in map(agreement_card, rows) if card.guarantee is not None]


def list_agreements_of(*, partner: str, viewer: Viewer) -> list[AgreementCard]:
    """Every agreement of a partner by its newest version, newest first.

    :raises NotPermitted: the viewer may not read the register.
    :raises NotFound: there is no such partner for the viewer.
    """
    get_partner(partner, viewer=viewer)
    newest: dict[int, AgreementVersion] = {}
    rows = _versions().filter(agreement__partner__code=partner)
    for row in rows.order_by("agreement_id", "number"):
        newest[row.agreement_id] = row
    return [agreement_card(row) for row in reversed(newest.values())]


def list_versions(*, number: str, viewer: Viewer) -> list[VersionCard]:
    """Every version of an agreement, newest first, with its terms.

    :raises NotPermitted: the viewer may not read the register.
    :raises NotFound: there is no such agreement for the viewer.
    """
    get_agreement(number, viewer=viewer)
    rows = AgreementVersion.objects.filter(agreement__number=number).order_by("-number")
    return [
        VersionCard(
            number=row.number,
            terms=json.loads(row.terms_json),
            terms_sha256=row.terms_sha256,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            signed_at=row.signed_at,
            signed_by=row.signed_by,
        )
        for row in rows
    ]


def is_whitelisted(*, book: str, partner: str, role: str, on: date) -> bool:
    """Whether a partner is on the list of the book for a role on a day."""
    return partner in whitelisted(book=book, role=role, on=on)


def whitelisted(*, book: str, role: str, on: date) -> frozenset[str]:
    """The codes of all partners on the list for a role on a day."""
    rows = WhitelistEntry.objects.filter(
        book_id=book, role=role, valid_from__lte=on, valid_to__gt=on
    )
    return frozenset(rows.values_list("partner__code", flat=True))


def published_list(*, book: str, on: date) -> list[WhitelistCard]:
    """The list as the law has it published: live entries by role and partner.

    It holds nothing but what is public, so it takes no viewer.
    """
    rows = WhitelistEntry.objects.filter(book_id=book, valid_from__lte=on, valid_to__gt=on)
    ordered = rows.select_related("partner").order_by("role", "partner__code")
    return [whitelist_card(row) for row in ordered]


def list_entries(*, partner: str, viewer: Viewer) -> list[WhitelistCard]:
    """Every list entry of a partner, past ones too, newest first.

    :raises NotPermitted: the viewer may not read the register.
    :raises NotFound: there is no such partner for the viewer.
    """
    get_partner(partner, viewer=viewer)
    rows = WhitelistEntry.objects.filter(partner__code=partner).select_related("partner")
    return [whitelist_card(row) for row in rows.order_by("-id")]


def _versions() -> QuerySet[AgreementVersion]:
    return AgreementVersion.objects.select_related("agreement", "agreement__partner")


__all__ = [
    "AgreementCard",
    "AgreementTerms",
    "Filter",
    "PartnerCard",
    "PartnerKind",
    "Role",
    "Share",
    "SigningMode",
    "VersionCard",
    "WhitelistCard",
    "agreements_in_force",
    "find_agreements",
    "find_partners",
    "get_agreement",
    "get_partner",
    "is_whitelisted",
    "list_agreements",
    "list_agreements_of",
    "list_entries",
    "list_guaranteed",
    "list_names",
    "list_partners",
    "list_versions",
    "published_list",
    "whitelisted",
]
