"""The borrower in clear, where a contract needs it: its digest, and its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from loanops.kernel.access import Actor
from loanops.platform import vault
from loanops.platform.work import Work
from loanops.registry.parties import operations as parties
from loanops.registry.parties import permissions
from loanops.registry.parties.operations import Particulars

# A contract is performed with the person's own name: no separate consent is asked for it.
_ACT = "contract"


def borrowers(work: Work, numbers: Sequence[str]) -> dict[str, Particulars]:
    """The borrowers of contracts in clear; the giving is recorded."""
    wanted = sorted({number for number in numbers if number})
    if not wanted:
        return {}
    return parties.disclose_many(
        numbers=wanted,
        recipient=_ACT,
        act=_ACT,
        book=work.book,
        actor=_disclosing(work.actor),
        at=work.at,
    )


def borrower_digests(work: Work, numbers: Sequence[str]) -> dict[str, str]:
    """The keyed digest of each borrower's name and identity number."""
    return {number: digest_of(person) for number, person in borrowers(work, numbers).items()}


def digest_of(person: Particulars) -> str:
    """A keyed digest of name and identity number: says whether they changed, and nothing else."""
    return vault.blind_index("contract", f"{person.name}\x1f{person.id_number}")


def _disclosing(actor: Actor) -> Actor:
    """The actor for the one order that gives a borrower's particulars to their own contract."""
    return replace(actor, grants=actor.grants | {permissions.DISCLOSE})
