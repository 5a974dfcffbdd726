"""The market led line by line: a JSON order in, a JSON answer out.

{"do": "open", "platform": …, "book": …, "keys": {…}, "banks": …, "products": […], "consents": […]}
opens it; then {"do": "apply", "on": "2026-07-13", "first": 0, "count": 11} and the others of
`ORDERS`, in the order of a day.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from loanops_sandbox.market.people import Product
from loanops_sandbox.market.player import Market, Place

Asked = Mapping[str, Any]


def _on(asked: Asked) -> date:
    return date.fromisoformat(asked["on"])


ORDERS: dict[str, Callable[[Market, Asked], dict[str, Any]]] = {
    "apply": lambda market, asked: market.apply(
        on=_on(asked), first=int(asked["first"]), count=int(asked["count"])
    ),
    "knock": lambda market, asked: market.knock(
        on=_on(asked), first=int(asked["first"]), count=int(asked["count"])
    ),
    "enter": lambda market, _: market.enter(),
    "hear": lambda market, asked: market.hear(on=_on(asked)),
    "read": lambda market, asked: market.read(on=_on(asked)),
    "sign": lambda market, asked: market.sign(on=_on(asked)),
    "take_loans": lambda market, asked: market.take_loans(on=_on(asked)),
    "fill_accounts": lambda market, asked: market.fill_accounts(on=_on(asked)),
    "pay": lambda market, asked: market.pay(on=_on(asked)),
}


def answers(lines: Iterable[str], *, seed: int) -> Iterator[str]:
    """One line for each order; the market closes with the last of them."""
    market: Market | None = None
    try:
        for line in lines:
            asked: dict[str, Any] = json.loads(line)
            if asked["do"] == "open":
                market = Market(seed, _place(asked))
                yield json.dumps({"base_url": market.base_url})
            elif market is None:
                raise ValueError("open the market first")
            else:
                yield json.dumps(ORDERS[asked["do"]](market, asked))
    finally:
        if market is not None:
            market.close()


def _place(asked: Asked) -> Place:
    return Place(
        platform=asked["platform"],
        book=asked["book"],
        keys=asked["keys"],
        banks=asked["banks"],
        products=tuple(
            Product(**{**row, "terms_months": tuple(row["terms_months"])})
            for row in asked["products"]
        ),
        consents=asked["consents"],
    )
