"""Whose an application or a loan is: the rooms know it, and no lower floor may ask them."""

from __future__ import annotations

from collections.abc import Collection

from loanops.loanbook.servicing import queries as servicing
from loanops.origination.applications import queries as applications


def owners_of(numbers: Collection[str]) -> dict[str, frozenset[str]]:
    """The partners of applications (who sent them) and of loans (also who lends and guarantees)."""
    loans = servicing.partners_of(number for number in numbers if number.startswith("LN-"))
    asked = {number for number in numbers if number.startswith("AP-")}
    channels = applications.channels_of(asked | {each.application for each in loans.values()})
    owners = {number: frozenset({channels[number]}) for number in asked if number in channels}
    for number, loan in loans.items():
        named = {channels.get(loan.application, ""), loan.funder, loan.guarantor}
        owners[number] = frozenset(named - {""})
    return owners


__all__ = ["owners_of"]
