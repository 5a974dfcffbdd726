"""Orders to the vault: show one field to one person, for a purpose, with a trace."""

from __future__ import annotations

from datetime import date, datetime

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField
from loanops.platform.vault import permissions
from loanops.platform.vault.seals import unseal
from loanops.platform.work import unit_of_work

PURPOSES = (
    "identity_check",
    "customer_contact",
    "complaint",
    "legal_request",
    "data_correction",
    "borrower_paper",
)


def unmask(
    *,
    actor: Actor,
    at: datetime,
    book: str,
    on: date,
    subject: str,
    kind: str,
    token: str,
    purpose: str,
) -> str:
    """The plaintext of one sealed field; the showing is recorded before it happens.

    :raises NotPermitted: the actor may not see personal fields in clear.
    :raises BadField: the purpose is none of the known ones.
    """
    require(actor, permissions.UNMASK)
    if purpose not in PURPOSES:
        raise BadField(
            field="purpose", problem="choose one of: {choices}", choices=", ".join(PURPOSES)
        )
    with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        work.record("vault.unmasked", subject=subject, kind=kind, purpose=purpose)
    return unseal(token)
