"""Books, partners, agreements and products for tests, made by the rooms' own operations."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from loanops.kernel.access import Actor
from loanops.platform.books import operations as books
from loanops.registry.partners import operations as partners
from loanops.registry.partners.queries import AgreementCard, PartnerCard
from loanops.registry.products import operations as products
from loanops.registry.products.queries import ProductVersionCard

HOUSE = Actor.house("tests")
NOBODY = Actor(person="wang.fang")
AT = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 2)
YEAR_END = date(2027, 1, 1)


def stranger(*grants: str) -> Actor:
    """A person with these grants and no book."""
    person = Actor(person="li.lei", grants=frozenset(grants))
    return replace(person, scopes=replace(person.scopes, books=frozenset({"other"})))


def open_book(code: str = "cn", *, pack: str = "cn", currency: str = "CNY", **values: Any) -> str:
    """A book whose business day is TODAY."""
    given: dict[str, Any] = {
        "code": code,
        "name": {"zh-hans": "测试账套", "en": "Test book"},
        "legal_entity": "Xinghe Technology",
        "currency": currency,
        "zone": "Asia/Shanghai",
        "pack": pack,
        "business_date": TODAY,
        "without_identity": False,
    }
    books.open_book(**{**given, **values}, actor=HOUSE, at=AT)
    return code


def register(code: str, kind: str, *, book: str = "cn", **values: Any) -> PartnerCard:
    """A partner of a kind with a licence for years."""
    given: dict[str, Any] = {
        "name": {"zh-hans": f"{code}（测试）", "en": code},
        "legal_name": f"{code} Co., Ltd.",
        "licence_number": "L-001",
        "licence_expires_on": date(2030, 1, 1),
        "contact": "ops@example.com",
    }
    return partners.register_partner(
        book=book, code=code, kind=kind, **{**given, **values}, actor=HOUSE, at=AT
    )


def agreed(**values: Any) -> dict[str, Any]:
    """The plain terms of an ordinary funding agreement."""
    return {
        "amount_min_minor": 100_000,
        "amount_max_minor": 20_000_000,
        "terms_months": [3, 6, 12],
        "quota_daily_minor": 500_000_000,
        "quota_total_minor": 9_000_000_000,
        "gateway": "open_bank",
        **values,
    }


def sign(partner: str, *, book: str = "cn", **terms: Any) -> AgreementCard:
    """A signed agreement of a year."""
    return partners.sign_agreement(
        book=book,
        partner=partner,
        terms=agreed(**terms),
        valid_from=date(2026, 1, 1),
        valid_to=YEAR_END,
        actor=HOUSE,
        at=AT,
    )


def carded(**values: Any) -> dict[str, Any]:
    """The plain terms of an ordinary product: equal instalments, penalty at half above."""
    return {"method": "equal_instalment", "penalty": {"multiplier": "1.5"}, **values}


def publish(
    product: str = "steady", *, book: str = "cn", terms: dict[str, Any] | None = None, **values: Any
) -> ProductVersionCard:
    """A product version in force since the beginning of the year."""
    given: dict[str, Any] = {
        "name": {"zh-hans": "稳稳贷", "en": "Steady"},
        "amount_min_minor": 100_000,
        "amount_max_minor": 20_000_000,
        "terms_months": [3, 6, 12],
        "rate_annual": Decimal("0.12"),
        "cooling_off_days": 0,
        "effective_from": date(2026, 1, 1),
        "actor": HOUSE,
    }
    return products.publish_version(
        book=book, product=product, terms=terms or carded(), **{**given, **values}, at=AT
    )
