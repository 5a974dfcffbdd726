"""What may have happened to a loan that was brought in, in words."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

HAPPENED: Final[dict[str, Promise]] = {
    "repaid": _("Repaid"),
    "drawn": _("Further tranche paid out"),
    "prepaid": _("Repaid early in part"),
    "settled_early": _("Settled early"),
    "refunded": _("Credit refunded"),
    "fee_charged": _("Fee charged"),
    "waived": _("Waived"),
    "rate_changed": _("Rate changed"),
    "due_moved": _("Due day moved"),
    "deferred": _("Instalments deferred"),
    "extended": _("Loan extended"),
    "restructured": _("Restructured"),
    "counting_paused": _("Days past due stand still"),
    "counting_resumed": _("Days past due count on"),
    "accelerated": _("All that is left fell due"),
    "compensated": _("Compensated by the guarantor"),
    "bought_back": _("Bought back"),
    "assigned": _("Claim sold"),
    "written_off": _("Written off"),
    "judgement": _("Its class was judged by a person"),
    "pause": _("Its ageing was paused"),
    "observation": _("It is observed after a restructuring"),
    "change_asked": _("A change waits for a second person"),
    "money_waits": _("Money came in for it and has no place"),
    "debit_out": _("A debit is at the bank and not answered"),
}
