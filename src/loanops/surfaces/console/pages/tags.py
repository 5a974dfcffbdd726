"""What the console's templates say in one tag: icons, words of codes, badges, short money, ago."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from babel.dates import format_timedelta
from babel.numbers import format_decimal, get_currency_symbol
from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from loanops.kernel.access import Viewer
from loanops.platform.web import clock
from loanops.platform.web.templatetags import in_language, major, money
from loanops.surfaces.console.pages.sentences import fact_in_words, in_words, spoken
from loanops.surfaces.console.pages.words import word_of

register = template.Library()


def in_chinese() -> bool:
    """Whether the reader reads Chinese."""
    return (get_language() or "zh-hans").startswith("zh")


@cache
def _sprite() -> str:
    return static("vendor/icons-3.49.0/sprite.svg")


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """A decorative icon of the sprite."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        css,
        _sprite(),
        name,
    )


@register.filter
def word(code: str | None, kind: str) -> str:
    """A code in words."""
    return str(word_of(kind, code).text) if code else "—"


@register.filter
def badge(code: str | None, kind: str) -> SafeString:
    """A code as a coloured badge."""
    if not code:
        return format_html("{}", "—")
    found = word_of(kind, code)
    return format_html(
        '<span class="badge badge-word bg-{}-lt">{}</span>', found.colour, found.text
    )


@register.filter
def short_money(minor: int | None, currency: str = "CNY") -> str:
    """Money for a headline: 12.3 万, 4.56 亿, or 123K and 45.6M in English."""
    if minor is None:
        return "—"
    amount = major(minor, currency)
    steps: Sequence[tuple[int, str]] = (
        ((100_000_000, " 亿"), (10_000, " 万")) if in_chinese() else ((1_000_000, "M"),)
    )
    locale = "zh_Hans_CN" if in_chinese() else "en_US"
    sign = get_currency_symbol(currency, locale=locale)
    for size, name in steps:
        if abs(amount) >= size:
            scaled = (amount / size).quantize(Decimal("0.01"))
            return f"{sign}{format_decimal(scaled, format='#,##0.00', locale=locale)}{name}"
    return f"{sign}{format_decimal(amount, format='#,##0.00', locale=locale)}"


@register.filter
def ago(value: datetime | None) -> str:
    """How long ago a moment was, or how far ahead it is."""
    if value is None:
        return ""
    passed: timedelta = value - clock.now()
    return format_timedelta(
        passed, add_direction=True, locale="zh_Hans_CN" if in_chinese() else "en_US"
    )


@register.simple_tag(takes_context=True)
def sentence(context: template.Context, entry: Any) -> str:
    """An audit entry as a sentence in the reader's language."""
    desk = getattr(context.get("request"), "desk", None)
    currencies = {book.code: book.currency for book in desk.books} if desk else {}
    return in_words(entry, currencies.get(entry.book, "CNY"))


@register.filter
def who(actor: str) -> str:
    """Who acted: a login, a key, or the system itself."""
    if actor.startswith("house:"):
        return ("系统 · " if in_chinese() else "System · ") + actor.removeprefix("house:")
    return actor


@register.filter
def role_name(roles: Any, code: str) -> str:
    """A role's name in the reader's language."""
    role = roles.get(code)
    return in_language(role.name) if role else code


@register.filter
def other_language(texts: Mapping[str, str]) -> str:
    """A text kept per language, in the language that the reader does not read in."""
    return texts.get("en" if in_chinese() else "zh-hans", "")


@register.filter
def signed(number: int) -> str:
    """A whole number with its sign: points given and points taken."""
    return f"{number:+d}".replace("-", "−") if number else "0"


@register.filter
def may(actor: Viewer, grant: str) -> bool:
    """Whether the reader holds a grant."""
    return actor.may(grant)


@register.filter
def answer_words(answer: Any) -> str:
    """What the law answers, in the reader's language."""
    values = {name: gettext(value) for name, value in answer.values.items()}
    return gettext(answer.template).format_map(values)


@register.simple_tag
def fact(name: str, value: Any, currency: str) -> str:
    """One frozen fact as a person reads it."""
    return fact_in_words(name, value, currency)


@register.simple_tag
def case_fact(name: str, value: Any, currency: str) -> str:
    """One figure of an exception as a person reads it."""
    kinds = {
        "problem": "problem",
        "said_reason": "funder_reason",
        "said_standing": "said",
        "state": "payout",
    }
    if name in kinds:
        return str(word_of(kinds[name], str(value)).text)
    return money(value, currency) if name == "said_minor" else spoken(name, value, currency)


@register.simple_tag
def case_owner(owner: str, roles: Any) -> str:
    """Who looks after an exception: a role by its name, or a person."""
    code = owner.removeprefix("role:")
    return role_name(roles, code) if owner.startswith("role:") else owner


@register.simple_tag
def account(names: Mapping[str, str], code: str) -> str:
    """An account of the ledger by its name in the chart."""
    head, _, rest = code.partition(":")
    name = names.get(head, head)
    return f"{name} · {rest}" if rest else name
