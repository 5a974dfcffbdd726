"""How an application was funded, as a page shows it: choices, funders asked, signing, payouts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loanops.origination.routing import permissions, queries
from loanops.origination.routing.queries import AttemptCard, CandidateCard, DecisionCard
from loanops.platform.web.templatetags import in_language, listed, money
from loanops.surfaces.console.pages.sentences import Names
from loanops.surfaces.console.pages.shell import ConsoleRequest
from loanops.surfaces.console.pages.words import word_of

_MONEY = {"amount", "quota", "person_limit"}


@dataclass(frozen=True)
class Considered:
    """One funder that was looked at in a round: whether it was asked, and else why not."""

    card: CandidateCard
    reasons: list[str]
    attempt: AttemptCard | None


@dataclass(frozen=True)
class Round:
    """One choice of a funder."""

    number: int
    at: datetime
    considered: list[Considered]
    nobody: bool


def explained(code: str, values: Mapping[str, str], *, currency: str, products: Names) -> str:
    """Why a funder was left out, with its figures, in the reader's language."""
    shown = dict(values)
    if code in _MONEY:
        shown = {name: _money(value, currency) for name, value in values.items()}
    elif code == "product":
        shown = {name: in_language(products.get(value, value)) for name, value in values.items()}
    elif code == "region":
        shown = {name: str(word_of("region", value).text) for name, value in values.items()}
    elif code == "consent_missing":
        shown = {
            name: listed(str(word_of("consent", each).text) for each in value.split(", "))
            for name, value in values.items()
        }
    elif code == "signing_forbidden":
        shown = {name: str(word_of("signing", value).text) for name, value in values.items()}
    elif code == "credit_refused":
        shown = {name: str(word_of("funder_reason", value).text) for name, value in values.items()}
    return str(word_of("exclusion", code).text).format_map(shown)


def _money(value: str, currency: str) -> str:
    return money(int(value), currency) if value.lstrip("-").isdecimal() else value


def rounds(
    decisions: list[DecisionCard],
    attempts: list[AttemptCard],
    *,
    currency: str,
    products: Names,
) -> list[Round]:
    """The choices in order, each candidate with what excluded it or what became of asking it."""
    asked = {(each.round, each.agreement): each for each in attempts}
    return [
        Round(
            number=decision.round,
            at=decision.decided_at,
            considered=[
                Considered(
                    card=card,
                    reasons=[
                        explained(each.code, each.values, currency=currency, products=products)
                        for each in card.exclusions
                    ],
                    attempt=asked.get((decision.round, card.agreement)),
                )
                for card in decision.candidates
            ],
            nobody=not decision.agreement,
        )
        for decision in decisions
    ]


def funding_of(
    request: ConsoleRequest, application: str, *, currency: str, products: Names
) -> dict[str, Any]:
    """What a page shows of an application's funding; nothing for who may not see routing."""
    if not request.actor.may(permissions.VIEW):
        return {}
    attempts = queries.list_attempts(application=application, viewer=request.actor)
    decisions = queries.list_decisions(application=application, viewer=request.actor)
    payouts = queries.payouts_of(application=application, viewer=request.actor)
    return {
        "rounds": rounds(decisions, attempts, currency=currency, products=products),
        "asked": len(attempts),
        "signings": queries.list_signings(application=application, viewer=request.actor),
        "payouts": payouts,
        "exceptions": queries.exceptions_of(application=application, viewer=request.actor),
        "may_resolve": request.actor.may(permissions.RESOLVE),
    }
