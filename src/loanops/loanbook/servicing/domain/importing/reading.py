"""From the rows of a sheet to the values of fields; what cannot be read is refused by column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from loanops.kernel.refusals import Refusal
from loanops.loanbook.servicing.domain.importing.loans import Row
from loanops.loanbook.servicing.domain.importing.mapping import Group
from loanops.platform.sheets.columns import read_cell
from loanops.platform.sheets.opening import Sheet, SheetRow
from loanops.platform.sheets.refusals import ValueMissing
from loanops.platform.sheets.rows import RowRefusal


@dataclass(frozen=True, slots=True)
class RowValues:
    """One row after reading: the values of its fields, and what could not be read of it."""

    line: int
    values: Mapping[str, Any]
    refusals: tuple[RowRefusal, ...]


def read_rows(group: Group, sheet: Sheet) -> Iterator[RowValues]:
    """Every row of a sheet, in order.

    :raises ColumnMissing, ColumnTwice, ColumnNotMapped: the header does not fit the map.
    """
    places = group.bind(sheet.header)
    for count, row in enumerate(sheet.rows, start=1):
        if row.refusal is not None:
            yield RowValues(row.line, {}, (RowRefusal(row.line, "", row.refusal),))
        else:
            yield _read(group, places, row, count)


def _read(group: Group, places: Mapping[str, int], row: SheetRow, count: int) -> RowValues:
    values = dict(group.constants)
    found: list[RowRefusal] = []
    if group.prefix is not None:
        values["number"] = f"{group.prefix}{count}"
    for name, rule in group.columns.items():
        try:
            values[name] = read_cell(rule, row.cells[places[rule.column]], group.missing)
        except Refusal as refusal:
            found.append(RowRefusal(row.line, rule.column, refusal))
    if not found:
        # A derivation over an unread cell would only say the same again in other words.
        for name, follows in group.derived.items():
            values[name] = follows.of(values)
        for name in sorted(group.needed & set(group.derived)):
            if values[name] is None:
                found.append(RowRefusal(row.line, name, ValueMissing(field=name)))
    return RowValues(row.line, values, tuple(found))


def read_schedules(group: Group, sheet: Sheet) -> tuple[Mapping[str, list[Row]], list[RowRefusal]]:
    """The remaining instalments of each loan of the file of schedules, and what was refused.

    :raises ColumnMissing, ColumnTwice, ColumnNotMapped: the header does not fit the map.
    """
    rows: dict[str, list[Row]] = defaultdict(list)
    refused: list[RowRefusal] = []
    for row in read_rows(group, sheet):
        refused += row.refusals
        if not row.refusals:
            said = row.values
            amounts = (said.get(name) or 0 for name in ("principal", "interest", "fee", "penalty"))
            rows[said["number"]].append(Row(row.line, said["due_on"], *amounts))
    for each in rows.values():
        each.sort(key=lambda row: row.due_on)
    return rows, refused
