"""Owners: who the money of a loan belongs to, and the accounts that tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from loanops.kernel.account import ClaimPassed
from loanops.kernel.sharing import Portion, share

RECEIVED: Final = "owners.received"
CONTRA: Final = "owners.contra"
PLATFORM: Final = "platform"
"""Who owns the fees that we charge ourselves."""


def payees(guarantor: str) -> Mapping[str, str]:
    """Who owns the fees of each charging party; those of lenders go with the claim."""
    enhancer = {"guarantor": guarantor, "insurer": guarantor} if guarantor else {}
    return {"guarantor": "guarantor", "insurer": "insurer", "platform": PLATFORM, **enhancer}


def price_by(lenders: Sequence[Portion], owner: str, event: ClaimPassed) -> dict[str, int]:
    """The price of a claim by who sells it; nothing where the buyer owns it all.

    Lenders who share it sell by their portions of principal; a buyer among them pays the others.
    """
    sellers = [portion for portion in lenders if portion.owner != event.owner]
    if sellers:
        # The lead takes the residue, as everywhere: it stands first and is shared out last.
        ordered = [*sellers[1:], sellers[0]]
        prices = share(event.price_minor, [Fraction(portion.share) for portion in ordered])
        return {p.owner: minor for p, minor in zip(ordered, prices, strict=True)}
    return {} if owner == event.owner else {owner: event.price_minor}
