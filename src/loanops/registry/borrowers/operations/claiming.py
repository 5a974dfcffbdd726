"""To be somebody of the customer file: by the identity number and the mobile beside it."""

from __future__ import annotations

from datetime import datetime

from loanops.kernel.access import Actor
from loanops.kernel.refusals import Refusal
from loanops.platform.books import queries as books
from loanops.platform.parameters.queries import value_on
from loanops.platform.work import Work, unit_of_work
from loanops.registry.borrowers.domain.refusals import ClaimsTooMany, ClaimUnfit
from loanops.registry.borrowers.models import Account, Session
from loanops.registry.borrowers.queries import find_account
from loanops.registry.parties import queries as parties


def claim(*, account: str, session: str, id_number: str, actor: Actor, at: datetime) -> str | None:
    """Prove on one device who the holder of an account is; the person's number, if there is one.

    The person must be known with the account's own mobile, and stays the account's. Nobody known
    by the number is no refusal, unless the account is somebody else already.

    :raises NotPermitted: the actor owns no account.
    :raises NotFound: the account is not the actor's.
    :raises IdNumberWrong: no such identity number can exist.
    :raises ClaimUnfit: it is somebody else's, as far as can be known.
    :raises ClaimsTooMany: numbers that do not fit were tried too often today.
    """
    owner = find_account(account, actor)
    card = books.get_book(owner.book_id)
    known = parties.find_known(id_number, book=card)
    refusal: Refusal | None = None
    with unit_of_work(actor=actor, at=at, book=card.code, on=card.business_date) as work:
        row = Account.objects.select_for_update().get(pk=owner.pk)
        tried = row.claims_tried if row.claims_on == work.on else 0
        if tried >= value_on("borrowers.claims_per_day", work.on):
            work.unchanged()
            refusal = ClaimsTooMany(field="id_number")
        elif known is not None and _fits(row, known):
            _link(work, row, known.number, session)
        else:
            # Counted whether the number is known or not: who is a customer is not to be found out.
            row.claims_tried, row.claims_on = tried + 1, work.on
            row.save(update_fields=["claims_tried", "claims_on"])
            work.record("borrowers.claim_tried", subject=account)
            is_new = known is None and row.party_id is None
            refusal = None if is_new else ClaimUnfit(field="id_number")
    if refusal is not None:
        raise refusal
    return known.number if known else None


def _fits(row: Account, known: parties.Known) -> bool:
    return known.mobile_index == row.mobile_index and row.party_id in {None, known.number}


def _link(work: Work, row: Account, party: str, session: str) -> None:
    """Tie the person to the account; an account of a mobile given up loses the person by it."""
    Account.objects.filter(party_id=party).exclude(pk=row.pk).update(party_id=None)
    Account.objects.filter(pk=row.pk).update(party_id=party)
    Session.objects.filter(account=row, number=session).update(is_proven=True)

    work.record("borrowers.claimed", subject=row.number, party=party)
