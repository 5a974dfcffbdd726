"""From the rows of a sheet to requests: good rows become requests, bad rows become refusals."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from loanops.kernel.refusals import Refusal
from loanops.origination.applications.domain.mapping import RowMap, bind
from loanops.origination.applications.domain.request import (
    Applicant,
    ApplicationRequest,
    Consent,
    Fact,
    check_request,
)
from loanops.platform.sheets.cells import CELL_MAX
from loanops.platform.sheets.columns import ColumnRule, read_cell
from loanops.platform.sheets.opening import Sheet, SheetRow
from loanops.platform.sheets.rows import RowRefusal


@dataclass(frozen=True)
class RowRead:
    """One row after reading: a request, or the refusals that stop it (never both)."""

    line: int
    request: ApplicationRequest | None
    refusals: tuple[RowRefusal, ...]


class RowReader:
    """Reads the rows of one file under one map; counts equal rows to tell them apart."""

    def __init__(self, row_map: RowMap, sheet: Sheet) -> None:
        self._map = row_map
        self._sheet = sheet
        self._places = bind(row_map, sheet.header)
        self._seen: Counter[str] = Counter()

    def __iter__(self) -> Iterator[RowRead]:
        """Every row of the file, in order."""
        for row in self._sheet.rows:
            yield self._read(row)

    def _read(self, row: SheetRow) -> RowRead:
        if row.refusal is not None:
            return RowRead(row.line, None, (RowRefusal(row.line, "", row.refusal),))
        key = self._key(row.cells)
        found: list[RowRefusal] = []
        request = self._group(row, self._map.request, found)
        person = self._group(row, self._map.person, found)
        facts = self._group(row, self._map.facts, found)
        outcome = self._group(row, self._map.outcome, found)
        if found:
            return RowRead(row.line, None, tuple(found))
        made = self._request(key, request, person, facts, outcome)
        refusals = tuple(
            RowRefusal(row.line, self.column_of(refusal), refusal)
            for refusal in check_request(made)
        )
        return RowRead(row.line, None if refusals else made, refusals)

    def _group(
        self, row: SheetRow, rules: Mapping[str, ColumnRule], found: list[RowRefusal]
    ) -> dict[str, Any]:
        read: dict[str, Any] = {}
        for name, rule in rules.items():
            try:
                read[name] = read_cell(
                    rule, row.cells[self._places[rule.column]], self._map.missing
                )
            except Refusal as refusal:
                found.append(RowRefusal(row.line, rule.column, refusal))
        return read

    def _key(self, cells: tuple[str, ...]) -> str:
        """The row's name: its key columns, or its content and how often it came before.

        Two equal rows are two requests; the same file read again gives the same names.
        """
        if self._map.key:
            parts = [cells[self._places[column]].strip() for column in self._map.key]
            return "|".join(parts)[:CELL_MAX] if all(parts) else ""
        digest = hashlib.sha256("\x1f".join(cells).encode("utf-8", "surrogatepass")).hexdigest()
        self._seen[digest] += 1
        return f"sha256:{digest}:{self._seen[digest]}"

    def _request(
        self,
        key: str,
        request: Mapping[str, Any],
        person: Mapping[str, Any],
        facts: Mapping[str, Fact],
        outcome: Mapping[str, Fact],
    ) -> ApplicationRequest:
        row_map = self._map
        return ApplicationRequest(
            key=key,
            product=row_map.product,
            amount_minor=request["amount"],
            term_months=request["term"],
            annual_rate=request.get("rate"),
            instalment_minor=request.get("instalment"),
            purpose=request.get("purpose") or "other",
            region=request.get("region") or person.get("region") or "",
            channel=row_map.channel,
            start_on=request.get("start_on"),
            applicant=None if row_map.without_identity else _applicant(person),
            facts=facts,
            outcome=outcome,
            consents=tuple(Consent(*said) for said in row_map.consents),
        )

    def column_of(self, refusal: Refusal) -> str:
        """The column of the file that filled the field a refusal is about; empty for none."""
        field = refusal.field
        if not field:
            return ""
        group, _, name = field.partition(".")
        if group == "facts" and name in self._map.facts:
            return self._map.facts[name].column
        if group == "key":
            return ", ".join(self._map.key)
        rule = (
            {
                "amount_minor": self._map.request.get("amount"),
                "term_months": self._map.request.get("term"),
                "annual_rate": self._map.request.get("rate"),
                "instalment_minor": self._map.request.get("instalment"),
                "income_monthly_minor": self._map.person.get("income_monthly"),
            }.get(field)
            or self._map.request.get(field)
            or self._map.person.get(field)
        )
        return rule.column if rule else ""


def _applicant(person: Mapping[str, Any]) -> Applicant:
    words = {name: value or "" for name, value in person.items() if name != "income_monthly"}
    return Applicant(**words, income_monthly_minor=person.get("income_monthly"))
