"""A bank for tests of debits: it takes files and answers what the test tells it to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from loanops.loanbook.servicing import reactions as servicing
from loanops.money.payments import operations as payments
from loanops.money.payments import queries
from loanops.money.payments.ports import DebitFileOut, DebitResult
from loanops.money.payments.queries import FileCard, OrderFilter
from loanops.platform.outbox.models import Message
from loanops.platform.outbox.pump import announced_of
from tests.factories.loans import AT, HOUSE


class Bank:
    """A channel; what it was sent, and what it says."""

    def __init__(self) -> None:
        self.files: list[DebitFileOut] = []
        self.answers: list[DebitResult] | None = None
        self.down = False

    def send_debit_file(self, *, file: DebitFileOut) -> str:
        if self.down:
            raise ConnectionError
        self.files.append(file)
        return f"REF-{file.number}"

    def fetch_results(self, *, party: str, file: str) -> Sequence[DebitResult] | None:
        return self.answers


def file_of(window: int = 1) -> FileCard:
    """The file of the latest day of a window; numbers of one moment are in no order."""
    files = queries.list_files(book="cn", viewer=HOUSE)
    return max((card for card in files if card.window == window), key=lambda card: card.due_on)


def orders_of(subject: str) -> list[queries.OrderCard]:
    """The orders of a loan, oldest first."""
    return queries.list_orders(wanted=OrderFilter(subject=subject), viewer=HOUSE)[::-1]


def answer(collected: dict[str, int], *, window: int = 1, on: date) -> None:
    """Send the file of a window where it was not sent, and take what the bank collected of it."""
    file = file_of(window)
    if file.state == "made":
        payments.send_debit_file(number=file.number, actor=HOUSE, at=AT)
    orders = queries.list_orders(wanted=OrderFilter(file=file.number), viewer=HOUSE)
    payments.take_debit_results(
        number=file.number,
        results=[
            DebitResult(
                order.number,
                f"B-{order.number}" if collected[order.subject] else "",
                collected[order.subject],
                on,
            )
            for order in orders
            if order.subject in collected
        ],
        actor=HOUSE,
        at=AT,
    )


def deliver() -> None:
    """Let servicing hear of what was collected."""
    for told in Message.objects.filter(name="payments.debits_collected").order_by("id"):
        servicing.allocate_debits(announced_of(told), actor=HOUSE, at=AT)


def undo_returned() -> None:
    """Let servicing hear of what was taken back."""
    for told in Message.objects.filter(name="payments.debit_returned").order_by("id"):
        servicing.take_back_returned(announced_of(told), actor=HOUSE, at=AT)
