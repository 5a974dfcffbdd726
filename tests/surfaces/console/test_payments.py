"""Pages of payments: debit files, files of banks with their report, unapplied money, refunds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from loanops.kernel.access import Actor, Viewer
from loanops.money.payments import operations as payments
from loanops.money.payments import queries
from loanops.money.payments.operations import DebitRow
from loanops.money.payments.ports import CHANNELS, DebitFileOut
from loanops.platform.books import queries as books
from loanops.platform.web import clock
from loanops.platform.work import unit_of_work
from tests.factories import desk
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter

HOUSE = Viewer.house("tests")
ACTOR = Actor.house("tests")
CHANNEL = "counter"
BOOK = "cn"


def received(pay_no: str = "P-left", amount_minor: int = 50_000) -> str:
    """Money that came in for no loan; its receipt."""
    return payments.receive(
        book=BOOK,
        channel=CHANNEL,
        pay_no=pay_no,
        amount_minor=amount_minor,
        on=books.business_date(BOOK),
        loan="",
        actor=ACTOR,
        at=clock.now(),
    ).number


class TestUnappliedMoney:
    def test_is_empty_in_words(self, operation: desk.Operation, enter: Enter) -> None:
        shown = enter("finance").get(address("unapplied")).content.decode()

        assert "empty-state" in shown

    def test_goes_back_through_the_hands_of_two(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        receipt = received()
        finance, manager = enter("finance"), enter("manager")
        asked = {"amount_minor": "300.00", "reason": "not_ours"}

        finance.post(address("request_refund", receipt), asked)
        [refund] = queries.list_refunds(book=BOOK, viewer=HOUSE)
        own = finance.post(address("approve_refund", refund.number))
        manager.post(address("approve_refund", refund.number))
        finance.post(address("confirm_refund", refund.number), {"reference": "B-1"})

        assert own.status_code == 403
        assert queries.get_refund(number=refund.number, viewer=HOUSE).state == "sent"
        shown = finance.get(address("unapplied")).content.decode()
        assert receipt in shown
        assert "B-1" in shown

    def test_may_come_back_from_the_bank(self, operation: desk.Operation, enter: Enter) -> None:
        receipt = received()
        finance, manager = enter("finance"), enter("manager")
        finance.post(address("request_refund", receipt), {"amount_minor": "500", "reason": "other"})
        [refund] = queries.list_refunds(book=BOOK, viewer=HOUSE)
        manager.post(address("approve_refund", refund.number))

        finance.post(address("fail_refund", refund.number), {"problem": "closed"})

        assert queries.get_receipt(number=receipt, viewer=HOUSE).unapplied_minor == 50_000

    def test_is_not_asked_for_beyond_what_there_is(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        answer = enter("finance").post(
            address("request_refund", received()), {"amount_minor": "500.01", "reason": "other"}
        )

        assert answer.status_code == 422


class Bank:
    """A channel that takes files and is silent."""

    def send_debit_file(self, *, file: DebitFileOut) -> str:
        return f"REF-{file.number}"

    def fetch_results(self, *, party: str, file: str) -> None:
        return None


@pytest.fixture
def sent(operation: desk.Operation, monkeypatch: pytest.MonkeyPatch) -> str:
    """A debit file with one order that went out; its number."""
    monkeypatch.setattr(CHANNELS, "_plugged", {"counter": Bank()})
    on = books.business_date(BOOK)
    row = DebitRow("DD-1", CHANNEL, operation.loan, "SN-1", 88_849, on)
    with unit_of_work(actor=ACTOR, at=clock.now(), book=BOOK, on=on) as work:
        payments.order_debits(work=work, due_on=on, window=1, rows=[row])
        work.unchanged()
    [card] = queries.list_files(book=BOOK, viewer=HOUSE)
    payments.send_debit_file(number=card.number, actor=ACTOR, at=clock.now())
    return card.number


class TestAFileOfABank:
    def upload(self, client: Client, file: str, text: str, total: str = "888.49") -> HttpResponse:
        return client.post(
            address("take_answer", file),
            {
                "file": SimpleUploadedFile("answer.csv", text.encode()),
                "count": "1",
                "total_minor": total,
            },
        )

    def rows(self, amount: str = "888.49", order: str = "DD-1") -> str:
        on = books.business_date(BOOK)
        return f"order,pay_no,amount,on,reason\n{order},B1,{amount},{on},\n"

    def test_is_taken_and_shown_with_its_orders(self, sent: str, enter: Enter) -> None:
        finance = enter("finance")

        answer = self.upload(finance, sent, self.rows())

        assert answer.status_code == 302
        shown = finance.get(address("debit_file", sent)).content.decode()
        assert "answer.csv" in shown
        assert "DD-1" in shown
        assert sent in finance.get(address("debits")).content.decode()

    def test_with_a_bad_row_is_reported_row_by_row(self, sent: str, enter: Enter) -> None:
        answer = self.upload(enter("finance"), sent, self.rows(order="DD-9"))

        assert answer.status_code == 422
        assert "DD-9" in answer.content.decode()
        assert queries.get_file(number=sent, viewer=HOUSE).state == "sent"

    def test_that_does_not_add_up_is_refused(self, sent: str, enter: Enter) -> None:
        assert self.upload(enter("finance"), sent, self.rows(), "888.48").status_code == 422

    def test_of_payments_taken_back_is_taken_too(self, sent: str, enter: Enter) -> None:
        finance = enter("finance")
        receipt = received("P-back")
        text = f"pay_no,amount,on,reason\nP-back,500.00,{books.business_date(BOOK)},R01\n"

        answer = finance.post(
            address("take_returns"),
            {
                "channel": CHANNEL,
                "file": SimpleUploadedFile("back.csv", text.encode()),
                "count": "1",
                "total_minor": "500.00",
            },
        )

        assert answer.status_code == 302
        assert queries.list_returns(book=BOOK, viewer=HOUSE)[0].receipt == receipt
        assert receipt in finance.get(address("unapplied")).content.decode()


class TestDebits:
    def test_show_the_policy_that_holds_where_none_was_set(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        assert "09:00" in enter("finance").get(address("debits")).content.decode()

    def test_take_a_policy_with_a_first_day(self, operation: desk.Operation, enter: Enter) -> None:
        tomorrow = books.business_date(BOOK) + timedelta(days=1)

        answer = enter("finance").post(
            address("set_debit_policy"),
            {
                "channel": "",
                "effective_from": tomorrow.isoformat(),
                "windows": "08:30，15:00",
                "retry_dpd": "1, 5",
                "part_min_minor": "",
                "tries_per_month": "4",
                "stop_if_paid": "on",
            },
        )

        assert answer.status_code == 302
        policy = queries.policies_on(book=BOOK, on=tomorrow).otherwise
        assert (policy.windows, policy.retry_dpd) == (("08:30", "15:00"), (1, 5))
        assert (policy.part_min_minor, policy.tries_per_month) == (None, 4)
        assert policy.stop_if_paid
        assert not policy.rest_in_next_window

    @pytest.mark.parametrize(
        "values", [{"windows": "25:00"}, {"windows": "x"}, {"retry_dpd": "a"}, {"windows": ""}]
    )
    def test_refuse_a_policy_that_nobody_can_follow(
        self, operation: desk.Operation, enter: Enter, values: dict[str, str]
    ) -> None:
        tomorrow = books.business_date(BOOK) + timedelta(days=1)
        typed = {"effective_from": tomorrow.isoformat(), "windows": "09:00", "retry_dpd": "1"}

        answer = enter("finance").post(address("set_debit_policy"), {**typed, **values})

        assert answer.status_code == 422
        assert queries.list_policies(book=BOOK, viewer=HOUSE) == []

    def test_of_a_file_that_is_none_are_not_found(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        assert enter("finance").get(address("debit_file", "DF-NONE")).status_code == 404
