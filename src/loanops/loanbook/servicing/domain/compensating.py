"""Compensating: what a guarantor pays for a loan (代偿) by its agreement, and from which day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from loanops.kernel.account import AccountState, Instalment, InstalmentUnknown, compensable
from loanops.kernel.allocation import Parts
from loanops.kernel.guarantee import CapPeriod, Guarantee, GuaranteeBase, GuaranteeScope
from loanops.kernel.money import spoken_amount
from loanops.kernel.refusals import BadField, Refusal
from loanops.kernel.sharing import Sharing
from loanops.loanbook.servicing.domain.owners import payees


class NotGuaranteed(Refusal):
    """Nobody guarantees the loan."""

    code = "servicing_not_guaranteed"
    sentence = "Nobody guarantees loan {loan}; sell its claim by an assignment instead."


class CeilingReached(Refusal):
    """The guarantor has less left to pay than a compensation takes."""

    code = "servicing_ceiling_reached"
    sentence = (
        "The guarantor has {left} left of {cap} under {ceiling}, and {price} is needed; "
        "compensate less, or amend the ceiling for loans to come."
    )


class NothingToCompensate(Refusal):
    """The guarantor has nothing to pay for on the day."""

    code = "servicing_nothing_to_compensate"
    sentence = (
        "On {on} nothing of the loan is open that its guarantor pays for; choose another day."
    )


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A ceiling that loans of an agreement share: all of them, or with a year those of its payouts.

    ``owner`` is who it is of in the limits.
    """

    book: str
    lender: str
    agreement: str
    year: int | None

    @property
    def owner(self) -> str:
        """Its name among limits; who sees the lender sees it."""
        return f"funder:{self.lender}/{self.agreement}/{self.year or CapPeriod.LIFE}"

    @property
    def name(self) -> str:
        """Its name for people."""
        return f"{self.agreement} {self.year}" if self.year else self.agreement


@dataclass(frozen=True, slots=True)
class Agreed:
    """Who lends, who guarantees, and what the agreement says of it.

    ``days`` is the days past due from which the guarantor pays. Without it, and without a
    ``guarantee``, people agree on it from case to case.
    """

    loan: str
    lender: str
    sharing: Sharing
    guarantor: str
    agreement: str = ""
    version: int = 0
    days: int | None = None
    guarantee: Guarantee | None = None
    book: str = ""
    paid_out_on: date | None = None

    @property
    def ceiling(self) -> Ceiling | None:
        """The ceiling under which the guarantor pays for this loan, none where there is none."""
        agreed = self.guarantee
        if agreed is None or (agreed.cap_rate is None and agreed.cap_minor is None):
            return None
        by_year = agreed.cap_per is CapPeriod.YEAR and self.paid_out_on is not None
        year = self.paid_out_on.year if by_year and self.paid_out_on else None
        return Ceiling(self.book, self.lender, self.agreement, year)

    def paid_for(
        self, account: AccountState, base: GuaranteeBase, number: int | None
    ) -> dict[str, Parts]:
        """What the guarantor pays on the account's day for a claim, by who is paid."""
        return compensable(
            account,
            self.sharing,
            lender=self.lender,
            payees=payees(self.guarantor),
            guarantor=self.guarantor,
            base=base,
            number=number,
        )

    def first_on(self, due_on: date) -> date:
        """From which day the guarantor pays for what fell due on a day."""
        return due_on + timedelta(days=self.days or 0)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a guarantor pays for at once: one instalment, or with no ``number`` the whole loan.

    ``due_on`` is the day from which days past due are counted, ``first_on`` the first day on which
    it is paid for, and ``parts`` what is paid on the account's day.
    """

    number: int | None
    due_on: date
    first_on: date
    parts: Parts


def claims_of(agreed: Agreed, account: AccountState) -> list[Claim]:
    """What the guarantor will pay for by its agreement and has not, the oldest first.

    Of a loan whose agreement says nothing of it, that is nothing.
    """
    if agreed.guarantee is None or not agreed.guarantor:
        return []
    wanted: list[tuple[int | None, date]] = [
        (item.number, item.due_date)
        for item in account.instalments
        if item.owner != agreed.guarantor and not item.is_settled
    ]
    if agreed.guarantee.scope is GuaranteeScope.LOAN:
        due_on = account.oldest_unpaid_due_date
        wanted = [(None, due_on)] if wanted and due_on else []
    claims = []
    for number, due_on in wanted:
        paid_for = agreed.paid_for(account, agreed.guarantee.base, number)
        parts = sum(paid_for.values(), Parts())
        if parts.total_minor:
            claims.append(Claim(number, due_on, agreed.first_on(due_on), parts))
    return claims


def as_agreed(values: Mapping[str, Any], agreed: Agreed, account: AccountState) -> dict[str, Any]:
    """What a compensation says, completed and held to the agreement; ``account`` is what it meets.

    :raises NotGuaranteed: the loan has no guarantor.
    :raises NothingToCompensate: nothing is open that the guarantor pays for.
    :raises InstalmentUnknown: the loan has no such instalment.
    :raises BadField: owner, number, on, base or price_minor are not as agreed.
    """
    if not agreed.guarantor:
        raise NotGuaranteed(loan=agreed.loan)
    said = dict(values)
    if said.setdefault("owner", agreed.guarantor) != agreed.guarantor:
        raise BadField(
            field="owner",
            problem="must be {guarantor}, who guarantees the loan; sell to others by an assignment",
            guarantor=agreed.guarantor,
        )
    if not account.instalments:
        # Nothing was paid out yet; the account itself refuses, in its own words.
        said.setdefault("price_minor", 0)
        return said
    if agreed.guarantee is not None:
        said["number"] = _number(said.get("number"), agreed, agreed.guarantee, account)
    _hold_day(said.get("number"), agreed, account)
    if agreed.guarantee is not None:
        _hold_price(said, agreed, agreed.guarantee.base, account)
    return said


def _number(given: Any, agreed: Agreed, guarantee: Guarantee, account: AccountState) -> int | None:
    """The instalment that is paid for: the oldest that is open where none is named."""
    if guarantee.scope is GuaranteeScope.LOAN:
        if given is not None:
            raise BadField(
                field="number",
                problem="must be left out: the guarantor pays for all that is left of the loan",
            )
        return None
    if given is not None:
        return _instalment(given, account).number
    for item in account.instalments:
        if item.owner != agreed.guarantor and not item.is_settled:
            return item.number
    raise NothingToCompensate(on=account.on)


def _instalment(number: Any, account: AccountState) -> Instalment:
    if not isinstance(number, int) or isinstance(number, bool):
        raise BadField(field="number", problem="must be a whole number")
    for item in account.instalments:
        if item.number == number:
            return item
    raise InstalmentUnknown(number=number, count=len(account.instalments))


def _hold_day(number: Any, agreed: Agreed, account: AccountState) -> None:
    due_on = account.oldest_unpaid_due_date
    if number is not None:
        item = _instalment(number, account)
        due_on = item.due_date if item.open.total_minor else None
    if due_on is None:
        raise NothingToCompensate(on=account.on)
    if agreed.days is not None and account.on < agreed.first_on(due_on):
        raise BadField(
            field="on",
            problem="must be {first} or later: the guarantor pays from {days} days past due",
            first=agreed.first_on(due_on),
            days=agreed.days,
        )


def _hold_price(
    said: dict[str, Any], agreed: Agreed, base: GuaranteeBase, account: AccountState
) -> None:
    if said.setdefault("base", base.value) != base.value:
        raise BadField(
            field="base",
            problem="must be {base}, as the agreement says, or be left out",
            base=base.value,
        )
    paid_for = agreed.paid_for(account, base, said["number"])
    price_minor = sum(parts.total_minor for parts in paid_for.values())
    if not price_minor:
        raise NothingToCompensate(on=account.on)
    if said.setdefault("price_minor", price_minor) != price_minor:
        raise BadField(
            field="price_minor",
            problem="must be {price}, what the guarantor pays by the agreement, or be left out",
            price=spoken_amount(price_minor, account.currency),
        )
