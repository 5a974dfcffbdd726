"""Money and dates on the wire: decimal strings with two places, ISO dates, integer minor units."""

import re
from datetime import date

_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,12})\.([0-9]{2})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Malformed(Exception):
    """A field of a request cannot be read; says which and why, without its content."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field


def minor_of(value: object, field: str) -> int:
    """Minor units of a wire amount such as "1234.50"."""
    found = _AMOUNT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise Malformed(field, 'an amount is a string with two decimals, such as "1234.50"')
    return int(found[1]) * 100 + int(found[2])


def amount_of(minor: int) -> str:
    """The wire form of minor units that are not negative."""
    whole, cents = divmod(minor, 100)
    return f"{whole}.{cents:02d}"


def date_of(value: object, field: str) -> date:
    """A calendar date of the wire."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise Malformed(field, "a date is written YYYY-MM-DD")
