"""Tables as files: CSV and XLSX that a spreadsheet opens as they are, and never runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from loanops.platform.sheets.writing import csv_of, xlsx_of
from loanops.platform.web.templatetags import major

_FORMS = {
    "csv": ("text/csv; charset=utf-8", csv_of),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_of),
}
_RUNS = ("=", "+", "-", "@", "\t", "\r")


def media_type(name: str) -> str:
    """The type of a file of rows, by the ending of its name."""
    return _FORMS[name.rpartition(".")[2]][0]


def amount(minor: int | None, currency: str) -> str:
    """Minor units as decimal text; nothing where there is none."""
    return "" if minor is None else str(major(minor, currency))


def kept(name: str, form: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> HttpResponse:
    """A file of rows to be kept, ``csv`` or ``xlsx``; ``name`` without its ending."""
    kind, write = _FORMS[form]
    response = HttpResponse(write(head, rows), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def answer(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A CSV file to be kept, in UTF-8 with the mark by which spreadsheets know it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([_plain(value) for value in row] for row in rows)
    response = HttpResponse(f"\ufeff{text.getvalue()}", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _plain(value: object) -> str:
    """A value as text that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and _runs(text) else text


def _runs(text: str) -> bool:
    return text.startswith(_RUNS) and not text.lstrip("-").replace(".", "", 1).isdecimal()
