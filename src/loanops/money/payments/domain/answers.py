"""Files of channels as rows: what orders brought, or which payments a bank took back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, cast

from loanops.kernel.refusals import Refusal
from loanops.money.payments.domain.debits import AnswerKind
from loanops.money.payments.domain.refusals import RowTwice
from loanops.platform.sheets.cells import date_reader, guard, money_reader, text_reader
from loanops.platform.sheets.opening import Sheet, SheetRow
from loanops.platform.sheets.refusals import ColumnMissing, ColumnTwice, ValueMissing
from loanops.platform.sheets.rows import RowRefusal

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "order": ("order", "指令号"),
    "pay_no": ("pay_no", "支付流水号"),
    "amount": ("amount", "金额"),
    "on": ("on", "日期"),
    "reason": ("reason", "原因"),
}
"""The columns of a file by our name; a header may be in English or Chinese, in any order."""

KEY: Final = {AnswerKind.ANSWERED: "order", AnswerKind.RETURNED: "pay_no"}
"""What names a row: one order, or one payment."""

_NEEDED: Final = {
    AnswerKind.ANSWERED: ("order", "pay_no", "amount", "on", "reason"),
    AnswerKind.RETURNED: ("pay_no", "amount", "on", "reason"),
}
_MONEY: Final = money_reader(unit="major")
_DAY: Final = date_reader(pattern="%Y-%m-%d")
_TEXT: Final = text_reader(most=80)
_REASON: Final = text_reader(most=40)


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One row of a file; ``line`` counts as an editor or a spreadsheet does."""

    line: int
    order: str
    pay_no: str
    amount_minor: int
    on: date
    reason: str


@dataclass(frozen=True)
class AnswersRead:
    """The rows of a file that can be read, and why the others cannot."""

    columns: Mapping[str, str]
    rows: tuple[AnswerRow, ...]
    refused: tuple[RowRefusal, ...]

    @property
    def count(self) -> int:
        """How many rows the file has, readable or not."""
        return len(self.rows) + len({refusal.line for refusal in self.refused})

    @property
    def total_minor(self) -> int:
        """The sum of the amounts that can be read."""
        return sum(row.amount_minor for row in self.rows)


def read_answers(sheet: Sheet, kind: AnswerKind) -> AnswersRead:
    """Every row of an opened file.

    :raises ColumnMissing, ColumnTwice: the header is not that of such a file.
    """
    places = _places(sheet.header, kind)
    columns = {name: sheet.header[place] for name, place in places.items()}
    rows: list[AnswerRow] = []
    refused: list[RowRefusal] = []
    seen: dict[str, int] = {}
    for row in sheet.rows:
        found: list[RowRefusal] = []
        read = _row(row, places, columns, kind, found)
        if read is not None:
            key = getattr(read, KEY[kind])
            if key in seen:
                column = columns[KEY[kind]]
                found.append(
                    RowRefusal(row.line, column, RowTwice(field=column, found=key, line=seen[key]))
                )
            seen.setdefault(key, row.line)
        if found or read is None:
            refused += found
        else:
            rows.append(read)
    return AnswersRead(columns, tuple(rows), tuple(refused))


def _places(header: tuple[str, ...], kind: AnswerKind) -> dict[str, int]:
    places: dict[str, int] = {}
    lowered = [name.lower() for name in header]
    for name in _NEEDED[kind]:
        found = [place for place, column in enumerate(lowered) if column in NAMES[name]]
        if not found:
            raise ColumnMissing(column=" / ".join(NAMES[name]), place=name)
        if len(found) > 1:
            raise ColumnTwice(column=header[found[0]], place=name)
        places[name] = found[0]
    return places


def _row(
    row: SheetRow,
    places: Mapping[str, int],
    columns: Mapping[str, str],
    kind: AnswerKind,
    found: list[RowRefusal],
) -> AnswerRow | None:
    if row.refusal is not None:
        found.append(RowRefusal(row.line, "", row.refusal))
        return None
    values: dict[str, object] = {"order": ""}
    for name, place in places.items():
        try:
            values[name] = _value(name, row.cells[place], columns[name], kind)
        except Refusal as refusal:
            found.append(RowRefusal(row.line, columns[name], refusal))
    if not found and kind is AnswerKind.ANSWERED and values["amount"] and not values["pay_no"]:
        missing = ValueMissing(field=columns["pay_no"])
        found.append(RowRefusal(row.line, columns["pay_no"], missing))
    if found:
        return None
    return AnswerRow(
        line=row.line,
        order=cast("str", values["order"]),
        pay_no=cast("str", values["pay_no"]),
        amount_minor=cast("int", values["amount"]),
        on=cast("date", values["on"]),
        reason=cast("str", values["reason"]),
    )


def _value(name: str, cell: str, column: str, kind: AnswerKind) -> object:
    plain = guard(cell, column)
    needed = {KEY[kind], "amount", "on"} | ({"reason"} if kind is AnswerKind.RETURNED else set())
    if not plain:
        if name in needed:
            raise ValueMissing(field=column)
        return ""
    if name == "amount":
        return _MONEY(plain, column)
    if name == "on":
        return _DAY(plain, column)
    return (_REASON if name == "reason" else _TEXT)(plain, column)
