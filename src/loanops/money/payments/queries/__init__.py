"""Questions to payments."""

from loanops.money.payments.domain.policy import DebitPolicy, Policies
from loanops.money.payments.queries.debits import (
    FileCard,
    OrderCard,
    OrderFilter,
    UnpaidCard,
    get_file,
    list_files,
    list_orders,
    ordered_windows,
    unpaid_today,
)
from loanops.money.payments.queries.policies import PolicyCard, list_policies, policies_on
from loanops.money.payments.queries.receipts import (
    ReceiptCard,
    allocated_of,
    find_receipts,
    get_receipt,
    list_receipts,
    receipt_card,
    receipts_by_number,
    unapplied_of,
)

__all__ = [
    "DebitPolicy",
    "FileCard",
    "OrderCard",
    "OrderFilter",
    "Policies",
    "PolicyCard",
    "ReceiptCard",
    "UnpaidCard",
    "allocated_of",
    "find_receipts",
    "get_file",
    "get_receipt",
    "list_files",
    "list_orders",
    "list_policies",
    "list_receipts",
    "ordered_windows",
    "policies_on",
    "receipt_card",
    "receipts_by_number",
    "unapplied_of",
    "unpaid_today",
]
