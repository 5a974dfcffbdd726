"""PDF pages from a typst template and plain data, by one reused compiler.

The first document costs the reading of the font, every later one only itself. Output is PDF/A, an
archive format that forbids a missing glyph, so the compiler itself refuses what it cannot draw.
The document carries the date given and no other clock: the same template, data and date give the
same bytes. A template reads its data by ``json(bytes(sys.inputs.data))``.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import typst

from loanops.origination.contracts.ports import GlyphMissing

_FONTS: Final = Path(__file__).parent / "data"
_ARCHIVE: Final = "a-2u"
_REFUSED: Final = re.compile(r"the text `\"(?P<text>.*?)\"` could not be displayed", re.DOTALL)


class TypstPages:
    """Renders documents; safe to use from many threads, one after the other.

    ``fonts`` is a folder where an operator puts fonts with signs that the bundled one lacks.
    """

    def __init__(self, fonts: Path) -> None:
        self._fonts = fonts
        self._lock = threading.Lock()
        self._compiler: typst.Compiler | None = None

    def render(self, *, template: str, data: Mapping[str, Any], dated: date) -> bytes:
        """The PDF of a template filled with data.

        :raises GlyphMissing: the fonts lack a character of the data or the template.
        """
        moment = datetime(dated.year, dated.month, dated.day, tzinfo=UTC)
        with self._lock:
            try:
                made = self._ready().compile(
                    template.encode(),
                    format="pdf",
                    sys_inputs={"data": json.dumps(data, ensure_ascii=False, sort_keys=True)},
                    pdf_standards=[_ARCHIVE],
                    timestamp=moment,
                )
            except typst.TypstError as error:
                refused = _REFUSED.search(str(error))
                if refused is None:
                    raise
                raise GlyphMissing(letters=_points(refused["text"]), folder=self._fonts) from None
        if not isinstance(made, bytes):
            raise TypeError("typst made no single document")
        return made

    def _ready(self) -> typst.Compiler:
        if self._compiler is None:
            folders = [_FONTS, self._fonts] if self._fonts.is_dir() else [_FONTS]
            self._compiler = typst.Compiler(
                font_paths=[str(folder) for folder in folders],
                ignore_system_fonts=True,
                root=str(_FONTS),
            )
        return self._compiler


def _points(text: str) -> str:
    """Code points, because the sign itself is what may not be shown everywhere."""
    return ", ".join(f"U+{ord(letter):04X}" for letter in text)
