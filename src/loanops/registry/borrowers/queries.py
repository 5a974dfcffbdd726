"""Questions to borrowers' accounts: who a session is, and what its owner typed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from loanops.kernel.access import Actor, Scopes, Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.platform import vault
from loanops.platform.identity.roles import grants_of
from loanops.registry.borrowers import permissions
from loanops.registry.borrowers.models import Account, Draft, Session
from loanops.registry.parties import queries as parties

ROLE = "borrower"


@dataclass(frozen=True)
class Borrower:
    """Who is signed in. ``party`` is the own person, once proven on this device.

    ``must_prove`` says that the account has a person and this device has not proven to be that.
    """

    account: str
    session: str
    book: str
    mobile_masked: str
    language: str
    party: str | None
    must_prove: bool
    actor: Actor


@dataclass(frozen=True)
class DraftCard:
    """What was typed of an application, by its owner alone; ``step`` is where to go on."""

    account: str
    content: dict[str, Any]
    step: str
    channel: str
    version: int
    begun_at: datetime
    kept_at: datetime


@dataclass(frozen=True)
class SessionCard:
    """One device that is signed in."""

    number: str
    device: str
    started_at: datetime
    expires_at: datetime


def visitor(*, book: str) -> Actor:
    """Somebody at the door, who is nobody yet."""
    scopes = Scopes(books=frozenset({book}), parties=frozenset())
    return Actor("visitor", frozenset({permissions.ENTER}), scopes)


def token_hash(token: str) -> str:
    """How the token of a session is kept."""
    return vault.blind_index("borrower:session", token)


def find_borrower(token: str, *, at: datetime) -> Borrower | None:
    """Who a session's token is at a moment; nobody where it has ended or never was.

    A person whose mobile is another one by now is not theirs any more who hold the old one.
    """
    return _borrower(Session.objects.filter(token_hash=token_hash(token)), at)


def find_borrower_of(session: str, *, at: datetime) -> Borrower | None:
    """The same by the session's number, after something about it has changed."""
    return _borrower(Session.objects.filter(number=session), at)


def _borrower(rows: QuerySet[Session], at: datetime) -> Borrower | None:
    live = rows.filter(ended_at__isnull=True, expires_at__gt=at)
    row = live.select_related("account").first()
    if row is None:
        return None
    account = row.account
    party = account.party_id
    if party is not None and not parties.has_mobile(party, mobile_index=account.mobile_index):
        party = None
    own = party if row.is_proven else None
    seen = frozenset({account.number} if own is None else {account.number, own})
    return Borrower(
        account=account.number,
        session=row.number,
        book=account.book_id,
        mobile_masked=vault.mask("mobile", vault.unseal(account.mobile_sealed)),
        language=account.language,
        party=own,
        must_prove=party is not None and own is None,
        actor=Actor(
            person=f"{ROLE}:{account.number}",
            grants=grants_of(ROLE),
            scopes=Scopes(books=frozenset({account.book_id}), parties=seen),
        ),
    )


def find_account(number: str, viewer: Viewer) -> Account:
    """The row behind an account's number for its owner, for the room's own use.

    :raises NotPermitted: the viewer owns no account.
    :raises NotFound: there is none that is the viewer's.
    """
    require(viewer, permissions.OWN)
    row = Account.objects.filter(number=number).first() if number.isprintable() else None
    if row is None or not viewer.sees_party(number):
        raise NotFound(kind="account", number=number)
    return row


def get_mobile(account: str, *, viewer: Viewer) -> str:
    """The mobile of an account in clear (E.164), for its owner.

    :raises NotPermitted: the viewer owns no account.
    :raises NotFound: there is none that is the viewer's.
    """
    return vault.unseal(find_account(account, viewer).mobile_sealed)


def find_draft(account: str, *, viewer: Viewer) -> DraftCard | None:
    """What the owner of an account typed and did not send yet.

    :raises NotPermitted: the viewer owns no account.
    :raises NotFound: there is none that is the viewer's.
    """
    owner = find_account(account, viewer)
    row = Draft.objects.filter(account=owner).first()
    return None if row is None else draft_card(row, account)


def draft_card(row: Draft, account: str) -> DraftCard:
    """A row as a card."""
    return DraftCard(
        account=account,
        content=json.loads(vault.unseal(row.content_sealed)),
        step=row.step,
        channel=row.channel,
        version=row.version,
        begun_at=row.begun_at,
        kept_at=row.kept_at,
    )


def list_sessions(account: str, *, at: datetime, viewer: Viewer) -> list[SessionCard]:
    """The devices on which an account is signed in, the newest first.

    :raises NotPermitted: the viewer owns no account.
    :raises NotFound: there is none that is the viewer's.
    """
    owner = find_account(account, viewer)
    rows = Session.objects.filter(account=owner, ended_at__isnull=True, expires_at__gt=at)
    return [
        SessionCard(row.number, row.device, row.started_at, row.expires_at)
        for row in rows.order_by("-id")
    ]
