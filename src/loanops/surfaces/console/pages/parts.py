"""The parts that pages are made of, each a tag: icons, dialogs, tables, charts, heads of cards.

What a part looks like stands in ``templates/console/parts``; every one is shown on the page of
components.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from loanops.surfaces.console.pages.charts import Chart
from loanops.surfaces.console.pages.words.helping import HELP

register = template.Library()
TABLE_LOOKS = {
    "": "",
    "dense": "list-dense",
    "rules": "list-rules",
    "wide": "list-wide",
    "close": "list-close",
    "matrix": "matrix",
}


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


@register.simple_block_tag
def kept(content: SafeString) -> SafeString:
    """What stands between the tags, kept under a name and shown where that name is."""
    return SafeString(content.strip())


@register.simple_block_tag(takes_context=True)
def dialog(
    context: template.Context,
    content: SafeString,
    place: str,
    *,
    title: str,
    to: str,
    act: str = "",
    colour: str = "",
    width: str = "",
    css: str = "fields",
    files: bool = False,
    leaves: bool = False,
) -> SafeString:
    """A form in a dialog that opens over the page: what stands between the tags is its body.

    ``place`` is its id, ``to`` where it posts, ``act`` the word on its button (else the title).
    What comes back stays on the page, unless the form ``leaves`` it for the answer.
    """
    shown = {
        "content": content, "place": place, "title": title, "to": to, "act": act or title,
        "colour": colour or "primary", "width": width, "css": css, "files": files,
        "leaves": leaves,
    }  # fmt: skip
    return render_to_string("console/parts/dialog.html", shown, context["request"])


@register.simple_block_tag
def table(content: SafeString, label: str, look: str = "", *, whole: bool = False) -> SafeString:
    """A table, its head and rows between the tags; ``label`` says what it lists.

    Its head stays in sight while its rows are scrolled, unless it is shown ``whole``. Cells with
    money are ``amount``, other figures ``digits``; ``total`` is the row of sums. On a phone each
    row is a card: its first cell and what stands ``beside`` it are the title, ``state`` opposite.
    """
    shown = {"content": content, "label": label, "css": TABLE_LOOKS[look], "whole": whole}
    return render_to_string("console/parts/table.html", shown)


@register.inclusion_tag("console/parts/help.html", name="help")
def help_on(code: str) -> dict[str, Any]:
    """What a word means, behind a question mark beside it; once for each word of a page."""
    return {"code": code, "words": HELP[code]}


@register.inclusion_tag("console/parts/schedule_head.html")
def schedule_head(columns: str, *, standing: bool = False) -> dict[str, Any]:
    """The head of a schedule: number and due day, then these columns of amounts, in this order."""
    return {"columns": columns.split(), "standing": standing}


@register.simple_block_tag(takes_context=True)
def chart(
    context: template.Context,
    content: SafeString,
    drawn: Chart,
    *,
    aside: str = "",
    to: str = "",
    css: str = "",
    shown: bool = False,
) -> SafeString:
    """A chart in a card under its finding; between the tags stands the table behind it.

    The table is folded away unless it is ``shown``; its figures are there as a file as well.
    ``aside`` stands at the end of its head, and leads ``to`` an address where one is given.
    """
    values = {
        "content": content, "chart": drawn, "aside": aside, "to": to, "css": css, "shown": shown,
    }  # fmt: skip
    return render_to_string("console/parts/chart.html", values, context["request"])


@register.filter
def undo_of(message: Message) -> dict[str, Any] | None:
    """How what a message says is undone: where to, and the entries of the form; None for most."""
    if not message.extra_tags:
        return None
    read = json.loads(message.extra_tags)
    entries = [
        (name, value)
        for name, values in read["fields"].items()
        for value in (values if isinstance(values, list) else [values])
    ]
    return {"to": read["to"], "entries": entries}


@register.filter
def total(rows: Iterable[Any], name: str) -> int:
    """What a figure of all rows comes to, for the last row of a table that shows them all."""
    return sum(getattr(row, name) or 0 for row in rows)
