"""What must always hold of the products."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import pairwise

from django.db.models import Count, F, Q

from loanops.platform.audit import Check, Violation
from loanops.registry.products.models import ProductVersion, Promotion


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


def miscounted_promotions() -> Iterator[Violation]:
    """Promotions whose counter is not the number of uses that stand."""
    standing = Count("taken", filter=Q(taken__released_at__isnull=True))
    rows = Promotion.objects.annotate(standing=standing).exclude(uses=F("standing"))
    for row in rows.order_by("id").iterator():
        yield Violation(
            code="INV-39",
            object=row.number,
            expected=f"{row.standing} uses",
            found=f"{row.uses}",
            hint="the counter or a use was changed by hand: set the counter to the uses that stand",
        )


CHECKS = (
    Check(
        code="INV-39",
        statement="A promotion counts exactly the uses that stand, at most as many as it has.",
        find=miscounted_promotions,
    ),
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
