"""Rule packs: every figure of the law with its document, article, scope, dates and standing.

A pack is one TOML file; another country is another file. Rules are found by key, date and scope,
never by name in code. The end of a period is exclusive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Unit(StrEnum):
    """What the value of a rule counts."""

    RATE_ANNUAL = "rate_annual"
    RATE = "rate"
    MULTIPLE = "multiple"
    MONEY_MINOR = "money_minor"
    COUNT = "count"
    SECONDS = "seconds"
    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"
    CLOCK = "clock"
    CODES = "codes"


class Effect(StrEnum):
    """What the house does when a rule is not kept."""

    BLOCK = "block"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Source:
    """The document a rule stands in."""

    id: str
    document: str
    number: str
    url: str

    @property
    def title(self) -> str:
        """The document with its number, as it is cited."""
        return f"{self.document} {self.number}".strip()


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a rule binds; an empty part binds everyone."""

    lenders: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()
    months_min: int = 0

    def covers(self, *, lender: str, method: str, customer: str, months: int | None) -> bool:
        """Whether the case lies inside; a part that the case does not state is not narrowed by."""
        return (
            _within(lender, self.lenders)
            and _within(method, self.methods)
            and _within(customer, self.customers)
            and (months is None or months >= self.months_min)
        )


def _within(word: str, words: frozenset[str]) -> bool:
    return not words or word in words


@dataclass(frozen=True, slots=True)
class Rule:
    """One figure of the law.

    ``value`` is a number by ``unit``, or codes (sorted). With ``rate`` it is a multiple of the
    reference rate of that name, read by date. ``verified`` says that the text, or agreeing
    quotations of it, were read; an unverified figure is a default to be confirmed.
    """

    id: str
    key: str
    unit: Unit
    value: Decimal | tuple[str, ...]
    effect: Effect
    scope: Scope
    source: Source
    article: str
    effective_from: date
    effective_to: date | None
    verified: bool
    rate: str
    note: Mapping[str, str]

    def in_force(self, on: date) -> bool:
        """Whether the rule binds on that day."""
        return self.effective_from <= on and (self.effective_to is None or on < self.effective_to)

    @property
    def number(self) -> Decimal:
        """The value of a rule that is a number."""
        if isinstance(self.value, tuple):
            raise TypeError(f"{self.id} holds codes, not a number")
        return self.value

    @property
    def codes(self) -> tuple[str, ...]:
        """The value of a rule that is a list of codes or clock times."""
        if isinstance(self.value, Decimal):
            raise TypeError(f"{self.id} holds a number, not codes")
        return self.value


@dataclass(frozen=True, slots=True)
class ConsentType:
    """A consent the law asks for: its purpose, and whether it is given per recipient."""

    purpose: str
    separate: bool
    per_recipient: bool
    needed_for: frozenset[str]
    source: Source
    article: str
    effective_from: date
    verified: bool
    name: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wording:
    """The words a person consented to, by version; a version never changes."""

    purpose: str
    version: str
    effective_from: date
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReferenceRate:
    """A published rate, the day from which it holds, and the publication it stands in."""

    key: str
    rate_annual: Decimal
    effective_from: date
    verified: bool
    document: str = ""


@dataclass(frozen=True)
class Pack:
    """One country's or market's rules; ``version`` is the hash of its content.

    ``calendar`` names the country whose working days count (ISO 3166), empty where none do.
    """

    code: str
    name: Mapping[str, str]
    version: str
    rules: tuple[Rule, ...]
    consents: tuple[ConsentType, ...]
    wordings: tuple[Wording, ...]
    rates: tuple[ReferenceRate, ...]
    calendar: str = ""

    def find(
        self,
        key: str,
        on: date,
        *,
        lender: str = "",
        method: str = "",
        customer: str = "",
        months: int | None = None,
    ) -> tuple[Rule, ...]:
        """The rules of this key that bind the case on that day, in the order of the file."""
        return tuple(
            rule
            for rule in self.rules
            if rule.key == key
            and rule.in_force(on)
            and rule.scope.covers(lender=lender, method=method, customer=customer, months=months)
        )

    def consent_type(self, purpose: str, on: date) -> ConsentType | None:
        """The consent type of a purpose, where one is in force."""
        for consent in self.consents:
            if consent.purpose == purpose and consent.effective_from <= on:
                return consent
        return None

    def consents_needed_for(self, act: str, on: date) -> tuple[ConsentType, ...]:
        """Which consents an act (such as ``share_with_funder``) needs."""
        return tuple(
            consent
            for consent in self.consents
            if act in consent.needed_for and consent.effective_from <= on
        )

    def wording(self, purpose: str, version: str) -> Wording | None:
        """The words of a version."""
        for wording in self.wordings:
            if (wording.purpose, wording.version) == (purpose, version):
                return wording
        return None

    def current_wording(self, purpose: str, on: date) -> Wording | None:
        """The newest words in force on that day."""
        live = [w for w in self.wordings if w.purpose == purpose and w.effective_from <= on]
        return max(live, key=lambda wording: wording.effective_from, default=None)
