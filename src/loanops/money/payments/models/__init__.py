"""Tables of payments."""

from loanops.money.payments.models.debits import AnswerFile, DebitFile, DebitOrder, DebitPolicy
from loanops.money.payments.models.receipts import Receipt, Refund, Return

__all__ = [
    "AnswerFile",
    "DebitFile",
    "DebitOrder",
    "DebitPolicy",
    "Receipt",
    "Refund",
    "Return",
]
