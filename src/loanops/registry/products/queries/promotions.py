"""Promotions and who uses them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db.models import Sum

from loanops.kernel.access import Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.platform.books import queries as books
from loanops.registry.products import permissions
from loanops.registry.products.domain.promotion import Asked, PromotionEffect, Rule, fit
from loanops.registry.products.domain.refusals import PromotionUnknown
from loanops.registry.products.models import Promotion, PromotionUse

_HOUSE: Final = Viewer.house("products")
USES: Final = 100
"""How many of the newest uses a page of one promotion shows."""


@dataclass(frozen=True)
class PromotionCard:
    """A promotion; ``uses`` are those that stand, ``saved_minor`` what they save all borrowers."""

    number: str
    book: str
    code: str
    name: dict[str, str]
    currency: str
    effect: str
    value: Decimal
    charging_party: str
    products: tuple[str, ...]
    funders: tuple[str, ...]
    amount_min_minor: int
    uses: int
    uses_max: int | None
    saved_minor: int
    effective_from: date
    effective_to: date | None
    launched_at: datetime
    launched_by: str

    @property
    def rule(self) -> Rule:
        """What it does, for which loans."""
        return Rule(
            effect=PromotionEffect(self.effect),
            value=self.value,
            charging_party=self.charging_party,
            products=self.products,
            funders=self.funders,
            amount_min_minor=self.amount_min_minor,
        )

    @property
    def uses_left(self) -> int | None:
        """How many may still use it; None where nobody counts."""
        return None if self.uses_max is None else self.uses_max - self.uses

    def runs_on(self, on: date) -> bool:
        """Whether it can be used on a day, if it is not used up."""
        return self.effective_from <= on and (self.effective_to is None or on < self.effective_to)


@dataclass(frozen=True)
class PromotionUseCard:
    """One use; ``released_at`` says when it was given back."""

    party: str
    application: str
    offer: str
    saving_minor: int
    taken_on: date
    released_at: datetime | None


def list_promotions(*, book: str, viewer: Viewer = _HOUSE) -> list[PromotionCard]:
    """The promotions of a book, the newest first.

    :raises NotPermitted: the viewer may not read products.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        return []
    return _cards(Promotion.objects.filter(book_id=book).order_by("-effective_from", "-id"))


def get_promotion(number: str, *, viewer: Viewer = _HOUSE) -> PromotionCard:
    """A promotion by its number.

    :raises NotPermitted: the viewer may not read products.
    :raises NotFound: there is none, or it is outside the viewer's books.
    """
    require(viewer, permissions.VIEW)
    rows = list(Promotion.objects.filter(number=number)) if number.isprintable() else []
    if not rows or not viewer.sees_book(rows[0].book_id):
        raise NotFound(kind="promotion", number=number)
    return _cards(rows)[0]


def promotion_for(*, book: str, code: str, party: str, asked: Asked) -> PromotionCard:
    """The promotion of a code, held against a loan that wants it.

    :raises PromotionUnknown: no promotion of the book has this code.
    :raises PromotionDoesNotFit: it is not for this loan, this day or this person.
    """
    cards = _cards(Promotion.objects.filter(book_id=book, code=code_of(code)))
    if not cards:
        raise PromotionUnknown(field="code", code=code_of(code))
    card = cards[0]
    fit(
        card.rule,
        asked,
        begins=card.effective_from,
        ends=card.effective_to,
        uses_left=card.uses_left,
        used_already=bool(party) and holds_promotion(number=card.number, party=party),
    )
    return card


def holds_promotion(*, number: str, party: str) -> bool:
    """Whether a person holds a use of a promotion."""
    return PromotionUse.objects.filter(
        promotion__number=number, party=party, released_at__isnull=True
    ).exists()


def list_promotion_uses(number: str, *, viewer: Viewer = _HOUSE) -> list[PromotionUseCard]:
    """The newest uses of a promotion, those given back among them.

    :raises NotPermitted: the viewer may not read products.
    :raises NotFound: there is no such promotion for the viewer.
    """
    card = get_promotion(number, viewer=viewer)
    rows = PromotionUse.objects.filter(promotion__number=card.number).order_by("-id")[:USES]
    return [_use_card(row) for row in rows]


def find_promotions(numbers: Iterable[str]) -> dict[str, PromotionCard]:
    """Promotions by number; unknown numbers are left out."""
    found = _cards(Promotion.objects.filter(number__in=sorted(set(numbers))))
    return {card.number: card for card in found}


def find_promotion_uses(offers: Iterable[str]) -> dict[str, PromotionUseCard]:
    """The uses that offers took, by offer; offers without one are left out."""
    rows = PromotionUse.objects.filter(offer__in=sorted(set(offers)))
    return {row.offer: _use_card(row) for row in rows}


def _use_card(row: PromotionUse) -> PromotionUseCard:
    return PromotionUseCard(
        party=row.party,
        application=row.application,
        offer=row.offer,
        saving_minor=row.saving_minor,
        taken_on=row.taken_on,
        released_at=row.released_at,
    )


def code_of(typed: str) -> str:
    """A code as it is kept: capitals, no spaces at its ends."""
    return typed.strip().upper()


def _cards(rows: Iterable[Promotion]) -> list[PromotionCard]:
    found: Sequence[Promotion] = list(rows)
    saved = dict(
        PromotionUse.objects.filter(promotion__in=found, released_at__isnull=True)
        .values_list("promotion_id")
        .annotate(Sum("saving_minor"))
    )
    currencies = {book: books.get_book(book).currency for book in {row.book_id for row in found}}
    return [
        PromotionCard(
            number=row.number,
            book=row.book_id,
            code=row.code,
            name=row.name,
            currency=currencies[row.book_id],
            effect=row.effect,
            value=row.value,
            charging_party=row.charging_party,
            products=tuple(row.products),
            funders=tuple(row.funders),
            amount_min_minor=row.amount_min_minor,
            uses=row.uses,
            uses_max=row.uses_max,
            saved_minor=saved.get(row.pk, 0),
            effective_from=row.effective_from,
            effective_to=row.effective_to,
            launched_at=row.launched_at,
            launched_by=row.launched_by,
        )
        for row in found
    ]
