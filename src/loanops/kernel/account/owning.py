"""Owning: what of a loan each of its owners has received and is still owed, to the minor unit.

Principal, interest and penalty are those of who owns the claim: the lenders together by their
portions, or whoever paid for it since. A fee is that of who charges it, whoever owns the claim;
fees that the lenders charge, and those that nobody planned, go with the claim.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from loanops.kernel.account.state import NO_PARTS, AccountState, Instalment
from loanops.kernel.allocation import Component, Parts
from loanops.kernel.guarantee import GuaranteeBase
from loanops.kernel.sharing import Sharing, share

_FIRST: Final = ""
"""How the account names who owned the claim at the start."""


@dataclass(frozen=True, slots=True)
class Owned:
    """What one owner received in money so far, and what is unpaid of what is theirs.

    ``accrued_minor`` is what the running period has earned them so far: a part of ``open``.
    """

    received: Parts = NO_PARTS
    open: Parts = NO_PARTS
    accrued_minor: int = 0


def owned(
    account: AccountState, sharing: Sharing, *, lender: str, payees: Mapping[str, str]
) -> dict[str, Owned]:
    """What belongs to each owner; everything together is what the account received, owes, accrued.

    ``lender`` owns the claim at the start where no sharing says otherwise. ``payees`` names the
    owner of fees by their charging party; fees of other parties go with the claim.
    """
    received, open_ = _claims(account)
    own = _fees(account, payees, received, open_)
    shared: dict[str, Owned] = {}
    for claim in sorted({*received, *open_}):
        got, left = received.get(claim, NO_PARTS), open_.get(claim, NO_PARTS)
        if claim == _FIRST and sharing:
            had, whole = sharing.split_parts(got), sharing.split_parts(got + left)
            parts = {name: Owned(had[name], whole[name] - had[name]) for name in sharing.owners}
        else:
            parts = {claim or lender: Owned(got, left)}
        _add(shared, parts.items())
    _add(shared, own)
    _add(shared, _accrued(account, sharing, lender))
    return shared


def compensable(
    account: AccountState,
    sharing: Sharing,
    *,
    lender: str,
    payees: Mapping[str, str],
    guarantor: str,
    base: GuaranteeBase,
    number: int | None = None,
) -> dict[str, Parts]:
    """What a guarantor pays for a claim on the account's day, by who is paid.

    The claim is that on an instalment, or with no ``number`` on all that is not the guarantor's
    yet. Principal is paid for whether or not it is due, everything else as far as it is owed by
    the day, interest of the running period up to it. Of fees only those of the lenders are.

    ``lender`` and ``payees`` are as for :func:`owned`.
    """
    received, _ = _claims(account)
    _fees(account, payees, received, {})
    paid_for: dict[str, Parts] = {}
    for item in account.instalments:
        if number in {None, item.number} and item.owner != guarantor:
            parts = _owed(account, item, payees)
            paid = Parts()
            for component in base.components:
                paid = paid.plus(component, parts.of(component))
            paid_for[item.owner] = paid_for.get(item.owner, NO_PARTS) + paid
    found: dict[str, Parts] = {}
    for claim, parts in paid_for.items():
        shares = {claim or lender: parts}
        if claim == _FIRST and sharing:
            got = received.get(claim, NO_PARTS)
            had, whole = sharing.split_parts(got), sharing.split_parts(got + parts)
            shares = {owner: whole[owner] - had[owner] for owner in sharing.owners}
        for owner, each in shares.items():
            found[owner] = found.get(owner, NO_PARTS) + each
    return {owner: parts for owner, parts in found.items() if parts.total_minor}


def _owed(account: AccountState, item: Instalment, payees: Mapping[str, str]) -> Parts:
    """What the owner of the claim on an instalment is owed by the day, and all its principal."""
    claim = _without_kept(item)[-1][1]
    if item.due_date > account.on:
        is_running = item.start_date <= account.on
        earned_minor = account.accrued_interest_minor if is_running else 0
        unpaid_minor = max(0, earned_minor - item.paid.interest_minor)
        return Parts(
            principal_minor=claim.principal_minor,
            interest_minor=min(unpaid_minor, claim.interest_minor),
            penalty_minor=claim.penalty_minor,
        )
    paid_minor = sum(minor for _, place, minor in account.received_fees if place == item.number)
    before_minor = paid_minor + item.open.fee_minor - claim.fee_minor
    fees = _grown(item, payees, before_minor, claim.fee_minor)
    own_minor = sum(minor for payee, minor in fees if payee is None)
    return claim.plus(Component.FEE, own_minor - claim.fee_minor)


def _accrued(account: AccountState, sharing: Sharing, lender: str) -> list[tuple[str, Owned]]:
    """The interest of the running period, which is earned by who owns the claim on it."""
    left_minor, earned = account.accrued_interest_minor, list[tuple[str, int]]()
    running = (i for i in account.instalments if i.start_date <= account.on < i.due_date)
    item = next(running, None)
    for component, claim, kept_minor in item.kept if item else ():
        if component is Component.INTEREST:
            earned.append((claim, min(kept_minor, left_minor)))
            left_minor -= earned[-1][1]
    earned.append((item.owner if item else _FIRST, left_minor))
    return [
        (owner, Owned(accrued_minor=minor))
        for claim, accrued_minor in earned
        if accrued_minor
        for owner, minor in _by_lender(sharing, lender, claim, accrued_minor).items()
    ]


def _by_lender(sharing: Sharing, lender: str, claim: str, interest_minor: int) -> Mapping[str, int]:
    """Interest by the lenders where the claim is whose it was at the start, else of its owner."""
    if claim == _FIRST and sharing:
        return sharing.split(Component.INTEREST, interest_minor)
    return {claim or lender: interest_minor}


def _add(shared: dict[str, Owned], more: Iterable[tuple[str, Owned]]) -> None:
    for owner, each in more:
        before = shared.get(owner, Owned())
        shared[owner] = Owned(
            before.received + each.received,
            before.open + each.open,
            before.accrued_minor + each.accrued_minor,
        )


def _claims(account: AccountState) -> tuple[dict[str, Parts], dict[str, Parts]]:
    """What was received and is open by owner of the claim, without fees."""
    received = {owner: _without_fee(parts) for owner, parts in account.received}
    open_: dict[str, Parts] = {}
    for item in account.instalments:
        for owner, parts in _without_kept(item):
            open_[owner] = open_.get(owner, NO_PARTS) + _without_fee(parts)
    return received, open_


def _without_kept(item: Instalment) -> list[tuple[str, Parts]]:
    """What is open of an instalment by claim: what others kept, and what its owner has."""
    left, found = item.open, list[tuple[str, Parts]]()
    for component, owner, kept_minor in item.kept:
        found.append((owner, Parts().plus(component, kept_minor)))
        left -= found[-1][1]
    return [*found, (item.owner, left)]


def _without_fee(parts: Parts) -> Parts:
    return parts.plus(Component.FEE, -parts.fee_minor)


def _fees(
    account: AccountState,
    payees: Mapping[str, str],
    received: dict[str, Parts],
    open_: dict[str, Parts],
) -> list[tuple[str, Owned]]:
    """The fees of payees; those that go with the claim are added to what it received and owes."""
    paid: dict[int, list[tuple[str, int]]] = {}
    for claim, number, amount_minor in account.received_fees:
        paid.setdefault(number, []).append((claim, amount_minor))
    own: list[tuple[str, Owned]] = []
    for item in account.instalments:
        so_far_minor = 0
        for claim, amount_minor in paid.get(item.number, ()):
            for payee, minor in _grown(item, payees, so_far_minor, amount_minor):
                if payee is None:
                    kept = received.get(claim, NO_PARTS)
                    received[claim] = kept.plus(Component.FEE, minor)
                else:
                    own.append((payee, Owned(received=Parts(fee_minor=minor))))
            so_far_minor += amount_minor
        for claim, parts in _without_kept(item):
            for payee, minor in _grown(item, payees, so_far_minor, parts.fee_minor):
                if payee is None:
                    kept = open_.get(claim, NO_PARTS)
                    open_[claim] = kept.plus(Component.FEE, minor)
                else:
                    own.append((payee, Owned(open=Parts(fee_minor=minor))))
            so_far_minor += parts.fee_minor
    return own


def _grown(
    item: Instalment, payees: Mapping[str, str], before_minor: int, more_minor: int
) -> list[tuple[str | None, int]]:
    """Whose fees grow by how much when so much more of an instalment's fees is paid."""
    if not more_minor:
        return []
    after = _shared(item, payees, before_minor + more_minor)
    before = _shared(item, payees, before_minor)
    return [(payee, minor - before[payee]) for payee, minor in after.items()]


def _shared(
    item: Instalment, payees: Mapping[str, str], amount_minor: int
) -> dict[str | None, int]:
    """Fees of an instalment by payee, nobody's for the claim: planned ones before any other.

    Then those for being late, in the order in which they were charged: what was paid before one
    was charged stays with who has it.
    """
    weights: dict[str | None, int] = {}
    for party, minor in item.fees:
        payee = payees.get(party)
        weights[payee] = weights.get(payee, 0) + minor
    planned_minor = min(amount_minor, sum(weights.values()))
    shared: dict[str | None, int] = dict.fromkeys((*weights, None), 0)
    if planned_minor:
        names = sorted(weights, key=lambda name: (name is None, name or ""))
        amounts = share(planned_minor, [weights[name] for name in names])
        shared |= dict(zip(names, amounts, strict=True))
    left_minor = amount_minor - planned_minor
    for party, minor in item.late_fees:
        payee, taken_minor = payees.get(party), min(left_minor, minor)
        shared[payee] = shared.get(payee, 0) + taken_minor
        left_minor -= taken_minor
    shared[None] += left_minor
    return shared
