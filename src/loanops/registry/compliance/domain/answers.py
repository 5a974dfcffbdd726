"""Answers to "may we?": allowed or not, by which rule, with its source and standing.

The cap is compared with the *unrounded* cost, and "at most" includes the limit itself. An answer
that leans on an unverified figure says so, and so must every page that shows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from loanops.kernel.pricing import Measure
from loanops.registry.compliance.domain.packs import Effect, Rule

NO_RULE: Final = "none"


def gettext_noop(text: str) -> str:
    """Marks a text for the catalogue of translations; windows translate it."""
    return text


COST_WITHIN: Final = gettext_noop(
    "The annual cost of {found} ({measure}) is within the limit of {limit}."
)
COST_ABOVE: Final = gettext_noop(
    "The annual cost of {found} ({measure}) is above the limit of {limit}."
)
COST_STRICTER: Final = gettext_noop(
    "By the stricter measure ({measure}) the annual cost is {found}, above the limit of {limit}."
)
COST_ADVISED: Final = gettext_noop(
    "The annual cost of {found} ({measure}) is above the advised {limit}."
)
COST_AGREED: Final = gettext_noop(
    "The annual cost of {found} ({measure}) is above the agreed {limit}."
)
NO_LIMIT: Final = gettext_noop("The rule pack sets no limit here.")
PURPOSE_BANNED: Final = gettext_noop("The purpose {found} is banned by law.")
PURPOSE_ALLOWED: Final = gettext_noop("The purpose {found} is not banned.")
SIGNING_ALLOWED: Final = gettext_noop("Signing by {found} is allowed.")
SIGNING_NEEDS_DECISION: Final = gettext_noop(
    "Signing by {found} needs a recorded compliance decision; none is in force."
)
SIGNING_BY_DECISION: Final = gettext_noop(
    "Signing by {found} is covered by the compliance decision {limit}."
)
PARTY_MAY_CHARGE: Final = gettext_noop("{found} may charge the borrower.")
PARTY_MAY_NOT_CHARGE: Final = gettext_noop("{found} may not charge the borrower.")
PENALTY_WITHIN: Final = gettext_noop(
    "The penalty rate is {found} times the contract rate, within {limit}."
)
PENALTY_ABOVE: Final = gettext_noop(
    "The penalty rate is {found} times the contract rate, above {limit}."
)
PENALTY_MAY_COMPOUND: Final = gettext_noop("Unpaid penalty may bear penalty itself.")
PENALTY_MAY_NOT_COMPOUND: Final = gettext_noop("Unpaid penalty may not bear penalty itself.")
AMOUNT_WITHIN: Final = gettext_noop("The amount is within the limit for one borrower.")
AMOUNT_ABOVE: Final = gettext_noop(
    "The amount of {found} is above the limit of {limit} for one borrower (minor units)."
)
TERM_WITHIN: Final = gettext_noop("The term is within the limit.")
TERM_ABOVE: Final = gettext_noop("The term of {found} months is above the limit of {limit} months.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the law says to one question.

    ``template`` is the English sentence with names in braces, ``values`` fills it; ``limit`` and
    ``found`` are plain and unrounded. ``warnings`` are answers that do not block.
    """

    allowed: bool
    rule: str
    limit: str
    found: str
    source: str
    article: str
    verified: bool
    template: str
    values: Mapping[str, str] = field(default_factory=dict)
    pack: str = ""
    warnings: tuple[Answer, ...] = ()

    @property
    def sentence(self) -> str:
        """The English sentence with its values."""
        return self.template.format_map(dict(self.values))

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain values, to be kept as evidence."""
        return {
            "allowed": self.allowed,
            "rule": self.rule,
            "limit": self.limit,
            "found": self.found,
            "source": self.source,
            "article": self.article,
            "verified": self.verified,
            "template": self.template,
            "values": dict(self.values),
            "pack": self.pack,
            "warnings": [warning.to_dict() for warning in self.warnings],
        }

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Answer:
        """The answer that :meth:`to_dict` kept."""
        warnings = tuple(cls.from_dict(each) for each in row["warnings"])
        return cls(**{**row, "warnings": warnings})


def answer(
    rule: Rule | None,
    *,
    allowed: bool,
    template: str,
    pack: str,
    limit: str = "",
    found: str = "",
    values: Mapping[str, str] | None = None,
    warnings: tuple[Answer, ...] = (),
) -> Answer:
    """An answer by a rule, or (without one) the answer that no rule stands against it."""
    return Answer(
        allowed=allowed,
        rule=rule.id if rule else NO_RULE,
        limit=limit,
        found=found,
        source=rule.source.title if rule else "",
        article=rule.article if rule else "",
        verified=rule.verified if rule else True,
        template=template,
        values={"limit": limit, "found": found, **(values or {})},
        pack=pack,
        warnings=warnings,
    )


def per_cent(rate: Decimal) -> str:
    """A rate as a percentage that hides no difference from a limit: up to 8 decimals."""
    text = format((rate * 100).quantize(Decimal("1e-8")), "f")
    return f"{text.rstrip('0').rstrip('.')}%"


def plain(number: Decimal) -> str:
    """A number without exponent or needless zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class Cap:
    """A cap with its figure worked out (a multiple of a reference rate is a figure by date)."""

    rule: Rule | None
    rate_annual: Decimal


def judge_cost(
    *,
    simple: Decimal,
    effective: Decimal,
    measure: Measure,
    caps: Sequence[Cap],
    agreed: Decimal | None,
    pack: str,
) -> Answer:
    """Whether an all-in annual cost may be offered.

    The lowest blocking cap decides, by the measure of the agreement; what only the stricter
    measure or an advised figure exceeds is a warning. The agreed cap of a funder blocks as well.
    """
    costs = {Measure.SIMPLE: simple, Measure.EFFECTIVE: effective}
    found = costs[measure]
    stricter = max(costs, key=lambda each: costs[each])
    blocking = sorted(
        (cap for cap in caps if cap.rule is None or cap.rule.effect is Effect.BLOCK),
        key=lambda cap: cap.rate_annual,
    )
    warnings = [
        _cost(cap, found, measure, COST_ADVISED, pack, allowed=True)
        for cap in caps
        if cap.rule is not None and cap.rule.effect is Effect.WARN and found > cap.rate_annual
    ]
    cap = blocking[0] if blocking else None
    if cap is not None and found > cap.rate_annual:
        return _cost(cap, found, measure, COST_ABOVE, pack, allowed=False)
    if agreed is not None and found > agreed:
        return _cost(Cap(None, agreed), found, measure, COST_AGREED, pack, allowed=False)
    if cap is None:
        return answer(
            None,
            allowed=True,
            template=NO_LIMIT,
            pack=pack,
            found=plain(found),
            warnings=tuple(warnings),
        )
    if costs[stricter] > cap.rate_annual:
        warnings.append(_cost(cap, costs[stricter], stricter, COST_STRICTER, pack, allowed=True))
    return _cost(cap, found, measure, COST_WITHIN, pack, allowed=True, warnings=tuple(warnings))


def _cost(
    cap: Cap,
    found: Decimal,
    measure: Measure,
    template: str,
    pack: str,
    *,
    allowed: bool,
    warnings: tuple[Answer, ...] = (),
) -> Answer:
    return answer(
        cap.rule,
        allowed=allowed,
        template=template,
        pack=pack,
        limit=plain(cap.rate_annual),
        found=plain(found),
        values={
            "limit": per_cent(cap.rate_annual),
            "found": per_cent(found),
            "measure": measure.value,
        },
        warnings=warnings,
    )


def judge_listed(
    rules: Sequence[Rule], word: str, *, banned: str, allowed: str, pack: str
) -> Answer:
    """Whether a word stands on none of the lists of what is banned."""
    for rule in rules:
        if word in rule.codes:
            limit = ", ".join(rule.codes)
            return answer(rule, allowed=False, template=banned, pack=pack, limit=limit, found=word)
    rule_or_none = rules[0] if rules else None
    return answer(rule_or_none, allowed=True, template=allowed, pack=pack, found=word)


def judge_number(
    rules: Sequence[Rule], found: Decimal, *, within: str, above: str, pack: str
) -> Answer:
    """Whether a number is at most the lowest of the limits."""
    if not rules:
        return answer(None, allowed=True, template=NO_LIMIT, pack=pack, found=plain(found))
    rule = min(rules, key=lambda each: each.number)
    allowed = found <= rule.number
    return answer(
        rule,
        allowed=allowed,
        template=within if allowed else above,
        pack=pack,
        limit=plain(rule.number),
        found=plain(found),
    )
