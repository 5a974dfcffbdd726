"""The mapping language: a TOML table that says how the columns of a file become a request.

    [map]
    name = "lendingclub"            # keys are unique within this name
    book = "us"
    product = "us-personal"
    channel = "lendingclub"
    without_identity = true         # duplicate checks answer "not checked"
    missing = ["", "NA"]            # cells that mean: not known
    key = []                        # columns that name a row; none: its content and occurrence

    [request.amount]                # amount, term, rate, instalment, purpose, region, start_on
    column = "loan_amount"
    type = "money"
    unit = "major"

    [person.id_number]              # name, id_number, mobile, address, email, region, …
    [facts.dti_bp]                  # what strategies may look at
    [outcome.loan_status]           # what became of it; never shown to a strategy

Types: text, choice, integer, money, rate, term, date, boolean. A column may have a ``default``
(for a missing cell), ``required``, ``transform`` (a list of names), and its type's own settings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

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

_MAP_KEYS: Final = frozenset(
    {"name", "book", "product", "channel", "without_identity", "missing", "key", "encoding",
     "sheet", "ignore", "consents", "bad"}
)  # fmt: skip
_REQUEST_TYPES: Final[Mapping[str, frozenset[str]]] = {
    "amount": frozenset({"money"}),
    "term": frozenset({"term"}),
    "rate": frozenset({"rate"}),
    "instalment": frozenset({"money"}),
    "purpose": frozenset({"choice", "text"}),
    "region": frozenset({"choice", "text"}),
    "start_on": frozenset({"date"}),
}
_REQUEST_NEEDED: Final = frozenset({"amount", "term"})
_PERSON_TYPES: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(
        ("name", "id_number", "mobile", "address", "email", "region", "industry"),
        frozenset({"text", "choice"}),
    ),
    "income_monthly": frozenset({"money"}),
}
_PERSON_NEEDED: Final = frozenset({"name", "id_number", "mobile"})
_FACT_TYPES: Final = frozenset({"text", "choice", "integer", "money", "term", "boolean"})


@dataclass(frozen=True)
class RowMap:
    """A checked map, ready to be bound to the header of a file."""

    name: str
    book: str
    product: str
    channel: str
    without_identity: bool
    missing: frozenset[str]
    key: tuple[str, ...]
    encoding: str
    sheet: str
    request: Mapping[str, ColumnRule]
    person: Mapping[str, ColumnRule]
    facts: Mapping[str, ColumnRule]
    outcome: Mapping[str, ColumnRule]
    consents: tuple[tuple[str, str, str], ...]
    bad_column: str
    bad_values: frozenset[str]

    def rules(self) -> list[ColumnRule]:
        """Every rule of the map."""
        groups = (self.request, self.person, self.facts, self.outcome)
        return [rule for group in groups for rule in group.values()]


def parse_map(document: Mapping[str, Any]) -> RowMap:
    """Check a map and make it ready.

    :raises MapWrong: a key is unknown, missing or of the wrong type; the place is named.
    :raises Refusal: a default is not of its own column's type.
    """
    head = table_of(document, "map")
    refuse_unknown(head, _MAP_KEYS, "map")
    refuse_unknown(document, frozenset({"map", "request", "person", "facts", "outcome"}), "the top")
    without_identity = head.get("without_identity", False)
    if not isinstance(without_identity, bool):
        raise MapWrong(place="map.without_identity", problem="true or false is expected")
    missing = frozenset(texts_of(head, "missing", "map", default=[""])) | {""}
    request = _group(document, "request", _REQUEST_TYPES, _REQUEST_NEEDED)
    person = _group(
        document, "person", _PERSON_TYPES, frozenset() if without_identity else _PERSON_NEEDED
    )
    if without_identity and person:
        raise MapWrong(place="person", problem="a map without identity names no person")
    bad = head.get("bad", {})
    if not isinstance(bad, dict) or (bad and set(bad) != {"column", "values"}):
        raise MapWrong(place="map.bad", problem="a table with column and values is expected")
    return RowMap(
        name=text_of(head, "name", "map"),
        book=text_of(head, "book", "map"),
        product=text_of(head, "product", "map"),
        channel=text_of(head, "channel", "map"),
        without_identity=without_identity,
        missing=missing,
        key=tuple(texts_of(head, "key", "map", default=[])),
        encoding=text_of(head, "encoding", "map", default=""),
        sheet=text_of(head, "sheet", "map", default=""),
        request=request,
        person=person,
        facts=_open_group(document, "facts"),
        outcome=_open_group(document, "outcome"),
        consents=_consents(head),
        bad_column=str(bad.get("column", "")),
        bad_values=frozenset(texts_of(bad, "values", "map.bad", default=[])),
    )


def bind(row_map: RowMap, header: Sequence[str]) -> Mapping[str, int]:
    """Where each column that the map names stands in the file.

    :raises ColumnMissing: a named column is not there.
    :raises ColumnTwice: it stands in the header more than once.
    """
    wanted = [(rule.column, rule.place) for rule in row_map.rules()]
    wanted += [(column, "map.key") for column in row_map.key]
    wanted += [(row_map.bad_column, "map.bad")] if row_map.bad_column else []
    return places_of(header, wanted)


def _open_group(document: Mapping[str, Any], name: str) -> Mapping[str, ColumnRule]:
    rows = table_of(document, name, default={})
    return {
        field: column_rule(table_of(rows, field, where=name), f"{name}.{field}", _FACT_TYPES)
        for field in rows
    }


def _group(
    document: Mapping[str, Any],
    name: str,
    types: Mapping[str, frozenset[str]],
    needed: frozenset[str],
) -> Mapping[str, ColumnRule]:
    rows = table_of(document, name, default={})
    refuse_unknown(rows, frozenset(types), name)
    for field in sorted(needed - set(rows)):
        raise MapWrong(place=f"{name}.{field}", problem="this entry is needed")
    return {
        field: column_rule(
            table_of(rows, field, where=name), f"{name}.{field}", types[field], field in needed
        )
        for field in rows
    }


def _consents(head: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    found = []
    entries = head.get("consents", [])
    if not isinstance(entries, list):
        raise MapWrong(place="map.consents", problem="a list of tables is expected")
    for entry in entries:
        if not isinstance(entry, dict) or set(entry) != {"purpose", "recipient", "wording_version"}:
            raise MapWrong(
                place="map.consents", problem="purpose, recipient and wording_version are expected"
            )
        found.append(
            (str(entry["purpose"]), str(entry["recipient"]), str(entry["wording_version"]))
        )
    return tuple(found)
