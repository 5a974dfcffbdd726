"""Orders to the webhooks."""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField
from loanops.platform import vault
from loanops.platform.db import new_number
from loanops.platform.webhooks import addresses, permissions, queries
from loanops.platform.webhooks.models import Subscription
from loanops.platform.webhooks.queries import SubscriptionCard
from loanops.platform.work import unit_of_work

EVENTS_MAX = 50
SECRET_KIND = "webhook_secret"  # noqa: S105 - the name of a kind, not a secret
# Two secrets sign side by side for so long, so that a receiver changes over without a gap.
OVERLAP = timedelta(hours=24)
_PATTERN = re.compile(r"(\*|[a-z_]{1,40}\.(\*|[a-z_]{1,40}))")


@dataclass(frozen=True)
class Subscribed:
    """A subscription with its secret, which is shown this once."""

    card: SubscriptionCard
    secret: str


def _new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def subscribe(
    *, url: str, events: tuple[str, ...], partner: str, actor: Actor, at: datetime
) -> Subscribed:
    """Have the events that match ``events`` (``*`` or ``room.*`` or a name) posted to ``url``.

    The subscription sees what its maker sees: the maker's books, and of a partner the partner's.

    :raises NotPermitted: the actor may not manage subscriptions.
    :raises BadField: the address or a filter cannot be used.
    """
    require(actor, permissions.MANAGE)
    target = addresses.target_of(url)
    wanted = tuple(dict.fromkeys(events))
    if not 1 <= len(wanted) <= EVENTS_MAX or not all(map(_PATTERN.fullmatch, wanted)):
        raise BadField(
            field="events",
            problem="name 1 to 50 events, such as applications.approved, applications.* or *",
        )
    books = actor.scopes.books
    secret = _new_secret()
    with unit_of_work(actor=actor, at=at, book="", on=at.date()) as work:
        row = Subscription.objects.create(
            number=new_number("WH", at),
            owner=actor.person,
            partner=partner,
            books=None if books is None else sorted(books),
            url=url,
            events=list(wanted),
            secret=vault.seal(SECRET_KIND, secret),
            made_at=at,
        )

        work.record("webhooks.subscribed", subject=row.number, host=target.host)
    return Subscribed(queries.card_of(row), secret)


def rotate_secret(*, number: str, actor: Actor, at: datetime) -> Subscribed:
    """Give a subscription a new secret; the one before signs beside it for a day.

    :raises NotPermitted: the actor may not manage subscriptions.
    :raises NotFound: there is none that the actor may see.
    """
    require(actor, permissions.MANAGE)
    row = queries.find_row(number, actor)
    secret = _new_secret()
    with unit_of_work(actor=actor, at=at, book="", on=at.date()) as work:
        Subscription.objects.filter(pk=row.pk).update(
            secret=vault.seal(SECRET_KIND, secret),
            secret_before=row.secret,
            secret_before_until=at + OVERLAP,
        )

        work.record("webhooks.secret_rotated", subject=number)
    return Subscribed(queries.card_of(row), secret)


def disable(*, number: str, reason: str, actor: Actor, at: datetime) -> SubscriptionCard:
    """Post nothing more to a subscription, from now on; one that is disabled stays as it is.

    :raises NotPermitted: the actor may not manage subscriptions.
    :raises NotFound: there is none that the actor may see.
    """
    require(actor, permissions.MANAGE)
    row = queries.find_row(number, actor)
    with unit_of_work(actor=actor, at=at, book="", on=at.date()) as work:
        active = Subscription.objects.filter(pk=row.pk, state="active")
        if active.update(state="disabled", reason=reason[:40]):
            work.record("webhooks.disabled", subject=number, reason=reason[:40])
        else:
            work.unchanged()
    return queries.get_subscription(number, viewer=actor)
