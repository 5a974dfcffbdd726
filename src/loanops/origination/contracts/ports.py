"""What contracts need of the outside: a typesetter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Protocol

from loanops.kernel.refusals import Refusal
from loanops.kernel.sockets import Socket


class GlyphMissing(Refusal):
    """A document with an empty box where a name should be is worse than none."""

    code = "contracts_glyph_missing"
    sentence = "The document font has no shape for {letters}; put a font that has it in {folder}."
    status = 409


class Typesetter(Protocol):
    """Turns a template and plain values into a PDF, the same bytes for the same input."""

    def render(self, *, template: str, data: Mapping[str, Any], dated: date) -> bytes:
        """The PDF of a template filled with data; ``dated`` is the only date of its making.

        :raises GlyphMissing: the fonts lack a character of the text.
        """
        ...


TYPESETTERS: Final[Socket[Typesetter]] = Socket("contracts.typesetter")
"""``config/wiring`` plugs one in under ``PAGES``."""
PAGES: Final = "pages"
