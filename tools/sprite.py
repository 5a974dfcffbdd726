"""Joins single SVG icons into one sprite: `sprite.py FOLDER LIST OUT`.

A page draws an icon with `<svg class="icon"><use href="…/sprite.svg#home"/></svg>`.
"""

import re
import sys
from pathlib import Path

_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
# Every Tabler icon starts with an invisible square that only design tools need.
_FRAME = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')
_ATTRIBUTES = (
    'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
    'stroke-linecap="round" stroke-linejoin="round"'
)


def symbol(path: Path) -> str:
    """One icon as a symbol named after its file."""
    body = _BODY.search(path.read_text(encoding="utf-8"))
    if body is None:
        raise SystemExit(f"{path} is not an SVG file")
    drawn = re.sub(r"\s*\n\s*", "", _FRAME.sub("", body[1])).strip()
    return f'<symbol id="{path.stem}" {_ATTRIBUTES}>{drawn}</symbol>'


def main(folder: str, names: str, out: str) -> None:
    """Write the sprite; a name that does not exist ends the run."""
    wanted = Path(names).read_text(encoding="ascii").split()
    paths = [Path(folder) / "outline" / f"{name}.svg" for name in sorted(wanted)]
    absent = [path.stem for path in paths if not path.exists()]
    if absent:
        raise SystemExit(f"no such icon: {', '.join(absent)}")
    symbols = "\n".join(symbol(path) for path in paths)
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'
    Path(out).write_text(sprite, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
