"""Jobs of payments: what must speak to a channel, at least once and safe to repeat."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from loanops.kernel.access import Actor
from loanops.money.payments import operations
from loanops.money.payments.models import DebitFile
from loanops.money.payments.ports import CHANNELS
from loanops.platform.books import queries as books
from loanops.platform.work import unit_of_work

LOOKS_MAX = 200
LOOK_AGAIN = timedelta(minutes=5)


def send_debit_file(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """Job ``payments.send_debit_file``: hand over a file. A file that was sent is left alone."""
    state = DebitFile.objects.values_list("state", flat=True).get(number=payload["file"])
    if state in {"made", "sending"}:
        operations.send_debit_file(number=payload["file"], actor=actor, at=at)


def take_debit_results(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """Job ``payments.take_debit_results``: ask for the answer, and look again while none came."""
    file = DebitFile.objects.get(number=payload["file"])
    if file.state != "sent":
        return
    gateway, _, party = file.channel.partition(":")
    results = CHANNELS[gateway].fetch_results(party=party, file=file.number)
    if results is not None:
        operations.take_debit_results(number=file.number, results=results, actor=actor, at=at)
        return
    look = int(payload["look"]) + 1
    if look > LOOKS_MAX:
        raise TimeoutError(f"{file.channel} has not answered debit file {file.number}")
    open_on = books.business_date(file.book_id)
    with unit_of_work(actor=actor, at=at, book=file.book_id, on=open_on) as work:
        work.unchanged()
        work.enqueue(
            "payments.take_debit_results",
            key=f"debit-results:{file.number}:{look}",
            payload={"file": file.number, "look": look},
            run_at=at + LOOK_AGAIN,
        )
