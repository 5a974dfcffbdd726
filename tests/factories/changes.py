"""Changes of loans as people order them: looked at, and then ordered as shown."""

from __future__ import annotations

from datetime import date
from typing import Any

from loanops.kernel.access import Actor
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.domain.effects import EffectCard
from loanops.loanbook.servicing.models import LoanEvent
from loanops.loanbook.servicing.operations import ChangeIn
from tests.factories.loans import AT, DAY, HOUSE

COLLEAGUE = Actor.house("colleague")
MONEY = {"prepaid", "settled_early"}


def asked(loan: str, kind: str, on: date = DAY, **values: Any) -> ChangeIn:
    number = LoanEvent.objects.filter(loan__number=loan).count()
    named = {"channel": "counter", "pay_no": f"P{number}"} if kind in MONEY else {}
    return ChangeIn(loan=loan, kind=kind, on=on, values=values, **named)


def order(loan: str, kind: str, on: date = DAY, **values: Any) -> EffectCard:
    """Look, and then order what was shown; by two people where that is asked."""
    wanted = asked(loan, kind, on, **values)
    shown = servicing.preview_change(asked=wanted, viewer=HOUSE)
    if shown.needs_second:
        number = servicing.ask_change(
            asked=wanted, seen=shown.digest, reason="as agreed", actor=HOUSE, at=AT
        )
        booked = servicing.approve_change(request=number, actor=COLLEAGUE, at=AT)
    else:
        booked = servicing.change(
            asked=wanted, seen=shown.digest, reason="as agreed", actor=HOUSE, at=AT
        )
    assert booked == shown
    return booked
