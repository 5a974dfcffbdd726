"""`loanops intake` as a person uses it: files in, applications and an error file out."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from loanops.kernel.refusals import Refusal
from loanops.origination.applications import queries
from loanops.surfaces.cli.book import book as book_verb
from loanops.surfaces.cli.intake.command import intake
from loanops.surfaces.cli.intake.errors import harmless
from tests.factories import people
from tests.factories.registry import HOUSE, open_book, publish
from tests.factories.workbooks import workbook

pytestmark = pytest.mark.django_db

WITHOUT = """
[map]
name = "partner"
book = "us"
product = "personal"
channel = "partner"
without_identity = true
[request.amount]
column = "amount"
type = "money"
unit = "major"
[request.term]
column = "term"
type = "term"
unit = "months"
[facts.income]
column = "=income"
type = "integer"
"""
IDENTIFIED = """
[map]
name = "channel"
book = "cn"
product = "steady"
channel = "channel"
key = ["no"]
consents = [
  { purpose = "personal_information", recipient = "", wording_version = "PI-1" },
  { purpose = "sensitive_information", recipient = "", wording_version = "SI-1" },
]
[request.amount]
column = "amount"
type = "money"
unit = "major"
[request.term]
column = "term"
type = "term"
unit = "months"
[person.name]
column = "name"
[person.id_number]
column = "id"
[person.mobile]
column = "mobile"
"""
HEADER = "amount,term,=income\n"


@pytest.fixture
def dollars() -> None:
    open_book("us", pack="open", currency="USD", without_identity=True)
    publish("personal", book="us", rate_annual=None)


def intake_of(folder: Path, content: str | bytes, *words: str, map_text: str = WITHOUT,
              name: str = "rows.csv", env: dict[str, str] | None = None) -> Result:  # fmt: skip
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    mapping = folder / "map.toml"
    mapping.write_text(map_text, encoding="utf-8")
    return CliRunner().invoke(
        intake,
        [str(path), "--map", str(mapping), *words],
        env={"LOANOPS_LANGUAGE": "en", **(env or {})},
    )


def summary_of(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, (result.output, result.exception)
    found: dict[str, Any] = json.loads(result.stdout.strip().splitlines()[-1])
    return found


def sentence_of(result: Result) -> str:
    """What `main` would print of a refusal, and that it ends with 2."""
    if isinstance(result.exception, Refusal):
        return str(result.exception)
    assert result.exit_code == 2
    return result.stderr


def errors_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def applications(book: str = "us") -> tuple[queries.ApplicationCard, ...]:
    return queries.list_applications(queries.Filter(book=book), viewer=HOUSE).cards


@pytest.mark.usefixtures("dollars")
class TestTaking:
    def test_good_rows_go_on_and_bad_ones_are_written_down(self, tmp_path: Path) -> None:
        rows = HEADER + "1000,12,5\nabc,12,5\n2000,7,5\n3000,6,5\n"

        summary = summary_of(intake_of(tmp_path, rows, "--json"))

        told = {name: summary[name] for name in ("rows", "bad_rows", "created", "repeated")}
        assert told == {"rows": 4, "bad_rows": 2, "created": 2, "repeated": 0}
        assert [card.amount_minor for card in applications()] == [300_000, 100_000]
        assert summary["errors"] == str(tmp_path / "rows.csv.errors.csv")
        found = [(row["line"], row["column"], row["code"]) for row in errors_of(
            tmp_path / "rows.csv.errors.csv"
        )]  # fmt: skip
        assert found == [
            ("3", "amount", "applications_not_a_number"),
            ("4", "term", "applications_term_not_offered"),
        ]

    def test_the_same_file_twice_creates_nothing_twice(self, tmp_path: Path) -> None:
        rows = HEADER + "1000,12,5\n1000,12,5\n2000,12,\n"

        first = summary_of(intake_of(tmp_path, rows, "--json"))
        again = summary_of(intake_of(tmp_path, rows, "--json"))

        assert (first["created"], first["repeated"]) == (3, 0)
        assert (again["created"], again["repeated"]) == (0, 3)
        assert len(applications()) == 3

    def test_duplicate_checks_of_a_book_without_identity_say_that_they_were_not_made(
        self, tmp_path: Path
    ) -> None:
        result = intake_of(tmp_path, HEADER + "1000,12,5\n")

        assert "Duplicate checks: not checked" in result.stdout
        assert [card.duplicate["match"] for card in applications()] == ["not_checked"]

    def test_reads_a_workbook_as_it_reads_a_text(self, tmp_path: Path) -> None:
        content = workbook([["amount", "term", "=income"], [1000, 12, 5], ["x", 12, 5]])

        summary = summary_of(intake_of(tmp_path, content, "--json", name="rows.xlsx"))

        assert (summary["created"], summary["bad_rows"]) == (1, 1)

    def test_takes_more_rows_than_fit_one_chunk(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("loanops.surfaces.cli.intake.taking.CHUNK", 2)
        rows = HEADER + "".join(f"{1000 + n},12,5\n" for n in range(5))

        assert summary_of(intake_of(tmp_path, rows, "--json"))["created"] == 5
        assert len(applications()) == 5


@pytest.mark.usefixtures("dollars")
class TestErrorFile:
    def test_speaks_the_language_of_the_reader(self, tmp_path: Path) -> None:
        intake_of(tmp_path, HEADER + "abc,12,5\n", env={"LOANOPS_LANGUAGE": "zh"})

        (row,) = errors_of(tmp_path / "rows.csv.errors.csv")
        assert "不是" in row["reason"]
        assert row["code"] == "applications_not_a_number"

    def test_a_spreadsheet_runs_nothing_of_it(self, tmp_path: Path) -> None:
        intake_of(tmp_path, HEADER + "1000,12,oops\n")

        (row,) = errors_of(tmp_path / "rows.csv.errors.csv")
        assert row["column"] == "'=income"
        assert row["reason"].startswith("'=income: oops is not a plain number")

    @pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\t=1", "  =1", "|calc", "＝1"])
    def test_neutralises(self, cell: str) -> None:
        assert harmless(cell).startswith("'")

    def test_is_written_where_it_is_asked_for(self, tmp_path: Path) -> None:
        place = tmp_path / "elsewhere.csv"

        intake_of(tmp_path, HEADER + "abc,12,5\n", "--errors", str(place))

        assert len(errors_of(place)) == 1
        assert not (tmp_path / "rows.csv.errors.csv").exists()

    def test_is_gone_when_the_rows_are_mended(self, tmp_path: Path) -> None:
        intake_of(tmp_path, HEADER + "abc,12,5\n")
        summary = summary_of(intake_of(tmp_path, HEADER + "1000,12,5\n", "--json"))

        assert summary["errors"] is None
        assert sorted(path.name for path in tmp_path.iterdir()) == ["map.toml", "rows.csv"]

    def test_never_takes_the_place_of_a_file_of_somebody_else(self, tmp_path: Path) -> None:
        rows = tmp_path / "rows.csv"

        result = intake_of(tmp_path, HEADER + "1000,12,5\nabc,12,5\n", "--errors", str(rows))

        assert "is no error file" in sentence_of(result)
        assert rows.read_text(encoding="utf-8").startswith(HEADER)
        assert not applications()

    def test_goes_to_the_home_where_the_folder_cannot_be_written(
        self, tmp_path: Path, settings: Any
    ) -> None:
        settings.HOME = tmp_path / "home"
        blocked = tmp_path / "rows.csv.errors.csv.partial"
        blocked.mkdir()

        summary = summary_of(intake_of(tmp_path, HEADER + "abc,12,5\n", "--json"))

        assert summary["errors"] == str(tmp_path / "home" / "intake" / "rows.csv.errors.csv")
        assert len(errors_of(Path(summary["errors"]))) == 1


@pytest.mark.usefixtures("dollars")
class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            ("", "rows.csv cannot be read: it is empty."),
            ("term,=income\n1,2\n", "The file has no column amount"),
            ("amount,term,=income,term\n1,2,3,4\n", "the column term more than once"),
        ],
    )
    def test_says_in_one_sentence_what_is_wrong_with_the_file(
        self, tmp_path: Path, content: str, sentence: str
    ) -> None:
        assert sentence in sentence_of(intake_of(tmp_path, content))
        assert not applications()

    def test_says_that_a_file_is_not_there(self, tmp_path: Path) -> None:
        result = CliRunner().invoke(intake, ["/nowhere.csv", "--map", str(tmp_path / "m.toml")])

        assert "m.toml cannot be read" in sentence_of(result)

    @pytest.mark.parametrize(
        ("map_text", "sentence"),
        [
            ("[map", "is no TOML file"),
            (WITHOUT.replace('unit = "months"', ""), "map is wrong at request.term.unit"),
            (WITHOUT.replace("without_identity = true", ""), "person.id_number"),
            (WITHOUT.replace('product = "personal"', 'product = "none"'), "none"),
        ],
    )
    def test_says_in_one_sentence_what_is_wrong_with_the_map(
        self, tmp_path: Path, map_text: str, sentence: str
    ) -> None:
        result = intake_of(tmp_path, HEADER + "1000,12,5\n", map_text=map_text)

        assert sentence in sentence_of(result)
        assert not applications()

    def test_says_how_to_open_a_book_that_is_not_there(self, tmp_path: Path) -> None:
        missing = intake_of(tmp_path, HEADER, "--book", "mars")
        shipped = intake_of(tmp_path, HEADER, "--book", "cn")

        assert "loanops book open FILE" in sentence_of(missing)
        assert "loanops book open cn" in sentence_of(shipped)

    def test_refuses_a_map_without_identity_for_a_book_that_keeps_them(
        self, tmp_path: Path
    ) -> None:
        open_book("cn")

        assert "without_identity" in sentence_of(intake_of(tmp_path, HEADER, "--book", "cn"))

    def test_production_refuses_to_play_bank_and_borrower(
        self, tmp_path: Path, settings: Any
    ) -> None:
        settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"mode": "production"})

        result = intake_of(tmp_path, HEADER + "1000,12,5\n", "--run")

        assert "production refuses it" in sentence_of(result)
        assert not applications()


class TestIdentified:
    @pytest.fixture(autouse=True)
    def book(self) -> None:
        open_book("cn")
        publish()

    def row(self, serial: int, key: str = "", **changes: str) -> str:
        person = people.person(serial)
        said = {"id": person.id_number, "mobile": person.mobile, **changes}
        return f"{key or serial},10000,12,{person.name},{said['id']},{said['mobile']}\n"

    def test_takes_persons_in_and_names_the_column_of_a_wrong_number(self, tmp_path: Path) -> None:
        rows = (
            "no,amount,term,name,id,mobile\n" + self.row(1) + self.row(2, id="110105199001011234")
        )

        summary = summary_of(intake_of(tmp_path, rows, "--json", map_text=IDENTIFIED))

        assert (summary["created"], summary["duplicate_checks"]) == (1, "checked")
        (error,) = errors_of(tmp_path / "rows.csv.errors.csv")
        assert (error["line"], error["column"]) == ("3", "id")
        assert "110105199001011234" not in error["reason"]

    def test_refuses_the_same_person_under_another_key(self, tmp_path: Path) -> None:
        rows = "no,amount,term,name,id,mobile\n" + self.row(1, "A") + self.row(1, "B")

        summary = summary_of(intake_of(tmp_path, rows, "--json", map_text=IDENTIFIED))

        assert (summary["created"], summary["bad_rows"]) == (1, 1)
        (error,) = errors_of(tmp_path / "rows.csv.errors.csv")
        assert error["code"] == "applications_duplicate"

    def test_a_key_with_other_content_is_a_bad_row(self, tmp_path: Path) -> None:
        header = "no,amount,term,name,id,mobile\n"
        intake_of(tmp_path, header + self.row(1, "A"), map_text=IDENTIFIED)

        summary = summary_of(
            intake_of(tmp_path, header + self.row(2, "A"), "--json", map_text=IDENTIFIED)
        )

        assert (summary["created"], summary["bad_rows"]) == (0, 1)
        (error,) = errors_of(tmp_path / "rows.csv.errors.csv")
        assert (error["column"], error["code"]) == ("no", "applications_content_changed")


class TestBook:
    def invoke(self, *words: str) -> Result:
        return CliRunner().invoke(book_verb, list(words), env={"LOANOPS_LANGUAGE": "en"})

    def test_opens_the_shipped_book_once(self) -> None:
        first, again = self.invoke("open", "us"), self.invoke("open", "us")
        listed = json.loads(self.invoke("list", "--json").stdout)

        assert "The book us is open." in first.stdout
        assert "was open already" in again.stdout
        assert [(card["code"], card["business_date"]) for card in listed] == [("us", "2018-03-31")]

    def test_opens_a_book_of_ones_own_from_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "mine.toml"
        path.write_text(
            '[book]\ncode="mine"\nname={en="Mine"}\nlegal_entity="M"\ncurrency="USD"\n'
            'zone="UTC"\npack="open"\nwithout_identity=true\n',
            encoding="utf-8",
        )

        opened = json.loads(self.invoke("open", str(path), "--on", "2026-11-02", "--json").stdout)

        assert (opened["code"], opened["business_date"]) == ("mine", "2026-11-02")

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("code='x'", "book: this part of the file is needed"),
            ("[book]\ncode='x'", "book.name: this entry is needed"),
            ("partners = 3\n[book]\ncode='x'\nname={en='x'}\nlegal_entity='x'\ncurrency='USD'\n"
             "zone='UTC'\npack='open'\nwithout_identity=true", "partners: a list of tables"),
        ],
    )  # fmt: skip
    def test_says_what_a_file_lacks_and_opens_nothing(
        self, tmp_path: Path, text: str, sentence: str
    ) -> None:
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")

        assert sentence in sentence_of(self.invoke("open", str(path)))
        assert json.loads(self.invoke("list", "--json").stdout) == []
