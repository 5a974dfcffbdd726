"""Formats that every window shares: money, rates, dates, both languages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import format_currency, format_decimal
from django import template
from django.utils.translation import get_language

register = template.Library()
_EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "BHD": 3}


def _locale() -> str:
    return "zh_Hans_CN" if (get_language() or "zh-hans").startswith("zh") else "en_US"


def major(minor: int, currency: str) -> Decimal:
    """Minor units as an exact decimal of the currency's unit."""
    return Decimal(minor).scaleb(-_EXPONENTS.get(currency, 2))


@register.filter
def money(minor: int | None, currency: str = "CNY") -> str:
    """Grouped money with its sign, for example ``¥12,000.00``; a dash where there is none."""
    if minor is None:
        return "—"
    return str(format_currency(major(minor, currency), currency, locale=_locale()))


@register.filter
def percent(rate: Decimal | str | None, places: int = 2) -> str:
    """A rate as per cent, for example ``12.80%``."""
    if rate is None or rate == "":
        return "—"
    shown = (Decimal(str(rate)) * 100).quantize(Decimal(1).scaleb(-int(places)))
    return f"{shown}%"


@register.filter
def grouped(number: int | Decimal | None) -> str:
    """A grouped number."""
    return "—" if number is None else str(format_decimal(number, locale=_locale()))


@register.filter
def day(value: date | str | None) -> str:
    """A business day as ``YYYY-MM-DD``."""
    if not value:
        return "—"
    return value if isinstance(value, str) else value.isoformat()[:10]


@register.filter
def moment(value: datetime | None, zone: str = "Asia/Shanghai") -> str:
    """A moment in the book's zone as ``YYYY-MM-DD HH:mm``."""
    if value is None:
        return "—"
    return value.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


@register.filter
def in_language(texts: dict[str, str] | str | None) -> str:
    """A text kept per language, in the reader's language."""
    if texts is None:
        return ""
    if isinstance(texts, str):
        return texts
    language = "zh-hans" if (get_language() or "zh-hans").startswith("zh") else "en"
    return texts.get(language) or texts.get("zh-hans") or next(iter(texts.values()), "")


def listed(words: Iterable[str]) -> str:
    """Words in a row, parted as the reader's language parts them."""
    return ("、" if _locale().startswith("zh") else ", ").join(words)


@register.filter
def lookup(mapping: dict[str, Any], key: str) -> Any:
    """A mapping's value by a key that a template variable holds."""
    return mapping.get(key, "")
