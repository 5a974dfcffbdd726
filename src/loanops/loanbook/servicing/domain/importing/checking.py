"""Checks of a row against itself, the book and the cut-off, as one table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

from loanops.kernel.allocation import Parts
from loanops.kernel.money import spoken_amount
from loanops.kernel.refusals import Refusal
from loanops.loanbook.servicing.domain.importing.fields import OWNER_MARK, PERSON_MARK
from loanops.loanbook.servicing.domain.importing.loans import Agreement, Setting
from loanops.loanbook.servicing.domain.importing.refusals import (
    AboveWhole,
    AgreementDiffers,
    AgreementUnclear,
    CurrencyDiffers,
    DayTooEarly,
    DayTooLate,
    NotOfTheBook,
    NumberUnclean,
    OwnerDiffers,
    OwnersDiffer,
    OwnerUnknown,
    PaidDiffers,
    PrincipalDiffers,
    StateDiffers,
)
from loanops.platform.sheets.refusals import OutOfRange, TextTooLong, ValueMissing

NUMBER_MAX: Final = 28
_SHOWN_MAX: Final = 40
_NUMBER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*\Z")
_CHANNEL_MAX: Final = {"channel": 60, "origin_channel": 64}
_PARTS: Final = ("principal", "interest", "fee", "penalty")


@dataclass(frozen=True)
class Given:
    """The values of one row, asked for by what they mean."""

    values: Mapping[str, Any]
    setting: Setting

    def text(self, name: str) -> str:
        """A text; empty where it is missing."""
        return self.values.get(name) or ""

    def day(self, name: str) -> date | None:
        """A day, if it is there."""
        return self.values.get(name)

    def minor(self, name: str) -> int:
        """An amount; zero where the row says nothing."""
        return self.values.get(name) or 0

    def says(self, name: str) -> bool:
        """Whether the row says anything of a field."""
        return self.values.get(name) is not None

    @property
    def person(self) -> dict[str, Any]:
        """What the row says of its borrower; empty where the map names nobody."""
        mark = PERSON_MARK
        said = {name: value for name, value in self.values.items() if name.startswith(mark)}
        return {name.removeprefix(mark): value for name, value in said.items()}

    @cached_property
    def agreements(self) -> tuple[Agreement, ...]:
        """The agreements under which the loan may run: the one named, or those of its funder."""
        known, said = self.setting.agreements, self.text("agreement")
        if said:
            return (known[said],) if said in known else ()
        if not self.setting.of_funder:
            return ()
        funder, product = self.text("funder"), self.text("product")
        return tuple(
            each
            for each in known.values()
            if each.funder == funder and (not each.products or product in each.products)
        )

    @property
    def agreement(self) -> Agreement | None:
        """The agreement under which the loan runs; nothing where it is not one."""
        return self.agreements[0] if len(self.agreements) == 1 else None

    @property
    def funder(self) -> str:
        """Who lends, or leads where several do."""
        return self.text("funder") or (self.agreement.funder if self.agreement else "")

    @property
    def guarantor(self) -> str:
        """Who guarantees the loan; empty where nobody does."""
        return self.text("guarantor") or (self.agreement.guarantor if self.agreement else "")

    @property
    def owners(self) -> dict[str, int]:
        """What the row says that each owner has outstanding; empty where it says nothing."""
        return {
            name.removeprefix(OWNER_MARK): minor
            for name, minor in self.values.items()
            if name.startswith(OWNER_MARK) and minor is not None
        }

    @property
    def number(self) -> str:
        return str(self.values["number"])

    @property
    def principal_minor(self) -> int:
        return int(self.values["principal"])

    @cached_property
    def overdue(self) -> Parts:
        """What the row itself says to be overdue."""
        return Parts(*(self.minor(f"overdue_{name}") for name in _PARTS))

    @cached_property
    def paid(self) -> Parts:
        """What was paid before, by component."""
        return Parts(*(self.minor(f"paid_{name}") for name in _PARTS))

    @cached_property
    def state(self) -> str:
        """The state; what owes nothing is settled where the map says so."""
        said = str(self.values["state"])
        empty = not self.minor("outstanding") and not self.overdue.total_minor
        live = said in {"current", "overdue"}
        return "settled" if live and empty and self.setting.settles_empty else said

    @cached_property
    def outstanding_minor(self) -> int:
        """What is outstanding; of a loan written off, what is still claimed."""
        said = self.minor("outstanding")
        if self.state == "written_off" and not said and self.says("paid_principal"):
            return self.principal_minor - self.minor("paid_principal")
        return said

    def amount(self, minor: int) -> str:
        """An amount as it is said in a refusal."""
        return spoken_amount(minor, self.setting.currency)


def faults_of(given: Given) -> list[Refusal]:
    """Everything that is wrong with a row."""
    return [refusal for check in _CHECKS for refusal in check(given)]


def _number(given: Given) -> Iterator[Refusal]:
    number = given.number
    if len(number) > NUMBER_MAX or not _NUMBER.match(number):
        yield NumberUnclean(field="number", number=number[:NUMBER_MAX])


def _currency(given: Given) -> Iterator[Refusal]:
    found = given.text("currency")
    if found and found != given.setting.currency:
        yield CurrencyDiffers(field="currency", found=found[:8], currency=given.setting.currency)


def _known(given: Given) -> Iterator[Refusal]:
    setting = given.setting
    book = setting.book
    product, funder = given.text("product"), given.funder
    guarantor, borrower = given.text("guarantor"), given.text("borrower")
    for name, said in (("product", product), ("funder", funder)):
        if not said:
            yield ValueMissing(field=name)
    if product and setting.find_product(product) is None:
        yield NotOfTheBook(field="product", book=book, kind="product", found=_short(product))
    if funder and funder not in setting.funders:
        yield NotOfTheBook(field="funder", book=book, kind="funder", found=_short(funder))
    if guarantor and guarantor not in setting.guarantors:
        yield NotOfTheBook(field="guarantor", book=book, kind="guarantor", found=_short(guarantor))
    if setting.borrowers is not None and borrower not in setting.borrowers:
        yield NotOfTheBook(field="borrower", book=book, kind="customer", found=_short(borrower))


def _channels(given: Given) -> Iterator[Refusal]:
    for name, most in _CHANNEL_MAX.items():
        length = len(given.text(name))
        if length > most:
            yield TextTooLong(field=name, length=length, limit=most)


def _agreement(given: Given) -> Iterator[Refusal]:
    """What the row says of its agreement, and what that says otherwise."""
    said, setting, agreement = given.text("agreement"), given.setting, given.agreement
    if said and agreement is None:
        yield NotOfTheBook(
            field="agreement", book=setting.book, kind="agreement", found=_short(said)
        )
    elif setting.of_funder and agreement is None and given.text("funder") in setting.funders:
        yield AgreementUnclear(
            field="funder",
            funder=given.text("funder"),
            count=len(given.agreements),
            product=_short(given.text("product")),
        )
    if agreement is None:
        return
    product = given.text("product")
    for name, found, right in (
        ("funder", given.text("funder"), (agreement.funder,)),
        ("guarantor", given.text("guarantor"), (agreement.guarantor,)),
        ("product", product, agreement.products or (product,)),
    ):
        if found and found not in right:
            yield AgreementDiffers(
                field=name,
                found=_short(found),
                agreement=agreement.number,
                expected=", ".join(right) or "–",
            )


def _owners(given: Given) -> Iterator[Refusal]:
    """What owners have outstanding: together the loan, and each what the agreement makes of it."""
    said = given.owners
    if not said:
        return
    first, outstanding = next(iter(said)), given.outstanding_minor
    agreement = given.agreement
    right = agreement.shares(outstanding) if agreement else {given.funder: outstanding}
    strange = [owner for owner, minor in said.items() if minor and owner not in right]
    for owner in strange:
        yield OwnerUnknown(
            field=f"{OWNER_MARK}{owner}",
            owner=owner,
            found=given.amount(said[owner]),
            lenders=", ".join(agreement.lenders if agreement else right),
        )
    if sum(said.values()) != outstanding:
        yield OwnersDiffer(
            field=f"{OWNER_MARK}{first}",
            found=given.amount(sum(said.values())),
            expected=given.amount(outstanding),
        )
    elif not strange:
        for owner, minor in said.items():
            expected = right.get(owner, 0)
            if abs(minor - expected) > given.setting.residue_minor:
                yield OwnerDiffers(
                    field=f"{OWNER_MARK}{owner}",
                    owner=owner,
                    found=given.amount(minor),
                    expected=given.amount(expected),
                )


def _short(text: str) -> str:
    return text[:_SHOWN_MAX]


def _amounts(given: Given) -> Iterator[Refusal]:
    whole, outstanding = given.principal_minor, given.outstanding_minor
    if whole <= 0:
        yield OutOfRange(field="principal", found=given.amount(whole), least="0.01", most="…")
        return
    if outstanding > whole:
        yield AboveWhole(
            field="outstanding", found=given.amount(outstanding), whole=given.amount(whole)
        )
    overdue = given.overdue.principal_minor
    if overdue > outstanding:
        yield AboveWhole(
            field="overdue_principal",
            found=given.amount(overdue),
            whole=given.amount(outstanding),
        )
    paid = given.paid.principal_minor
    if given.says("paid_principal") and whole - paid != outstanding:
        yield PrincipalDiffers(
            field="outstanding",
            found=given.amount(outstanding),
            principal=given.amount(whole),
            paid=given.amount(paid),
            left=given.amount(whole - paid),
        )
    if given.says("paid_total") and given.minor("paid_total") != given.paid.total_minor:
        yield PaidDiffers(
            field="paid_total",
            found=given.amount(given.minor("paid_total")),
            sum=given.amount(given.paid.total_minor),
        )


def _days(given: Given) -> Iterator[Refusal]:
    cut_off = given.setting.cut_off
    begun = given.values["disbursed_on"]
    for name in ("disbursed_on", "overdue_since", "settled_on", "written_off_on"):
        day = given.day(name)
        if day is not None and day > cut_off:
            yield DayTooLate(field=name, found=day.isoformat(), cut_off=cut_off.isoformat())
    for name in ("first_due_on", "overdue_since"):
        day = given.day(name)
        if day is not None and day <= begun:
            yield DayTooEarly(field=name, found=day.isoformat(), least=begun.isoformat())
    next_due = given.day("next_due_on")
    if next_due is not None and next_due <= cut_off and given.state in {"current", "overdue"}:
        yield DayTooEarly(
            field="next_due_on", found=next_due.isoformat(), least=cut_off.isoformat()
        )


def _state(given: Given) -> Iterator[Refusal]:
    yield from _STATE[given.state](given)


def _current(given: Given) -> Iterator[Refusal]:
    if given.overdue.total_minor:
        yield StateDiffers(field="state", kind="current", problem="something of it is overdue")
    if not given.outstanding_minor:
        yield StateDiffers(field="state", kind="current", problem="it owes nothing")


def _overdue(given: Given) -> Iterator[Refusal]:
    setting, owed_minor = given.setting, given.overdue.total_minor
    if not given.outstanding_minor and not owed_minor:
        yield StateDiffers(field="state", kind="overdue", problem="it owes nothing")
    elif setting.arrears_agreed or setting.rows is not None:
        return
    elif not owed_minor:
        yield StateDiffers(field="state", kind="overdue", problem="no amount of it is overdue")
    elif given.day("overdue_since") is None:
        yield ValueMissing(field="overdue_since")


def _settled(given: Given) -> Iterator[Refusal]:
    if given.outstanding_minor or given.overdue.total_minor:
        yield StateDiffers(field="state", kind="settled", problem="something of it is outstanding")


def _written_off(given: Given) -> Iterator[Refusal]:
    if not given.outstanding_minor:
        yield StateDiffers(field="state", kind="written off", problem="nothing of it is claimed")


_STATE: Final[Mapping[str, Callable[[Given], Iterator[Refusal]]]] = {
    "current": _current,
    "overdue": _overdue,
    "settled": _settled,
    "written_off": _written_off,
}
_CHECKS: Final = (
    _number,
    _currency,
    _known,
    _channels,
    _agreement,
    _amounts,
    _owners,
    _days,
    _state,
)
