"""Late fees: what instalments come to bear on the new day for being late."""

from __future__ import annotations

from collections.abc import Mapping

from loanops.loanbook.servicing.domain.rules import Rules
from loanops.loanbook.servicing.operations.lateness import charge_late, loans_turning_late
from loanops.loanbook.servicing.ports import Closing
from loanops.platform.work import Work


def charge_late_fees(work: Work, closing: Closing, pools: Mapping[int, Rules]) -> None:
    """Charge them before pools post what they earned; asks nothing where no pool has such fees."""
    late = {pool_id: rules for pool_id, rules in pools.items() if rules.late_fees}
    loans = loans_turning_late(late, closing.opens_on)
    count, amount_minor = charge_late(loans, late, closing.opens_on)
    if count:
        work.record(
            "servicing.late_charged",
            subject=closing.book,
            count=count,
            amount_minor=amount_minor,
            on=closing.opens_on,
        )
