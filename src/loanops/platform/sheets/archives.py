"""A workbook as the archive that it is: weighed before any reader believes what it says of itself.

A few hundred bytes can unpack to gigabytes, and one cell in the last corner of a sheet makes a
reader reserve room for every cell before it. Both are seen here, at the price of one unpacking.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Final

from loanops.platform.sheets.refusals import FileUnreadable

UNPACKED_BYTES_MAX: Final = 1024 * 1024 * 1024
CELLS_MAX: Final = 20_000_000
_WORKBOOK: Final = "xl/workbook.xml"
_PIECE: Final = 1024 * 1024
_PLACE: Final = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,3})([0-9]{1,7})["']""")
_PLACE_BYTES_MAX: Final = 64


def weigh(*, file: str, content: bytes) -> None:
    """Let a workbook pass only when it can be read in the memory of an ordinary machine.

    :raises FileUnreadable: it is no workbook, broken, or far larger than it looks.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if unpacked > UNPACKED_BYTES_MAX or unpacked > 200 * len(content) + 10**7:
                raise FileUnreadable(
                    file=file, problem="it unpacks to far more than a workbook holds"
                )
            if _WORKBOOK not in {part.filename for part in parts}:
                raise FileUnreadable(file=file, problem="it is no workbook; save it as XLSX or CSV")
            for part in parts:
                _weigh_part(archive, part, file)
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, NotImplementedError, EOFError):
        raise FileUnreadable(file=file, problem="it is no workbook") from None


def _weigh_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, file: str) -> None:
    """See how far the cells of one part reach; reading it to its end also proves its size."""
    column, row = 1, 1
    rest = b""
    with archive.open(part) as opened:
        while piece := opened.read(_PIECE):
            for letters, digits in _PLACE.findall(rest + piece):
                column, row = max(column, _column(letters)), max(row, int(digits))
            rest = piece[-_PLACE_BYTES_MAX:]
    if column * row > CELLS_MAX:
        raise FileUnreadable(
            file=file,
            problem="its cells reach over more than {limit} places; keep its rows together",
            limit=CELLS_MAX,
        )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number
