"""Orders to payments."""

from loanops.money.payments.operations.debits import (
    DebitRow,
    DebitRows,
    order_debits,
    order_debits_from,
    send_debit_file,
    stop_debits,
)
from loanops.money.payments.operations.receipts import (
    UNAPPLIED,
    ReceiptIn,
    ReceiptReused,
    allocate_many,
    receive,
    take,
    take_many,
)
from loanops.money.payments.operations.results import take_debit_results

__all__ = [
    "UNAPPLIED",
    "DebitRow",
    "DebitRows",
    "ReceiptIn",
    "ReceiptReused",
    "allocate_many",
    "order_debits",
    "order_debits_from",
    "receive",
    "send_debit_file",
    "stop_debits",
    "take",
    "take_debit_results",
    "take_many",
]
