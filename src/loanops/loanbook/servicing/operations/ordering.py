"""Ordering: a change as somebody orders it, its event, and the money that comes with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from loanops.kernel.account import Event, Repaid, Restructured, event_from_dict
from loanops.kernel.refusals import BadField
from loanops.loanbook.servicing.domain.floating import floats_on
from loanops.loanbook.servicing.domain.orders import order_kind
from loanops.loanbook.servicing.operations.laying import event_key
from loanops.loanbook.servicing.operations.leaving import completed
from loanops.loanbook.servicing.operations.loading import Held, History
from loanops.money.payments import queries as receipts
from loanops.money.payments.operations import ReceiptIn, ReceiptReused


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeIn:
    """A change as somebody orders it: its kind, its day, and what the event says beside them.

    With money ``channel`` and ``pay_no`` name the payment.
    """

    loan: str
    kind: str
    on: date
    values: Mapping[str, Any]
    channel: str = ""
    pay_no: str = ""


def event_asked(asked: ChangeIn, history: History, held: Held) -> Event:
    """The event that is asked for, under a key of its own.

    :raises BadField: a value is missing, unknown or wrong.
    """
    key = f"{asked.kind}-{len(history.events) + 1}"
    if order_kind(asked.kind).takes_money:
        key = event_key(asked.channel, asked.pay_no)
    said = completed(asked.values, order_kind(asked.kind).event, held, history, asked.on)
    values = {**said, "kind": asked.kind, "key": key, "on": asked.on}
    if asked.kind == Restructured.KIND:
        _say_whether_it_floats(values, history, asked.on)
    try:
        return event_from_dict(values)
    except BadField as refusal:
        # People and programs name the fields of what they sent, not those inside of the event.
        field = (refusal.field or "").removeprefix(f"{asked.kind}.")
        raise BadField(field=field, **refusal.values) from None


def _say_whether_it_floats(values: dict[str, Any], history: History, on: date) -> None:
    """A loan that floats goes on floating unless somebody says otherwise.

    :raises BadField: the rate of a fixed loan would float.
    """
    terms = history.terms
    if terms.floating is not None:
        values.setdefault("floats", floats_on(terms, history.events, on))
    elif values.get("floats"):
        raise BadField(field="floats", problem="must be left out: the rate of this loan is fixed")
    else:
        values.pop("floats", None)


def receipt_asked(asked: ChangeIn, event: Event) -> ReceiptIn | None:
    """The money that comes with a change, where some does."""
    if not isinstance(event, Repaid):
        return None
    return ReceiptIn(
        channel=asked.channel,
        pay_no=asked.pay_no,
        subject=asked.loan,
        amount_minor=event.amount_minor,
        received_on=event.on,
    )


def refuse_known(asked: ChangeIn) -> None:
    """Hold that the money of a change was not booked before.

    :raises ReceiptReused:
    """
    name = (asked.channel, asked.pay_no)
    if order_kind(asked.kind).takes_money and receipts.find_receipts(keys=[name]):
        raise ReceiptReused(channel=asked.channel, pay_no=asked.pay_no)
