"""What a confirmation and a signature must bring with them to prove anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from loanops.origination.contracts.domain.refusals import EvidenceMissing

OURS: Final = "ours"
FUNDER_PAGE: Final = "funder_page"

CONFIRMATION: Final = ("channel", "device", "ip")
SIGNATURE: Final[Mapping[str, tuple[str, ...]]] = {
    # Signed in our own page: who, from where, and the hash of what was before their eyes.
    OURS: ("signer", "ip", "device", "witness"),
    # Signed on the funder's page: its signing reference and the hash of the copy it keeps.
    FUNDER_PAGE: ("reference", "signed_copy_sha256"),
}


def require_keys(subject: str, evidence: Mapping[str, str], keys: tuple[str, ...]) -> None:
    """Let evidence pass only when it is complete.

    :raises EvidenceMissing: naming every key that is absent or empty.
    """
    missing = [key for key in keys if not evidence.get(key)]
    if missing:
        raise EvidenceMissing(field="evidence", subject=subject, keys=", ".join(missing))
