"""What must always hold of the customer file."""

from __future__ import annotations

from collections.abc import Iterator

from loanops.platform import vault
from loanops.platform.audit import Check, Violation
from loanops.registry.parties.models import NameToken, Party


def sealed_fields_that_do_not_open() -> Iterator[Violation]:
    """Ciphertext that no key opens, or whose index is not that of its plaintext."""
    for party in Party.objects.order_by("id").iterator(chunk_size=2_000):
        for kind, sealed, index in (
            ("id_number", party.id_number_sealed, party.id_index),
            ("mobile", party.mobile_sealed, party.mobile_index),
            ("name", party.name_sealed, None),
        ):
            try:
                plain = vault.unseal(sealed)
            except RuntimeError:
                yield _violation(party, f"{kind} opens with a key", "it does not open")
                continue
            if index is not None and vault.blind_index(kind, plain) != index:
                yield _violation(party, f"the index of the {kind}", "another index")


def parties_that_search_cannot_find() -> Iterator[Violation]:
    """Persons without a single search token."""
    found = NameToken.objects.values("party_id")
    for party in Party.objects.exclude(pk__in=found).order_by("id"):
        yield _violation(party, "search tokens of the name", "none")


def _violation(party: Party, expected: str, found: str) -> Violation:
    return Violation(
        code="INV-23",
        object=party.number,
        expected=expected,
        found=found,
        hint="the row was changed outside the house, or keys/vault.key is not the right one",
    )


CHECKS = (
    Check(
        code="INV-23",
        statement="Sealed fields open, and each blind index is that of its plaintext.",
        find=sealed_fields_that_do_not_open,
    ),
    Check(
        code="INV-23",
        statement="Every person can be found by name.",
        find=parties_that_search_cannot_find,
    ),
)
