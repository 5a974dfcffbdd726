"""What is of no use any more is forgotten: codes whose hour has passed."""

from __future__ import annotations

from datetime import datetime

from loanops.kernel.access import Actor, require
from loanops.platform.work import unit_of_work
from loanops.registry.borrowers import permissions
from loanops.registry.borrowers.domain import rules
from loanops.registry.borrowers.models import Code


def forget_codes(*, actor: Actor, at: datetime) -> int:
    """Remove codes that count for no limit any more, with the mobiles they were sent to; how many.

    :raises NotPermitted: the actor may not.
    """
    require(actor, permissions.FORGET)
    with unit_of_work(actor=actor, at=at, book="", on=at.date()) as work:
        gone, _ = Code.objects.filter(sent_at__lte=at - rules.KEPT).delete()
        if gone:
            work.record("borrowers.codes_forgotten", subject="codes", count=gone)
        else:
            work.unchanged()
    return gone
