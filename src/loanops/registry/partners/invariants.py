"""What must always hold of the partner register."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import pairwise

from loanops.platform.audit import Check, Violation
from loanops.registry.partners.models import AgreementVersion, WhitelistEntry


def changed_terms() -> Iterator[Violation]:
    """Agreement versions whose terms are not the signed ones."""
    for row in AgreementVersion.objects.select_related("agreement").order_by("id").iterator():
        found = hashlib.sha256(row.terms_json.encode()).hexdigest()
        if found != row.terms_sha256:
            yield Violation(
                code="INV-29",
                object=f"{row.agreement.number} version {row.number}",
                expected=row.terms_sha256,
                found=found,
                hint="the terms were changed after signing: restore them and sign an amendment",
            )


def overlapping_entries() -> Iterator[Violation]:
    """List entries of one partner and role that overlap."""
    rows = WhitelistEntry.objects.order_by("book_id", "partner_id", "role", "valid_from", "id")
    for earlier, later in pairwise(rows):
        same = (earlier.book_id, earlier.partner_id, earlier.role) == (
            later.book_id,
            later.partner_id,
            later.role,
        )
        alive = later.valid_from < later.valid_to
        if same and alive and later.valid_from < earlier.valid_to:
            yield Violation(
                code="INV-30",
                object=later.number,
                expected=f"from {earlier.valid_to} on",
                found=f"from {later.valid_from}",
                hint=f"overlaps {earlier.number}: take one of them off the list",
            )


CHECKS = (
    Check(
        code="INV-29",
        statement="The terms of each agreement version are the ones that were signed.",
        find=changed_terms,
    ),
    Check(
        code="INV-30",
        statement="List entries of one partner and role do not overlap.",
        find=overlapping_entries,
    ),
)
