"""Sharing: what a co-lent loan (联合贷款) earns and owes to each of its owners.

An amount is shared by what it has added up to, never by what was added last. So replaying a loan,
undoing an event or paying in two parts ends at the same shares, and the shares always add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from loanops.kernel import wire
from loanops.kernel.allocation import Component, Parts
from loanops.kernel.money import Rounding, round_ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """Which share of something an owner has: ``share`` is a fraction, 0.8 is 80 %."""

    owner: str
    share: Decimal

    def __post_init__(self) -> None:
        """Hold that somebody has a share of it; :raises BadField:."""
        if not self.owner:
            raise wire.bad("owner", "must be given")
        if not 0 < self.share <= 1:
            raise wire.bad("share", "must be a fraction above 0, at most 1 (0.8 is 80 %)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Who owns principal, interest and penalty, by portions that add up to the whole.

    The first of ``principal`` leads: whole minor units that portions leave are the lead's.
    ``interest`` left empty is shared as principal is, ``penalty`` as interest. Fees belong to who
    charges them; those that the lenders charge are shared as interest. Nothing given at all says
    that there is one lender.
    """

    principal: tuple[Portion, ...] = ()
    interest: tuple[Portion, ...] = ()
    penalty: tuple[Portion, ...] = ()

    def __post_init__(self) -> None:
        """Hold that every kind of money is owned exactly once; :raises BadField:."""
        owners = {portion.owner for portion in self.principal}
        for name in ("principal", "interest", "penalty"):
            portions: tuple[Portion, ...] = getattr(self, name)
            if portions and sum(portion.share for portion in portions) != 1:
                raise wire.bad(name, "must have shares that add up to 1")
            named = [portion.owner for portion in portions]
            if len(set(named)) != len(named) or not set(named) <= owners:
                raise wire.bad(name, "must name each owner once, of those that fund principal")

    def __bool__(self) -> bool:
        """Whether there is more than the one lender."""
        return bool(self.principal)

    @property
    def lead(self) -> str:
        """Who leads; empty where there is one lender."""
        return self.principal[0].owner if self.principal else ""

    @property
    def owners(self) -> tuple[str, ...]:
        """Who lends together, the lead first."""
        return tuple(portion.owner for portion in self.principal)

    def of(self, component: Component) -> tuple[Portion, ...]:
        """The portions of one component."""
        interest = self.interest or self.principal
        return {
            Component.PRINCIPAL: self.principal,
            Component.PENALTY: self.penalty or interest,
        }.get(component, interest)

    def split(self, component: Component, amount_minor: int) -> dict[str, int]:
        """An amount of one component by owner, the lead among them."""
        portions = sorted(self.of(component), key=lambda portion: portion.owner == self.lead)
        amounts = share(amount_minor, [Fraction(portion.share) for portion in portions])
        return {p.owner: amount for p, amount in zip(portions, amounts, strict=True)}

    def split_parts(self, parts: Parts) -> dict[str, Parts]:
        """Parts by owner, component by component."""
        shared = dict.fromkeys(self.owners, Parts())
        for component in Component:
            for owner, amount_minor in self.split(component, parts.of(component)).items():
                shared[owner] = shared[owner].plus(component, amount_minor)
        return shared


ONE_LENDER = Sharing()


def share(amount_minor: int, weights: Sequence[int | Fraction]) -> list[int]:
    """Share an amount by weights so that the shares add up to it, and grow as it grows.

    Each takes its part of what those before it left, rounded half up; the last takes the residue.
    One minor unit more therefore makes exactly one share larger and none smaller, which sharing by
    largest remainders does not hold for three owners or more (the Alabama paradox). Each rounding
    moves a share by half a minor unit at most. A negative amount is shared like its opposite.

    :raises ValueError: no weight is above zero, or one is below.
    """
    left_weight = Fraction(sum(weights))
    if left_weight <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("weights must be zero or more and not all zero")
    sign, left_minor = (-1 if amount_minor < 0 else 1), abs(amount_minor)
    shares = []
    for weight in weights:
        taken = left_minor
        if weight != left_weight:
            part = left_minor * Fraction(weight) / left_weight if left_weight else Fraction(0)
            taken = round_ratio(part.numerator, part.denominator, Rounding.HALF_UP)
        shares.append(sign * taken)
        left_minor -= taken
        left_weight -= weight
    return shares
