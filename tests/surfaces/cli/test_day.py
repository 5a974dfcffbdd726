"""`loanops day close`: moves a book's day and says what it did, as text and as JSON."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

from loanops.kernel.refusals import NotFound
from loanops.loanbook.servicing.operations import STEPS
from loanops.loanbook.servicing.ports import CLOSE
from loanops.platform.books import queries as books
from loanops.surfaces.cli import day as verb
from tests.factories.loans import DAY, open_book, open_loan

pytestmark = pytest.mark.django_db
TOMORROW = DAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that runs the tests is started already."""
    monkeypatch.setattr(verb, "boot", lambda: CLOSE.plug(STEPS))
    monkeypatch.setattr(verb, "refuse_old_database", lambda: None)
    monkeypatch.setenv("LOANOPS_LANGUAGE", "en")


def run(*words: str) -> Result:
    return CliRunner().invoke(verb.day, ["close", *words])


class TestClose:
    def test_closes_the_day_of_the_only_book(self) -> None:
        open_book()
        open_loan()

        told = json.loads(run("--json").stdout)

        assert books.business_date("cn") == TOMORROW
        assert [step["step"] for step in told["days"][0]["steps"]] == [s.name for s in STEPS]

    def test_closes_every_day_until_one(self) -> None:
        open_book()

        said = run("--until", (DAY + timedelta(days=3)).isoformat())

        assert books.business_date("cn") == DAY + timedelta(days=3)
        assert len(said.stdout.strip().splitlines()) == 3

    def test_does_nothing_where_the_book_stands_there_already(self) -> None:
        open_book()

        assert "no day to close" in run("--until", DAY.isoformat()).stdout

    @pytest.mark.parametrize("words", [("--until", "tomorrow"), ()])
    def test_says_in_one_sentence_what_to_mend(self, words: tuple[str, ...]) -> None:
        open_book("cn"), open_book("us")

        done = run(*words)

        assert done.exit_code == 2
        assert len(done.output.strip().splitlines()) == 1

    def test_knows_no_other_book(self) -> None:
        open_book()

        assert isinstance(run("--book", "xx").exception, NotFound)
