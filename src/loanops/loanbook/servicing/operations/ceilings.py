"""Ceilings: what a guarantor pays is held under the ceiling of the agreement, and freed by undoing.

The ceiling stands in the limits. It is set to what the principal paid out makes of it when a
compensation is booked, under the lock of the limits; loan and event are the key of what is held.
"""

from __future__ import annotations

from dataclasses import replace

from loanops.kernel.access import Actor
from loanops.kernel.account import Compensated, Event, Reversed
from loanops.kernel.guarantee import CEILING
from loanops.kernel.money import spoken_amount
from loanops.loanbook.servicing.domain.compensating import Agreed, Ceiling, CeilingReached
from loanops.loanbook.servicing.operations.loading import Held, History
from loanops.loanbook.servicing.queries.guarantees import agreed_of, cap_of, used_of
from loanops.money.limits import operations as limits
from loanops.money.limits import permissions as grants
from loanops.money.limits import queries as limits_asked
from loanops.money.limits.operations import LimitBelowTaken, Wish
from loanops.platform.work import Work


def check_ceiling(event: Event, held: Held, history: History) -> None:
    """Hold that a compensation stays within what is left; nothing is written.

    :raises CeilingReached: it takes more.
    """
    price_minor = _price(event, history)
    if not price_minor:
        return
    agreed = agreed_of([held.id])[held.id]
    if (ceiling := agreed.ceiling) is not None:
        cap_minor, used_minor = cap_of(agreed, ceiling), used_of([ceiling]).get(ceiling.owner, 0)
        if used_minor + price_minor > cap_minor:
            raise _reached(ceiling, cap_minor, used_minor, price_minor, history)


def hold_ceiling(work: Work, event: Event, held: Held, history: History) -> None:
    """Take a compensation from its ceiling, or give back what one that is undone took.

    :raises CeilingReached: somebody else took it since it was looked at.
    """
    price_minor = _price(event, history)
    if isinstance(event, Reversed):
        _give_back(work, held, event.of)
    if not price_minor:
        return
    agreed = agreed_of([held.id])[held.id]
    if (ceiling := agreed.ceiling) is not None:
        _take(work, agreed, ceiling, f"{held.number}:{event.key}", price_minor, history)


def _price(event: Event, history: History) -> int:
    """What a guarantor pays by an event: a compensation, or the undoing of its undoing."""
    known = {each.key: each for each in history.events}
    target, is_forth = event, True
    while isinstance(target, Reversed):
        target, is_forth = known[target.of], not is_forth
    return target.price_minor if isinstance(target, Compensated) and is_forth else 0


def _take(
    work: Work, agreed: Agreed, ceiling: Ceiling, key: str, price_minor: int, history: History
) -> None:
    actor, cap_minor = _holding(work.actor), cap_of(agreed, ceiling)
    try:
        limits.set_quota(
            book=work.book, owner=ceiling.owner, kind=CEILING,
            period=limits_asked.Period.TOTAL.value, limit_minor=cap_minor, actor=actor, at=work.at,
        )  # fmt: skip
    except LimitBelowTaken:
        used_minor = used_of([ceiling]).get(ceiling.owner, 0)
        raise _reached(ceiling, cap_minor, used_minor, price_minor, history) from None
    short = limits.reserve_many(
        book=work.book, wishes=[Wish(key, ceiling.owner, price_minor)], on=work.on, actor=actor,
        at=work.at,
    )[key]  # fmt: skip
    if short is not None:
        used_minor = cap_minor - short.left_minor
        raise _reached(ceiling, cap_minor, used_minor, price_minor, history)
    limits.use(book=work.book, owner=ceiling.owner, key=key, on=work.on, actor=actor, at=work.at)


def _give_back(work: Work, held: Held, of: str) -> None:
    ceiling, key = agreed_of([held.id])[held.id].ceiling, f"{held.number}:{of}"
    if ceiling is not None and limits_asked.states_of(owner=ceiling.owner, keys=[key]):
        limits.give_back(
            book=work.book, owner=ceiling.owner, key=key, on=work.on,
            actor=_holding(work.actor), at=work.at,
        )  # fmt: skip


def _holding(actor: Actor) -> Actor:
    """The actor for the orders that set, reserve and use the ceiling of an agreement."""
    return replace(actor, grants=actor.grants | {grants.HOLD, grants.SET, grants.VIEW})


def _reached(
    ceiling: Ceiling, cap_minor: int, used_minor: int, price_minor: int, history: History
) -> CeilingReached:
    currency = history.terms.currency
    return CeilingReached(
        left=spoken_amount(max(0, cap_minor - used_minor), currency),
        cap=spoken_amount(cap_minor, currency),
        ceiling=ceiling.name,
        price=spoken_amount(price_minor, currency),
    )
