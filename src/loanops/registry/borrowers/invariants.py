"""What must always hold of borrowers' accounts."""

from __future__ import annotations

from collections.abc import Iterator

from loanops.platform import vault
from loanops.platform.audit import Check, Violation
from loanops.registry.borrowers.models import Account, Code


def mobiles_that_do_not_open() -> Iterator[Violation]:
    """Accounts whose mobile no key opens, or whose index is not that of their plaintext."""
    for row in Account.objects.order_by("id").iterator(chunk_size=2_000):
        try:
            plain = vault.unseal(row.mobile_sealed)
        except RuntimeError:
            yield _violation(row.number, "the mobile opens with a key", "it does not open")
            continue
        if vault.blind_index("mobile", plain) != row.mobile_index:
            yield _violation(row.number, "the index of the mobile", "another index")


def codes_that_kept_a_mobile() -> Iterator[Violation]:
    """Codes that were used and still hold the mobile they were sent to."""
    for row in Code.objects.filter(used_at__isnull=False).exclude(mobile_sealed="").order_by("id"):
        yield _violation(f"code:{row.challenge_hash[:12]}", "no mobile once it is used", "a mobile")


def _violation(number: str, expected: str, found: str) -> Violation:
    return Violation(
        code="INV-62",
        object=number,
        expected=expected,
        found=found,
        hint="the row was changed outside the house, or keys/vault.key is not the right one",
    )


CHECKS = (
    Check(
        code="INV-62",
        statement="The mobile of each account opens, and its index is that of its plaintext.",
        find=mobiles_that_do_not_open,
    ),
    Check(
        code="INV-62",
        statement="A one-time code that was used holds no mobile any more.",
        find=codes_that_kept_a_mobile,
    ),
)
