"""What must always hold of messages."""

from __future__ import annotations

from collections.abc import Iterator

from loanops.platform import vault
from loanops.platform.audit import Check, Violation
from loanops.registry.contacts.models import Message


def recipients_that_do_not_open() -> Iterator[Violation]:
    """Recipients that no key opens, or whose index is not that of their plaintext."""
    for row in Message.objects.order_by("id").iterator(chunk_size=2_000):
        try:
            plain = vault.unseal(row.recipient_sealed)
        except RuntimeError:
            yield _violation(row, "the recipient opens with a key", "it does not open")
            continue
        if vault.blind_index("mobile", plain) != row.recipient_index:
            yield _violation(row, "the index of the recipient", "another index")


def _violation(row: Message, expected: str, found: str) -> Violation:
    return Violation(
        code="INV-61",
        object=row.number,
        expected=expected,
        found=found,
        hint="the row was changed outside the house, or keys/vault.key is not the right one",
    )


CHECKS = (
    Check(
        code="INV-61",
        statement="Recipients of messages open, and each index is that of its plaintext.",
        find=recipients_that_do_not_open,
    ),
)
