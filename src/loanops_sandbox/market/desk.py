"""The market asked line by line: a day and serial numbers in, applicants out, one JSON line each.

{"on": "2026-07-13", "first": 0, "count": 11, "products": [{"code": …, "share": …, …}]}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from loanops_sandbox.market.people import Product, applicants


def answers(lines: Iterable[str], *, seed: int) -> Iterator[str]:
    """One line of applicants for each line asked."""
    for line in lines:
        asked: dict[str, Any] = json.loads(line)
        products = tuple(
            Product(**{**row, "terms_months": tuple(row["terms_months"])})
            for row in asked["products"]
        )
        found = applicants(
            seed,
            first=int(asked["first"]),
            count=int(asked["count"]),
            on=date.fromisoformat(asked["on"]),
            products=products,
        )
        rows = [{**asdict(each), "born_on": each.born_on.isoformat()} for each in found]
        yield json.dumps(rows, ensure_ascii=False)
