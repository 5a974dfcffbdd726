"""INV-26: each file row has bytes whose SHA-256 matches."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from loanops.platform.audit import Check, Violation
from loanops.platform.files.models import StoredFile
from loanops.platform.files.queries import place_of


def wrong_bytes() -> Iterator[Violation]:
    """File rows whose bytes are missing or differ."""
    for row in StoredFile.objects.order_by("id").iterator():
        place = place_of(row.sha256)
        found = hashlib.sha256(place.read_bytes()).hexdigest() if place.exists() else "missing"
        if found != row.sha256:
            yield Violation(
                code="INV-26",
                object=row.number,
                expected=row.sha256,
                found=found,
                hint="restore the file from the backup",
            )


CHECKS = (
    Check(
        code="INV-26", statement="Each file row has bytes whose SHA-256 matches.", find=wrong_bytes
    ),
)
