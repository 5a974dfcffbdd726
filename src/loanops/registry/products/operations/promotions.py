"""Orders about promotions: launch, end, take for an offer, give back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db.models import F

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, NotFound
from loanops.platform.books import queries as books
from loanops.platform.db import new_number, update_many
from loanops.platform.work import unit_of_work
from loanops.registry.products import permissions, queries
from loanops.registry.products.domain.promotion import Rule
from loanops.registry.products.domain.refusals import (
    PromotionDoesNotFit,
    PromotionExists,
    PromotionOver,
)
from loanops.registry.products.models import Product, Promotion, PromotionUse

_LANGUAGES = {"zh-hans", "en"}
_CODE_LENGTH = range(3, 25)


def launch_promotion(
    *,
    book: str,
    code: str,
    name: Mapping[str, str],
    rule: Rule,
    effective_from: date,
    effective_to: date | None,
    uses_max: int | None,
    actor: Actor,
    at: datetime,
) -> queries.PromotionCard:
    """Launch a promotion: a code that lowers what a loan costs, once for each person.

    :raises NotPermitted: the actor may not launch promotions.
    :raises NotFound: there is no such book.
    :raises BadField: code, names, days or products cannot be used.
    :raises PromotionExists: the code was given before.
    """
    require(actor, permissions.PROMOTE)
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    owning = books.get_book(book)
    kept = queries.code_of(code)
    _check(kept, name, rule, effective_from, effective_to, uses_max, book)
    with unit_of_work(actor=actor, at=at, book=book, on=owning.business_date) as work:
        if Promotion.objects.filter(book_id=book, code=kept).exists():
            raise PromotionExists(field="code", code=kept)
        row = Promotion(
            number=new_number("PR", at),
            book_id=book,
            code=kept,
            name=dict(name),
            effect=rule.effect.value,
            value=rule.value,
            charging_party=rule.charging_party,
            products=sorted(rule.products),
            funders=sorted(rule.funders),
            amount_min_minor=rule.amount_min_minor,
            uses_max=uses_max,
            effective_from=effective_from,
            effective_to=effective_to,
            launched_at=at,
            launched_by=actor.person,
        )
        row.save(force_insert=True)

        work.record(
            "products.promotion_launched",
            subject=row.number,
            promotion=kept,
            effect=rule.effect.value,
            value=rule.value,
            effective_from=effective_from,
        )
    return queries.get_promotion(row.number)


def _check(
    code: str,
    name: Mapping[str, str],
    rule: Rule,
    begins: date,
    ends: date | None,
    uses_max: int | None,
    book: str,
) -> None:
    if len(code) not in _CODE_LENGTH or not (code.isascii() and code.isalnum()):
        raise BadField(field="code", problem="must be 3 to 24 letters and digits")
    if set(name) != _LANGUAGES or not all(text.strip() for text in name.values()):
        raise BadField(field="name", problem="give it in zh-hans and in en")
    if ends is not None and ends <= begins:
        raise BadField(field="effective_to", problem="must follow the day it begins on")
    if uses_max is not None and uses_max < 1:
        raise BadField(field="uses_max", problem="must be 1 or more")
    known = set(Product.objects.filter(book_id=book).values_list("code", flat=True))
    strange = sorted(set(rule.products) - known)
    if strange:
        raise BadField(
            field="products", problem="there is no product {strange}", strange=strange[0]
        )


def end_promotion(
    *, number: str, effective_to: date, reason: str, actor: Actor, at: datetime
) -> queries.PromotionCard:
    """End a promotion before its day; whoever holds it keeps it.

    :raises NotPermitted: the actor may not end promotions.
    :raises NotFound: there is no such promotion.
    :raises BadField: no reason is given, or the day has passed.
    :raises PromotionOver: it ends on or before that day anyhow.
    """
    require(actor, permissions.PROMOTE)
    card = queries.get_promotion(number, viewer=actor)
    on = books.business_date(card.book)
    if not reason.strip():
        raise BadField(field="reason", problem="write down why")
    if effective_to < on or effective_to < card.effective_from:
        raise BadField(field="effective_to", problem="must not lie in the past")
    with unit_of_work(actor=actor, at=at, book=card.book, on=on) as work:
        row = Promotion.objects.select_for_update().get(number=number)
        if row.effective_to is not None and row.effective_to <= effective_to:
            raise PromotionOver(code=row.code, ends=row.effective_to)
        Promotion.objects.filter(pk=row.pk).update(effective_to=effective_to)

        work.record(
            "products.promotion_ended",
            subject=number,
            promotion=row.code,
            effective_to=effective_to,
            reason=reason,
        )
    return queries.get_promotion(number)


def take_promotion(
    *,
    number: str,
    party: str,
    application: str,
    offer: str,
    saving_minor: int,
    actor: Actor,
    at: datetime,
) -> None:
    """Take one use of a promotion for an offer, in the transaction that makes the offer.

    :raises NotPermitted: the actor may not redeem promotions.
    :raises PromotionDoesNotFit: it was used up, or by this person, meanwhile.
    """
    require(actor, permissions.REDEEM)
    card = queries.get_promotion(number)
    on = books.business_date(card.book)
    with unit_of_work(actor=actor, at=at, book=card.book, on=on) as work:
        row = Promotion.objects.select_for_update().get(number=number)
        if party and queries.holds_promotion(number=number, party=party):
            raise PromotionDoesNotFit(problem="this person has used it already")
        if row.uses_max is not None and row.uses >= row.uses_max:
            raise PromotionDoesNotFit(problem="it is used up")
        PromotionUse.objects.create(
            promotion=row,
            book_id=card.book,
            party=party,
            application=application,
            offer=offer,
            saving_minor=saving_minor,
            taken_at=at,
            taken_on=on,
        )
        Promotion.objects.filter(pk=row.pk).update(uses=F("uses") + 1)

        work.record(
            "products.promotion_taken",
            subject=number,
            promotion=row.code,
            application=application,
            offer=offer,
            saving_minor=saving_minor,
        )


def release_promotion_uses(*, book: str, offers: Sequence[str], actor: Actor, at: datetime) -> int:
    """Give back what offers that came to nothing had taken; returns how many uses.

    :raises NotPermitted: the actor may not redeem promotions.
    """
    require(actor, permissions.REDEEM)
    open_uses = PromotionUse.objects.filter(
        book_id=book, offer__in=offers, released_at__isnull=True
    )
    found = sorted(set(open_uses.values_list("promotion_id", flat=True)))
    if not found:
        return 0
    on = books.business_date(book)
    with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        held = list(Promotion.objects.select_for_update().filter(pk__in=found).order_by("id"))
        rows = list(open_uses.order_by("id"))
        open_uses.update(released_at=at)
        given_back = Counter(row.promotion_id for row in rows)
        left = [(row.pk, row.uses - given_back[row.pk]) for row in held]
        update_many(Promotion._meta.db_table, ("id",), ("uses",), left)

        if rows:
            work.record_batch("products.promotions_released", subjects=[row.offer for row in rows])
        else:
            work.unchanged()
    return len(rows)
