"""What the books announce and record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from loanops.platform.audit import Sentence
from loanops.platform.outbox import Event

SENTENCES = {
    "books.opened": Sentence("Book {subject} was opened"),
    "books.day_closed": Sentence("The business date of book {subject} moved to {business_date}"),
}


@dataclass(frozen=True, kw_only=True)
class DayClosed(Event):
    """The book's business date has moved on."""

    NAME: ClassVar[str] = "books.day_closed"
    closed_on: str
    business_date: str
