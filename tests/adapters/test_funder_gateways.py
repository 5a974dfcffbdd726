"""The contract of a funder gateway: every plugged adapter passes it against a bank over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import httpx
import pytest

from loanops.adapters.open_bank.terms import schedule_digest
from loanops.kernel.schedule import Terms, schedule
from loanops.origination.routing.ports import (
    FunderGateway,
    PrecheckRequest,
    RepaymentReport,
    ScheduleRow,
    Standing,
)
from tests.adapters import asks
from tests.factories.sandbox import Sandbox

Open = Callable[[str], FunderGateway]

pytestmark = pytest.mark.processes


@pytest.fixture(params=["open_bank"])
def reach(request: pytest.FixtureRequest, banks: Sandbox) -> Open:
    """Opens a funder through each adapter in turn."""
    adapters = {"open_bank": banks.gateways()}
    return lambda funder: adapters[request.param](funder, {})


@pytest.fixture
def jianglan(reach: Open) -> FunderGateway:
    """Lends yuan, asks for identity, signs on its own page."""
    return reach("jianglan")


@pytest.fixture
def prairieford(reach: Open) -> FunderGateway:
    """Lends dollars, asks for no identity, signs with us."""
    return reach("prairieford")


class TestPrecheck:
    def test_lets_a_new_person_apply(self, jianglan: FunderGateway) -> None:
        answer = jianglan.precheck(
            PrecheckRequest(
                serial=asks.serial(),
                request_number="RQ-1",
                on=asks.ON,
                id_number=asks.id_number(),
                mobile="13800138000",
            )
        )

        assert answer.standing is Standing.SUCCESS

    def test_refuses_whom_the_bank_refused_within_thirty_days(
        self, jianglan: FunderGateway
    ) -> None:
        poor = asks.credit(amount_minor=20_000_000)
        refused = jianglan.apply_for_credit(poor)

        answer = jianglan.precheck(
            PrecheckRequest(
                serial=asks.serial(),
                request_number="RQ-1",
                on=asks.ON,
                id_number=poor.applicant.id_number,
                mobile="13800138000",
            )
        )

        assert (refused.standing, refused.reason) == (Standing.REFUSED, "F104")
        assert (answer.standing, answer.reason) == (Standing.REFUSED, "C003")


class TestApplyForCredit:
    def test_grants_what_was_asked(self, prairieford: FunderGateway) -> None:
        asked = asks.credit("USD")

        answer = prairieford.apply_for_credit(asked)

        assert answer.standing is Standing.SUCCESS
        assert (answer.approved_minor, answer.term_count) == (1_000_000, 12)
        assert answer.annual_rate == asked.annual_rate
        assert answer.valid_until == date(2026, 12, 23)
        assert len(answer.evidence) == 64

    def test_answers_the_same_serial_with_the_same_answer(self, prairieford: FunderGateway) -> None:
        asked = asks.credit("USD")
        first = prairieford.apply_for_credit(asked)

        again = prairieford.apply_for_credit(replace(asked, request_number="RQ-other"))
        queried = prairieford.query_credit(asked.serial, request_number="RQ-q")

        assert first.answer == again.answer == queried.answer

    def test_never_takes_a_used_serial_with_other_content(self, prairieford: FunderGateway) -> None:
        asked = asks.credit("USD")
        prairieford.apply_for_credit(asked)

        answer = prairieford.apply_for_credit(replace(asked, amount_minor=900_000))

        assert (answer.standing, answer.problem) == (Standing.UNKNOWN, "serial_reused")

    @pytest.mark.parametrize(
        ("changed", "reason"),
        [
            ({"amount_minor": 50}, "F106"),
            ({"term_count": 61}, "F106"),
        ],
    )
    def test_passes_on_the_reason_of_a_refusal(
        self, prairieford: FunderGateway, changed: dict[str, int], reason: str
    ) -> None:
        answer = prairieford.apply_for_credit(asks.credit("USD", **changed))

        assert (answer.standing, answer.reason) == (Standing.REFUSED, reason)

    def test_is_refused_when_the_bank_cannot_read_it(self, prairieford: FunderGateway) -> None:
        answer = prairieford.apply_for_credit(asks.credit("USD", product=""))

        assert (answer.standing, answer.problem) == (Standing.REFUSED, "bad_parameters")


class TestSigning:
    def test_goes_over_the_banks_page_and_is_proved_by_query(
        self, jianglan: FunderGateway, banks: Sandbox
    ) -> None:
        asked = asks.credit()
        jianglan.apply_for_credit(asked)
        session = asks.signing(asked)
        opened = jianglan.create_signing(session)

        unread = httpx.post(opened.page_url, data={"decision": "agree"})
        signed = httpx.post(opened.page_url, data={"decision": "agree", "read": "yes"})
        proved = jianglan.query_signing(session.serial, request_number="RQ-q")
        copy = jianglan.fetch_signed_copy(session.serial, request_number="RQ-c")

        assert (opened.standing, unread.status_code) == (Standing.PROCESSING, 400)
        assert session.return_url in signed.text
        assert proved.standing is Standing.SUCCESS
        assert proved.contract_digest == session.contract_digest
        assert proved.signed_at is not None
        assert copy.content.startswith(b"%PDF-")
        assert copy.evidence == proved.signed_copy_digest

    def test_ends_refused_when_the_borrower_declines(
        self, jianglan: FunderGateway, banks: Sandbox
    ) -> None:
        asked = asks.credit()
        jianglan.apply_for_credit(asked)
        session = asks.signing(asked)
        jianglan.create_signing(session)

        banks.sign("jianglan", session.serial, agreed=False)

        answer = jianglan.query_signing(session.serial, request_number="RQ-q")
        assert (answer.standing, answer.reason) == (Standing.REFUSED, "S101")

    def test_has_no_copy_before_it_is_signed(self, jianglan: FunderGateway) -> None:
        asked = asks.credit()
        jianglan.apply_for_credit(asked)
        session = asks.signing(asked)
        jianglan.create_signing(session)

        copy = jianglan.fetch_signed_copy(session.serial, request_number="RQ-c")

        assert (copy.standing, copy.content) == (Standing.UNKNOWN, b"")

    def test_leads_back_to_the_platform_only(self, jianglan: FunderGateway) -> None:
        asked = asks.credit()
        jianglan.apply_for_credit(asked)

        answer = jianglan.create_signing(asks.signing(asked, return_url="https://elsewhere.test/"))

        assert (answer.standing, answer.problem) == (Standing.REFUSED, "bad_parameters")


class TestDrawDown:
    def test_pays_once_and_agrees_on_the_schedule(
        self, prairieford: FunderGateway, banks: Sandbox
    ) -> None:
        asked = asks.credit("USD")
        prairieford.apply_for_credit(asked)
        order = asks.drawdown(asked)

        paid = prairieford.draw_down(order)
        again = prairieford.draw_down(replace(order, request_number="RQ-again"))

        rows = schedule(Terms.from_dict(order.terms)).rows
        ours = schedule_digest(
            (
                ScheduleRow(
                    number=row.number,
                    due_date=row.due_date,
                    principal_minor=row.principal_minor,
                    interest_minor=row.interest_minor,
                    fees_minor=row.fees_minor,
                )
                for row in rows
            ),
            "USD",
        )
        paid_really = [row for row in banks.truth("prairieford") if row["serial"] == order.serial]
        assert paid.standing is Standing.SUCCESS
        assert (paid.paid_minor, paid.currency, paid.value_date) == (1_000_000, "USD", asks.ON)
        assert again.pay_number == paid.pay_number
        assert paid.schedule_digest == ours
        assert [row["paid_amount"] for row in paid_really] == ["10000.00"]

    def test_needs_the_signature_where_the_bank_signs(
        self, jianglan: FunderGateway, banks: Sandbox
    ) -> None:
        asked = asks.credit()
        jianglan.apply_for_credit(asked)
        session = asks.signing(asked)
        jianglan.create_signing(session)
        unsigned = jianglan.draw_down(asks.drawdown(asked, session.serial))

        banks.sign("jianglan", session.serial)
        signed = jianglan.draw_down(asks.drawdown(asked, session.serial))

        assert (unsigned.standing, unsigned.reason) == (Standing.REFUSED, "F302")
        assert signed.standing is Standing.SUCCESS

    def test_never_pays_more_than_was_granted(self, prairieford: FunderGateway) -> None:
        asked = asks.credit("USD")
        prairieford.apply_for_credit(asked)
        prairieford.draw_down(asks.drawdown(asked))

        second = prairieford.draw_down(asks.drawdown(asked))

        assert (second.standing, second.reason) == (Standing.REFUSED, "F303")

    def test_is_unknown_by_query_where_nobody_asked(self, prairieford: FunderGateway) -> None:
        answer = prairieford.query_drawdown(asks.serial("DD"), request_number="RQ-q")

        assert (answer.standing, answer.problem) == (Standing.UNKNOWN, "not_found")


class TestFetchSchedule:
    def test_gives_the_rows_that_the_digest_stands_for(self, prairieford: FunderGateway) -> None:
        asked = asks.credit("USD")
        prairieford.apply_for_credit(asked)
        order = asks.drawdown(asked)
        paid = prairieford.draw_down(order)

        answer = prairieford.fetch_schedule(order.serial, request_number="RQ-s")

        assert len(answer.rows) == 12
        assert sum(row.principal_minor for row in answer.rows) == 1_000_000
        assert schedule_digest(answer.rows, "USD") == paid.schedule_digest


class TestReportRepayment:
    def test_books_one_serial_once(self, prairieford: FunderGateway) -> None:
        asked = asks.credit("USD")
        prairieford.apply_for_credit(asked)
        order = asks.drawdown(asked)
        prairieford.draw_down(order)
        report = RepaymentReport(
            serial=asks.serial("RP"),
            request_number="RQ-1",
            drawdown_serial=order.serial,
            amount_minor=91_680,
            paid_on=date(2026, 12, 23),
        )

        first, again = prairieford.report_repayment(report), prairieford.report_repayment(report)
        other = prairieford.report_repayment(replace(report, amount_minor=1))

        file = prairieford.fetch_daily_file("repayments", date(2026, 12, 23), request_number="RQ-f")
        lines = [line for line in file.lines if line["pay_number"] == report.serial]
        assert (first.standing, again.standing) == (Standing.SUCCESS, Standing.SUCCESS)
        assert (other.standing, other.problem) == (Standing.UNKNOWN, "serial_reused")
        assert [line["paid_amount"] for line in lines] == ["916.80"]


class TestFetchDailyFile:
    def test_adds_up_to_what_was_paid(self, prairieford: FunderGateway) -> None:
        asked = asks.credit("USD")
        prairieford.apply_for_credit(asked)
        order = asks.drawdown(asked)
        prairieford.draw_down(order)

        file = prairieford.fetch_daily_file("disbursements", asks.ON, request_number="RQ-f")

        assert file.standing is Standing.SUCCESS
        assert order.serial in {line["serial"] for line in file.lines}
        assert file.amount_minor == 1_000_000 * len(file.lines)
