"""Files as they come: every encoding, every broken row, every hostile workbook."""

from __future__ import annotations

import codecs
import tomllib
import zipfile
from io import BytesIO
from typing import Any

import pytest

from loanops.kernel.refusals import Refusal
from loanops.origination.applications import queries
from loanops.platform.sheets import archives
from loanops.platform.sheets.opening import Sheet, open_sheet
from tests.factories.workbooks import workbook, workbook_of

MAP = """
[map]
name = "partner"
book = "us"
product = "personal"
channel = "partner"
without_identity = true

[request.amount]
column = "金额"
type = "money"
unit = "major"

[request.term]
column = "term"
type = "term"
unit = "months"
"""
HEADER = "金额,term\n"


def read(content: bytes, name: str = "rows.csv", **changes: Any) -> list[queries.RowRead]:
    document = tomllib.loads(MAP)
    document["map"] |= changes
    reader = queries.read_file(name=name, content=content, row_map=queries.read_map(document))
    return list(reader)


def amounts(rows: list[queries.RowRead]) -> list[int | None]:
    return [row.request.amount_minor if row.request else None for row in rows]


def said(rows: list[queries.RowRead]) -> list[tuple[int, str, str]]:
    return [(each.line, each.column, each.code) for row in rows for each in row.refusals]


def opened(content: bytes, **words: str) -> Sheet:
    return open_sheet(file="rows", content=content, **words)


class TestEncodings:
    @pytest.mark.parametrize(
        "content",
        [
            (HEADER + "1000,12\n").encode(),
            codecs.BOM_UTF8 + (HEADER + "1000,12\n").encode(),
            (HEADER + "1000,12\n").encode("gbk"),
            (HEADER + "1000,12\n").encode("gb18030"),
            (HEADER + "1000,12\n").encode("utf-16"),
            codecs.BOM_UTF16_BE + (HEADER + "1000,12\n").encode("utf-16-be"),
            (HEADER + "1000,12\r\n").encode(),
            HEADER.replace(",", ";").encode() + b"1000;12\n",
            HEADER.replace(",", "\t").encode() + b"1000\t12\n",
        ],
        ids=["utf-8", "mark", "gbk", "gb18030", "utf-16", "utf-16-be", "crlf", "semicolon", "tab"],
    )
    def test_reads_the_same_row_from_each(self, content: bytes) -> None:
        assert amounts(read(content)) == [100_000]

    def test_takes_the_encoding_that_the_map_names(self) -> None:
        assert amounts(read((HEADER + "1,12\n").encode("gbk"), encoding="gbk")) == [100]

    def test_refuses_an_encoding_that_nobody_knows(self) -> None:
        with pytest.raises(Refusal, match="klingon, which is not one of"):
            read(HEADER.encode(), encoding="klingon")

    def test_names_the_row_whose_bytes_are_no_text_and_takes_the_others(self) -> None:
        content = HEADER.encode() + b"1,12\n" + b"\xff\xfe2,12\n" + b"3,12\n"

        rows = read(content)

        assert amounts(rows) == [100, None, 300]
        assert said(rows) == [(3, "金额", "applications_text_unclean")]

    def test_a_file_in_gbk_read_as_utf_8_loses_its_rows_loudly(self) -> None:
        with pytest.raises(Refusal, match="no column 金额"):
            read((HEADER + "1,12\n").encode("gbk"), encoding="utf-8")


class TestRows:
    def test_names_line_column_and_reason_and_goes_on(self) -> None:
        content = HEADER + "1000,12\nabc,12\n,12\n1000,0\n1e3,12\n2000,24\n"

        rows = read(content.encode())

        assert amounts(rows) == [100_000, None, None, None, None, 200_000]
        assert said(rows) == [
            (3, "金额", "applications_not_a_number"),
            (4, "金额", "applications_value_missing"),
            (5, "term", "applications_out_of_range"),
            (6, "金额", "applications_not_a_number"),
        ]

    def test_counts_lines_as_an_editor_does_over_quoted_line_breaks(self) -> None:
        rows = read((HEADER + '"1\n000",12\nabc,12\n').encode())

        assert [row.line for row in rows] == [2, 4]

    @pytest.mark.parametrize(
        ("cell", "code"),
        [
            ("=1+1", "applications_looks_like_formula"),
            ("@SUM(A1)", "applications_looks_like_formula"),
            ("-cmd|' /C calc'!A0", "applications_looks_like_formula"),
            ("1\x00000", "applications_text_unclean"),
            ("9" * 5000, "applications_text_too_long"),
            ("NaN", "applications_not_a_number"),
            ("1_000", "applications_not_a_number"),
            ("0.001", "applications_not_whole"),
            ("99999999999999999999", "applications_out_of_range"),
        ],
    )
    def test_refuses_the_cell(self, cell: str, code: str) -> None:
        rows = read((HEADER + f"{cell},12\n2,12\n").encode())

        assert said(rows) == [(2, "金额", code)]
        assert amounts(rows) == [None, 200]

    def test_refuses_a_cell_of_ten_megabytes_and_takes_the_row_behind_it(self) -> None:
        rows = read((HEADER + "9" * 10_000_000 + ",12\n2,12\n").encode())

        assert [code for _, _, code in said(rows)] == ["applications_row_unreadable"]
        assert amounts(rows)[-1] == 200

    def test_refuses_a_row_with_too_many_or_too_few_cells(self) -> None:
        rows = read((HEADER + "1,12,x\n1\n2,12\n").encode())

        assert [code for _, _, code in said(rows)] == ["applications_row_broken"] * 2
        assert amounts(rows)[-1] == 200

    def test_leaves_empty_rows_out(self) -> None:
        assert amounts(read((HEADER + "\n,\n1,12\n\n").encode())) == [100]


class TestHeader:
    @pytest.mark.parametrize("content", [b"", b"  \n", b"\n\n"])
    def test_refuses_an_empty_file(self, content: bytes) -> None:
        with pytest.raises(Refusal, match="cannot be read"):
            read(content)

    def test_refuses_a_header_that_lacks_a_column_of_the_map(self) -> None:
        with pytest.raises(
            Refusal, match=r"no column 金额, which the map names at request\.amount"
        ):
            read(b"amount,term\n1,12\n")

    def test_refuses_a_header_that_has_a_column_of_the_map_twice(self) -> None:
        with pytest.raises(Refusal, match="the column 金额 more than once"):
            read("金额,term,金额\n1,12,2\n".encode())

    def test_takes_a_doubled_column_that_the_map_does_not_name(self) -> None:
        assert amounts(read("金额,term,x,x\n1,12,,\n".encode())) == [100]

    def test_a_header_alone_has_no_rows(self) -> None:
        assert read(HEADER.encode()) == []


class TestWorkbooks:
    def test_reads_the_same_rows_as_from_a_text(self) -> None:
        content = workbook([["金额", "term"], [1000, 12], [None, None], ["abc", 12], [20.5, "24"]])

        rows = read(content, "rows.xlsx")

        assert amounts(rows) == [100_000, None, 2_050]
        assert said(rows) == [(4, "金额", "applications_not_a_number")]

    def test_reads_the_sheet_that_the_map_names(self) -> None:
        content = workbook([["金额", "term"], [1, 12]], sheet="三月")

        assert amounts(read(content, "rows.xlsx", sheet="三月")) == [100]
        with pytest.raises(Refusal, match="it has no sheet 四月"):
            read(content, "rows.xlsx", sheet="四月")

    def test_refuses_cells_right_of_the_header(self) -> None:
        rows = read(workbook([["金额", "term"], [1, 12, "x"]]), "rows.xlsx")

        assert [code for _, _, code in said(rows)] == ["applications_row_broken"]

    @pytest.mark.parametrize("corner", ["XFD1048576", "ZZ100000"])
    def test_refuses_a_lone_cell_in_a_far_corner_before_room_is_made_for_it(
        self, corner: str
    ) -> None:
        with pytest.raises(Refusal, match="reach over more than"):
            read(workbook_of({"A1": "金额", "B1": "term", corner: 1}), "rows.xlsx")

    def test_takes_a_sheet_that_is_tall_and_narrow(self) -> None:
        content = workbook_of({"A1": "金额", "B1": "term", "A900000": 1, "B900000": 12})

        assert [row.line for row in read(content, "rows.xlsx")] == [900_000]

    def test_refuses_what_unpacks_to_far_more(self, monkeypatch: pytest.MonkeyPatch) -> None:
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", "<x/>")
            archive.writestr("xl/media/zeros", b"\0" * 50_000_000)

        with pytest.raises(Refusal, match="unpacks to far more"):
            opened(packed.getvalue())

        monkeypatch.setattr(archives, "UNPACKED_BYTES_MAX", 100)
        with pytest.raises(Refusal, match="unpacks to far more"):
            opened(workbook([["a"], [1]]))

    def test_refuses_an_archive_that_lies_about_its_size(self) -> None:
        honest = workbook([["金额", "term"], *([[1, 12]] * 500)])
        with zipfile.ZipFile(BytesIO(honest)) as archive:
            part = archive.getinfo("xl/worksheets/sheet1.xml")
        size = part.file_size.to_bytes(4, "little")

        with pytest.raises(Refusal, match="it is no workbook"):
            opened(honest.replace(size, (100).to_bytes(4, "little")))

    @pytest.mark.parametrize(
        "content",
        [b"PK\x03\x04 and nothing more", b"\xd0\xcf\x11\xe0" + b"\0" * 600, b"PK\x03\x04"],
    )
    def test_refuses_what_only_begins_like_a_workbook(self, content: bytes) -> None:
        with pytest.raises(Refusal, match="cannot be read"):
            opened(content)

    def test_refuses_another_kind_of_archive(self) -> None:
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("content.xml", "<office:document/>")

        with pytest.raises(Refusal, match="save it as XLSX or CSV"):
            opened(packed.getvalue())


class TestKeys:
    def test_equal_rows_are_two_requests_and_the_same_two_when_read_again(self) -> None:
        content = (HEADER + "1,12\n1,12\n2,12\n").encode()

        first = [row.request.key for row in read(content) if row.request]
        again = [row.request.key for row in read(content) if row.request]

        assert first == again
        assert len(set(first)) == 3

    def test_the_columns_of_the_key_name_the_row(self) -> None:
        rows = read((HEADER + "1,12\n2,12\n,12\n").encode(), key=["金额", "term"])

        assert [row.request.key for row in rows if row.request] == ["1|12", "2|12"]


class TestMaps:
    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            (MAP.replace('book = "us"', ""), r"map is wrong at map\.book: a text is expected"),
            ("", r"map is wrong at map: a table is expected"),
            (MAP + "[request.colour]\ncolumn='c'", r"request\.colour: there is no such key"),
            (MAP.replace('"major"', '"pounds"'), r"amount\.unit: pounds is not one of major"),
            (MAP.replace('type = "money"', 'type = "date"'), r"amount\.type: it is one of money"),
            (MAP + "[person.name]\ncolumn='n'", "a map without identity names no person"),
            (MAP + "[facts.a]\ncolumn='n'\ntransform=['rot13']", "rot13 is not one of digits"),
            (
                MAP + "[request.start_on]\ncolumn='d'\ntype='date'\nformat='%-d'",
                "a pattern such as",
            ),
            (
                MAP + "[facts.a]\ncolumn='n'\ntype='integer'\ndefault='x'",
                r"facts\.a\.default: x is not a plain number",
            ),
            (
                MAP.replace("without_identity = true", ""),
                r"person\.id_number: this entry is needed",
            ),
        ],
    )
    def test_is_refused_with_the_place_named(self, change: str, sentence: str) -> None:
        with pytest.raises(Refusal, match=sentence):
            queries.read_map(tomllib.loads(change))
