"""Files of a migration as they are given on the command line."""

from __future__ import annotations

from pathlib import Path


def bytes_of(path: Path) -> bytes:
    """What a file holds, and no more than may be read of one.

    :raises FileMissing: there is no such file that can be read.
    """
    from loanops.loanbook.servicing.queries import FILE_BYTES_MAX
    from loanops.surfaces.cli.opening import FileMissing

    try:
        with path.open("rb") as opened:
            return opened.read(FILE_BYTES_MAX + 1)
    except OSError:
        raise FileMissing(file=path) from None
