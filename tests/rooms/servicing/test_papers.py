"""Papers of a loan: figures that add up, a payoff that settling takes, files that repeat."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from icalendar import Calendar

from loanops.adapters.typesetting import TypstPages
from loanops.kernel.access import Actor, Scopes
from loanops.kernel.refusals import BadField, NotFound, NotPermitted
from loanops.kernel.schedule import PrepaymentFee, PrepaymentTier
from loanops.loanbook.servicing import queries
from loanops.loanbook.servicing.domain.papers import NothingToPayOff, NotPaidInFull
from loanops.loanbook.servicing.queries import PaperDays
from loanops.origination.contracts.ports import PAGES, TYPESETTERS
from tests.factories.changes import order
from tests.factories.loans import DAY, HOUSE, close_until, open_book, open_loan, repay, terms

pytestmark = pytest.mark.django_db
DUE = date(2026, 12, 2)
FEE = PrepaymentFee(tiers=(PrepaymentTier(rate=Decimal("0.01"), instalments_max=6),))


@pytest.fixture
def loan() -> str:
    """Ten days late with its second instalment."""
    open_book()
    number = open_loan(agreed=terms(prepayment_fee=FEE))
    close_until(DUE)
    repay(number, 88_849)
    close_until(date(2027, 1, 12))
    return number


@pytest.fixture
def _typesetter(tmp_path: Path) -> None:
    TYPESETTERS.plug(PAGES, TypstPages(tmp_path))


class TestPayoff:
    @pytest.mark.parametrize("ahead", [0, 1, 25])
    def test_is_the_sum_of_its_parts_and_what_settling_takes(self, loan: str, ahead: int) -> None:
        on = date(2027, 1, 12) + timedelta(days=ahead)

        card = queries.get_payoff(number=loan, on=on, viewer=HOUSE)

        parts = (card.principal_minor, card.interest_minor, card.fee_minor, card.penalty_minor)
        assert sum(parts) == card.total_minor
        assert all(part > 0 for part in parts)
        following = queries.get_payoff(number=loan, on=on + timedelta(days=1), viewer=HOUSE)
        assert following.total_minor - card.total_minor == card.each_day_minor > 0
        if ahead == 0:
            effect = order(loan, "settled_early", on, amount_minor=card.total_minor)
            assert (effect.after.state, effect.after.credit_minor) == ("settled", 0)

    def test_of_a_day_gone_or_a_loan_paid_is_refused(self, loan: str) -> None:
        with pytest.raises(BadField):
            queries.get_payoff(number=loan, on=DUE, viewer=HOUSE)

        total = queries.get_payoff(number=loan, on=date(2027, 1, 12), viewer=HOUSE).total_minor
        order(loan, "settled_early", date(2027, 1, 12), amount_minor=total)

        with pytest.raises(NothingToPayOff):
            queries.get_payoff(number=loan, on=date(2027, 1, 12), viewer=HOUSE)


class TestStatement:
    def test_adds_up_and_tells_what_happened(self, loan: str) -> None:
        card = queries.get_statement(number=loan, since=DAY, until=date(2027, 1, 13), viewer=HOUSE)

        assert card.opening_minor + card.advanced_minor - card.repaid_minor == card.closing_minor
        assert [line.kind for line in card.lines] == ["disbursed", "repaid"]
        assert card.lines[1].principal_minor == card.repaid_minor
        assert card.owed_minor > 0
        assert all(line.due_on >= card.until for line in card.ahead)

    @pytest.mark.parametrize("split", [1, 29, 30, 31, 60])
    def test_of_two_halves_is_that_of_the_whole(self, loan: str, split: int) -> None:
        end = date(2027, 1, 13)
        middle = DAY + timedelta(days=split)

        def of(since: date, until: date) -> queries.StatementCard:
            return queries.get_statement(number=loan, since=since, until=until, viewer=HOUSE)

        whole, first, second = of(DAY, end), of(DAY, middle), of(middle, end)

        assert first.closing_minor == second.opening_minor
        assert first.repaid_minor + second.repaid_minor == whole.repaid_minor
        assert first.lines + second.lines == whole.lines

    def test_of_no_days_or_days_to_come_is_refused(self, loan: str) -> None:
        for since, until in ((DAY, date(2027, 1, 14)), (DUE, DAY), (DUE, DUE)):
            with pytest.raises(BadField):
                queries.get_statement(number=loan, since=since, until=until, viewer=HOUSE)


class TestCertificate:
    def test_is_given_when_everything_is_paid_and_not_before(self, loan: str) -> None:
        with pytest.raises(NotPaidInFull):
            queries.get_certificate(number=loan, viewer=HOUSE)
        on = date(2027, 1, 12)
        total = queries.get_payoff(number=loan, on=on, viewer=HOUSE).total_minor
        order(loan, "settled_early", on, amount_minor=total)

        card = queries.get_certificate(number=loan, viewer=HOUSE)

        assert (card.settled_on, card.paid_minor) == (on, 88_849 + total)

    def test_is_not_given_for_a_claim_that_was_written_off(self, loan: str) -> None:
        order(loan, "written_off", date(2027, 1, 12))

        with pytest.raises(NotPaidInFull):
            queries.get_certificate(number=loan, viewer=HOUSE)


class TestCalendar:
    @pytest.mark.parametrize("chinese", [True, False])
    def test_has_a_day_for_each_instalment_to_come(self, loan: str, chinese: bool) -> None:
        made = queries.get_calendar(number=loan, viewer=HOUSE, chinese=chinese)

        events = Calendar.from_ical(made.content).walk("VEVENT")
        rows = queries.get_schedule(number=loan, viewer=HOUSE)
        left = [row for row in rows if row.open_minor and row.due_on >= date(2027, 1, 12)]
        assert [event["dtstart"].dt for event in events] == [row.due_on for row in left]
        assert len({str(event["uid"]) for event in events}) == len(left)
        assert ("还款" in str(events[0]["summary"])) is chinese
        assert "888.49" in str(events[0]["summary"])
        assert made == queries.get_calendar(number=loan, viewer=HOUSE, chinese=chinese)


@pytest.mark.usefixtures("_typesetter")
class TestFile:
    @pytest.mark.parametrize("paper", ["payoff", "statement", "certificate"])
    def test_is_a_pdf_with_the_same_bytes_each_time(self, loan: str, paper: str) -> None:
        if paper == "certificate":
            on = date(2027, 1, 12)
            total = queries.get_payoff(number=loan, on=on, viewer=HOUSE).total_minor
            order(loan, "settled_early", on, amount_minor=total)

        first, second = (
            queries.read_paper(
                number=loan, paper=paper, days=PaperDays(), chinese=True, viewer=HOUSE
            )
            for _ in range(2)
        )

        assert first.content.startswith(b"%PDF")
        assert first == second
        assert first.name == f"{loan}-{paper}.pdf"

    def test_that_does_not_exist_is_refused(self, loan: str) -> None:
        with pytest.raises(NotFound):
            queries.read_paper(
                number=loan, paper="poem", days=PaperDays(), chinese=True, viewer=HOUSE
            )

    def test_is_not_for_strangers(self, loan: str) -> None:
        strangers = (
            (Actor(person="li.lei"), NotPermitted),
            (replace(HOUSE, scopes=Scopes(books=frozenset({"us"}))), NotFound),
            (replace(HOUSE, scopes=Scopes(funders=frozenset({"lake"}))), NotFound),
        )
        for viewer, refusal in strangers:
            for paper in ("payoff", "statement", "certificate", "calendar"):
                with pytest.raises(refusal):
                    queries.read_paper(
                        number=loan, paper=paper, days=PaperDays(), chinese=True, viewer=viewer
                    )
