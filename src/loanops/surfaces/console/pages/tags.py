"""What the console's templates say in one tag: icons, words of codes, badges, short money, ago."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from babel.dates import format_timedelta
from babel.numbers import format_decimal, get_currency_symbol
from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import get_language, gettext

from loanops.kernel.access import Viewer
from loanops.platform.identity.roles import grants_of, roles
from loanops.platform.web import clock
from loanops.platform.web.templatetags import in_language, listed, major, money
from loanops.registry.compliance import queries as compliance
from loanops.surfaces.console.pages import naming
from loanops.surfaces.console.pages.sentences import (
    Names,
    channel_in_words,
    fact_in_words,
    in_words,
    spoken,
)
from loanops.surfaces.console.pages.words import TABLES, word_of

register = template.Library()
_LONG_RATE = re.compile(r"^(\d+\.\d{5,})%$")


def in_chinese() -> bool:
    """Whether the reader reads Chinese."""
    return (get_language() or "zh-hans").startswith("zh")


@register.filter
def word(code: str | None, kind: str) -> str:
    """A code in words."""
    return str(word_of(kind, code).text) if code else "—"


@register.simple_tag
def missing_right(grant: str) -> str:
    """What somebody may not do, in the words of the permission matrix, and which roles may."""
    room, _dot, verb = grant.partition(".")
    right = f"{word_of('room', room).text} · {word_of('verb', verb).text}"
    holders = [in_language(role.name) for role in roles().values() if grant in grants_of(role.code)]
    if not holders:
        return gettext('You do not have the right "%(right)s", and no role has it.') % {
            "right": right
        }
    return gettext(
        'You do not have the right "%(right)s". Ask a manager for one of the roles that have it: '
        "%(roles)s."
    ) % {"right": right, "roles": listed(holders)}


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
    """Money for a headline: with 万 or 亿 in Chinese, as 123K or 45.6M in English."""
    if minor is None:
        return "—"
    amount = major(minor, currency)
    steps: Sequence[tuple[int, int, str]] = (
        ((100_000_000, 100_000_000, " 亿"), (10_000, 10_000, " 万"))
        if in_chinese()
        else ((1_000_000, 1_000_000, "M"), (10_000, 1_000, "K"))
    )
    locale = "zh_Hans_CN" if in_chinese() else "en_US"
    sign = get_currency_symbol(currency, locale=locale)
    for least, size, name in steps:
        if abs(amount) >= least:
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
    request = context["request"]
    currencies = {book.code: book.currency for book in request.desk.books}
    return in_words(entry, currencies.get(entry.book, "CNY"), naming.partner_names(request))


@register.simple_tag(takes_context=True)
def who(context: template.Context, actor: str) -> str:
    """Who acted: a person, a program, a partner, or the system itself."""
    return naming.actor_name(context["request"], actor)


@register.simple_tag(takes_context=True)
def channel(context: template.Context, code: str) -> str:
    """By which way money or an application came."""
    return naming.channel_name(context["request"], code)


@register.simple_tag(takes_context=True)
def book_name(context: template.Context, code: str) -> str:
    """A book by its name."""
    names = {book.code: book.name for book in context["request"].desk.books}
    return in_language(names.get(code)) or code


@register.filter
def payload(text: str) -> str:
    """What a job is about: the values it was given."""
    read = json.loads(text or "{}")
    shown = [str(each) for each in read.values()] if isinstance(read, dict) else [str(read)]
    return Truncator(" · ".join(shown)).chars(80)


@register.filter
def job_error(text: str) -> SafeString:
    """Why a job failed: in words where the last part is a known problem, and as it was kept."""
    code = text.rpartition(": ")[2]
    known = TABLES["problem"].get(code)
    kept = Truncator(text).chars(200)
    if known is None:
        return format_html("{}", kept)
    return format_html('{}<span class="sub code text-break">{}</span>', known.text, kept)


@register.filter
def clock_words(cron: str) -> str:
    """When a job runs by the clock."""
    if cron == "* * * * *":
        return gettext("every minute")
    return gettext("every hour") if cron.endswith(" * * * *") else cron


@register.filter
def pack_name(code: str) -> str:
    """A rule pack by its name."""
    return in_language(dict(compliance.get_pack(code).name))


@register.filter
def digest(text: str) -> str:
    """The beginning of a hash, enough to tell two apart."""
    return f"{text[:12]}…" if text else ""


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
def points(basis_points: Decimal | str) -> str:
    """Basis points with their sign, such as +45 bp."""
    return f"{Decimal(basis_points).normalize():+f} bp"


@register.filter
def signed(number: int) -> str:
    """A whole number with its sign: points given and points taken."""
    return f"{number:+d}".replace("-", "−") if number else "0"


@register.filter
def may(actor: Viewer, grant: str) -> bool:
    """Whether the reader holds a grant."""
    return actor.may(grant)


_SEEN_WITH = {
    "application": "applications.view",
    "contract": "contracts.view",
    "offer": "contracts.view",
    "payout": "routing.view",
    "loan": "servicing.view",
    "agreement": "partners.view",
}


@register.simple_tag(takes_context=True)
def number(context: template.Context, page: str, code: str) -> SafeString:
    """A number of ours, leading to its page where the reader may see that page."""
    if not context["actor"].may(_SEEN_WITH[page]):
        return format_html('<span class="code">{}</span>', code)
    return format_html(
        '<a class="code" href="{}">{}</a>', reverse(f"console:{page}", args=[code]), code
    )


def _short(value: str) -> str:
    """A rate to four places at most; a person compares it, the record keeps every digit."""
    return _LONG_RATE.sub(lambda found: f"{Decimal(found[1]).quantize(Decimal('0.0001'))}%", value)


@register.filter
def answer_words(answer: Any) -> str:
    """What the law answers, in the reader's language."""
    values = {name: _short(gettext(value)) for name, value in answer.values.items()}
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


@register.simple_tag(takes_context=True)
def case_owner(context: template.Context, owner: str, roles: Any) -> str:
    """Who looks after an exception: a role by its name, or a person."""
    if owner.startswith("role:"):
        return str(role_name(roles, owner.removeprefix("role:")))
    return naming.actor_name(context["request"], owner)


@register.simple_tag
def account(names: Mapping[str, str], code: str, partners: Names) -> str:
    """An account of the ledger by its name in the chart."""
    head, _, rest = code.partition(":")
    name = names.get(head, head)
    return f"{name} · {channel_in_words(rest, partners)}" if rest else name
