"""What must always hold of the products."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import pairwise

from loanops.platform.audit import Check, Violation
from loanops.registry.products.models import ProductVersion


def changed_cards() -> Iterator[Violation]:
    """Versions whose card is not the published one."""
    for row in ProductVersion.objects.order_by("id").iterator():
        found = hashlib.sha256(row.card_json.encode()).hexdigest()
        if found != row.card_sha256:
            yield Violation(
                code="INV-31",
                object=row.number,
                expected=row.card_sha256,
                found=found,
                hint="the card was changed after publishing: restore it, publish a new version",
            )


def overlapping_versions() -> Iterator[Violation]:
    """Versions of one product that are in force on the same day."""
    rows = ProductVersion.objects.order_by("product_id", "version")
    for earlier, later in pairwise(rows):
        if earlier.product_id != later.product_id:
            continue
        if earlier.effective_to is None or earlier.effective_to > later.effective_from:
            yield Violation(
                code="INV-32",
                object=earlier.number,
                expected=f"in force until {later.effective_from}",
                found=f"until {earlier.effective_to}",
                hint=f"overlaps {later.number}",
            )


CHECKS = (
    Check(
        code="INV-31",
        statement="The card of each product version is the one that was published.",
        find=changed_cards,
    ),
    Check(
        code="INV-32",
        statement="A product has at most one version in force on a day.",
        find=overlapping_versions,
    ),
)
