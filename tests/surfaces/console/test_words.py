"""Words: no page shows a code that nobody has put into words."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from loanops.config import startup, wiring
from loanops.loanbook.servicing.operations import STEPS
from loanops.origination.applications.domain.lifecycle import Move, Right, Stage
from loanops.origination.contracts.domain.lifecycle import ContractState, OfferState
from loanops.origination.decisioning.domain.strategy import Outcome
from loanops.origination.decisioning.queries import shipped_strategies
from loanops.origination.routing.domain.judging import Source, Trouble
from loanops.origination.routing.domain.lifecycle import AttemptState, PayoutState, SigningState
from loanops.origination.routing.ports import Standing
from loanops.platform.identity.roles import known_grants
from loanops.platform.parameters.catalogue import CATALOGUE
from loanops.registry.contacts.domain.lifecycle import MessageState
from loanops.surfaces.console.pages.telling import said_in_words
from loanops.surfaces.console.pages.words import TABLES
from loanops_sandbox.codes import REASONS

startup.start()
GRANTS = [grant.split(".") for grant in sorted(known_grants())]
LOOKED_AT = {
    entry["name"]
    for document in shipped_strategies().values()
    for entry in (*document["inputs"], *document["features"])
}
NODES = {
    node["name"]
    for document in shipped_strategies().values()
    for node in document["graph"]["nodes"]
}
CODES = {
    "job_name": set(wiring.JOBS),
    "schedule": set(wiring.CRON),
    "step": {step.name for step in STEPS},
    "room": {room for room, _ in GRANTS},
    "verb": {verb for _, verb in GRANTS},
    "parameter": set(CATALOGUE),
    "unit": {definition.unit for definition in CATALOGUE.values()},
    "stage": set(Stage),
    "move": set(Move),
    "right": set(Right),
    "offer": set(OfferState),
    "contract": set(ContractState),
    "message": set(MessageState),
    "attempt": set(AttemptState),
    "signing_state": set(SigningState),
    "payout": set(PayoutState),
    "said": set(Standing),
    "source": set(Source),
    "trouble": set(Trouble),
    "outcome": set(Outcome),
    "fact": LOOKED_AT,
    "node": NODES,
    "funder_reason": {code for code in REASONS if not code.startswith("D")},
}


@pytest.mark.parametrize("kind", sorted(CODES))
def test_every_code_of_a_room_has_a_word(kind: str) -> None:
    assert CODES[kind]
    assert {str(code) for code in CODES[kind]} - set(TABLES[kind]) == set()


def test_what_no_form_asks_for_is_told_in_words_too() -> None:
    with override("zh-hans"):
        told = said_in_words("rate_changed", {"annual_rate": "0.113", "index": "lpr_1y"}, "CNY", {})

    assert told[-1] == ("参照", "一年期 LPR")
