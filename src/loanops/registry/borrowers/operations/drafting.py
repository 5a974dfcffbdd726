"""What is typed step by step, kept sealed, and gone on with on any device of the account."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError

from loanops.kernel.access import Actor
from loanops.kernel.refusals import BadField, ChangedMeanwhile
from loanops.platform import vault
from loanops.platform.books import queries as books
from loanops.platform.work import unit_of_work
from loanops.registry.borrowers.models import Draft
from loanops.registry.borrowers.queries import DraftCard, draft_card, find_account

_CHARACTERS_MAX: Final = 20_000


def keep_draft(
    *,
    account: str,
    content: Mapping[str, Any],
    step: str,
    channel: str,
    version: int | None,
    actor: Actor,
    at: datetime,
) -> DraftCard:
    """Keep what was typed so far; ``version`` is what was seen, None begins.

    The channel is that of the beginning and stays.

    :raises NotPermitted: the actor owns no account.
    :raises NotFound: the account is not the actor's.
    :raises BadField: it is far more than an application.
    :raises ChangedMeanwhile: another device has kept something since.
    """
    owner = find_account(account, actor)
    text = json.dumps(dict(content), ensure_ascii=False, sort_keys=True)
    if len(text) > _CHARACTERS_MAX:
        raise BadField(field="content", problem="this is too long; shorten it")
    on = books.business_date(owner.book_id)
    sealed = vault.seal("draft", text)
    try:
        with unit_of_work(actor=actor, at=at, book=owner.book_id, on=on) as work:
            if version is None:
                Draft.objects.create(
                    account=owner,
                    content_sealed=sealed,
                    step=step,
                    channel=channel,
                    begun_at=at,
                    kept_at=at,
                )
            elif not Draft.objects.filter(account=owner, version=version).update(
                content_sealed=sealed, step=step, version=version + 1, kept_at=at
            ):
                raise ChangedMeanwhile(number=account)

            work.record("borrowers.draft_kept", subject=account, step=step)
    except IntegrityError:
        raise ChangedMeanwhile(number=account) from None
    return draft_card(Draft.objects.get(account=owner), account)


def drop_draft(*, account: str, actor: Actor, at: datetime) -> None:
    """Remove what was typed: it was sent, or is not wanted any more.

    :raises NotPermitted: the actor owns no account.
    :raises NotFound: the account is not the actor's.
    """
    owner = find_account(account, actor)
    on = books.business_date(owner.book_id)
    with unit_of_work(actor=actor, at=at, book=owner.book_id, on=on) as work:
        if Draft.objects.filter(account=owner).delete()[0]:
            work.record("borrowers.draft_dropped", subject=account)
        else:
            work.unchanged()
