"""Canary people: values that occur nowhere else, and the search for them in every disguise."""

from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from urllib.parse import quote, quote_plus

from django.db import connection

from tests.factories import people


@dataclass(frozen=True)
class Canary:
    """One person whose every particular would be recognised anywhere."""

    name: str
    id_number: str
    mobile: str
    address: str
    email: str

    def values(self) -> list[str]:
        """Each particular, and the parts of it by which a person would still be found."""
        whole = [getattr(self, field.name) for field in fields(self)]
        given, street, mailbox = self.name[1:], self.address[6:], self.email.split("@")[0]
        return [*whole, given, street, mailbox, self.id_number[-8:], self.mobile[-8:]]


def canary(serial: int) -> Canary:
    """A person of rare letters; the serial makes every particular another."""
    rare = "龘靐齉爩龗麤灪籱"
    letters = rare[serial % 8] + rare[serial // 8 % 8 - 1]
    return Canary(
        name=f"欧{letters}",
        id_number=people.id_number(917 - serial, born=date(1987, 3, 21), place="330106"),
        mobile=f"1395{7310846 + serial * 1013}",
        address=f"杭州市西湖区蝶{letters}弄{4711 + serial}号",
        email=f"canary.q{serial}zx@kanari.example",
    )


def disguises(value: str) -> set[str]:
    """The value as itself and as the codings in which it would hide from a reader."""
    raw = value.encode()
    found = {value, quote(value), quote_plus(value), raw.hex(), raw.hex().upper()}
    found.add(json.dumps(value)[1:-1])
    for shift in range(3):
        # Whatever stands before it, one of three shifts brings its letters out; ends are shared.
        coded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        inner = coded[4 if shift else 0 : len(coded) - 1]
        found |= {inner, inner.replace("+", "-").replace("/", "_")}
    return {each for each in found if len(each) >= 6 or not each.isascii()}


def found_in(text: str, everybody: list[Canary]) -> list[str]:
    """Every disguise of every canary that a text holds."""
    return [
        each
        for person in everybody
        for value in person.values()
        for each in disguises(value)
        if each in text
    ]


@contextmanager
def heard() -> Iterator[io.StringIO]:
    """Everything that is logged at any level, in the form in which it would be written."""
    root = logging.getLogger()
    formatter = next(each.formatter for each in root.handlers if each.formatter is not None)
    written = io.StringIO()
    listener = logging.StreamHandler(written)
    listener.setFormatter(formatter)
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        root.removeHandler(listener)
        root.setLevel(level)


def tables() -> Iterator[tuple[str, str]]:
    """The whole content of the database, a table at a time, as text."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            yield table, "\n".join(repr(row) for row in cursor.fetchall())


def files_below(folder: Path) -> Iterator[tuple[str, str]]:
    """Every text file of a folder."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes().decode("utf-8", "replace")
