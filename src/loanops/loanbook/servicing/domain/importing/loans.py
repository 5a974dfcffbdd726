"""What a row of a migration becomes: a loan with its balances at the cut-off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from loanops.kernel.account import Arrear
from loanops.kernel.allocation import Component, Parts
from loanops.kernel.schedule import Fee, Terms
from loanops.kernel.sharing import Sharing


class Row(NamedTuple):
    """A row of the file of schedules: what is unpaid of one instalment of one loan."""

    line: int
    due_on: date
    principal_minor: int
    interest_minor: int
    fee_minor: int
    penalty_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """An agreement as a migration needs it: the version in force, and who has what under it.

    ``fees`` are the funder's on top of the product's; no ``products`` are all of them.
    """

    number: str
    version: int
    funder: str
    guarantor: str
    products: tuple[str, ...]
    sharing: Sharing
    fees: tuple[Fee, ...]

    @property
    def lenders(self) -> tuple[str, ...]:
        """Who lends under it, the lead first."""
        return self.sharing.owners or (self.funder,)

    def shares(self, principal_minor: int) -> dict[str, int]:
        """Principal by who lends it, to the minor unit; the lead has what portions leave."""
        if not self.sharing:
            return {self.funder: principal_minor}
        return self.sharing.split(Component.PRINCIPAL, principal_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A loan as it enters the book.

    ``terms`` are what was agreed: where something runs on beyond the arrears, the terms of that
    rest (its principal, its instalments, from its last due date); else those of the whole loan.
    ``paid`` is what the borrower had paid before, as information; ``person`` who the borrower is,
    where the file says so.
    """

    line: int
    number: str
    borrower: str
    person: Mapping[str, Any]
    product: str
    product_version: str
    funder: str
    guarantor: str
    agreement: Agreement | None
    channel: str
    origin_channel: str
    principal_minor: int
    disbursed_on: date
    state: str
    outstanding_minor: int
    arrears: tuple[Arrear, ...]
    paid: Parts
    terms: Terms
    ended_on: date | None

    @property
    def owners(self) -> Mapping[str, int]:
        """The principal outstanding by who lends it."""
        if self.agreement is None:
            return {self.funder: self.outstanding_minor}
        return self.agreement.shares(self.outstanding_minor)

    @property
    def running_minor(self) -> int:
        """Principal that was not due by the cut-off."""
        return self.outstanding_minor - sum(each.principal_minor for each in self.arrears)


@dataclass(frozen=True, slots=True)
class Product:
    """A product as the migration needs it: its version, and its terms for any one loan."""

    version: str
    template: Terms
    instalments_for: Callable[[int], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What rows are checked against: the book, the cut-off, who and what the book knows."""

    book: str
    currency: str
    cut_off: date
    find_product: Callable[[str], Product | None]
    funders: frozenset[str]
    guarantors: frozenset[str]
    borrowers: frozenset[str] | None
    """The known customers that rows name; None where rows name none."""
    rows: Mapping[str, list[Row]] | None = None
    """The remaining schedule of each loan, where a second file gives it."""
    arrears_agreed: bool = False
    keeps_instalment: bool = False
    settles_empty: bool = False
    small_minor: int = 0
    agreements: Mapping[str, Agreement] = field(default_factory=dict)
    """The agreements in force, by number."""
    of_funder: bool = False
    """Whether loans run under the agreement of their funder where a row names none."""
    residue_minor: int = 0
    """By how much the balance of an owner may differ from what the agreement makes of it."""
