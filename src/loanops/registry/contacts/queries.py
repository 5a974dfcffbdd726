"""Questions to contacts: what was sent, to whom (masked), how it went, and the templates."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final

from loanops.kernel.access import Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.platform import vault
from loanops.registry.contacts import permissions
from loanops.registry.contacts.domain.refusals import TemplateUnknown
from loanops.registry.contacts.domain.templates import Template, current, read_templates
from loanops.registry.contacts.models import Message

_TEMPLATES: Final = Path(__file__).parent / "data" / "templates.toml"
PAGE: Final = 50


@dataclass(frozen=True)
class MessageCard:
    """One message; its words are the template's of that version, a secret one left out."""

    number: str
    book: str
    template: str
    template_version: str
    language: str
    recipient_masked: str
    subject: str
    values: dict[str, str]
    state: str
    reason: str
    problem: str
    tries: int
    written_at: datetime
    expires_at: datetime
    moved_at: datetime


@cache
def _templates() -> tuple[Template, ...]:
    return read_templates(tomllib.loads(_TEMPLATES.read_text(encoding="utf-8")))


def get_template(code: str, *, on: date) -> Template:
    """The version of a template in force on a day.

    :raises TemplateUnknown: there is none.
    """
    found = current(_templates(), code, on)
    if found is None:
        raise TemplateUnknown(template=code, on=on)
    return found


def message_card(row: Message) -> MessageCard:
    """A row as a card."""
    return MessageCard(
        number=row.number,
        book=row.book_id,
        template=row.template,
        template_version=row.template_version,
        language=row.language,
        recipient_masked=vault.mask("mobile", vault.unseal(row.recipient_sealed)),
        subject=row.subject,
        values=dict(row.values_json),
        state=row.state,
        reason=row.reason,
        problem=row.problem,
        tries=row.tries,
        written_at=row.written_at,
        expires_at=row.expires_at,
        moved_at=row.moved_at,
    )


def get_message(number: str, *, viewer: Viewer) -> MessageCard:
    """The message with this number.

    :raises NotPermitted: the viewer may not see messages.
    :raises NotFound: there is none in the viewer's books.
    """
    require(viewer, permissions.VIEW)
    row = Message.objects.filter(number=number).first() if number.isprintable() else None
    if row is None or not viewer.sees_book(row.book_id):
        raise NotFound(kind="message", number=number)
    return message_card(row)


def list_messages(*, book: str, before: str = "", viewer: Viewer) -> list[MessageCard]:
    """One page of the messages of a book, newest first; ``before`` is the number it goes on from.

    :raises NotPermitted: the viewer may not see messages.
    :raises NotFound: the book is not in the viewer's scope.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        raise NotFound(kind="book", number=book)
    rows = Message.objects.filter(book_id=book).order_by("-id")
    if before:
        last = Message.objects.filter(number=before).values_list("id", flat=True).first()
        rows = rows.filter(id__lt=last or 0)
    return [message_card(row) for row in rows[:PAGE]]
