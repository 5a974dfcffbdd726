"""Orders to contracts: one verb (or one family of twins) a file."""

from loanops.origination.contracts.operations._frame import OfferIn
from loanops.origination.contracts.operations._telling import Made, MadeOutcome, Outcome, Refused
from loanops.origination.contracts.operations.disclosing import (
    ConfirmationIn,
    confirm_disclosure,
    confirm_disclosures_many,
    show_disclosure,
    show_disclosures_many,
)
from loanops.origination.contracts.operations.drawing_up import draw_up, draw_up_many
from loanops.origination.contracts.operations.offering import (
    expire_offers_many,
    make_offer,
    make_offers_many,
    withdraw_offer,
    withdraw_offers_of,
)
from loanops.origination.contracts.operations.redeeming import (
    Redemption,
    preview_promotion,
    redeem_promotion,
)
from loanops.origination.contracts.operations.rendering import render_many
from loanops.origination.contracts.operations.signing import (
    SignatureIn,
    keep_signed_copy,
    record_signature,
    record_signatures_many,
)

__all__ = [
    "ConfirmationIn",
    "Made",
    "MadeOutcome",
    "OfferIn",
    "Outcome",
    "Redemption",
    "Refused",
    "SignatureIn",
    "confirm_disclosure",
    "confirm_disclosures_many",
    "draw_up",
    "draw_up_many",
    "expire_offers_many",
    "keep_signed_copy",
    "make_offer",
    "make_offers_many",
    "preview_promotion",
    "record_signature",
    "record_signatures_many",
    "redeem_promotion",
    "render_many",
    "show_disclosure",
    "show_disclosures_many",
    "withdraw_offer",
    "withdraw_offers_of",
]
