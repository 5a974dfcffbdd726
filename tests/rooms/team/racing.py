"""Reviewers who take what is next at the very same moment, in processes of their own.

``build`` opens a book with reviews that wait; ``race`` lets four reviewers take all of them, each
as fast as it can, and prints how many each got, how many different ones, and who holds what.
"""

from __future__ import annotations

import json
import sys

from loanops.config import startup

startup.start()

from django.db import connection  # noqa: E402

from loanops.kernel.access import Actor  # noqa: E402
from loanops.platform.audit.models import Entry  # noqa: E402
from loanops.platform.identity import queries as identity  # noqa: E402
from loanops.registry.team import operations  # noqa: E402
from loanops.registry.team.domain.refusals import NothingWaits  # noqa: E402
from loanops.registry.team.models import Item  # noqa: E402
from tests.factories import requests, work  # noqa: E402
from tests.factories.registry import AT, TODAY  # noqa: E402
from tests.rooms.servicing.killed import fork, wait  # noqa: E402

REVIEWERS = ("anna", "ben", "carl", "dora")
COUNT = 24


def build() -> None:
    requests.desk()
    for login in REVIEWERS:
        work.hire(login, "reviewer")
    work.referred(*range(1, COUNT + 1))
    work.follow()


def take_all(login: str) -> None:
    who: Actor = identity.actor_of_login(login, on=TODAY)
    while True:
        try:
            operations.claim_next(book="cn", kind="", actor=who, at=AT)
        except NothingWaits:
            return


def race() -> None:
    connection.close()
    for child in [fork(lambda login=login: take_all(login)) for login in REVIEWERS]:
        wait(child)
    held = list(Item.objects.values_list("holder", flat=True))
    claimed = Entry.objects.filter(code="team.claimed").values_list("subject", flat=True)
    told = {
        "held": len(held),
        "free": held.count(""),
        "claims": len(claimed),
        "different": len(set(claimed)),
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    {"build": build, "race": race}[sys.argv[1]]()
