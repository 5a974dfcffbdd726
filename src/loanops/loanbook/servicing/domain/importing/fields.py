"""The fields of a loan that a map may fill, each with the types it takes and whether it is needed.

A field comes from a ``column``, is a constant (``value``), the number of the row behind a prefix
(``row``), or follows from fields named above it (``from = "principal - paid_principal"``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

STATES: Final = ("current", "overdue", "settled", "written_off")


class Field(NamedTuple):
    """The types a field takes, the first where the map names none; whether it is needed."""

    types: tuple[str, ...]
    needed: bool = False


_TEXT: Final = Field(("text", "choice"))
_MONEY: Final = Field(("money",))
_DAY: Final = Field(("date",))

LOAN: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "number": Field(("text",), needed=True),
        "borrower": _TEXT,
        "product": _TEXT,
        "funder": _TEXT,
        "guarantor": _TEXT,
        "agreement": _TEXT,
        "channel": _TEXT,
        "origin_channel": _TEXT,
        "currency": _TEXT,
        "principal": Field(("money",), needed=True),
        "outstanding": Field(("money",), needed=True),
        "rate": Field(("rate",), needed=True),
        "term": Field(("term",), needed=True),
        "method": _TEXT,
        "instalment": _MONEY,
        "disbursed_on": Field(("date",), needed=True),
        "first_due_on": _DAY,
        "next_due_on": _DAY,
        "instalments_left": Field(("integer",)),
        "state": Field(("choice",), needed=True),
        "overdue_principal": _MONEY,
        "overdue_interest": _MONEY,
        "overdue_fee": _MONEY,
        "overdue_penalty": _MONEY,
        "overdue_since": _DAY,
        "paid_principal": _MONEY,
        "paid_interest": _MONEY,
        "paid_fee": _MONEY,
        "paid_penalty": _MONEY,
        "paid_total": _MONEY,
        "settled_on": _DAY,
        "written_off_on": _DAY,
    }
)
"""What a row of loans may say."""

INSTALMENT: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "number": Field(("text",), needed=True),
        "due_on": Field(("date",), needed=True),
        "principal": Field(("money",), needed=True),
        "interest": Field(("money",), needed=True),
        "fee": _MONEY,
        "penalty": _MONEY,
    }
)
"""What a row of the file of schedules may say: what is unpaid of one instalment."""

PERSON: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "name": Field(("text",), needed=True),
        "id_number": Field(("text",), needed=True),
        "mobile": Field(("text",), needed=True),
        "address": Field(("text",)),
        "email": Field(("text",)),
        "region": _TEXT,
        "industry": _TEXT,
        "income_monthly": _MONEY,
    }
)
"""What a row may say of its borrower, who is registered with the loan."""

PERSON_MARK: Final = "person."
"""Fields of the borrower stand among those of the loan behind this mark."""

OWNER_MARK: Final = "owners."
"""Balances of owners stand among the fields of the loan behind this mark, by code of the owner."""


def owners(codes: Iterable[str]) -> Mapping[str, Field]:
    """What a row may say of the principal that each owner has outstanding."""
    return dict.fromkeys(codes, _MONEY)
