"""Compare: is the answer the expectation, to the digit shown or within the tolerance?"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from typing import Any, Final

from loanops.surfaces.cli.oracles.read import Inputs

_DIGITS: Final = 80
"""More than any figure is published with."""


def differences(expected: Inputs, got: Inputs, tolerance: Decimal) -> bool:
    """Whether anything that is expected was answered otherwise, or not at all.

    A key of the expectation that the answer lacks is a difference at the top, where it names a
    result; inside rows, extra keys of the expectation are not asserted.
    """
    if any(key not in got for key in expected):
        return True
    return any(not same(expected[key], got[key], tolerance) for key in expected)


def same(expected: Any, got: Any, tolerance: Decimal) -> bool:
    """Whether one value is answered as expected."""
    if isinstance(expected, Mapping):
        return isinstance(got, Mapping) and all(
            same(value, got[key], tolerance) for key, value in expected.items() if key in got
        )
    if isinstance(expected, list):
        return (
            isinstance(got, list)
            and len(got) == len(expected)
            and all(same(e, g, tolerance) for e, g in zip(expected, got, strict=True))
        )
    wanted, found = _number(expected), _number(got)
    if wanted is None or found is None:
        return str(expected) == str(got)
    if not (wanted.is_finite() and found.is_finite()):
        return wanted.compare_total(found) == 0
    with localcontext(prec=_DIGITS):
        if tolerance:
            return abs(wanted - found) <= tolerance
        return _shown_like(wanted, found) == wanted


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _shown_like(wanted: Decimal, found: Decimal) -> Decimal:
    """The answer rounded half-up to the decimals of the expectation."""
    return found.quantize(Decimal(1).scaleb(int(wanted.as_tuple().exponent)), ROUND_HALF_UP)
