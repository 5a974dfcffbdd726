"""What `verify` holds against a book, as lines; imported once Django is set up."""

from __future__ import annotations

from collections.abc import Collection

from loanops.config import wiring

MOST = 5


def violations(codes: Collection[str] | None = None) -> list[str]:
    """The first few violations of the rules with these codes, or of all; a warning is none."""
    found = (
        violation
        for check in wiring.invariants()
        if codes is None or check.code in codes
        for violation in check.find()
    )
    return [
        f"{each.code} {each.object}: expected {each.expected}, found {each.found}"
        for each in found
        if each.severity == "violation"
    ][:MOST]
