"""The map of a migration: a TOML table that says how the columns of a file become loans."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

from loanops.loanbook.servicing.domain.importing.deriving import Derived, derived
from loanops.loanbook.servicing.domain.importing.fields import (
    INSTALMENT,
    LOAN,
    OWNER_MARK,
    PERSON,
    PERSON_MARK,
    STATES,
    Field,
    owners,
)
from loanops.loanbook.servicing.domain.importing.refusals import ColumnNotMapped
from loanops.platform.sheets.columns import (
    ColumnRule,
    column_rule,
    refuse_unknown,
    table_of,
    text_of,
    texts_of,
)
from loanops.platform.sheets.refusals import MapWrong
from loanops.platform.sheets.rows import places_of

_HEAD_KEYS: Final = frozenset(
    {"name", "book", "cut_off", "missing", "encoding", "sheet", "ignore", "settled", "arrears",
     "keep", "owes_nothing", "small", "agreements", "residue"}
)  # fmt: skip
_PARTS: Final = frozenset({"map", "terms", "loan", "owners", "person", "schedule", "totals"})
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,11}\Z")
_EVERY: Final = "*"


@dataclass(frozen=True)
class Group:
    """The fields of one kind of row: from columns, as constants, from the row number, derived."""

    columns: Mapping[str, ColumnRule]
    constants: Mapping[str, Any]
    prefix: str | None
    derived: Mapping[str, Derived]
    missing: frozenset[str]
    ignore: frozenset[str]
    needed: frozenset[str]

    def bind(self, header: Sequence[str]) -> Mapping[str, int]:
        """Where each named column stands in a file, every other being left out on purpose.

        :raises ColumnMissing, ColumnTwice: a named column is not there, or not once.
        :raises ColumnNotMapped: the map says nothing of a column.
        """
        wanted = [(rule.column, rule.place) for rule in self.columns.values()]
        places = places_of(header, wanted)
        if _EVERY not in self.ignore:
            known = {column for column, _ in wanted} | self.ignore
            for name in places:
                if name and name not in known:
                    raise ColumnNotMapped(column=name)
        return places

    @property
    def fields(self) -> frozenset[str]:
        """Every field that the map fills."""
        numbered = {"number"} if self.prefix is not None else set()
        return frozenset({*self.columns, *self.constants, *self.derived, *numbered})

    def column_of(self, field: str) -> str:
        """The column that fills a field; the field itself where none does."""
        rule = self.columns.get(field)
        return rule.column if rule else field


@dataclass(frozen=True)
class BookMap:
    """A checked map. ``terms`` are what the products do not say of the kernel's terms."""

    name: str
    book: str
    cut_off: date | None
    encoding: str
    sheet: str
    skips_settled: bool
    arrears_agreed: bool
    keeps_instalment: bool
    settles_empty: bool
    small: str | None
    of_funder: bool
    residue: str | None
    terms: Mapping[str, Any]
    loan: Group
    schedule: Group | None
    count: int | None
    outstanding: str | None


def parse_book_map(document: Mapping[str, Any]) -> BookMap:
    """Check a map and make it ready.

    :raises MapWrong: a key is unknown, missing or of the wrong type; the place is named.
    :raises Refusal: a constant or default is not of its own field's type.
    """
    refuse_unknown(document, _PARTS, "the top")
    head = table_of(document, "map")
    refuse_unknown(head, _HEAD_KEYS, "map")
    name = text_of(head, "name", "map")
    if not _NAME.match(name):
        raise MapWrong(
            place="map.name", problem="up to 12 small letters, digits and hyphens are expected"
        )
    missing = frozenset(texts_of(head, "missing", "map", default=[""])) | {""}
    ignore = frozenset(texts_of(head, "ignore", "map", default=[]))
    totals = table_of(document, "totals", default={})
    refuse_unknown(totals, frozenset({"count", "outstanding"}), "totals")
    return BookMap(
        name=name,
        book=text_of(head, "book", "map"),
        cut_off=_day(head, "cut_off"),
        encoding=text_of(head, "encoding", "map", default=""),
        sheet=text_of(head, "sheet", "map", default=""),
        skips_settled=_one_of(head, "settled", ("bring", "skip")) == "skip",
        arrears_agreed=_one_of(head, "arrears", ("given", "agreed")) == "agreed",
        keeps_instalment=_one_of(head, "keep", ("term", "instalment")) == "instalment",
        settles_empty=_one_of(head, "owes_nothing", ("refuse", "settled")) == "settled",
        small=text_of(head, "small", "map", default="") or None,
        of_funder=_one_of(head, "agreements", ("named", "of_funder")) == "of_funder",
        residue=text_of(head, "residue", "map", default="") or None,
        terms=MappingProxyType(dict(table_of(document, "terms", default={}))),
        loan=_loan(document, missing, ignore),
        schedule=_schedule(document, missing),
        count=_count(totals),
        outstanding=text_of(totals, "outstanding", "totals", default="") or None,
    )


def _schedule(document: Mapping[str, Any], missing: frozenset[str]) -> Group | None:
    if "schedule" not in document:
        return None
    part = dict(table_of(document, "schedule"))
    ignore = frozenset(texts_of(part, "ignore", "schedule", default=[]))
    part.pop("ignore", None)
    filling = _Filling(missing, ignore)
    filling.fill("schedule", part, INSTALMENT)
    return filling.group()


def _loan(document: Mapping[str, Any], missing: frozenset[str], ignore: frozenset[str]) -> Group:
    filling = _Filling(missing, ignore)
    filling.fill("loan", table_of(document, "loan"), LOAN)
    if "person" in document:
        filling.fill("person", table_of(document, "person"), PERSON, mark=PERSON_MARK)
    if "owners" in document:
        said = table_of(document, "owners")
        filling.fill("owners", said, owners(said), mark=OWNER_MARK)
    return filling.group()


def _day(head: Mapping[str, Any], key: str) -> date | None:
    found = head.get(key)
    if found is None:
        return None
    if not isinstance(found, date) or isinstance(found, datetime):
        raise MapWrong(place=f"map.{key}", problem="a day is expected, such as 2026-12-31")
    return found


def _one_of(head: Mapping[str, Any], key: str, known: tuple[str, ...]) -> str:
    found = head.get(key, known[0])
    if found not in known:
        raise MapWrong(place=f"map.{key}", problem="it is one of {known}", known=", ".join(known))
    return str(found)


def _count(totals: Mapping[str, Any]) -> int | None:
    found = totals.get("count")
    if found is not None and (not isinstance(found, int) or isinstance(found, bool)):
        raise MapWrong(place="totals.count", problem="a whole number is expected")
    return found


class _Filling:
    """Puts the entries of a map together, each where its kind belongs."""

    def __init__(self, missing: frozenset[str], ignore: frozenset[str]) -> None:
        self._missing, self._ignore = missing, ignore
        self._columns: dict[str, ColumnRule] = {}
        self._constants: dict[str, Any] = {}
        self._derived: dict[str, Derived] = {}
        self._kinds: dict[str, str] = {}
        self._needed: set[str] = set()
        self._prefix: str | None = None

    def fill(
        self, part: str, entries: Mapping[str, Any], fields: Mapping[str, Field], mark: str = ""
    ) -> None:
        """Take the entries of one part of the map in.

        :raises MapWrong: an entry is unknown, missing or wrong.
        """
        refuse_unknown(entries, frozenset(fields), part)
        for name, field in fields.items():
            if field.needed:
                self._needed.add(mark + name)
                if name not in entries:
                    raise MapWrong(place=f"{part}.{name}", problem="this entry is needed")
        for name in entries:
            entry = table_of(entries, name, where=part)
            self._entry(f"{part}.{name}", mark + name, entry, fields[name])

    def group(self) -> Group:
        """Everything that was taken in."""
        return Group(
            columns=self._columns,
            constants=self._constants,
            prefix=self._prefix,
            derived=self._derived,
            missing=self._missing,
            ignore=self._ignore,
            needed=frozenset(self._needed),
        )

    def _entry(self, place: str, name: str, entry: Mapping[str, Any], field: Field) -> None:
        kind = str(entry.get("type", field.types[0]))
        if "from" in entry:
            refuse_unknown(entry, frozenset({"from"}), place)
            text = text_of(entry, "from", place)
            self._derived[name] = derived(text, f"{place}.from", known=self._kinds, kind=kind)
        elif "row" in entry and name == "number":
            refuse_unknown(entry, frozenset({"row"}), place)
            self._prefix = text_of(entry, "row", place)
        elif "value" in entry:
            self._constants[name] = _constant(entry, place, kind, field)
        else:
            self._columns[name] = _column(entry, place, name, field)
        self._kinds[name] = kind


def _column(entry: Mapping[str, Any], place: str, name: str, field: Field) -> ColumnRule:
    rule = column_rule(
        {"type": field.types[0], **entry}, place, frozenset(field.types), needed=field.needed
    )
    if name == "state":
        for ours in table_of(entry, "choices", default={}, where=place).values():
            _see_state(str(ours), f"{place}.choices")
    return rule


def _constant(entry: Mapping[str, Any], place: str, kind: str, field: Field) -> Any:
    """A value that every row has, written as a cell of its type would be."""
    settings = {key: said for key, said in entry.items() if key != "value"}
    said = entry["value"]
    if isinstance(said, date) and not isinstance(said, datetime):
        settings.setdefault("format", "%Y-%m-%d")
        said = said.isoformat()
    settings["type"] = "text" if kind == "choice" else kind
    types = frozenset({*field.types, settings["type"]})
    found = column_rule({"column": place, **settings}, place, types).read(str(said), place)
    if place == "loan.state":
        _see_state(str(found), place)
    return found


def _see_state(state: str, place: str) -> None:
    if state not in STATES:
        raise MapWrong(
            place=place,
            problem="{name} is not one of {known}",
            name=state,
            known=", ".join(STATES),
        )
