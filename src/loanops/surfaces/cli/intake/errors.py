"""The error file: one line for every reason that stopped a row, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TextIO

from loanops.kernel.refusals import Refusal
from loanops.origination.applications.queries import RowRefusal
from loanops.platform.web.words import words_of

HEADER: Final = ("line", "column", "reason", "code")
# A spreadsheet runs a cell that begins with one of these; an apostrophe makes it text again.
_RUNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_RUNS) else cell


class PlaceTaken(Refusal):
    """Something of somebody's lies where the error file would go."""

    code = "cli_intake_errors_taken"
    sentence = "{file} is there already and is no error file; name another with --errors."


class ErrorFile:
    """Opened at the first bad row and put in its place at the end; without one it is removed.

    ``spare`` is used where ``path`` lies in a folder that cannot be written.

    :raises PlaceTaken: another file lies at ``path``; it is left alone.
    """

    def __init__(self, path: Path, *, spare: Path) -> None:
        if path.exists() and not _is_error_file(path):
            raise PlaceTaken(file=path)
        self.path = path
        self._spare = spare
        self._open: TextIO | None = None
        self.lines = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._open is not None:
            self._open.close()
            self._partial().replace(self.path)
        elif kind is None and self.path.is_file():
            # What an earlier run found is mended; its file would say otherwise.
            self.path.unlink()

    def add(self, refusal: RowRefusal) -> None:
        """Write down one reason, in the reader's language."""
        if self._open is None:
            self._open = self._begin()
        cells = (str(refusal.line), refusal.column, words_of(refusal.refusal), refusal.code)
        csv.writer(self._open).writerow([harmless(cell) for cell in cells])
        self.lines += 1

    def _begin(self) -> TextIO:
        try:
            opened = self._partial().open("w", encoding="utf-8-sig", newline="")
        except OSError:
            self.path = self._spare
            self.path.parent.mkdir(parents=True, exist_ok=True)
            opened = self._partial().open("w", encoding="utf-8-sig", newline="")
        csv.writer(opened).writerow(HEADER)
        return opened

    def _partial(self) -> Path:
        return self.path.with_name(f"{self.path.name}.partial")


def _is_error_file(path: Path) -> bool:
    """Whether a file is one of ours: what anything else holds is nobody's to replace."""
    if not path.is_file():
        return False
    with path.open("rb") as opened:
        return opened.readline().decode("utf-8-sig", "replace").strip() == ",".join(HEADER)
