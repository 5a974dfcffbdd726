"""Orders to the products: publish a version, withdraw a product."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from loanops.kernel.access import Actor, require
from loanops.kernel.calendar import Roll
from loanops.kernel.refusals import BadField, NotFound
from loanops.platform.books import queries as books
from loanops.platform.db import new_number
from loanops.platform.work import unit_of_work
from loanops.platform.work.unit import canonical
from loanops.registry.compliance import queries as compliance
from loanops.registry.products import permissions, queries
from loanops.registry.products.domain.card import check_card
from loanops.registry.products.domain.refusals import TermForbidden, VersionNotLater
from loanops.registry.products.models import Product, ProductVersion

_LANGUAGES = {"zh-hans", "en"}


def publish_version(
    *,
    book: str,
    product: str,
    name: Mapping[str, str],
    terms: Mapping[str, Any],
    amount_min_minor: int,
    amount_max_minor: int,
    terms_months: Sequence[int],
    rate_annual: Decimal | None,
    cooling_off_days: int,
    effective_from: date,
    actor: Actor,
    at: datetime,
) -> queries.ProductVersionCard:
    """Publish the next version of a product; the one before ends on the day this one begins.

    ``terms`` are the plain values of the kernel's terms but for what each loan brings (principal,
    rate, number of instalments, start). Offers and loans keep the version they were made under.

    :raises NotPermitted: the actor may not publish products.
    :raises BadField: a value is missing, unknown or out of range.
    :raises TermForbidden: the book's rule pack forbids a term.
    :raises VersionNotLater: it would begin before the version it replaces.
    """
    require(actor, permissions.PUBLISH)
    owning = books.get_book(book)
    _check_names(product, name)
    card = check_card(
        terms,
        currency=owning.currency,
        amount_min_minor=amount_min_minor,
        amount_max_minor=amount_max_minor,
        terms_months=terms_months,
        rate_annual=rate_annual,
        cooling_off_days=cooling_off_days,
    )
    _check_law(book, card, max(terms_months), effective_from)
    text = canonical(card)
    with unit_of_work(actor=actor, at=at, book=book, on=owning.business_date) as work:
        owner, _ = Product.objects.get_or_create(book_id=book, code=product)
        version = ProductVersion(
            number=new_number("PV", at),
            product=owner,
            book_id=book,
            version=_succeed(owner, effective_from),
            name=dict(name),
            currency=owning.currency,
            card_json=text,
            card_sha256=hashlib.sha256(text.encode()).hexdigest(),
            amount_min_minor=amount_min_minor,
            amount_max_minor=amount_max_minor,
            terms_months=sorted(set(terms_months)),
            rate_annual=rate_annual,
            cooling_off_days=cooling_off_days,
            effective_from=effective_from,
            published_at=at,
            published_by=actor.person,
        )
        version.save(force_insert=True)

        work.record(
            "products.published",
            subject=version.number,
            product=product,
            version=version.version,
            effective_from=effective_from,
            card_sha256=version.card_sha256,
        )
    return queries.get_version_by_number(version.number)


def _check_names(product: str, name: Mapping[str, str]) -> None:
    if not product.isascii() or not product.replace("_", "").replace("-", "").isalnum():
        raise BadField(field="product", problem="use letters, digits, - and _ only")
    if set(name) != _LANGUAGES or not all(text.strip() for text in name.values()):
        raise BadField(field="name", problem="give it in zh-hans and in en")


def _check_index(book: str, card: Mapping[str, Any]) -> None:
    """A floating rate follows a reference rate that has figures."""
    floating = card["floating"]
    if floating and floating["index"] not in (known := compliance.reference_series(book=book)):
        raise BadField(
            field="terms.floating.index",
            problem="must be one of {known}",
            known=", ".join(sorted(known)),
        )


def _succeed(product: Product, effective_from: date) -> int:
    """Close the version in force and return the number of the next."""
    last = ProductVersion.objects.filter(product=product).order_by("-version").first()
    if last is None:
        return 1
    if effective_from <= last.effective_from:
        raise VersionNotLater(field="effective_from", effective_from=last.effective_from)
    if last.effective_to is None or last.effective_to > effective_from:
        ProductVersion.objects.filter(pk=last.pk).update(effective_to=effective_from)
    return last.version + 1


def _check_law(book: str, card: Mapping[str, Any], months: int, on: date) -> None:
    _check_index(book, card)
    if card["roll"] != Roll.NONE.value and not compliance.has_calendar(book=book):
        raise BadField(field="terms.roll", problem="needs a rule pack with a calendar")
    law = compliance.law_of(book=book, on=on)
    answers = [law.may_run_for(method=card["method"], months=months)]
    penalty = card["penalty"]
    if penalty and penalty["multiplier"] is not None:
        answers.append(law.may_penalise(multiple=Decimal(penalty["multiplier"])))
    if penalty and penalty.get("compounds_days"):
        answers.append(law.may_compound())
    answers += [law.may_charge(charging_party=fee["charging_party"]) for fee in card["fees"]]
    for answer in answers:
        if not answer.allowed:
            source = f"{answer.source} {answer.article}"
            raise TermForbidden(problem=answer.template, source=source, **answer.values)


def withdraw_product(
    *, book: str, product: str, effective_to: date, actor: Actor, at: datetime
) -> None:
    """Stop offering a product from a day on; offers and loans made before are untouched.

    :raises NotPermitted: the actor may not publish products.
    :raises NotFound: the product has no version in force or to come.
    :raises BadField: the day lies before the newest version begins.
    """
    require(actor, permissions.PUBLISH)
    on = books.business_date(book)
    with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        last = (
            ProductVersion.objects.filter(book_id=book, product__code=product)
            .order_by("-version")
            .first()
        )
        if last is None or (last.effective_to is not None and last.effective_to <= on):
            raise NotFound(kind="product", number=product)
        if effective_to < last.effective_from:
            raise BadField(
                field="effective_to", problem="must not lie before the newest version begins"
            )
        ProductVersion.objects.filter(pk=last.pk).update(effective_to=effective_to)

        work.record(
            "products.withdrawn", subject=last.number, product=product, effective_to=effective_to
        )
