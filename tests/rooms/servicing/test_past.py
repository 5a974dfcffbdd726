"""The list of loans as of a past day, as known then and as recalculated now."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loanops.kernel.access import Actor, Scopes
from loanops.kernel.refusals import BadField, NotFound, NotPermitted
from loanops.loanbook.servicing import permissions, queries
from loanops.loanbook.servicing.queries import PastFilter, PastLine, PastPage, Reading
from loanops.loanbook.servicing.queries import past as module
from loanops.platform.books import queries as books
from tests.factories.loans import DAY, HOUSE, close_until, open_book, open_loan, repay, terms
from tests.factories.plans import full_reads

pytestmark = pytest.mark.django_db
DUE = date(2026, 12, 2)
BETWEEN = DUE + timedelta(days=35)
READINGS = (Reading.THEN, Reading.NOW)


def asked(on: date = BETWEEN, reading: Reading = Reading.THEN, **values: Any) -> PastPage:
    wanted = PastFilter(**{"book": "cn", "on": on, "reading": reading, **values})
    return queries.list_past_loans(wanted=wanted, viewer=HOUSE)


def walked(on: date, reading: Reading, **values: Any) -> list[PastLine]:
    """Every line of the list, page by page."""
    lines: list[PastLine] = []
    before = ""
    while True:
        page = asked(on, reading, before=before, **values)
        lines += page.lines
        before = page.next
        if not before:
            return lines


@pytest.fixture(scope="module")
def late(once: None) -> str:
    """A loan of which a payment of its due date was entered forty days late, among others."""
    open_book()
    number = open_loan()
    open_loan(product="home", funder="summit")
    close_until(DUE + timedelta(days=3))
    open_loan(agreed=terms(start_date=DUE + timedelta(days=3)))
    close_until(DUE + timedelta(days=40))
    repay(number, 88_849, DUE)
    close_until(DUE + timedelta(days=42))
    open_loan(agreed=terms(start_date=DUE + timedelta(days=42)))
    return number


class TestReadings:
    def test_a_late_entered_payment_is_absent_then_and_present_now(self, late: str) -> None:
        then, now = asked(number=late).lines[0], asked(reading=Reading.NOW, number=late).lines[0]

        assert (then.outstanding_minor, then.dpd, then.bucket_name) == (1_000_000, 35, "M2")
        assert (now.outstanding_minor, now.dpd, now.bucket_name) == (921_151, 4, "M1")
        assert (then.differs, now.differs) == (True, True)
        assert [line.number for line in asked().lines if line.differs] == [late]

    def test_agree_before_the_date_and_from_the_entry_on(self, late: str) -> None:
        for day in (DUE - timedelta(days=1), DUE + timedelta(days=40), books.business_date("cn")):
            then, now = (asked(day, reading) for reading in READINGS)
            assert then.lines == now.lines
            assert then.totals == now.totals
            assert then.totals is not None
            assert then.totals.recalculated == 0

    @pytest.mark.parametrize("reading", READINGS)
    def test_every_line_is_what_the_loan_itself_says_of_the_day(
        self, late: str, reading: Reading
    ) -> None:
        for days in (0, 1, 3, 34, 40, 41):
            for line in walked(DUE + timedelta(days=days), reading):
                card = queries.get_past(
                    number=line.number, on=DUE + timedelta(days=days), viewer=HOUSE
                )
                loan = card.then if reading is Reading.THEN else card.now
                assert (line.outstanding_minor, line.overdue_minor, line.dpd) == (
                    loan.outstanding_minor, loan.overdue_minor, loan.dpd,
                )  # fmt: skip

    @pytest.mark.parametrize("reading", READINGS)
    @pytest.mark.parametrize("narrowed", [{}, {"product": "cash-12"}, {"funder": "summit"}])
    def test_totals_are_what_the_lines_of_all_pages_add_up_to(
        self, late: str, reading: Reading, narrowed: dict[str, str]
    ) -> None:
        for days in (-1, 0, 1, 35, 40, 42):
            on = DUE + timedelta(days=days)
            lines = walked(on, reading, limit=1, **narrowed)
            totals = asked(on, reading, **narrowed).totals
            assert totals is not None
            assert totals.outstanding_minor == sum(line.outstanding_minor for line in lines)
            assert totals.late_minor == sum(
                line.outstanding_minor for line in lines if line.bucket_name != "M0"
            )

    @pytest.mark.parametrize("reading", READINGS)
    @pytest.mark.parametrize("bucket", [0, 1, 2])
    def test_a_bucket_is_that_of_the_day_by_the_reading(
        self, late: str, reading: Reading, bucket: int
    ) -> None:
        every = walked(BETWEEN, reading)

        page = asked(reading=reading, bucket=bucket)

        assert page.lines == tuple(line for line in every if line.bucket_name == f"M{bucket}")
        assert page.totals is not None
        assert page.totals.outstanding_minor == sum(line.outstanding_minor for line in page.lines)

    def test_a_loan_that_was_booked_late_is_there_now_alone(self) -> None:
        open_book("own")
        close_until(DUE, book="own")
        number = open_loan("own")

        on = DUE - timedelta(days=5)

        assert asked(on, book="own").lines == ()
        assert [line.number for line in asked(on, Reading.NOW, book="own").lines] == [number]


class TestPages:
    def test_follow_each_other_by_payout_without_gap_or_repeat(self, late: str) -> None:
        whole = asked(limit=50)

        assert walked(BETWEEN, Reading.THEN, limit=1) == list(whole.lines)
        assert len(whole.lines) == 3
        days = [line.disbursed_on for line in whole.lines]
        assert days == sorted(days, reverse=True)

    def test_that_are_narrowed_look_at_so_many_loans_and_no_more(
        self, late: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "EXAMINED_MAX", 1)

        first = asked(funder="summit")

        assert (first.lines, bool(first.next)) == ((), True)
        assert [line.funder for line in walked(BETWEEN, Reading.THEN, funder="summit")] == [
            "summit"
        ]

    def test_ask_as_many_questions_for_fifty_loans_as_for_one(self) -> None:
        open_book("own")
        close_until(DUE + timedelta(days=2), book="own")
        open_loan("own", agreed=terms(start_date=DUE))
        with CaptureQueriesContext(connection) as one:
            asked(DUE, Reading.NOW, limit=50, book="own")
        for _ in range(30):
            open_loan("own", agreed=terms(start_date=DUE))
        with CaptureQueriesContext(connection) as many:
            asked(DUE, Reading.NOW, limit=50, book="own")
        assert len(asked(DUE, Reading.NOW, limit=50, book="own").lines) == 31
        # The late payouts are news; of each no question of its own is asked.
        assert len(many) == len(one)

    def test_read_no_table_of_loans_whole(self, late: str) -> None:
        tables = {"servicing_loan", "servicing_loanevent", "servicing_instalment"}
        with full_reads(tables) as found:
            asked(limit=1)
            asked(bucket=1)
            asked(funder="summit")

        assert found == []


class TestRefusals:
    def test_shows_what_the_viewer_may_see(self, late: str) -> None:
        def ask(on: date = BETWEEN, **scopes: frozenset[str]) -> PastPage:
            grants = frozenset({permissions.VIEW})
            viewer = Actor(person="key:one", grants=grants, scopes=Scopes(**scopes))
            return queries.list_past_loans(wanted=PastFilter(book="cn", on=on), viewer=viewer)

        summit = ask(funders=frozenset({"summit"}))
        assert [line.funder for line in summit.lines] == ["summit"]
        assert summit.totals is not None
        assert summit.totals.outstanding_minor == 1_000_000
        channel = ask(channels=frozenset({"shop"}))
        assert (channel.lines, channel.totals) == ((), None)
        with pytest.raises(NotFound):
            ask(books=frozenset({"us"}))
        with pytest.raises(BadField):
            ask(DUE + timedelta(days=43))

    def test_is_not_for_who_may_not_see_loans(self, late: str) -> None:
        with pytest.raises(NotPermitted):
            queries.list_past_loans(
                wanted=PastFilter(book="cn", on=DAY), viewer=Actor(person="li.lei")
            )

    def test_refuses_a_place_that_is_none(self, late: str) -> None:
        with pytest.raises(BadField):
            asked(before="yesterday")
