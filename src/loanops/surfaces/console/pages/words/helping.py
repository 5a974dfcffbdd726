"""Help at the point of work: what a word of the trade means, said where it stands."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

HELP: dict[str, Promise] = {
    "non_performing": _(
        "Loans of the three lowest classes: substandard, doubtful and loss. The class follows days "
        "past due, or a person's lower judgement."
    ),
    "bucket": _(
        "How long the oldest unpaid instalment is late: M0 is not late, M1 is 1 to 30 days, and a "
        "new one begins every 30 days."
    ),
    "all_in": _(
        "Interest and every fee of the borrower as one yearly rate. Simple is what the law caps; "
        "effective counts interest on interest."
    ),
    "set_aside": _(
        "A loan that the close could not work out. The others went on; it waits until somebody "
        "gives it back."
    ),
    "window": _(
        "A day has several windows in which a channel debits. What one does not bring, the next "
        "asks for."
    ),
    "accrued": _("Interest of the running period up to today. It falls due with its instalment."),
}
"""Words by the code under which a page asks for them."""
