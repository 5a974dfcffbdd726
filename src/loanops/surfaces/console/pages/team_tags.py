"""What templates say of work items: what each is about, when it is due, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from loanops.kernel.refusals import Refusal
from loanops.platform.web import clock
from loanops.platform.web.templatetags import in_language
from loanops.registry.team import permissions, queries
from loanops.registry.team.queries import ItemCard, ItemFilter, View
from loanops.surfaces.console.pages import naming
from loanops.surfaces.console.pages.words import word_of
from loanops.surfaces.console.pages.work import place_of

register = template.Library()
# By which table of words the topic of a kind is said; that of an application is a product.
_SAID_BY: Final = {
    "change": "change",
    "reread": "reference_rate",
    "aside": "step",
    "refund": "refund_reason",
    "exception": "trouble",
}
_HOUR: Final = 60


@register.simple_tag(takes_context=True)
def topic(context: template.Context, item: ItemCard) -> str:
    """What an item is about, in the reader's language."""
    if item.kind in _SAID_BY:
        return str(word_of(_SAID_BY[item.kind], item.topic).text)
    if item.kind == "undo":
        return item.topic
    return in_language(naming.product_names(context["request"]).get(item.topic)) or item.topic


@register.filter
def standing(item: ItemCard) -> str:
    """Whether an item is late, at risk or in time."""
    return "late" if item.is_late else "at_risk" if item.is_at_risk else "in_time"


@register.filter
def worked(minutes: int | None) -> str:
    """Working minutes as a person says them: hours from an hour on."""
    if minutes is None:
        return "—"
    if minutes < _HOUR:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = f"{minutes / _HOUR:.1f}".removesuffix(".0")
    return gettext("%(n)s h") % {"n": hours}


@register.filter
def up_to(count: int | None) -> str:
    """A count of a view, which says that there are more beyond what is counted."""
    if count is None:
        return ""
    return f"{queries.COUNT_MAX:,}+" if count > queries.COUNT_MAX else f"{count:,}"


@register.simple_tag
def place(item: ItemCard) -> str:
    """The address of the page where an item is worked on."""
    return place_of(item.kind, item.subject)


@register.inclusion_tag("console/team/bar.html", takes_context=True)
def work_bar(context: template.Context, subject: str = "") -> dict[str, Any]:
    """The items about what a page shows, and the reader's next one; nothing for who takes none."""
    request = context["request"]
    actor, at = request.actor, clock.now()
    shown: dict[str, Any] = {"request": request, "actor": actor, "desk": request.desk}
    shown["csrf_token"] = context.get("csrf_token")
    if request.desk.book is None or not (
        actor.may(permissions.VIEW) and actor.may(permissions.TAKE)
    ):
        return shown
    mine = ItemFilter(request.desk.book.code, View.MY, limit=2)
    held = queries.list_items(mine, viewer=actor, at=at).cards
    about = queries.find_open(subject=subject, viewer=actor, at=at) if subject else []
    rest = [item for item in held if item.subject != subject]
    return {**shown, "shown": True, "items": about, "next": rest[0] if rest else None}


@register.simple_tag
def refused(told: Mapping[str, Any]) -> str:
    """Why a run refused an item, in the reader's language."""
    sentence, values = told["sentence"], dict(told["values"])
    if "kind" in values:
        values["kind"] = gettext(values["kind"])
    return Refusal(**values).text(gettext(sentence))


@register.simple_tag
def bar(share: int) -> SafeString:
    """A bar of per cent, as wide as the page lets it be."""
    return format_html('<progress class="share" max="100" value="{}">{}%</progress>', share, share)
