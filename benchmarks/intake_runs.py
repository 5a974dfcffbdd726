"""What the benchmark of the intake runs in processes of its own, on a home that holds its book.

``violations``, ``singly FILE MAP COUNT`` (the last rows, one application at a time by the single
orders), ``pdfs COUNT`` (contracts that wait for their document). Each prints one JSON document.
"""

from __future__ import annotations

import json
import sys
import time
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from loanops.config import startup

startup.start()

from benchmarks.checks import violations  # noqa: E402
from loanops.kernel.access import Actor  # noqa: E402
from loanops.origination.applications import operations as applications  # noqa: E402
from loanops.origination.applications import queries as files  # noqa: E402
from loanops.origination.applications.operations import ApplicationRequest  # noqa: E402
from loanops.origination.contracts import operations as contracts  # noqa: E402
from loanops.origination.contracts import queries as contracts_asked  # noqa: E402
from loanops.origination.contracts.models import Contract  # noqa: E402
from loanops.origination.decisioning import operations as decisioning  # noqa: E402
from loanops.origination.routing import operations as routing  # noqa: E402
from loanops.platform.outbox import pump  # noqa: E402
from loanops.platform.web.clock import now  # noqa: E402
from loanops.surfaces.cli.intake.running import REPLAY  # noqa: E402
from loanops.surfaces.cli.sandbox import sandbox  # noqa: E402

BOOK, SOURCE = "us", "singly"
HOUSE = Actor.house("bench")
RENDERED_AT_ONCE = 20


def singly(file: Path, map_file: Path, count: int) -> dict[str, Any]:
    """The seconds of so many rows, each taken from request to loan before the next begins."""
    row_map = files.read_map(tomllib.loads(map_file.read_text(encoding="utf-8")))
    reader = files.read_file(name=file.name, content=file.read_bytes(), row_map=row_map)
    requests = [row.request for row in reader if row.request is not None][-count:]
    with sandbox(public_url="http://127.0.0.1:8000"):
        began = time.perf_counter()
        for request in requests:
            _one(request)
        return {"applications": len(requests), "seconds": time.perf_counter() - began}


def _one(request: ApplicationRequest) -> None:
    given = replace(request, key=f"{SOURCE}:{request.key}")
    number = applications.submit(
        book=BOOK, source=SOURCE, key=given.key, request=given, actor=HOUSE, at=now()
    ).number
    verdict = decisioning.decide(number=number, actor=HOUSE, at=now())
    if verdict.outcome == "approve":
        routing.route(number=number, actor=HOUSE, at=now())
        for offer in contracts_asked.list_offers(application=number):
            _sign_and_draw(offer.number)
    pump.deliver(at=now())


def _sign_and_draw(offer: str) -> None:
    contracts.show_disclosure(offer=offer, actor=HOUSE, at=now())
    contracts.confirm_disclosure(
        offer=offer, read_seconds=0, evidence=REPLAY, actor=HOUSE, at=now()
    )
    drawn = contracts.draw_up(offer=offer, actor=HOUSE, at=now())
    at = now()
    contracts.record_signature(
        contract=drawn.number,
        mode="ours",
        evidence={
            "signer": drawn.application,
            "ip": REPLAY["ip"],
            "device": REPLAY["device"],
            "witness": drawn.witness,
        },
        signed_at=at,
        actor=HOUSE,
        at=at,
    )
    routing.draw_down(contract=drawn.number, actor=HOUSE, at=now())


def pdfs(count: int) -> dict[str, Any]:
    """The seconds in which so many contracts become documents, one compiler for all."""
    waiting = (
        Contract.objects.filter(file__isnull=True).order_by("id").values_list("number", flat=True)
    )
    numbers = list(waiting[: count + 1])
    # The first document also reads the fonts.
    contracts.render_many(contracts=numbers[:1], actor=HOUSE, at=now())
    began = time.perf_counter()
    for start in range(1, len(numbers), RENDERED_AT_ONCE):
        part = numbers[start : start + RENDERED_AT_ONCE]
        contracts.render_many(contracts=part, actor=HOUSE, at=now())
    return {"pdfs": len(numbers) - 1, "seconds": time.perf_counter() - began}


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["violations"]:
            print(json.dumps(violations()))
        case ["singly", file, map_file, count]:
            print(json.dumps(singly(Path(file), Path(map_file), int(count))))
        case ["pdfs", count]:
            print(json.dumps(pdfs(int(count))))
