"""The page of one loan: what a borrower asks on the phone is answered by it."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from loanops.adapters.typesetting import TypstPages
from loanops.kernel.calendar import Roll
from loanops.kernel.schedule import Fee, FeeTiming, Floating, Penalty, PenaltyFollows, Reset
from loanops.loanbook.servicing import queries
from loanops.loanbook.servicing.models import LoanEvent
from loanops.origination.contracts.ports import PAGES, TYPESETTERS
from loanops.registry.compliance.operations import record_reference_rate
from tests.factories import desk
from tests.factories.changes import order
from tests.factories.loans import AT, HOUSE, close_until, open_book, open_loan, repay, terms
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter

FIRST = date(2026, 12, 2)
AS_PART = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def loan(opened: desk.Operation) -> str:
    """A loan in a book of its own, two instalments late, a payment entered long after its day."""
    open_book("phone")
    number = open_loan("phone")
    close_until(FIRST + timedelta(days=40), book="phone")
    return number


@pytest.fixture
def client(loan: str, enter: Enter) -> Client:
    entered = enter("everyone")
    entered.post(address("choose_book"), {"book": "phone"})
    entered.post(address("choose_language"), {"language": "en"})
    return entered


def words(client: Client, name: str, number: str, **asked: str) -> str:
    """The page without its marks."""
    text = client.get(address(name, number), asked, headers=AS_PART).content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


class TestOwed:
    def test_is_told_instalment_by_instalment_and_adds_up(self, client: Client, loan: str) -> None:
        rows = queries.get_schedule(number=loan, viewer=HOUSE)
        owed = [row for row in rows if row.standing == "overdue"]
        assert [row.late_days for row in owed] == [40, 9]
        for row in rows:
            assert row.open_minor == (
                row.open_principal_minor
                + row.open_interest_minor
                + row.open_fee_minor
                + row.open_penalty_minor
            )

        shown = words(client, "loan", loan)

        total = sum(row.open_minor for row in owed)
        assert f"CN¥{total // 100:,}.{total % 100:02d} is owed today, because of this" in shown
        assert "40 days late" in shown
        assert "Penalty is 0.0500% a day" in shown

    def test_says_up_to_how_much_penalty_runs_and_what_was_charged_for_being_late(
        self, client: Client, loan: str
    ) -> None:
        late = Fee(
            name="reminder",
            charging_party="guarantor",
            timing=FeeTiming.OVERDUE,
            amount_minor=2_000,
            overdue_days=3,
        )
        rule = Penalty(multiplier=Decimal("1.5"), cap=Decimal("0.2"), stops_at_acceleration=True)
        began = FIRST - timedelta(days=30)
        agreed = terms(start_date=began, penalty=rule, fees=(late,))
        charged = open_loan("phone", agreed, disbursed_on=began)

        shown = words(client, "loan", charged)

        assert "CN¥20.00 for being late" in shown
        assert "reminder (Guarantor): CN¥20.00, once for an instalment more than 3 days" in shown
        assert "Penalty is in all at most 20.00% of what bears it, by whole days." in shown
        assert "It ends when the loan is called in." in shown
        assert "for being late" not in words(client, "loan", loan)

    def test_says_which_penalty_ran_since_when_where_it_follows_the_rate(
        self, client: Client, loan: str
    ) -> None:
        rule = Penalty(
            multiplier=Decimal("1.5"), follows=PenaltyFollows.CURRENT_RATE, compounds_days=30
        )
        began = FIRST - timedelta(days=30)
        follows = open_loan("phone", terms(start_date=began, penalty=rule), disbursed_on=began)
        on = queries.get_loan(number=follows, viewer=HOUSE).on
        order(follows, "rate_changed", on - timedelta(days=2), annual_rate="0.09")

        shown = words(client, "loan", follows)

        assert "Penalty is 0.0375% a day" in shown
        assert "It follows the rate of the loan: 0.0500% since" in shown
        assert "0.0375% since" in shown
        assert "Every 30 days what is unpaid of it begins to bear penalty too." in shown
        assert "It follows the rate" not in words(client, "loan", loan)

    def test_is_nothing_before_the_first_due_day(
        self, enter: Enter, operation: desk.Operation
    ) -> None:
        client = enter("everyone")
        client.post(address("choose_language"), {"language": "en"})

        assert "Nothing is owed today" in words(client, "loan", operation.loan)


class TestOutlook:
    def test_says_what_a_payment_would_do_and_books_nothing(
        self, client: Client, loan: str
    ) -> None:
        before = LoanEvent.objects.count()

        part = words(client, "outlook", loan, pay="500", pay_on="2027-01-11")
        more = words(client, "outlook", loan, pay="3,000", pay_on="2027-01-11")

        assert "As a plain repayment" in part
        assert "still owed" in part
        assert "As early repayment: the term stays" in more.replace(" :", ":")
        assert "saves in all" in more
        assert LoanEvent.objects.count() == before

    def test_of_the_payoff_ends_the_loan_and_is_what_settling_takes(
        self, client: Client, loan: str
    ) -> None:
        on = queries.get_loan(number=loan, viewer=HOUSE).on
        payoff = queries.payoff_minor(number=loan, on=on, viewer=HOUSE)

        shown = words(client, "outlook", loan, pay=f"{payoff / 100:.2f}", pay_on=on.isoformat())
        less = words(
            client, "outlook", loan, pay=f"{(payoff - 1) / 100:.2f}", pay_on=on.isoformat()
        )

        assert "It ends the loan" in shown
        assert "It ends the loan" not in less
        card = order(loan, "settled_early", on, amount_minor=payoff)
        assert card.after.state == "settled"
        assert card.after.credit_minor == 0

    def test_of_a_later_day_costs_more(self, client: Client, loan: str) -> None:
        on = queries.get_loan(number=loan, viewer=HOUSE).on

        now = queries.get_outlook(number=loan, on=on, amount_minor=0, viewer=HOUSE)
        later = queries.get_outlook(
            number=loan, on=on + timedelta(days=9), amount_minor=0, viewer=HOUSE
        )

        assert later.payoff_minor > now.payoff_minor
        assert now.outcomes == ()

    def test_opened_by_itself_is_the_page_of_the_loan(self, client: Client, loan: str) -> None:
        answer = client.get(address("outlook", loan), {"pay": "500"})

        assert answer["Location"] == f"{address('loan', loan)}?pay=500"
        assert 'value="500"' in client.get(answer["Location"]).content.decode()

    def test_is_refused_to_who_may_not_see_loans(self, enter: Enter, loan: str) -> None:
        client = enter("administrator")

        assert client.get(address("outlook", loan), headers=AS_PART).status_code == 403

    def test_of_a_loan_written_off_is_a_plain_repayment(self, client: Client, loan: str) -> None:
        on = queries.get_loan(number=loan, viewer=HOUSE).on
        order(loan, "written_off", on)
        left = queries.get_outlook(number=loan, on=on, amount_minor=0, viewer=HOUSE).payoff_minor

        shown = words(client, "outlook", loan, pay=f"{left / 100:.2f}", pay_on=on.isoformat())

        assert "As a plain repayment" in shown
        assert "It ends the loan" not in shown

    @pytest.mark.parametrize(
        "asked",
        [
            {"pay": "a lot", "pay_on": "2027-01-11"},
            {"pay": "-5", "pay_on": "2027-01-11"},
            {"pay": "5", "pay_on": "2020-01-01"},
            {"pay": "9" * 20, "pay_on": "2027-01-11"},
            {"pay": "1.005"},
        ],
    )
    def test_of_what_cannot_be_says_why(
        self, asked: dict[str, str], client: Client, loan: str
    ) -> None:
        answer = client.get(address("outlook", loan), asked, headers=AS_PART)

        assert answer.status_code == 200
        assert 'class="bad mb-0"' in answer.content.decode()


class TestPast:
    def test_shows_a_payment_now_and_not_then_between_its_date_and_its_entry(
        self, client: Client, loan: str
    ) -> None:
        between = FIRST + timedelta(days=20)
        same = words(client, "past_loan", loan, on=between.isoformat())

        repay(loan, 88_849, FIRST, book="phone")
        shown = words(client, "past_loan", loan, on=between.isoformat())

        assert "are the same" in same
        assert "Something came in later" in shown
        past = queries.get_past(number=loan, on=between, viewer=HOUSE)
        assert (past.then.dpd, past.now.dpd) == (20, 0)
        assert past.then.outstanding_minor > past.now.outstanding_minor
        assert [event.kind for event in past.since] == ["repaid"]

    def test_of_a_day_before_the_loan_is_empty_and_of_one_to_come_refused(
        self, client: Client, loan: str
    ) -> None:
        for before in ("2020-01-01", "0001-01-01"):
            assert "had not been paid out yet" in words(client, "past_loan", loan, on=before)
        assert client.get(address("past_loan", loan), {"on": "2099-01-01"}).status_code == 422


class TestSchedule:
    def test_marks_what_was_changed_with_what_it_was(self, client: Client, loan: str) -> None:
        unchanged = client.get(address("loan", loan)).content.decode()
        assert 'class="changed"' not in unchanged

        on = queries.get_loan(number=loan, viewer=HOUSE).on
        order(loan, "extended", on, periods=2)

        changed = client.get(address("loan", loan)).content.decode()
        assert 'class="changed"' in changed
        assert ">new</span>" in changed
        assert "Further instalments: 2" in words(client, "loan", loan)


class TestUndoing:
    def test_is_told_in_the_audit_by_what_was_undone(self, client: Client, loan: str) -> None:
        on = queries.get_loan(number=loan, viewer=HOUSE).on
        extended = order(loan, "extended", on, periods=2)

        order(loan, "reversed", on, of=extended.key)

        told = client.get(address("audit"), {"room": "servicing"}).content.decode()
        assert f"On loan {loan} this was undone: Loan extended, {on}" in told
        assert extended.key not in told


class TestPapers:
    def test_show_a_quote_and_a_statement_and_why_there_is_no_certificate(
        self, client: Client, loan: str
    ) -> None:
        on = queries.get_loan(number=loan, viewer=HOUSE).on
        payoff = queries.get_payoff(number=loan, on=on, viewer=HOUSE)

        shown = words(client, "papers", loan)

        whole = f"{payoff.total_minor // 100:,}.{payoff.total_minor % 100:02d}"
        assert f"Amount that ends the loan CN¥{whole}" in shown
        assert "is not paid in full" in shown
        assert "principal outstanding CN¥0.00" in shown
        assert "Fee for early repayment" in shown

    def test_come_as_files(self, client: Client, loan: str, tmp_path: Path) -> None:
        TYPESETTERS.plug(PAGES, TypstPages(tmp_path))
        kinds = {"payoff": b"%PDF", "statement": b"%PDF", "calendar": b"BEGIN:VCALENDAR"}

        for paper, begins in kinds.items():
            answer = client.get(reverse("console:read_paper", args=[loan, paper]))
            assert answer.content.startswith(begins)
            assert loan in answer["Content-Disposition"]

    @pytest.mark.parametrize(
        ("asked", "problem"),
        [
            ({"on": "2020-01-01"}, "must be from 2027-01-11 to"),
            ({"on": "9999-12-31"}, "must be from 2027-01-11 to"),
            ({"since": "2027-01-01", "last": "2026-12-01"}, "must not lie after the last day"),
            ({"last": "2099-01-01"}, "must not lie after the business date"),
            ({"last": "9999-12-31"}, "must not lie after the business date"),
            ({"since": "0001-01-01"}, "begin on the day of the payout or later"),
        ],
    )
    def test_of_days_that_cannot_be_say_why(
        self, asked: dict[str, str], problem: str, client: Client, loan: str
    ) -> None:
        assert problem in words(client, "papers", loan, **asked)

    def test_that_are_none_are_refused(self, client: Client, loan: str) -> None:
        for paper in ("certificate", "poem"):
            answer = client.get(reverse("console:read_paper", args=[loan, paper]))
            assert answer.status_code in {404, 409}


class TestFloating:
    def test_says_what_the_rate_follows_and_when_it_is_read_next(
        self, client: Client, loan: str
    ) -> None:
        agreed = terms(start_date=FIRST, floating=Floating(index="lpr_1y", spread_bp=Decimal(45)))
        floating = open_loan("phone", agreed, disbursed_on=FIRST)

        told = words(client, "loan", floating)

        assert "Floating rate" in told
        assert "+45 bp" in told
        assert "2027-01-01" in told
        assert "Floating rate" not in words(client, "loan", loan)

    def test_lists_whom_another_figure_would_concern(self, client: Client) -> None:
        day = FIRST + timedelta(days=40)
        for rate, since in (("0.03", FIRST), ("0.028", day)):
            record_reference_rate(
                book="phone", key="lpr_1y", rate_annual=Decimal(rate), effective_from=since,
                document="notice", actor=HOUSE, at=AT,
            )  # fmt: skip
        agreed = terms(
            start_date=day - timedelta(days=1),
            floating=Floating(index="lpr_1y", reset=Reset.EACH_CHANGE),
        )
        number = open_loan("phone", agreed, disbursed_on=agreed.start_date)
        close_until(day + timedelta(days=1), book="phone")

        asked = {"key": "lpr_1y", "effective_from": day.isoformat(), "rate_annual": "2.9"}
        told = words(client, "rate_effects", "", **asked)

        assert number in told
        assert "11.80%" in told
        assert "11.90%" in told


class TestHolidays:
    def test_says_from_where_a_due_day_was_moved(self, client: Client, loan: str) -> None:
        closed = tuple(FIRST + timedelta(days=30 + n) for n in range(4))
        agreed = terms(start_date=FIRST, roll=Roll.FOLLOWING, calendar="CN", closed_days=closed)
        rolled = open_loan("phone", agreed, disbursed_on=FIRST)

        assert "moved from 2027-01-02" in words(client, "loan", rolled)
        assert "moved from" not in words(client, "loan", loan)
