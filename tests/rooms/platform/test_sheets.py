"""Files of rows: Parquet reads as CSV and XLSX do, and what is broken is refused in words."""

from __future__ import annotations

import io

import pytest
from arro3.core import Array, DataType, Table, list_array
from arro3.io import write_parquet

from loanops.platform.sheets.columns import column_rule, read_cell
from loanops.platform.sheets.opening import open_sheet
from loanops.platform.sheets.refusals import (
    ColumnMissing,
    ColumnTwice,
    FileUnreadable,
    RowUnreadable,
)
from loanops.platform.sheets.rows import places_of
from tests.factories.tables import parquet


class TestParquet:
    def test_reads_as_the_text_a_person_would_have_typed(self) -> None:
        content = parquet(
            {
                "name": (DataType.utf8(), ["Ada", None, "阿达"]),
                "count": (DataType.int64(), [1, 2, None]),
                "amount": (DataType.float64(), [28000.0, 0.1, 1e-7]),
                "exact": (DataType.decimal128(12, 2), ["1.50", None, "-2.00"]),
                "day": (DataType.date32(), ["2018-06-30", None, "2020-02-29"]),
                "sure": (DataType.bool(), [True, False, None]),
            }
        )

        sheet = open_sheet(file="book.parquet", content=content)

        assert sheet.encoding == "parquet"
        assert sheet.header == ("name", "count", "amount", "exact", "day", "sure")
        assert [(row.line, row.cells) for row in sheet.rows] == [
            (1, ("Ada", "1", "28000", "1.50", "2018-06-30", "true")),
            (2, ("", "2", "0.1", "", "", "false")),
            (3, ("阿达", "", "1e-07", "-2.00", "2020-02-29", "")),
        ]

    @pytest.mark.parametrize("packing", ["uncompressed", "snappy", "gzip(6)", "zstd(3)", "lz4_raw"])
    def test_is_read_in_every_packing(self, packing: str) -> None:
        content = parquet({"x": (DataType.int64(), list(range(12_000)))}, compression=packing)

        rows = list(open_sheet(file="x.parquet", content=content).rows)

        assert len(rows) == 12_000
        assert rows[-1].cells == ("11999",)

    def test_moments_keep_their_day_and_their_time(self) -> None:
        content = parquet(
            {"x": (DataType.timestamp("us"), ["2018-06-30T00:00:00", "2018-06-30T12:05:00"])}
        )

        cells = [row.cells[0] for row in open_sheet(file="x.parquet", content=content).rows]
        assert cells == ["2018-06-30", "2018-06-30 12:05:00"]

    def test_a_cell_that_holds_a_list_is_refused_by_row(self) -> None:
        lists = list_array(
            Array([0, 2], type=DataType.int32()), Array([1, 2], type=DataType.int64())
        )
        made = Table.from_arrays([lists], names=["x"])
        kept = io.BytesIO()
        write_parquet(made, kept)

        [row] = open_sheet(file="x.parquet", content=kept.getvalue()).rows

        assert isinstance(row.refusal, RowUnreadable)

    @pytest.mark.parametrize("keeps", [6, 40, 200])
    def test_a_file_that_is_cut_off_is_refused(self, keeps: int) -> None:
        content = parquet({"x": (DataType.int64(), list(range(100)))})

        with pytest.raises(FileUnreadable, match="cut off"):
            open_sheet(file="x.parquet", content=content[:keeps])

    def test_a_footer_that_lies_is_refused(self) -> None:
        content = bytearray(parquet({"x": (DataType.int64(), list(range(100)))}))
        content[-60:-8] = b"\xff" * 52

        with pytest.raises(FileUnreadable, match="broken"):
            list(open_sheet(file="x.parquet", content=bytes(content)).rows)


class TestPlaces:
    def test_are_those_of_the_header(self) -> None:
        assert places_of([" a ", "b"], [("b", "loan.rate"), ("a", "loan.number")])["b"] == 1

    def test_of_a_column_that_is_not_there_or_twice_are_refused(self) -> None:
        with pytest.raises(ColumnMissing, match=r"no column c, which the map names at loan\.rate"):
            places_of(["a", "b"], [("c", "loan.rate")])
        with pytest.raises(ColumnTwice):
            places_of(["a", "a"], [("a", "loan.rate")])


class TestCell:
    def test_of_an_amount_in_every_unit(self) -> None:
        wanted = {"minor": "123456", "major": "1,234.56", "wan": "0.123456"}

        read = {
            unit: read_cell(
                column_rule(
                    {"column": "x", "type": "money", "unit": unit}, "loan.x", frozenset({"money"})
                ),
                text,
                frozenset({""}),
            )
            for unit, text in wanted.items()
        }

        assert read == dict.fromkeys(wanted, 123456)
