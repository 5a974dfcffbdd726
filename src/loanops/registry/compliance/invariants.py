"""What must always hold of consents and decisions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from loanops.platform.audit import Check, Violation
from loanops.platform.books import queries as books
from loanops.platform.books.queries import BookCard
from loanops.registry.compliance import queries
from loanops.registry.compliance.models import Consent


def consents_without_their_words() -> Iterator[Violation]:
    """Consents whose wording is not the one that the pack shows under that version."""
    cards: dict[str, BookCard] = {}
    for consent in Consent.objects.order_by("id").iterator():
        card = cards.get(consent.book_id)
        if card is None:
            card = cards[consent.book_id] = books.get_book(consent.book_id)
        wording = queries.get_pack(card.pack).wording(consent.purpose, consent.wording_version)
        if wording is None:
            found = "no such wording"
        else:
            lines = (f"{language}:{words}" for language, words in sorted(wording.text.items()))
            found = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        if found != consent.wording_sha256:
            yield Violation(
                code="INV-18",
                object=consent.number,
                expected=consent.wording_sha256,
                found=found,
                hint="a wording was edited: put the old text back and publish a new version",
            )


CHECKS = (
    Check(
        code="INV-18",
        statement="Each consent names words that are still kept as they were shown.",
        find=consents_without_their_words,
    ),
)
