"""Lists of loans, of today and of a past day: what narrows them, how many there are, their sums."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loanops.kernel.access import Actor, Scopes
from loanops.kernel.refusals import BadField, NotFound, NotPermitted
from loanops.loanbook.servicing import permissions, queries
from loanops.loanbook.servicing.models import Loan
from loanops.loanbook.servicing.queries import (
    LoanCount,
    LoanFilter,
    PastFilter,
    Reading,
)
from loanops.loanbook.servicing.queries import lists as module
from loanops.loanbook.servicing.queries import past as past_module
from loanops.loanbook.servicing.queries.board_news import differences
from loanops.platform.books import queries as books
from tests.factories.loans import DAY, HOUSE, open_loan, terms
from tests.factories.plans import full_reads
from tests.rooms.servicing.listed import (
    DUE,
    STATES,
    every_filter,
    fits,
    open_every_state,
    past,
    today,
    told,
)

pytestmark = pytest.mark.django_db
BETWEEN = DUE + timedelta(days=35)
READINGS = (Reading.THEN, Reading.NOW)
# Loans themselves are read in the order of payouts of their book, up to what is looked at.
TABLES = {"servicing_loanevent", "servicing_instalment", "servicing_change", "servicing_loanclass"}


@pytest.fixture(scope="module")
def book(once: None) -> dict[str, str]:
    """Loans in every state, some of which late news is about, on the fiftieth day after a due."""
    return open_every_state()


class TestToday:
    def test_says_of_each_loan_what_the_past_list_of_the_open_day_says(
        self, book: dict[str, str]
    ) -> None:
        lines = [told(line) for line in today()]

        assert len(lines) == len(book)
        for reading in READINGS:
            assert lines == [told(line) for line in past(books.business_date("cn"), reading)]

    def test_each_filter_has_exactly_the_loans_that_are_so(self, book: dict[str, str]) -> None:
        whole = today()
        assert {line.state for line in whole} == set(STATES)

        for wanted in every_filter():
            assert today(**wanted) == [line for line in whole if fits(line, wanted)], wanted

    def test_a_filter_walks_the_same_however_few_loans_are_looked_at(
        self, book: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = today()
        monkeypatch.setattr(module, "EXAMINED_MAX", 1)

        for wanted in every_filter():
            assert today(limit=1, **wanted) == [line for line in whole if fits(line, wanted)]

    def test_count_and_totals_are_those_of_the_lines(self, book: dict[str, str]) -> None:
        for wanted in every_filter():
            asked, lines = LoanFilter(book="cn", **wanted), today(**wanted)
            count = queries.count_loans(wanted=asked, viewer=HOUSE)
            totals = queries.find_totals(wanted=asked, viewer=HOUSE)

            assert count == LoanCount(len(lines), more=False)
            if totals is not None:
                on_book = [line for line in lines if line.state != "written_off"]
                assert totals.outstanding_minor == sum(line.outstanding_minor for line in on_book)
                assert totals.late_minor in {
                    None,
                    sum(line.outstanding_minor for line in on_book if line.bucket_name != "M0"),
                }

    def test_counts_so_many_and_says_that_there_are_more(
        self, book: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "EXAMINED_MAX", 3)

        assert queries.count_loans(wanted=LoanFilter(book="cn"), viewer=HOUSE) == LoanCount(
            3, more=True
        )

    def test_of_a_class_adds_up_to_what_the_board_says(self, book: dict[str, str]) -> None:
        board = queries.get_portfolio(book="cn", viewer=HOUSE)

        for cut in board.classes:
            lines = today(tier=cut.tier)
            assert cut.outstanding_minor == sum(line.outstanding_minor for line in lines)
            totals = queries.find_totals(wanted=LoanFilter(book="cn", tier=cut.tier), viewer=HOUSE)
            assert totals is not None
            assert totals.outstanding_minor == cut.outstanding_minor
        for bucket in board.buckets:
            lines = [each for each in today(bucket=bucket.bucket) if each.state != "settled"]
            assert bucket.outstanding_minor == sum(line.outstanding_minor for line in lines)

    def test_of_a_number_finds_it_by_its_beginning(self, book: dict[str, str]) -> None:
        assert [line.number for line in today(number=book["bad"])] == [book["bad"]]
        assert {line.number for line in today(number="LN-")} == set(book.values())
        numbers = [line.number for line in today(number="LN-", limit=2)]
        assert numbers == sorted(numbers, reverse=True)
        assert today(number="LN-Z") == []

    def test_asks_as_many_questions_of_many_loans_as_of_few(self, book: dict[str, str]) -> None:
        wanted = LoanFilter(book="cn", limit=50, state="active")

        def asked() -> int:
            with CaptureQueriesContext(connection) as found:
                queries.list_loans(wanted=wanted, viewer=HOUSE)
                queries.count_loans(wanted=wanted, viewer=HOUSE)
                queries.find_totals(wanted=wanted, viewer=HOUSE)
            return len(found)

        few = asked()
        for _ in range(20):
            open_loan(agreed=terms(start_date=DUE + timedelta(days=50)))
        assert asked() == few

    def test_reads_no_table_of_loans_whole(self, book: dict[str, str]) -> None:
        with full_reads(TABLES) as found:
            for wanted in every_filter():
                asked = LoanFilter(book="cn", limit=2, **wanted)
                queries.list_loans(wanted=asked, viewer=HOUSE)
                queries.count_loans(wanted=asked, viewer=HOUSE)
            queries.list_loans(wanted=LoanFilter(book="cn", number="LN-1"), viewer=HOUSE)

        assert found == []


class TestPast:
    @pytest.mark.parametrize("reading", READINGS)
    @pytest.mark.parametrize("days", [-1, 0, 15, 35, 45])
    def test_each_filter_has_exactly_the_loans_that_were_so(
        self, book: dict[str, str], reading: Reading, days: int
    ) -> None:
        on = DUE + timedelta(days=days)
        whole = past(on, reading)

        for wanted in every_filter():
            found = [line for line in whole if fits(line, wanted)]
            assert past(on, reading, **wanted) == found, wanted
            page = queries.list_past_loans(
                wanted=PastFilter(book="cn", on=on, reading=reading, **wanted), viewer=HOUSE
            )
            assert page.count == LoanCount(len(found), more=False)
            if page.totals is not None:
                on_book = [line for line in found if line.state != "written_off"]
                assert page.totals.outstanding_minor == sum(
                    line.outstanding_minor for line in on_book
                )

    @pytest.mark.parametrize("reading", READINGS)
    def test_a_class_adds_up_to_what_the_board_of_the_day_says(
        self, book: dict[str, str], reading: Reading
    ) -> None:
        for days in (0, 15, 35, 45, 49, 50):
            on = DUE + timedelta(days=days)
            board = queries.get_portfolio(book="cn", on=on, reading=reading, viewer=HOUSE)
            for cut in board.classes:
                lines = past(on, reading, tier=cut.tier)
                assert cut.outstanding_minor == sum(line.outstanding_minor for line in lines)

    @pytest.mark.parametrize("reading", READINGS)
    def test_at_risk_are_exactly_the_loans_behind_the_figures_of_the_board(
        self, book: dict[str, str], reading: Reading
    ) -> None:
        seen = set()
        for days in (0, 15, 35, 45, 49, 50):
            on = DUE + timedelta(days=days)
            board = queries.get_portfolio(book="cn", on=on, reading=reading, viewer=HOUSE)
            for line in board.at_risk:
                wanted = PastFilter(book="cn", on=on, reading=reading, at_risk=line.days)
                totals = queries.list_past_loans(wanted=wanted, viewer=HOUSE).totals
                lines = past(on, reading, at_risk=line.days)
                sums = {sum(each.outstanding_minor for each in lines)}
                if days == 50:
                    sums.add(sum(each.outstanding_minor for each in today(at_risk=line.days)))
                assert totals is not None
                assert sums == {line.outstanding_minor} == {totals.outstanding_minor}
                seen |= {line.days} if lines else set()
            for cut in board.products:
                lines = past(on, reading, at_risk=30, product=cut.code)
                assert cut.at_risk_30_minor == sum(each.outstanding_minor for each in lines)

        assert {1, 30} <= seen

    def test_a_late_entered_payment_moves_class_and_state_in_one_reading_alone(
        self, book: dict[str, str]
    ) -> None:
        def among(reading: Reading, **values: str) -> list[str]:
            return [line.number for line in past(BETWEEN, reading, **values)]

        assert book["cured"] in among(Reading.THEN, state="overdue")
        assert book["cured"] in among(Reading.NOW, state="settled")
        assert book["cured"] in among(Reading.THEN, tier="special_mention")
        assert book["cured"] not in among(Reading.NOW, tier="special_mention")
        assert book["told"] not in among(Reading.THEN)
        assert book["told"] in among(Reading.NOW, state="active")

    def test_what_was_written_off_or_came_back_late_stands_so_in_one_reading_alone(
        self, book: dict[str, str]
    ) -> None:
        off: dict[str, Any] = {"state": "written_off"}
        late: dict[str, Any] = {"state": "overdue", "bucket": 2}
        stood: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
            "back": (off, {"state": "settled"}),
            "stood": (off, late),
            "dropped": (late, off),
        }
        for name, sides in stood.items():
            for reading, side, other in zip(READINGS, sides, reversed(sides), strict=True):
                assert book[name] in [line.number for line in past(BETWEEN, reading, **side)]
                assert book[name] not in [line.number for line in past(BETWEEN, reading, **other)]

        news = {each.number for each in differences(book="cn", on=BETWEEN)}
        differing = {line.number for line in past(BETWEEN, Reading.NOW) if line.differs}
        page = queries.list_past_loans(
            wanted=PastFilter(book="cn", on=BETWEEN, reading=Reading.NOW), viewer=HOUSE
        )
        assert news == differing == {book[name] for name in (*stood, "late", "cured", "told")}
        assert page.totals is not None
        assert page.totals.recalculated == len(news)

    def test_goes_on_where_a_page_found_none(
        self, book: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = past(BETWEEN, Reading.NOW, state="written_off")
        monkeypatch.setattr(past_module, "EXAMINED_MAX", 1)

        wanted = PastFilter(book="cn", on=BETWEEN, reading=Reading.NOW, state="written_off")
        first = queries.list_past_loans(wanted=wanted, viewer=HOUSE)

        assert (first.lines, bool(first.next), first.count) == ((), True, LoanCount(0, more=True))
        assert past(BETWEEN, Reading.NOW, state="written_off") == whole

    def test_reads_no_table_of_loans_whole(self, book: dict[str, str]) -> None:
        with full_reads(TABLES) as found:
            for wanted in ({}, {"state": "overdue"}, {"tier": "loss"}, {"number": "LN-1"}):
                past(BETWEEN, Reading.THEN, limit=2, **wanted)

        assert found == []


class TestRefusals:
    @pytest.mark.parametrize(
        ("wanted", "field"),
        [
            ({"state": "asleep"}, "state"),
            ({"tier": "worse"}, "tier"),
            ({"bucket": 9}, "bucket"),
            ({"bucket": -1}, "bucket"),
            ({"at_risk": 31}, "at_risk"),
            ({"number": "LN-%"}, "number"),
            ({"funder": "nobody"}, "funder"),
            ({"product": "nothing"}, "product"),
            ({"before": "yesterday"}, "before"),
            ({"before": "2026-13-01.LN-1"}, "before"),
        ],
    )
    def test_name_what_there_cannot_be(
        self, book: dict[str, str], wanted: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(BadField) as now:
            queries.list_loans(wanted=LoanFilter(book="cn", **wanted), viewer=HOUSE)
        with pytest.raises(BadField) as then:
            queries.list_past_loans(
                wanted=PastFilter(book="cn", on=BETWEEN, **wanted), viewer=HOUSE
            )

        assert (now.value.field, then.value.field) == (field, field)

    def test_shows_what_the_viewer_may_see(self, book: dict[str, str]) -> None:
        def viewer(**scopes: frozenset[str]) -> Actor:
            grants = frozenset({permissions.VIEW})
            return Actor(person="key:one", grants=grants, scopes=Scopes(**scopes))

        wanted = LoanFilter(book="cn", limit=50)
        summit = viewer(funders=frozenset({"summit"}))
        mine = queries.list_loans(wanted=wanted, viewer=summit).lines
        totals = queries.find_totals(wanted=wanted, viewer=summit)
        assert {line.number for line in mine} == {book["bad"], book["cured"]}
        assert queries.count_loans(wanted=wanted, viewer=summit) == LoanCount(2, more=False)
        assert totals is not None
        assert totals.outstanding_minor == sum(line.outstanding_minor for line in mine)
        with pytest.raises(BadField):
            queries.list_loans(wanted=LoanFilter(book="cn", funder="harbour"), viewer=summit)
        channel = viewer(channels=frozenset({"shop"}))
        assert queries.count_loans(wanted=wanted, viewer=channel) is None
        assert queries.find_totals(wanted=wanted, viewer=channel) is None
        abroad = viewer(books=frozenset({"us"}))
        assert queries.list_loans(wanted=wanted, viewer=abroad).lines == ()
        with pytest.raises(NotFound):
            queries.find_totals(wanted=wanted, viewer=abroad)
        with pytest.raises(NotPermitted):
            queries.list_loans(wanted=wanted, viewer=Actor(person="li.lei"))

    def test_of_a_channel_are_the_loans_that_it_brought_on_any_day(
        self, book: dict[str, str]
    ) -> None:
        brought = {book["late"], book["bad"]}

        assert {line.number for line in today(origin_channel="shop")} == brought
        for reading in READINGS:
            lines = past(BETWEEN, reading, origin_channel="shop")
            assert {line.number for line in lines} == brought
            assert {line.origin_channel for line in lines} == {"shop"}
        assert today(origin_channel="another") == []
        # A channel is none of what sums are kept by.
        wanted = LoanFilter(book="cn", origin_channel="shop")
        assert queries.find_totals(wanted=wanted, viewer=HOUSE) is None

    def test_of_an_application_are_its_loans(self, book: dict[str, str]) -> None:
        application = Loan.objects.get(number=book["bad"]).application

        assert [line.number for line in today(application=application, book="")] == [book["bad"]]
        assert DAY < DUE
