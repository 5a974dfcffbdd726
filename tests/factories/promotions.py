"""Promotions for tests, launched by the room's own operation."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from loanops.registry.products import operations
from loanops.registry.products.queries import PromotionCard, PromotionEffect, Rule
from tests.factories.registry import AT, HOUSE, TODAY

HALF_THE_GUARANTEE = Rule(
    effect=PromotionEffect.FEE_SHARE, value=Decimal("0.5"), charging_party="guarantor"
)


def launched(
    code: str = "SPRING", rule: Rule = HALF_THE_GUARANTEE, *, book: str = "cn", **values: Any
) -> PromotionCard:
    """A promotion that runs since the business day."""
    given: dict[str, Any] = {
        "name": {"zh-hans": "春季优惠", "en": "Spring"},
        "effective_from": TODAY,
        "effective_to": None,
        "uses_max": None,
        "actor": HOUSE,
        "at": AT,
        **values,
    }
    return operations.launch_promotion(book=book, code=code, rule=rule, **given)
