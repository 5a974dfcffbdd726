"""Tables as files: CSV that a spreadsheet opens as it is, and never runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from loanops.platform.web.templatetags import major

_RUNS = ("=", "+", "-", "@", "\t", "\r")


def amount(minor: int | None, currency: str) -> str:
    """Minor units as decimal text; nothing where there is none."""
    return "" if minor is None else str(major(minor, currency))


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
