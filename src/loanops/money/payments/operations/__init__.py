"""Orders to payments."""

from loanops.money.payments.operations.debits import (
    DebitRow,
    DebitRows,
    order_debits,
    order_debits_from,
    stop_debits,
)
from loanops.money.payments.operations.policies import set_debit_policy
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
from loanops.money.payments.operations.sending import send_debit_file

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
    "set_debit_policy",
    "stop_debits",
    "take",
    "take_debit_results",
    "take_many",
]
