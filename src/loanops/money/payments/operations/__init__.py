"""Orders to payments."""

from loanops.money.payments.domain.refusals import AnswerFileWrong
from loanops.money.payments.operations.answers import (
    Announced,
    FileTaken,
    take_answer_file,
    take_return_file,
)
from loanops.money.payments.operations.debits import (
    DebitRow,
    DebitRows,
    order_debits,
    order_debits_from,
    stop_debits,
    withdraw_debits,
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
from loanops.money.payments.operations.refunds import (
    REASONS,
    REFUNDS_PAYABLE,
    approve_refund,
    confirm_refund,
    fail_refund,
    refund_credit,
    refuse_refund,
    request_refund,
)
from loanops.money.payments.operations.results import take_debit_results
from loanops.money.payments.operations.returns import cover_returns, return_receipt
from loanops.money.payments.operations.sending import send_debit_file

__all__ = [
    "REASONS",
    "REFUNDS_PAYABLE",
    "UNAPPLIED",
    "Announced",
    "AnswerFileWrong",
    "DebitRow",
    "DebitRows",
    "FileTaken",
    "ReceiptIn",
    "ReceiptReused",
    "allocate_many",
    "approve_refund",
    "confirm_refund",
    "cover_returns",
    "fail_refund",
    "order_debits",
    "order_debits_from",
    "receive",
    "refund_credit",
    "refuse_refund",
    "request_refund",
    "return_receipt",
    "send_debit_file",
    "set_debit_policy",
    "stop_debits",
    "take",
    "take_answer_file",
    "take_debit_results",
    "take_many",
    "take_return_file",
    "withdraw_debits",
]
