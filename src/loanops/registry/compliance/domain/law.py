"""The law of one book on one day: a pack, the reference rates and the decisions in force.

Pure: it is asked many times in a batch without a further look at the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from loanops.kernel.pricing import AllInCost, Measure
from loanops.kernel.schedule import IndexValue
from loanops.registry.compliance.domain import answers
from loanops.registry.compliance.domain.answers import Answer, Cap, answer
from loanops.registry.compliance.domain.packs import ConsentType, Effect, Pack, ReferenceRate, Rule

SIGNING_OURS: Final = "ours"
SIGNING_TOPIC: Final = "signing.ours"
CONSUMER: Final = "consumer"


@dataclass(frozen=True, slots=True)
class DecisionFact:
    """A compliance decision in force: its topic, and the partner it is for (empty: all)."""

    number: str
    topic: str
    partner: str


@dataclass(frozen=True, slots=True)
class Limit:
    """One figure with its source and standing."""

    key: str
    value: Decimal | tuple[str, ...]
    unit: str
    rule: str
    effect: str
    source: str
    article: str
    verified: bool
    effective_from: date
    effective_to: date | None


@dataclass(frozen=True, slots=True)
class CostCap:
    """A ceiling of the all-in annual cost with its figure worked out."""

    rate_annual: Decimal
    rule: str
    source: str


@dataclass(frozen=True)
class Law:
    """What binds one book on one day."""

    pack: Pack
    rates: tuple[ReferenceRate, ...]
    decisions: tuple[DecisionFact, ...]
    on: date

    @property
    def stamp(self) -> str:
        """The pack with its version, as kept in evidence."""
        return f"{self.pack.code}@{self.pack.version}"

    def series(self) -> dict[str, list[IndexValue]]:
        """The figures of every reference rate by its name, those of days to come too."""
        found: dict[str, list[IndexValue]] = {}
        for rate in self.rates:
            value = IndexValue(rate.effective_from, rate.rate_annual)
            found.setdefault(rate.key, []).append(value)
        return found

    def may_offer(
        self,
        *,
        lender_kind: str,
        cost: AllInCost,
        measure: str = Measure.SIMPLE.value,
        agreed: Decimal | None = None,
        months: int | None = None,
    ) -> Answer:
        """Whether a loan of this cost may be offered by a lender of this kind."""
        rules = self.pack.find("cost.cap_annual", self.on, lender=lender_kind, months=months)
        caps = [cap for rule in rules if (cap := self._cap(rule)) is not None]
        return answers.judge_cost(
            simple=cost.simple,
            effective=cost.effective,
            measure=Measure(measure),
            caps=caps,
            agreed=agreed,
            pack=self.stamp,
        )

    def cost_caps(self, *, lender_kind: str) -> tuple[CostCap, ...]:
        """The ceilings that bind every loan of a lender of this kind, the lowest first."""
        caps = (
            CostCap(cap.rate_annual, rule.id, rule.source.title)
            for rule in self.pack.find("cost.cap_annual", self.on, lender=lender_kind)
            if rule.effect is Effect.BLOCK and not rule.scope.months_min
            if (cap := self._cap(rule)) is not None
        )
        return tuple(sorted(caps, key=lambda cap: cap.rate_annual))

    def may_sign(self, *, mode: str, funder: str) -> Answer:
        """Whether the parties may sign by this mode for this funder."""
        rules = self.pack.find("signing.needs_decision", self.on)
        rule = next((each for each in rules if mode in each.codes), None)
        if rule is None:
            return answer(
                rules[0] if rules else None,
                allowed=True,
                template=answers.SIGNING_ALLOWED,
                pack=self.stamp,
                found=mode,
            )
        covering = self._decision(f"signing.{mode}", funder)
        if covering is None:
            template = answers.SIGNING_NEEDS_DECISION
            return answer(rule, allowed=False, template=template, pack=self.stamp, found=mode)
        return answer(
            rule,
            allowed=True,
            template=answers.SIGNING_BY_DECISION,
            pack=self.stamp,
            limit=covering.number,
            found=mode,
        )

    def may_use_for(self, *, purpose: str) -> Answer:
        """Whether a loan may be used for this purpose."""
        return answers.judge_listed(
            self.pack.find("purpose.banned", self.on),
            purpose,
            banned=answers.PURPOSE_BANNED,
            allowed=answers.PURPOSE_ALLOWED,
            pack=self.stamp,
        )

    def may_charge(self, *, charging_party: str) -> Answer:
        """Whether a party of this kind may charge the borrower anything."""
        return answers.judge_listed(
            self.pack.find("fees.charging_banned", self.on),
            charging_party,
            banned=answers.PARTY_MAY_NOT_CHARGE,
            allowed=answers.PARTY_MAY_CHARGE,
            pack=self.stamp,
        )

    def may_penalise(self, *, multiple: Decimal, misuse: bool = False) -> Answer:
        """Whether penalty interest may be this multiple of the contract rate."""
        key = "penalty.misuse_multiple_max" if misuse else "penalty.multiple_max"
        return answers.judge_number(
            self.pack.find(key, self.on),
            multiple,
            within=answers.PENALTY_WITHIN,
            above=answers.PENALTY_ABOVE,
            pack=self.stamp,
        )

    def may_compound(self, *, customer: str = CONSUMER) -> Answer:
        """Whether unpaid penalty may bear penalty itself."""
        return answers.judge_listed(
            self.pack.find("penalty.base_banned", self.on, customer=customer),
            "penalty",
            banned=answers.PENALTY_MAY_NOT_COMPOUND,
            allowed=answers.PENALTY_MAY_COMPOUND,
            pack=self.stamp,
        )

    def may_lend(self, *, lender_kind: str, amount_minor: int, customer: str = CONSUMER) -> Answer:
        """Whether one borrower may owe a lender of this kind so much in all."""
        return answers.judge_number(
            self.pack.find("credit.line_max", self.on, lender=lender_kind, customer=customer),
            Decimal(amount_minor),
            within=answers.AMOUNT_WITHIN,
            above=answers.AMOUNT_ABOVE,
            pack=self.stamp,
        )

    def may_run_for(self, *, method: str, months: int, customer: str = CONSUMER) -> Answer:
        """Whether a loan repaid by this method may run for so many months."""
        return answers.judge_number(
            self.pack.find("credit.term_months_max", self.on, method=method, customer=customer),
            Decimal(months),
            within=answers.TERM_WITHIN,
            above=answers.TERM_ABOVE,
            pack=self.stamp,
        )

    def read_seconds_min(self) -> int:
        """How long a disclosure statement must have been on show before it can be confirmed."""
        rules = self.pack.find("disclosure.read_seconds_min", self.on)
        return max((int(rule.number) for rule in rules), default=0)

    def consents_needed_for(self, act: str) -> tuple[ConsentType, ...]:
        """Which consents an act needs on this day."""
        return self.pack.consents_needed_for(act, self.on)

    def limit(self, key: str, *, lender_kind: str = "") -> Limit | None:
        """The first figure of this key, if there is one."""
        return limit_in(self.pack, key, self.on, lender_kind=lender_kind)

    def rate_annual(self, key: str) -> Decimal | None:
        """The reference rate of this day: the newest one, recorded by operators or shipped."""
        live = [rate for rate in self.rates if rate.key == key and rate.effective_from <= self.on]
        newest = max(live, key=lambda rate: rate.effective_from, default=None)
        return newest.rate_annual if newest else None

    def _cap(self, rule: Rule) -> Cap | None:
        if not rule.rate:
            return Cap(rule, rule.number)
        rate = self.rate_annual(rule.rate)
        return None if rate is None else Cap(rule, rule.number * rate)

    def _decision(self, topic: str, partner: str) -> DecisionFact | None:
        for decision in self.decisions:
            if decision.topic == topic and decision.partner in {"", partner}:
                return decision
        return None


def limit_in(pack: Pack, key: str, on: date, *, lender_kind: str = "") -> Limit | None:
    """The first figure of a key that a pack sets for a day, if there is one."""
    rules = pack.find(key, on, lender=lender_kind)
    return limit_of(rules[0]) if rules else None


def limit_of(rule: Rule) -> Limit:
    """A rule as the figure it sets."""
    return Limit(
        key=rule.key,
        value=rule.value,
        unit=rule.unit.value,
        rule=rule.id,
        effect=rule.effect.value,
        source=rule.source.title,
        article=rule.article,
        verified=rule.verified,
        effective_from=rule.effective_from,
        effective_to=rule.effective_to,
    )


def newest_first(rates: Sequence[ReferenceRate]) -> tuple[ReferenceRate, ...]:
    """Reference rates from the newest to the oldest, by key."""
    return tuple(sorted(rates, key=lambda rate: (rate.key, rate.effective_from), reverse=True))
