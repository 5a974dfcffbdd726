"""Tables of payments."""

from loanops.money.payments.models.debits import DebitFile, DebitOrder, DebitPolicy
from loanops.money.payments.models.receipts import Receipt

__all__ = ["DebitFile", "DebitOrder", "DebitPolicy", "Receipt"]
