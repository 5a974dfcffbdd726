"""Names for codes, asked once for a page: products, partners, channels, and who acted."""

from __future__ import annotations

from django.utils.translation import gettext as _

from loanops.platform.identity import queries as identity
from loanops.platform.web.templatetags import in_language
from loanops.registry.partners import queries as partners
from loanops.registry.products import queries as products
from loanops.surfaces.console.pages.sentences import Names, channel_in_words
from loanops.surfaces.console.pages.shell import ConsoleRequest
from loanops.surfaces.console.pages.words import TABLES


def product_names(request: ConsoleRequest) -> Names:
    """The products of the book by code."""
    called = request.desk.called
    if "products" not in called:
        called["products"] = products.list_names(book=request.book.code, viewer=request.actor)
    return called["products"]


def partner_names(request: ConsoleRequest) -> Names:
    """The partners of the book by code."""
    called = request.desk.called
    if "partners" not in called:
        book = request.desk.book
        called["partners"] = (
            partners.list_names(book=book.code, viewer=request.actor) if book else {}
        )
    return called["partners"]


def channel_name(request: ConsoleRequest, code: str) -> str:
    """By which way something came, in the reader's language."""
    return channel_in_words(code, partner_names(request))


def intake_channels(request: ConsoleRequest) -> dict[str, str]:
    """The ways by which applications come in, by their codes."""
    listed = partners.list_names(
        book=request.book.code, kind=partners.PartnerKind.CHANNEL, viewer=request.actor
    )
    own = {code: str(TABLES["channel"][code].text) for code in ("direct", "counter")}
    return own | {code: in_language(name) for code, name in listed.items()}


def actor_name(request: ConsoleRequest, actor: str) -> str:
    """Who acted: a person, a program by its key, a partner, or the system and its job."""
    kind, _colon, rest = actor.partition(":")
    if kind == "house":
        job = TABLES["job_name"].get(rest)
        return f"{_('System')} · {job.text}" if job else _("System")
    if kind == "borrower":
        return f"{_('Borrower')} · {rest}"
    if actor == "visitor":
        return _("Visitor")
    if kind == "funder":
        return in_language(partner_names(request).get(rest)) or rest
    actors = request.desk.actors
    if actor not in actors:
        actors |= {actor: actor} | identity.find_names([actor])
    return actors[actor]
