"""Reading fields of a request: present, of the right kind, of a sane length; or Malformed."""

import json
import re
from collections.abc import Mapping
from typing import Any

from loanops_sandbox.amounts import Malformed

_SERIAL = re.compile(r"[A-Za-z0-9_-]{6,64}")
_RATE = re.compile(r"[0-9]\.[0-9]{1,8}")


def body_of(raw: bytes) -> dict[str, Any]:
    """The JSON object of a request."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as wrong:
        raise Malformed("body", "not JSON") from wrong
    if not isinstance(found, dict):
        raise Malformed("body", "not a JSON object")
    return found


def text(content: Mapping[str, Any], name: str, most: int = 200) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not value or len(value) > most:
        raise Malformed(name, f"a text of 1 to {most} characters is needed")
    return value


def optional_text(content: Mapping[str, Any], name: str, most: int = 200) -> str:
    return text(content, name, most) if content.get(name) not in (None, "") else ""


def serial(content: Mapping[str, Any], name: str = "serial") -> str:
    value = content.get(name)
    if not isinstance(value, str) or not _SERIAL.fullmatch(value):
        raise Malformed(name, "6 to 64 letters, digits, - or _ are needed")
    return value


def count(content: Mapping[str, Any], name: str, most: int) -> int:
    value = content.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise Malformed(name, f"a whole number from 1 to {most} is needed")
    return value


def rate(content: Mapping[str, Any], name: str) -> float:
    """A yearly rate such as "0.1800"; a float is enough, the bank's policy only compares it."""
    value = content.get(name)
    if not isinstance(value, str) or not _RATE.fullmatch(value):
        raise Malformed(name, 'a rate is a string such as "0.1800" for 18 % a year')
    return float(value)


def part(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = content.get(name, {})
    if not isinstance(value, dict):
        raise Malformed(name, "a JSON object is needed")
    return value
