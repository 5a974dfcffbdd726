"""Who may lend for an application: hard filters, each exclusion in words, then priority.

Every filter is one line of a table. A candidate that no filter excludes is eligible; among the
eligible the agreement's priority decides, then its number. Nothing here asks anybody anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

SHARE_ACT: Final = "share_with_funder"
"""What the rule pack calls telling a person's particulars to a funder."""
CONCENTRATION_FROM_PAYOUTS: Final = 20
"""A share of a month means nothing among a handful of loans; the rule begins with the 20th."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an application asks a funder for."""

    number: str
    product: str
    amount_minor: int
    term_months: int
    region: str
    age_years: int | None
    has_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One agreement with what is true of it for this request on this day.

    ``cost_annual`` is the all-in cost by the agreement's measure where a ceiling applies;
    ``cost_limit`` is the ceiling that it is above. ``quota_left_minor`` is None without a quota.
    ``rate_annual`` is set where the first rate is read from an index, ``rate_max`` where the funder
    agreed to no more; ``index_missing`` names an index of which no figure is known.
    ``refused_on`` is the day on which this funder last refused this person (or this request).
    """

    agreement: str
    version: int
    funder: str
    guarantor: str
    priority: int
    suspended: bool
    licence_expired: bool
    funder_listed: bool
    guarantor_listed: bool
    products: tuple[str, ...]
    amount_min_minor: int
    amount_max_minor: int
    terms_months: tuple[int, ...]
    regions: tuple[str, ...]
    age_min: int
    age_max: int
    closed_at: str = ""
    quota_left_minor: int | None = None
    person_left_minor: int | None = None
    cost_annual: Decimal | None = None
    cost_limit: Decimal | None = None
    concentration_max: Decimal | None = None
    month_own_minor: int = 0
    month_all_minor: int = 0
    month_payouts: int = 0
    rate_known: bool = True
    rate_annual: Decimal | None = None
    rate_max: Decimal | None = None
    index_missing: str = ""
    refused_this_request: bool = False
    not_taken: bool = False
    cooling_until: date | None = None
    consents_missing: tuple[str, ...] = ()
    signing_forbidden: str = ""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why a candidate was left out: a code and the figures that show it."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The English sentence with its figures."""
        return REASONS[self.code].format_map(dict(self.values))


@dataclass(frozen=True, slots=True)
class Considered:
    """One candidate and everything that spoke against it."""

    candidate: Candidate
    exclusions: tuple[Exclusion, ...]


REASONS: Final[dict[str, str]] = {
    "suspended": "The agreement or the partner is suspended.",
    "licence_expired": "The licence of the partner has expired.",
    "funder_not_listed": "The funder is not on the list of this day.",
    "guarantor_not_listed": "The guarantor {guarantor} is not on the list of this day.",
    "product": "The product {found} is not funded under this agreement.",
    "amount": "The amount {found} is outside {low} to {high}.",
    "term": "A term of {found} months is not agreed.",
    "region": "The region {found} is not served.",
    "age": "The age of {found} is outside {low} to {high}.",
    "rate": "Neither funder nor application nor product sets a rate.",
    "rate_above": "The rate of {found}, read from the index, is above the agreed {high}.",
    "index_missing": "No figure of the index {found} is known.",
    "cutoff": "The day's quota closed at {found}.",
    "quota": "The quota has {found} left and {needed} is needed.",
    "person_limit": "The person's limit has {found} left and {needed} is needed.",
    "cost_cap": "The all-in annual cost of {found} is above {high}.",
    "concentration": "The funder's share of this month would be {found}, above {high}.",
    "refused_before": "The funder has refused this application.",
    "not_taken": "The borrower did not take this funder's offer.",
    "cooling_off": "The funder refused this person; it may be asked again from {found}.",
    "consent_missing": "The person has not consented: {found}.",
    "signing_forbidden": "The parties may not sign by {found} without a compliance decision.",
    "credit_refused": "The funder refused: {found}.",
    "no_funder": "No funder is left to be asked.",
}
"""Every reason in words; the last two are not filters but answers."""

Finding = Mapping[str, object] | None


def _outside(found: int, low: int, high: int) -> Finding:
    return None if low <= found <= high else {"found": found, "low": low, "high": high}


def _region(request: Request, candidate: Candidate) -> Finding:
    served = candidate.regions
    if not served or any(request.region.startswith(region) for region in served):
        return None
    return {"found": request.region or "-"}


def _age(request: Request, candidate: Candidate) -> Finding:
    """An unknown age is refused where there is a person, and not asked where there is none."""
    if request.age_years is None:
        return {"found": "-", **_ages(candidate)} if request.has_person else None
    return _outside(request.age_years, candidate.age_min, candidate.age_max)


def _ages(candidate: Candidate) -> dict[str, object]:
    return {"low": candidate.age_min, "high": candidate.age_max}


def _left(left_minor: int | None, request: Request) -> Finding:
    if left_minor is None or left_minor >= request.amount_minor:
        return None
    return {"found": left_minor, "needed": request.amount_minor}


def _cost(candidate: Candidate) -> Finding:
    if candidate.cost_limit is None or candidate.cost_annual is None:
        return None
    return {"found": f"{candidate.cost_annual:.4%}", "high": f"{candidate.cost_limit:.4%}"}


def _rate_above(candidate: Candidate) -> Finding:
    rate, high = candidate.rate_annual, candidate.rate_max
    if rate is None or high is None or rate <= high:
        return None
    return {"found": f"{rate:.4%}", "high": f"{high:.4%}"}


def _concentration(request: Request, candidate: Candidate) -> Finding:
    high = candidate.concentration_max
    if high is None or candidate.month_payouts + 1 < CONCENTRATION_FROM_PAYOUTS:
        return None
    own = candidate.month_own_minor + request.amount_minor
    share = Decimal(own) / Decimal(candidate.month_all_minor + request.amount_minor)
    return None if share <= high else {"found": f"{share:.2%}", "high": f"{high:.2%}"}


_EMPTY: Final[dict[str, object]] = {}
_FILTERS: Final[dict[str, Callable[[Request, Candidate], Finding]]] = {
    "suspended": lambda _, c: _EMPTY if c.suspended else None,
    "licence_expired": lambda _, c: _EMPTY if c.licence_expired else None,
    "funder_not_listed": lambda _, c: None if c.funder_listed else _EMPTY,
    "guarantor_not_listed": lambda _, c: (
        None if c.guarantor_listed or not c.guarantor else {"guarantor": c.guarantor}
    ),
    "product": lambda r, c: (
        None if not c.products or r.product in c.products else {"found": r.product}
    ),
    "amount": lambda r, c: _outside(r.amount_minor, c.amount_min_minor, c.amount_max_minor),
    "term": lambda r, c: None if r.term_months in c.terms_months else {"found": r.term_months},
    "region": _region,
    "age": _age,
    "rate": lambda _, c: None if c.rate_known else _EMPTY,
    "rate_above": lambda _, c: _rate_above(c),
    "index_missing": lambda _, c: {"found": c.index_missing} if c.index_missing else None,
    "cutoff": lambda _, c: {"found": c.closed_at} if c.closed_at else None,
    "quota": lambda r, c: _left(c.quota_left_minor, r),
    "person_limit": lambda r, c: _left(c.person_left_minor, r),
    "cost_cap": lambda _, c: _cost(c),
    "concentration": _concentration,
    "refused_before": lambda _, c: _EMPTY if c.refused_this_request else None,
    "not_taken": lambda _, c: _EMPTY if c.not_taken else None,
    "cooling_off": lambda _, c: {"found": c.cooling_until} if c.cooling_until else None,
    "consent_missing": lambda _, c: (
        {"found": ", ".join(c.consents_missing)} if c.consents_missing else None
    ),
    "signing_forbidden": lambda _, c: (
        {"found": c.signing_forbidden} if c.signing_forbidden else None
    ),
}


def exclusions(request: Request, candidate: Candidate) -> tuple[Exclusion, ...]:
    """Everything that speaks against a candidate; none means eligible."""
    found = ((code, rule(request, candidate)) for code, rule in _FILTERS.items())
    return tuple(
        Exclusion(code, {name: str(value) for name, value in finding.items()})
        for code, finding in found
        if finding is not None
    )


def consider(request: Request, candidates: Sequence[Candidate]) -> list[Considered]:
    """All candidates in the order in which they would be asked, with what excludes each."""
    ranked = sorted(candidates, key=lambda each: (each.priority, each.agreement))
    return [Considered(each, exclusions(request, each)) for each in ranked]


def chosen(considered: Sequence[Considered]) -> Candidate | None:
    """The first that nothing excludes."""
    return next((each.candidate for each in considered if not each.exclusions), None)


def quota_owner(funder: str, agreement: str) -> str:
    """Under which name the quota of an agreement is kept in limits."""
    return f"funder:{funder}/{agreement}"


def person_owner(party: str) -> str:
    """Under which name a person's line is kept in limits."""
    return f"party:{party}"


def monthly_means(facts: Mapping[str, object]) -> tuple[int, int]:
    """Income and debt service a month, in minor units, as far as the frozen facts tell.

    A book may hold income by the year and debts as a ratio (basis points) of it.
    """
    income = _whole(facts.get("income_monthly_minor")) or (
        _whole(facts.get("income_annual_minor")) // 12
    )
    debts = _whole(facts.get("debts_monthly_minor")) or (
        income * _whole(facts.get("debt_to_income_bp")) // 10_000
    )
    return income, max(debts, 0)


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
