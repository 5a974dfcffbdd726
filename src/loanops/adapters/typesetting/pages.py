"""PDF pages from a typst template and plain data, by one reused compiler.

The same template, data and date give the same bytes: the document carries that date and no other
clock. A template reads its data by ``json(bytes(sys.inputs.data))``.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

_FONTS = Path(__file__).parent / "data"


class MissingGlyph(RuntimeError):
    """A character that the bundled font cannot show; the document is not made."""

    def __init__(self, letters: list[str]) -> None:
        self.letters = letters
        shown = ", ".join(f"U+{ord(letter):04X}" for letter in letters)
        super().__init__(f"The document font has no shape for {shown}.")


class TypstPages:
    """Renders documents; safe to use from many threads, one after the other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._compiler = typst.Compiler(
            font_paths=[str(_FONTS)], ignore_system_fonts=True, root=str(_FONTS)
        )

    def render(self, *, template: str, data: Mapping[str, Any], dated: date) -> bytes:
        """The PDF of a template filled with data.

        :raises MissingGlyph: the font lacks a character of the data or the template.
        """
        missing = sorted({letter for letter in _letters(data) if not _has_shape(letter)})
        if missing:
            raise MissingGlyph(missing)
        moment = datetime(dated.year, dated.month, dated.day, tzinfo=UTC)
        with self._lock:
            made = self._compiler.compile(
                template.encode(),
                format="pdf",
                sys_inputs={"data": json.dumps(data, ensure_ascii=False, sort_keys=True)},
                timestamp=moment,
            )
        if not isinstance(made, bytes):
            raise TypeError("typst made no single document")
        return made


def _letters(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _letters(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _letters(each)


@cache
def _has_shape(letter: str) -> bool:
    """The bundled font holds the characters of GBK, and so does this test."""
    if letter.isspace():
        return True
    try:
        letter.encode("gbk")
    except UnicodeEncodeError:
        return letter in "¥©®·–—‘’“”…"
    return True
