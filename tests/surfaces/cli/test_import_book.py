"""`loanops import-book` as a person uses it: a file checked, a book brought in, and told again."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from arro3.core import DataType
from click.testing import CliRunner, Result

from loanops.kernel.refusals import BadField, NotFound, Refusal
from loanops.loanbook.servicing.models import Loan
from loanops.surfaces.cli.migration.command import import_book
from tests.factories.loans import repay
from tests.factories.moving import CURRENT, MAP, csv_of, open_moving_book
from tests.factories.tables import parquet
from tests.factories.workbooks import workbook

pytestmark = pytest.mark.django_db
SETTLED = {**CURRENT, "no": "K-2", "state": "C", "left": "0"}
ROWS = [CURRENT, SETTLED]
CONTENT = {
    "csv": csv_of(ROWS),
    "xlsx": workbook([list(CURRENT), *([text or None for text in row.values()] for row in ROWS)]),
    "parquet": parquet({name: (DataType.utf8(), [row[name] for row in ROWS]) for name in CURRENT}),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    open_moving_book()
    (tmp_path / "old.toml").write_text(MAP, encoding="utf-8")
    return tmp_path


def run(folder: Path, *options: str, file: str = "old.csv", content: bytes = b"") -> Result:
    (folder / file).write_bytes(content or CONTENT["csv"])
    arguments = [str(folder / file), "--map", str(folder / "old.toml"), *options]
    return CliRunner().invoke(import_book, arguments)


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.output.splitlines()[-1])
    return found


def errors(folder: Path) -> list[Mapping[str, str]]:
    with (folder / "old.csv.errors.csv").open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


class TestFile:
    @pytest.mark.parametrize("kind", CONTENT)
    def test_of_every_kind_comes_in_with_its_balances(self, folder: Path, kind: str) -> None:
        summary = told(run(folder, "--json", file=f"old.{kind}", content=CONTENT[kind]))

        assert summary["loans"] == {"current": 1, "settled": 1}
        assert (summary["outstanding"], summary["paid_interest"]) == ("6179.02", "1152.32")
        assert (summary["imported"], summary["again"], summary["bad_rows"]) == (2, False, 0)
        assert Loan.objects.count() == 2

    def test_is_only_read_with_check(self, folder: Path) -> None:
        result = run(folder, "--check")

        assert result.exit_code == 0
        assert "Every row holds; nothing was written." in result.output
        assert not Loan.objects.exists()

    def test_again_answers_what_was_done(self, folder: Path) -> None:
        first = told(run(folder, "--json"))

        again = told(run(folder, "--json", file="renamed.csv"))

        assert (again["again"], again["imported"], again["import"]) == (True, 0, first["import"])

    def test_says_in_words_what_came(self, folder: Path) -> None:
        output = run(folder).output

        assert "2 rows: 1 loans current, 0 overdue, 1 settled" in output
        assert "Outstanding at the end of 2026-06-30: 6179.02." in output
        assert "2 loans were imported into cn as IM-" in output

    def test_is_told_in_chinese_to_who_reads_it(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LOANOPS_LANGUAGE", "zh_CN.UTF-8")

        assert "2 笔贷款已迁入账套 cn" in run(folder).output


class TestBadRows:
    BAD = csv_of([{**CURRENT, "rate": "x"}, {**SETTLED, "left": "1.00"}])

    def test_are_written_down_and_nothing_is_imported(self, folder: Path) -> None:
        result = run(folder, content=self.BAD)

        assert result.exit_code == 2
        assert "Nothing was imported." in result.output
        assert [(row["line"], row["column"]) for row in errors(folder)] == [
            ("2", "rate"),
            ("3", "state"),
        ]
        assert not Loan.objects.exists()

    def test_of_one_kind_are_told_once_with_their_count(self, folder: Path) -> None:
        wrong = [{**CURRENT, "no": f"K-{place}", "months": "100%"} for place in range(40)]
        wrong.append({**CURRENT, "no": "K-99", "state": "Z"})

        said = run(folder, content=csv_of(wrong)).output
        done = run(folder, "--json", content=csv_of(wrong))

        assert "40 ×, first in line 2: " in said
        assert "1 ×, first in line 42: " in said
        reasons = json.loads(done.output.splitlines()[-1])["reasons"]
        assert [(each["column"], each["count"], each["line"]) for each in reasons] == [
            ("months", 40, 2), ("state", 1, 42),
        ]  # fmt: skip
        assert len(errors(folder)) == 41

    def test_are_explained_in_chinese_to_who_reads_it(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LOANOPS_LANGUAGE", "zh_CN.UTF-8")

        run(folder, content=self.BAD)

        assert errors(folder)[1]["reason"] == "状态：贷款不能是已结清：仍有未还余额。"

    def test_are_gone_when_they_are_mended(self, folder: Path) -> None:
        run(folder, content=self.BAD)

        told(run(folder, "--json"))

        assert not (folder / "old.csv.errors.csv").exists()


class TestOptions:
    def test_control_totals_refuse_a_file_that_lacks_something(self, folder: Path) -> None:
        told(run(folder, "--check", "--json", "--count", "2", "--outstanding", "6179.02"))

        result = run(folder, "--count", "3")

        assert isinstance(result.exception, Refusal)
        assert "is 3, but the file has 2" in str(result.exception)

    def test_a_cut_off_that_is_no_day_is_refused(self, folder: Path) -> None:
        result = run(folder, "--cut-off", "30.6.2026")

        assert result.exit_code == 2
        assert "30.6.2026 is not a date" in result.output

    def test_the_cut_off_goes_before_that_of_the_map(self, folder: Path) -> None:
        summary = told(run(folder, "--check", "--json", "--cut-off", "2026-06-25"))

        assert summary["cut_off"] == "2026-06-25"

    def test_a_file_that_is_not_there_is_refused(self, folder: Path) -> None:
        arguments = [str(folder / "none.csv"), "--map", str(folder / "old.toml")]

        result = CliRunner().invoke(import_book, arguments)

        assert isinstance(result.exception, Refusal)
        assert "none.csv cannot be read" in str(result.exception)


class TestUndo:
    def test_shows_first_and_takes_back_with_a_reason(self, folder: Path) -> None:
        told(run(folder, "--json"))

        shown = undo(folder, "--check").output
        assert "old.csv (IM-" in shown
        assert "brought in 2 loans: 1 current, 0 overdue, 1 settled, 0 written off now." in shown
        assert "Nothing stands in the way; nothing was written." in shown
        assert not Loan.objects.filter(state="withdrawn").exists()

        done = undo(folder, "--reason", "wrong rate").output
        assert "All of them were taken back" in done
        assert Loan.objects.filter(state="withdrawn").count() == 2

    def test_twice_says_when_and_why_and_the_file_comes_in_again(self, folder: Path) -> None:
        told(run(folder, "--json"))
        undo(folder, "--reason", "wrong rate")

        again = undo(folder, "--reason", "once more")
        assert again.exit_code == 0
        assert "was taken back on 2026-06-30 by house:import: wrong rate." in again.output

        assert told(run(folder, "--json"))["imported"] == 2

    def test_goes_by_the_digest_or_the_number_too(self, folder: Path) -> None:
        summary = told(run(folder, "--json"))

        for name in (summary["digest"][:12], summary["import"]):
            shown = told(undo(folder, "--check", "--json", name=name))
            assert (shown["import"], shown["loans"]) == (summary["import"], 2)

    def test_names_the_loans_to_which_something_happened(self, folder: Path) -> None:
        told(run(folder, "--json"))
        loan = Loan.objects.get(contract="old:K-1").number
        repay(loan, 100)

        result = undo(folder, "--reason", "wrong rate")

        assert result.exit_code == 2
        assert f"{loan}  Repaid" in result.output
        assert not Loan.objects.filter(state="withdrawn").exists()

    def test_of_what_never_came_or_without_a_reason_is_refused(self, folder: Path) -> None:
        assert isinstance(undo(folder).exception, NotFound)
        told(run(folder, "--json"))

        assert isinstance(undo(folder).exception, BadField)

    def test_alone_does_without_a_map(self, folder: Path) -> None:
        (folder / "old.csv").write_bytes(CONTENT["csv"])
        result = CliRunner().invoke(import_book, [str(folder / "old.csv")])

        assert result.exit_code == 2
        assert "Name the map of the file with --map" in result.output


def undo(folder: Path, *options: str, name: str = "") -> Result:
    file = folder / "old.csv"
    if not file.exists():
        file.write_bytes(CONTENT["csv"])
    return CliRunner().invoke(import_book, [name or str(file), "--undo", *options])
