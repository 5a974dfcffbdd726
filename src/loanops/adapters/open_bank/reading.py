"""Reading believed answers: a success that lacks what success must say is no success."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from loanops.adapters.open_bank.speaking import Heard, outcome_of
from loanops.kernel.money import parse_amount
from loanops.kernel.refusals import Refusal
from loanops.origination.routing.ports import Outcome, Standing

A = TypeVar("A", bound=Outcome)
V = TypeVar("V")


class Unreadable(Exception):
    """A believed answer says success but lacks what success must say."""


def text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not value or len(value) > 500:
        raise Unreadable(name)
    return value


def minor(content: Mapping[str, Any], name: str, currency: str) -> int:
    try:
        return parse_amount(text(content, name), currency)
    except Refusal as wrong:
        raise Unreadable(name) from wrong


def parsed(content: Mapping[str, Any], name: str, parse: Callable[[str], V]) -> V:
    try:
        return parse(text(content, name))
    except (ValueError, InvalidOperation) as wrong:
        raise Unreadable(name) from wrong


def count(content: Mapping[str, Any], name: str) -> int:
    value = content.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unreadable(name)
    return value


def answer(
    kind: type[A],
    heard: Heard,
    *,
    serial: str,
    request_number: str,
    moves_money: bool = False,
    read: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None,
    always_read: bool = False,
) -> A:
    """An answer of that kind; a success that cannot be read is unknown, not a success."""
    fields = outcome_of(
        heard, serial=serial, request_number=request_number, moves_money=moves_money
    )
    wanted = fields["standing"] is Standing.SUCCESS or (
        always_read and fields["standing"] is Standing.PROCESSING
    )
    if wanted and read is not None and heard.content is not None:
        try:
            fields |= read(heard.content)
        except Unreadable as wrong:
            fields |= {"standing": Standing.UNKNOWN, "problem": f"unreadable:{wrong}"}
    return kind(**fields)


def rate_text(rate: Decimal) -> str:
    """A yearly rate on the wire: a fraction with four to eight decimals."""
    places = -int(rate.normalize().as_tuple().exponent)
    return f"{rate:.{min(max(places, 4), 8)}f}"
