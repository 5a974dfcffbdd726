"""Makes the Chinese font that documents are set in: `font_subset.py SOURCE.ttc OUT.otf`.

Noto Sans CJK SC cut to every character of GBK (21,886 signs) with the Latin, Greek, Cyrillic,
punctuation and number forms that documents use. Typesetting then depends on no font of the machine.
"""

import os
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

WANTED = "Noto Sans CJK SC"
EXTRA_RANGES = ((0x20, 0x7E), (0xA0, 0xFF), (0x2000, 0x206F), (0x20A0, 0x20BF), (0x2460, 0x24FF))
# Rare characters of names that GBK lacks but the font has.
RARE = "䶮㛃㙓㬎㬚㭎㮾㵪䘵䜣䥽䲟䴖䴗䴘䴙鿏鿭鿔"


def gbk() -> set[int]:
    """Every character that GBK can write."""
    signs = set()
    for lead in range(0x81, 0xFF):
        for trail in (*range(0x40, 0x7F), *range(0x80, 0xFF)):
            try:
                signs.add(ord(bytes((lead, trail)).decode("gbk")))
            except (UnicodeDecodeError, TypeError):
                continue
    return signs


def use_wide_map(face: TTFont) -> None:
    """Keep one 32-bit character map: so many signs overflow a 16-bit one, and one sign is lost."""
    wide = CmapSubtable.newSubtable(12)
    wide.platformID, wide.platEncID, wide.language = 3, 10, 0
    wide.cmap = dict(face.getBestCmap())
    face["cmap"].tables = [wide]


def main(source: str, out: str) -> None:
    """Cut and write; the time stamp is fixed so that the same source gives the same bytes."""
    os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
    faces = TTCollection(source, lazy=True).fonts
    face = next(font for font in faces if font["name"].getDebugName(1) == WANTED)
    options = subset.Options(hinting=False, layout_features=["kern", "locl"], notdef_outline=True)
    cutter = subset.Subsetter(options)
    wanted = gbk() | {ord(sign) for sign in RARE}
    for first, last in EXTRA_RANGES:
        wanted |= set(range(first, last + 1))
    cutter.populate(unicodes=wanted)
    cutter.subset(face)
    use_wide_map(face)
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    subset.save_font(face, out, options)
    sys.stdout.write(
        f"{out}: {Path(out).stat().st_size:,} bytes, {len(face.getBestCmap()):,} signs\n"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
