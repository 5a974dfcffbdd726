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
from loanops.loanbook.servicing.queries import PaperDays, Reading
from loanops.origination.contracts.ports import PAGES, TYPESETTERS
from loanops.platform.sheets.opening import open_sheet
from tests.factories.changes import order
from tests.factories.loans import DAY, HOUSE, close_until, open_book, open_loan, repay, terms

pytestmark = pytest.mark.django_db
DUE = date(2026, 12, 2)
FEE = PrepaymentFee(tiers=(PrepaymentTier(rate=Decimal("0.01"), instalments_max=6),))


@pytest.fixture(scope="module")
def loan(once: None) -> str:
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

        parts = (
            card.principal_minor, card.interest_minor, card.early_fee_minor, card.penalty_minor,
        )  # fmt: skip
        assert sum(parts) + card.fee_minor == card.total_minor
        assert all(part > 0 for part in parts)
        assert card.fee_minor == 0
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

        for each in card.balances:
            moved_minor = each.added_minor - each.waived_minor - each.paid_minor
            assert each.opening_minor + moved_minor == each.closing_minor
        assert [line.kind for line in card.lines] == ["disbursed", "repaid"]
        principal, interest, fee, penalty = card.balances
        assert card.lines[1].principal_minor == principal.paid_minor > 0
        assert card.lines[1].interest_minor == interest.paid_minor > 0
        assert (fee.closing_minor, penalty.opening_minor) == (0, 0)
        due_minor = interest.closing_minor + penalty.closing_minor
        assert card.closing.owed_minor > due_minor > interest.closing_minor > 0
        assert card.closing.outstanding_minor == principal.closing_minor
        assert all(line.due_on >= card.until for line in card.ahead)

    @pytest.mark.parametrize("split", [1, 29, 30, 31, 60])
    def test_of_two_halves_is_that_of_the_whole(self, loan: str, split: int) -> None:
        end = date(2027, 1, 13)
        middle = DAY + timedelta(days=split)

        def of(since: date, until: date) -> queries.StatementCard:
            return queries.get_statement(number=loan, since=since, until=until, viewer=HOUSE)

        whole, first, second = of(DAY, end), of(DAY, middle), of(middle, end)

        for one, other, both in zip(first.balances, second.balances, whole.balances, strict=True):
            assert one.closing_minor == other.opening_minor
            for move in ("added_minor", "waived_minor", "paid_minor"):
                assert getattr(one, move) + getattr(other, move) == getattr(both, move)
        assert first.lines + second.lines == whole.lines

    def test_of_no_days_or_days_to_come_is_refused(self, loan: str) -> None:
        for since, until in ((DAY, date(2027, 1, 14)), (DUE, DAY), (DUE, DUE)):
            with pytest.raises(BadField):
                queries.get_statement(number=loan, since=since, until=until, viewer=HOUSE)


class TestTheReadingOfAStatement:
    def test_as_known_then_leaves_out_what_was_booked_later(self, loan: str) -> None:
        last = date(2027, 1, 5)
        repay(loan, 50_000, last - timedelta(days=3))

        def of(reading: Reading, until: date = last + timedelta(days=1)) -> queries.StatementCard:
            return queries.get_statement(number=loan, until=until, reading=reading, viewer=HOUSE)

        then, now = of(Reading.THEN), of(Reading.NOW)

        assert (then.reading, now.reading) == ("then", "now")
        assert [line.kind for line in then.lines] == ["disbursed", "repaid"]
        assert [line.kind for line in now.lines] == ["disbursed", "repaid", "repaid"]
        assert now.closing.owed_minor < then.closing.owed_minor
        past = queries.get_past(number=loan, on=last, viewer=HOUSE)
        assert (then.closing.owed_minor, now.closing.owed_minor) == (
            past.then.owed_minor, past.now.owed_minor,
        )  # fmt: skip
        today = date(2027, 1, 13)
        assert of(Reading.THEN, today).lines == of(Reading.NOW, today).lines

    def test_before_the_loan_was_known_says_that_nothing_was(self, loan: str) -> None:
        late = open_loan(agreed=terms(start_date=DUE))

        card = queries.get_statement(
            number=late, until=DUE + timedelta(days=5), reading=Reading.THEN, viewer=HOUSE
        )

        assert (card.lines, card.closing.is_here, card.closing.owed_minor) == ((), False, 0)

    @pytest.mark.usefixtures("_typesetter")
    def test_stands_on_the_paper_and_in_its_name(self, loan: str) -> None:
        made = {
            reading: queries.read_paper(
                number=loan, paper="statement", days=PaperDays(reading=reading), chinese=True,
                viewer=HOUSE,
            )
            for reading in Reading
        }  # fmt: skip

        assert made[Reading.THEN].name == f"{loan}-statement-as-known.pdf"
        assert made[Reading.THEN].content != made[Reading.NOW].content


class TestCertificate:
    def test_is_given_when_everything_is_paid_and_not_before(self, loan: str) -> None:
        with pytest.raises(NotPaidInFull):
            queries.get_certificate(number=loan, viewer=HOUSE)
        on = date(2027, 1, 12)
        payoff = queries.get_payoff(number=loan, on=on, viewer=HOUSE)
        total = payoff.total_minor
        order(loan, "settled_early", on, amount_minor=total)

        card = queries.get_certificate(number=loan, viewer=HOUSE)

        assert (card.settled_on, card.paid_minor) == (on, 88_849 + total)
        assert card.early_fee_minor == payoff.early_fee_minor > 0

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

    @pytest.mark.parametrize("form", ["csv", "xlsx"])
    def test_of_a_statement_is_a_table_that_reads_back(self, loan: str, form: str) -> None:
        made = queries.read_paper(
            number=loan, paper="statement", days=PaperDays(), form=form, chinese=True, viewer=HOUSE
        )

        sheet = open_sheet(file=made.name, content=made.content)
        rows = [row.cells for row in sheet.rows]
        card = queries.get_statement(number=loan, viewer=HOUSE)
        assert sheet.header[:4] == ("日期", "事项", "金额", "本金")
        assert [row[1] for row in rows] == [
            "期初余额", "放款", "还款", "本期增加", "本期减免", "本期归还", "期末余额",
        ]  # fmt: skip
        assert Decimal(rows[-1][3]) * 100 == card.closing.outstanding_minor
        assert made.name == f"{loan}-statement.{form}"

    def test_is_of_no_other_form(self, loan: str) -> None:
        for paper, form in (("payoff", "csv"), ("calendar", "xlsx"), ("statement", "docx")):
            with pytest.raises(BadField):
                queries.read_paper(
                    number=loan, paper=paper, days=PaperDays(), form=form, chinese=True,
                    viewer=HOUSE,
                )  # fmt: skip

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
