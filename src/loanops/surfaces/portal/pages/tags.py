"""What the portal's templates can say: pictures, and codes as words."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from loanops.surfaces.portal.pages.offers import Yuan
from loanops.surfaces.portal.pages.words import TABLES

register = template.Library()
SPRITE = "vendor/icons-3.49.0/sprite.svg"


@register.simple_tag
def picture(name: str) -> SafeString:
    """A decorative picture of the sprite."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static(SPRITE),
        name,
    )


@register.filter
def said(code: str, table: str) -> str:
    """A code as a borrower reads it; one that has no word stands for itself."""
    return str(TABLES[table].get(code, code))


_BROWSERS = {
    "MicroMessenger": "WeChat",
    "Edg": "Edge",
    "Firefox": "Firefox",
    "Chrom": "Chrome",
    "Safari": "Safari",
}
_MACHINES = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Macintosh": "Mac",
    "Linux": "Linux",
}


@register.filter
def device(said: str) -> str:
    """What a browser calls itself, as far as its owner recognises it."""
    found = [
        next((name for sign, name in table.items() if sign in said), "")
        for table in (_MACHINES, _BROWSERS)
    ]
    return " · ".join(name for name in found if name) or said[:20]


@register.simple_tag
def bar(parts: Sequence[Yuan], whole_minor: int) -> SafeString:
    """One bar of parts, each as wide as its share; the list beneath says the same in words."""
    before = 0
    drawn = []
    for place, part in enumerate(parts):
        drawn.append((place, _thousandths(before, whole_minor)))
        before += part.total_minor
    ends = [*(x for _, x in drawn[1:]), _thousandths(before, whole_minor)]
    pieces = format_html_join(
        "",
        '<rect class="part-{}" x="{}" width="{}" height="10"/>',
        ((place, x, max(end - x, 4)) for (place, x), end in zip(drawn, ends, strict=True)),
    )
    return format_html(
        '<svg class="yuan-bar" viewBox="0 0 1000 10" preserveAspectRatio="none"'
        ' aria-hidden="true" focusable="false">{}</svg>',
        pieces,
    )


def _thousandths(part_minor: int, whole_minor: int) -> int:
    return min(part_minor * 1000 // whole_minor, 1000) if whole_minor > 0 else 0
