"""The way out, and in which language an account is spoken to."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from loanops.kernel.access import Actor
from loanops.kernel.refusals import BadField
from loanops.platform.books import queries as books
from loanops.platform.work import unit_of_work
from loanops.registry.borrowers.models import Account, Session
from loanops.registry.borrowers.queries import find_account


def sign_out(*, account: str, session: str, actor: Actor, at: datetime) -> None:
    """End one session of an account.

    :raises NotPermitted: the actor owns no account.
    :raises NotFound: the account is not the actor's.
    """
    owner = find_account(account, actor)
    on = books.business_date(owner.book_id)
    with unit_of_work(actor=actor, at=at, book=owner.book_id, on=on) as work:
        running = Session.objects.filter(account=owner, number=session, ended_at__isnull=True)
        if running.update(ended_at=at):
            work.record("borrowers.signed_out", subject=account)
        else:
            work.unchanged()


def sign_out_everywhere(*, account: str, actor: Actor, at: datetime) -> int:
    """End every session of an account; how many there were.

    :raises NotPermitted: the actor owns no account.
    :raises NotFound: the account is not the actor's.
    """
    owner = find_account(account, actor)
    on = books.business_date(owner.book_id)
    with unit_of_work(actor=actor, at=at, book=owner.book_id, on=on) as work:
        running = Session.objects.filter(account=owner, ended_at__isnull=True, expires_at__gt=at)
        ended = running.update(ended_at=at)

        work.record("borrowers.signed_out_everywhere", subject=account, sessions=ended)
    return ended


def choose_language(*, account: str, language: str, actor: Actor, at: datetime) -> None:
    """Remember in which language an account is spoken to.

    :raises NotPermitted: the actor owns no account.
    :raises NotFound: the account is not the actor's.
    :raises BadField: there is no such language.
    """
    owner = find_account(account, actor)
    known = [code for code, _ in settings.LANGUAGES]
    if language not in known:
        raise BadField(
            field="language", problem="choose one of: {choices}", choices=", ".join(known)
        )
    on = books.business_date(owner.book_id)
    with unit_of_work(actor=actor, at=at, book=owner.book_id, on=on) as work:
        Account.objects.filter(pk=owner.pk).update(language=language)

        work.record("identity.language_chosen", subject=account, language=language)
