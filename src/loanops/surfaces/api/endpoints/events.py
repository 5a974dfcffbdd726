"""The feed: announced events in order, for those who would rather ask than be told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ninja import Query, Router
from pydantic import Field

from loanops.platform.web.clock import now
from loanops.platform.webhooks import permissions, queries
from loanops.surfaces.api.cursors import cursor_at, whole_place_of
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.shapes import Wanted, many, published, shape, shown

router = Router(tags=["events"])

Event = published(queries.EventCard)
# What commits within this time of its moment can no longer come before what was read.
SETTLED = timedelta(seconds=2)


class EventsWanted(Wanted):
    """Which events."""

    type: str = Field(default="*", pattern=r"^(\*|[a-z_]{1,40}\.(\*|[a-z_]{1,40}))$")


EventPage = shape(
    "EventPage",
    "A page of the feed. Keep the cursor when `more` is false: the next events follow it.",
    items=many(Event),
    next_cursor=str,
    more=bool,
)


@router.get("", response=EventPage, auth=Key(permissions.EVENTS))
def list_events(request: Asked, wanted: Query[EventsWanted]) -> dict[str, Any]:
    """Announced events in order, each as far as the key may see it."""
    after = whole_place_of(wanted.cursor, of="events")
    cards, after, more = queries.list_events(
        viewer=actor_of(request),
        partner=request.auth.partner,
        after=after,
        until=now() - SETTLED,
        names=(wanted.type,),
        limit=wanted.limit,
    )
    return {
        "items": [shown(card, "") for card in cards],
        "next_cursor": cursor_at(after, of="events"),
        "more": more,
    }
