"""The way in: a one-time code to a mobile, and a session for whoever has it.

Nothing that is answered here depends on whether the mobile is known.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hmac import compare_digest

from django.db import IntegrityError
from django.db.models import F

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound, Refusal
from loanops.platform import vault
from loanops.platform.books import queries as books
from loanops.platform.db import new_number
from loanops.platform.parameters.queries import value_on
from loanops.platform.work import Work, unit_of_work
from loanops.registry.borrowers import permissions, queries
from loanops.registry.borrowers.domain import rules
from loanops.registry.borrowers.domain.refusals import CodeOver, CodesTooMany, CodeWrong
from loanops.registry.borrowers.models import Account, Code, Draft, Session
from loanops.registry.contacts import operations as contacts
from loanops.registry.contacts import permissions as contact_grants
from loanops.registry.parties import queries as parties


@dataclass(frozen=True)
class Challenge:
    """What the asking browser keeps: without it a code opens nothing."""

    token: str
    mobile_masked: str
    expires_at: datetime
    pause_seconds: int


def send_code(
    *, book: str, mobile: str, language: str, address: str, actor: Actor, at: datetime
) -> Challenge:
    """Send a one-time code to a mobile; the same whether anybody is known by it.

    :raises NotPermitted: the actor may not enter.
    :raises NotFound: there is no such book in the actor's scope.
    :raises MobileWrong: no such mobile can exist in the book's country.
    :raises CodesTooMany: the mobile or the network address asked too often.
    """
    require(actor, permissions.ENTER)
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    card = books.get_book(book)
    to = parties.read_mobile(mobile, book=card)
    on = card.business_date
    bounds = rules.Bounds(
        pause_seconds=value_on("borrowers.code_pause_seconds", on),
        per_mobile_hour=value_on("borrowers.codes_per_mobile_hour", on),
        per_address_hour=value_on("borrowers.codes_per_address_hour", on),
    )
    minutes = value_on("borrowers.code_valid_minutes", on)
    challenge, code = secrets.token_urlsafe(24), f"{secrets.randbelow(10**6):06d}"
    try:
        with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
            row = _code(work, to=to, language=language, address=address, bounds=bounds)
            row.challenge_hash = _challenge_hash(challenge)
            row.code_hash = _code_hash(challenge, code)
            row.expires_at = at + timedelta(minutes=minutes)
            row.save()
            message = contacts.send(
                book=book,
                template="sign_in_code",
                language=language,
                to=to,
                values={
                    "sender": card.legal_entity,
                    "code": code,
                    "minutes": str(minutes),
                },
                subject="",
                expires_at=row.expires_at,
                actor=replace(actor, grants=actor.grants | {contact_grants.SEND}),
                at=at,
            )

            work.record("borrowers.code_asked", subject=message.number)
    except IntegrityError:
        # Somebody asked for the same mobile at the same moment and was first.
        raise CodesTooMany(field="mobile", seconds=bounds.pause_seconds) from None
    return Challenge(challenge, vault.mask("mobile", to), row.expires_at, bounds.pause_seconds)


def _code(work: Work, *, to: str, language: str, address: str, bounds: rules.Bounds) -> Code:
    """A row for a code, where the mobile and the address may be sent one now."""
    since = work.at - rules.HOUR
    mobile_index, address_index = (
        vault.blind_index("mobile", to),
        vault.blind_index("network_address", address),
    )
    to_mobile = Code.objects.filter(mobile_index=mobile_index, sent_at__gt=since)
    from_address = Code.objects.filter(address_index=address_index, sent_at__gt=since)
    seconds = rules.wait_seconds(
        bounds,
        to_mobile=list(to_mobile.order_by("sent_at").values_list("sent_at", flat=True)),
        from_address=from_address.count(),
        at=work.at,
    )
    if seconds:
        raise CodesTooMany(field="mobile", seconds=seconds)
    return Code(
        book_id=work.book,
        mobile_index=mobile_index,
        mobile_sealed=vault.seal("mobile", to),
        address_index=address_index,
        language=language,
        slot=rules.slot_of(work.at, bounds.pause_seconds),
        sent_at=work.at,
    )


def _challenge_hash(challenge: str) -> str:
    return vault.blind_index("borrower:challenge", challenge)


def _code_hash(challenge: str, code: str) -> str:
    return vault.blind_index("borrower:code", f"{challenge}:{code}")


def sign_in(
    *, book: str, challenge: str, code: str, device: str, actor: Actor, at: datetime
) -> str:
    """Open a session for whoever has the code of this challenge; its token is shown once.

    The first time opens the account. A wrong try counts even though it is refused.

    :raises NotPermitted: the actor may not enter.
    :raises CodeWrong: it is another code.
    :raises CodeOver: it was used, is too old, was tried too often, or never was.
    """
    require(actor, permissions.ENTER)
    on = books.business_date(book)
    tries_max = value_on("borrowers.code_tries", on)
    refusal: Refusal | None = None
    token = secrets.token_urlsafe(32)
    with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        live = Code.objects.filter(
            book_id=book,
            challenge_hash=_challenge_hash(challenge),
            used_at__isnull=True,
            expires_at__gt=at,
            tries__lt=tries_max,
        )
        # Counted before it is compared: tries at the same moment are as many tries.
        if not live.update(tries=F("tries") + 1):
            work.unchanged()
            refusal = CodeOver(field="code")
        else:
            row = Code.objects.get(challenge_hash=_challenge_hash(challenge))
            refusal = _judge(work, row, _code_hash(challenge, code), tries_max)
            if refusal is None:
                _open(work, row, token=token, device=device)
    if refusal is not None:
        raise refusal
    return token


def _judge(work: Work, row: Code, given: str, tries_max: int) -> Refusal | None:
    """Why a try is none; the right one uses the code up, once."""
    subject = f"code:{row.challenge_hash[:12]}"
    if not compare_digest(row.code_hash, given):
        work.record("borrowers.code_wrong", subject=subject, tries=row.tries)
        left = tries_max - row.tries
        return CodeWrong(field="code", left=left) if left > 0 else CodeOver(field="code")
    if not Code.objects.filter(pk=row.pk, used_at__isnull=True).update(
        used_at=work.at, mobile_sealed=""
    ):
        work.unchanged()
        return CodeOver(field="code")
    return None


def _open(work: Work, code: Code, *, token: str, device: str) -> None:
    account, made = Account.objects.get_or_create(
        book_id=code.book_id,
        mobile_index=code.mobile_index,
        defaults={
            "number": new_number("BA", work.at),
            "mobile_sealed": code.mobile_sealed,
            "language": code.language,
            "opened_at": work.at,
        },
    )
    if made:
        work.record("borrowers.opened", subject=account.number)
    alone = rules.proves_alone(
        account.signed_in_at,
        at=work.at,
        within_days=value_on("borrowers.prove_again_days", work.on),
    )
    if not alone:
        # Whose mobile this was before typed it, perhaps.
        Draft.objects.filter(account=account).delete()
    Account.objects.filter(pk=account.pk).update(signed_in_at=work.at, language=code.language)
    hours = value_on("borrowers.session_hours", work.on)
    Session.objects.create(
        number=new_number("BS", work.at),
        token_hash=queries.token_hash(token),
        account=account,
        device=device[:160],
        is_proven=alone or account.party_id is None,
        started_at=work.at,
        expires_at=work.at + timedelta(hours=hours),
    )

    work.record("borrowers.signed_in", subject=account.number)
