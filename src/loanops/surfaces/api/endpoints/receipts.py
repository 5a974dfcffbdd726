"""Receipts: what became of money that a payment company told us of."""

from __future__ import annotations

from typing import Any

from ninja import Query, Router
from pydantic import BaseModel, ConfigDict

from loanops.kernel.refusals import BadField
from loanops.money.payments import permissions, queries
from loanops.platform.books import queries as books
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.shapes import Text, listed, published, shown

router = Router(tags=["loans"])

Receipt = published(queries.ReceiptCard)


class ReceiptsWanted(BaseModel):
    """The two names by which money is known once and for all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: Text
    pay_no: Text


def check_channel(channel: str, request: Asked) -> None:
    """Let a payment company speak of its own money alone.

    :raises BadField: the channel is another one than the key's partner.
    """
    partner = request.auth.partner
    if partner and channel != partner:
        raise BadField(field="channel", problem="send the code of your own company")


@router.get("/receipts", response=listed(Receipt, paged=False), auth=Key(permissions.RECEIVE))
def list_receipts(request: Asked, wanted: Query[ReceiptsWanted]) -> dict[str, Any]:
    """The receipt of a channel's `pay_no`, and what of it found its place; empty if unknown."""
    check_channel(wanted.channel, request)
    actor = actor_of(request)
    found = queries.find_receipts(keys=[(wanted.channel, wanted.pay_no)]).values()
    return {
        "items": [
            shown(card, books.get_book(card.book).currency)
            for card in found
            if actor.sees_book(card.book)
        ]
    }
