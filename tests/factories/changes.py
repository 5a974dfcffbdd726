"""Changes of loans as people order them: looked at, and then ordered as shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from loanops.kernel.access import Actor
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.domain.effects import EffectCard
from loanops.loanbook.servicing.models import Instalment, LoanEvent
from loanops.loanbook.servicing.operations import ChangeIn
from tests.factories.loans import AT, DAY, HOUSE

COLLEAGUE = Actor.house("colleague")
MONEY = {"prepaid", "settled_early"}


def dues(loan: str) -> list[date]:
    rows = Instalment.objects.filter(loan__number=loan).order_by("number")
    return list(rows.values_list("due_on", flat=True))


def _later(loan: str, place: int) -> str:
    return dues(loan)[place].isoformat()


CASES: dict[str, Callable[[str], dict[str, Any]]] = {
    "prepaid": lambda loan: {"amount_minor": 300_000, "keep": "term"},
    "settled_early": lambda loan: {"amount_minor": 2_000_000},
    "fee_charged": lambda loan: {"amount_minor": 5_000, "component": "fee", "name": "letter"},
    "rate_changed": lambda loan: {"annual_rate": "0.09", "index": "LPR1Y"},
    "due_moved": lambda loan: {"due": _later(loan, 2), "to": str(dues(loan)[2] + timedelta(5))},
    "deferred": lambda loan: {"due": _later(loan, 2), "periods": 2},
    "extended": lambda loan: {"periods": 3, "fee_minor": 1_000},
    "restructured": lambda loan: {
        "instalments": 6, "annual_rate": "0.08", "method": "equal_principal",
        "principal": "carry", "principal_waived_minor": 50_000,
    },
    "accelerated": lambda loan: {},
    "counting_paused": lambda loan: {"cause": "dispute"},
    "drawn": lambda loan: {"amount_minor": 200_000},
    "compensated": lambda loan: {"price_minor": 900_000},
    "bought_back": lambda loan: {"owner": "house", "price_minor": 900_000},
    "assigned": lambda loan: {"owner": "buyer", "price_minor": 900_000},
    "written_off": lambda loan: {},
    "waived": lambda loan: {"amount_minor": 100, "component": "interest"},
}  # fmt: skip
"""What each kind of change says of a loan of two months; ``reversed`` needs what it undoes."""


def asked(loan: str, kind: str, on: date = DAY, **values: Any) -> ChangeIn:
    number = LoanEvent.objects.filter(loan__number=loan).count()
    named = {"channel": "counter", "pay_no": f"{loan}-{number}"} if kind in MONEY else {}
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
