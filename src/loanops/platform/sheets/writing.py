"""Rows as the bytes of a CSV or XLSX file, the same bytes for the same rows.

Amounts and days come as text. A spreadsheet never runs what it is given here: an XLSX cell is
text or a number, and a CSV cell that would be read as a formula is marked as text.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import Final
from xml.sax.saxutils import escape

_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,14})([.][0-9]{1,4})?")
_UNSAID: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_RUNS: Final = ("=", "+", "-", "@", "\t", "\r")
# The archive says no moment: the same rows are the same bytes.
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS: Final = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    "</Types>",
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="1" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>",
}


def csv_of(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as CSV in UTF-8, with the mark by which spreadsheets know it."""
    text = io.StringIO()
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in (header, *rows))
    return text.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_RUNS) and not _NUMBER.fullmatch(cell) else cell


def xlsx_of(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as a workbook of one sheet; what reads as an amount is a number."""
    lines = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in (header, *rows))
    sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{lines}</sheetData></worksheet>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in (*_PARTS.items(), ("xl/worksheets/sheet1.xml", sheet)):
            entry = zipfile.ZipInfo(name, date_time=_MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, f"{_HEAD}{content}")
    return packed.getvalue()


def _cell(text: str) -> str:
    if _NUMBER.fullmatch(text):
        return f"<c><v>{text}</v></c>"
    return (
        f'<c t="inlineStr"><is><t xml:space="preserve">{escape(_UNSAID.sub("", text))}</t></is></c>'
    )
