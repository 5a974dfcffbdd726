"""Numbers by which the outside knows our rows.

Prefix + time in milliseconds + 40 random bits, in an alphabet without look-alikes: sorted by
creation, unguessable, and made without a sequence row that writers would queue for.
"""

from __future__ import annotations

import secrets
from base64 import b32encode
from datetime import UTC, datetime, timedelta

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FROM_BASE32 = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _ALPHABET.encode())
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(milliseconds=1)
_TIME_LETTERS = 9
_RANDOM_LETTERS, _RANDOM_BYTES = 8, 5


def _letters(value: int, count: int) -> str:
    letters = []
    for _ in range(count):
        value, rest = divmod(value, 32)
        letters.append(_ALPHABET[rest])
    return "".join(reversed(letters))


def new_number(prefix: str, at: datetime) -> str:
    """One new number, for example ``AP-1F3K9T2QX7M4ZC0RD``; ``at`` is its moment (UTC)."""
    return new_numbers(prefix, at, 1)[0]


def new_numbers(prefix: str, at: datetime, count: int) -> list[str]:
    """``count`` new numbers, in ascending order."""
    moment = _letters((at - _EPOCH) // _TICK, _TIME_LETTERS)
    drawn: set[str] = set()
    while len(drawn) < count:
        drawn.update(_drawn(count - len(drawn)))
    return [f"{prefix}-{moment}{letters}" for letters in sorted(drawn)]


def _drawn(count: int) -> list[str]:
    """Random letters for so many numbers, drawn at once: the system is asked a single time."""
    letters = b32encode(secrets.token_bytes(_RANDOM_BYTES * count)).translate(_FROM_BASE32).decode()
    return [
        letters[start : start + _RANDOM_LETTERS]
        for start in range(0, len(letters), _RANDOM_LETTERS)
    ]


def is_of(number: str, prefix: str, at: datetime) -> bool:
    """Whether a number, or its beginning up to its moment, is one that was made at a moment."""
    return number.startswith(f"{prefix}-{_letters((at - _EPOCH) // _TICK, _TIME_LETTERS)}")


def between(beginning: str) -> tuple[str, str]:
    """The bounds, both included, between which every number that begins so lies.

    An index is read by them in any collation: letters stand behind digits, small ones behind all.
    """
    return beginning, f"{beginning}{'z' * 32}"


HEAD_LETTERS = 1 + _TIME_LETTERS
"""Letters of a number after its prefix that two numbers made at once share: dash and moment."""
