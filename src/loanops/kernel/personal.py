"""The shapes of numbers that belong to people, so that no text carries one by accident."""

from __future__ import annotations

import re

# Identity numbers (GB 11643), mobiles with or without the country, cards.
_PERSONAL = re.compile(
    r"(?<!\d)(?:[1-9]\d{5}(?:19|20)\d{9}[\dXx]|(?:86)?1[3-9]\d{9}|\d{16,19})(?!\d)"
)


def scrubbed(text: str) -> str:
    """Text without anything shaped like an identity, mobile or card number."""
    return _PERSONAL.sub("[removed]", text)


def blurred(text: str) -> str:
    """The same for a sender's own eyes: enough is left to recognise what was sent."""
    return _PERSONAL.sub(lambda found: f"{found[0][:3]}…{found[0][-2:]}", text)
