"""What ending a loan early would save, said before it is signed: by the offer's own terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from loanops.kernel.account import AccountState, Disbursed, Event, Repaid, SettledEarly, state
from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import Terms
from loanops.origination.contracts.queries.cards import OfferCard

_KEY: Final = "early"
_PARTS: Final = 4


@dataclass(frozen=True)
class EarlySaving:
    """After so many instalments as planned: what ends the loan, and what that saves in all."""

    after: int
    on: date
    payoff_minor: int
    saving_minor: int


def early_savings(offer: OfferCard) -> tuple[EarlySaving, ...]:
    """What it saves to end the loan after a quarter, a half and three quarters of it.

    Nothing where terms leave it open, as a rate that follows an index does, or where the loan is
    one of few instalments.
    """
    count = len(offer.schedule)
    if count < _PARTS or offer.terms.get("floating"):
        return ()
    places = dict.fromkeys(count * part // _PARTS for part in range(1, _PARTS))
    found = (_saving(offer, place) for place in places)
    return tuple(each for each in found if each is not None)


def _saving(offer: OfferCard, place: int) -> EarlySaving | None:
    terms = Terms.from_dict(offer.terms)
    paid: list[Event] = [
        Disbursed(key="paid out", on=terms.start_date, amount_minor=terms.principal_minor),
        *(
            Repaid(key=f"{_KEY}-{row.number}", on=row.due_date, amount_minor=row.total_minor)
            for row in offer.schedule[:place]
        ),
    ]
    on = offer.schedule[place - 1].due_date
    try:
        before = state(terms, paid, on)
        # The least money that a payment can be; what is left after it is the rest of what it takes.
        least = _with(terms, paid, on, 1)
        payoff_minor = 1 + (least.due - least.paid).total_minor
        after = _with(terms, paid, on, payoff_minor)
    except Refusal:
        return None
    return EarlySaving(place, on, payoff_minor, _price_minor(before) - _price_minor(after))


def _with(terms: Terms, paid: Sequence[Event], on: date, amount_minor: int) -> AccountState:
    ending = SettledEarly(key=_KEY, on=on, amount_minor=amount_minor)
    return state(terms, [*paid, ending], on)


def _price_minor(account: AccountState) -> int:
    """Everything that is paid beside principal over the life of the loan."""
    return account.due.total_minor - account.due.principal_minor
