"""Grants of servicing."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

OPEN = "servicing.open"
REPAY = "servicing.repay"
CLOSE_DAY = "servicing.close_day"
ORDER_DEBITS = "servicing.order_debits"
RELEASE = "servicing.release"
CLASSIFY = "servicing.classify"
PAUSE = "servicing.pause"
IMPORT = "servicing.import"
UNDO_IMPORT = "servicing.undo_import"
ASK_UNDO_IMPORT = "servicing.ask_undo_import"
VIEW = "servicing.view"
CHARGE = "servicing.charge"
WAIVE = "servicing.waive"
CHANGE_TERMS = "servicing.change_terms"
DRAW = "servicing.draw"
TRANSFER = "servicing.transfer"
WRITE_OFF = "servicing.write_off"
UNDO = "servicing.undo"
REFUND = "servicing.refund"
APPROVE = "servicing.approve"

CHANGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "prepaid": REPAY,
        "settled_early": REPAY,
        "refunded": REFUND,
        "fee_charged": CHARGE,
        "waived": WAIVE,
        "rate_changed": CHANGE_TERMS,
        "due_moved": CHANGE_TERMS,
        "deferred": CHANGE_TERMS,
        "extended": CHANGE_TERMS,
        "restructured": CHANGE_TERMS,
        "counting_paused": PAUSE,
        "counting_resumed": PAUSE,
        "accelerated": CHANGE_TERMS,
        "drawn": DRAW,
        "compensated": TRANSFER,
        "bought_back": TRANSFER,
        "assigned": TRANSFER,
        "written_off": WRITE_OFF,
        "reversed": UNDO,
    }
)
"""The grant that each kind of change takes."""
