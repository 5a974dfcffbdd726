"""Level: the annuity formula for periods of any length."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Final

_WORKING_DIGITS: Final = 70
_KEPT_DIGITS: Final = 45
"""A level that is a whole number stays one: the digits dropped carry the noise of division."""


def annuity(balance_minor: int, factors: Sequence[Fraction]) -> Decimal:
    """The level total that repays a balance over periods with these factors, unrounded.

    Balance times the product of (1 + f), over F, where F = 1 and then F = 1 + F (1 + f) for every
    later period: the annuity formula for periods of unequal length.
    """
    with localcontext(prec=_WORKING_DIGITS):
        if not any(factors):
            return Decimal(balance_minor) / len(factors)
        alike = {id(f): 1 + Decimal(f.numerator) / Decimal(f.denominator) for f in factors}
        growth = [alike[id(f)] for f in factors]
        product, annuities = growth[0], Decimal(1)
        for growth_of_period in growth[1:]:
            product *= growth_of_period
            annuities = 1 + annuities * growth_of_period
        exact = balance_minor * product / annuities
    with localcontext(prec=_KEPT_DIGITS):
        return +exact
