"""What a word of the console is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.functional import Promise


class Word(NamedTuple):
    """How a code reads, and the colour of its badge."""

    text: str | Promise
    colour: str = "secondary"


Words = Mapping[str, Word]
