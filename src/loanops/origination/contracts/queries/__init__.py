"""Questions to contracts."""

from loanops.origination.contracts.queries.asking import (
    Filter,
    OfferLine,
    contracts_of,
    find_contracts,
    find_offers,
    find_signed_contracts,
    get_contract,
    get_offer,
    get_signed_contract,
    list_contracts,
    list_offers,
    read_document,
    standing_offers,
)
from loanops.origination.contracts.queries.cards import (
    ContractCard,
    CostCard,
    DisclosureCard,
    OfferCard,
    ScheduleRow,
    SignatureCard,
)
from loanops.origination.contracts.queries.early import EarlySaving, early_savings
from loanops.origination.contracts.queries.quoting import QuoteCard, quote
from loanops.origination.contracts.queries.templates import read_layout

__all__ = [
    "ContractCard",
    "CostCard",
    "DisclosureCard",
    "EarlySaving",
    "Filter",
    "OfferCard",
    "OfferLine",
    "QuoteCard",
    "ScheduleRow",
    "SignatureCard",
    "contracts_of",
    "early_savings",
    "find_contracts",
    "find_offers",
    "find_signed_contracts",
    "get_contract",
    "get_offer",
    "get_signed_contract",
    "list_contracts",
    "list_offers",
    "quote",
    "read_document",
    "read_layout",
    "standing_offers",
]
