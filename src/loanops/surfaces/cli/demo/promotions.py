"""Promotions of a season: three codes, one of them ended, and the borrowers who bring one."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zlib import crc32

from loanops.kernel.access import Viewer
from loanops.kernel.refusals import Refusal
from loanops.origination.applications import queries as applications
from loanops.origination.contracts import operations as contracts
from loanops.origination.contracts import queries as contracts_asked
from loanops.platform.books import queries as books
from loanops.registry.products import operations
from loanops.registry.products import queries as products
from loanops.registry.products.queries import PromotionEffect, Rule
from loanops.surfaces.cli.demo import staff

ENDED_LEFT: Final = 5
ONE_IN: Final = 8
_HOUSE: Final = Viewer.house("demo")
_WELCOME, _YEAR_END, _RENOVATION = "WELCOME50", "YEAREND", "HOME2026"
_PROMOTIONS: Final = (
    (
        _WELCOME,
        {"zh-hans": "新客担保费五折", "en": "Half the guarantee fee for new customers"},
        Rule(effect=PromotionEffect.FEE_SHARE, value=Decimal("0.5"), charging_party="guarantor"),
        500,
        None,
    ),
    (
        _YEAR_END,
        {"zh-hans": "年末让利一个点", "en": "One point less at the end of the year"},
        Rule(effect=PromotionEffect.RATE_POINTS, value=Decimal("0.01"), funders=("yunting",)),
        None,
        60,
    ),
    (
        _RENOVATION,
        {"zh-hans": "装修贷担保费八折", "en": "A fifth off the guarantee fee for renovations"},
        Rule(
            effect=PromotionEffect.FEE_SHARE,
            value=Decimal("0.2"),
            charging_party="guarantor",
            products=("renovation",),
            amount_min_minor=2_000_000,
        ),
        None,
        None,
    ),
)


def launch(*, book: str, at: datetime) -> None:
    """Launch the season's promotions."""
    on = books.business_date(book)
    for code, name, rule, uses_max, days in _PROMOTIONS:
        operations.launch_promotion(
            book=book,
            code=code,
            name=name,
            rule=rule,
            effective_from=on,
            effective_to=on + timedelta(days=days) if days else None,
            uses_max=uses_max,
            actor=staff.actor("product", on=on),
            at=at,
        )


def of_the_day(*, book: str, on: date, left: int, at: datetime) -> int:
    """Borrowers who bring a code have it taken off their offer; returns how many did."""
    if left == ENDED_LEFT:
        _end(_RENOVATION, book=book, on=on, at=at)
    wanted = applications.Filter(book=book, stages=("offered",), limit=200)
    offered = applications.list_applications(wanted, viewer=_HOUSE).cards
    bringing = [card.number for card in offered if crc32(card.key.encode()) % ONE_IN == 0]
    lines = contracts_asked.standing_offers(bringing)
    cards = contracts_asked.find_offers(line.number for line in lines if line.state == "made")
    fresh = [card for card in cards.values() if card.made_on == on and not card.promotion]
    return sum(_redeemed(card.number, on=on, at=at) for card in fresh)


def _redeemed(offer: str, *, on: date, at: datetime) -> bool:
    """Try the codes that go round; not every one is for every loan."""
    for code in (_RENOVATION, _WELCOME, _YEAR_END):
        try:
            contracts.redeem_promotion(
                offer=offer, code=code, actor=staff.actor("ops", on=on), at=at
            )
        except Refusal:
            continue
        return True
    return False


def _end(code: str, *, book: str, on: date, at: datetime) -> None:
    [card] = [each for each in products.list_promotions(book=book) if each.code == code]
    operations.end_promotion(
        number=card.number,
        effective_to=on,
        reason="本季预算已用完",
        actor=staff.actor("product", on=on),
        at=at,
    )
