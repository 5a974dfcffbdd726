"""What must always hold of strategies and verdicts."""

from __future__ import annotations

import json
from collections.abc import Iterator

from loanops.origination.applications import queries as applications
from loanops.origination.decisioning.domain.judging import verdict_hash
from loanops.origination.decisioning.domain.strategy import digest_of
from loanops.origination.decisioning.models import StrategyVersion, Verdict
from loanops.origination.decisioning.queries.verdicts import replay_of
from loanops.platform.audit import Check, Violation


def changed_strategies() -> Iterator[Violation]:
    """Published strategies whose document is not the one that was published."""
    for row in StrategyVersion.objects.order_by("id"):
        found = digest_of(json.loads(row.document_json))
        if found != row.hash:
            yield Violation(
                code="INV-36",
                object=f"{row.code} v{row.version}",
                expected=row.hash,
                found=found,
                hint="restore the document from a backup; changes are published as a new version",
            )


def changed_verdicts() -> Iterator[Violation]:
    """Verdicts whose kept parts are not those that were sealed."""
    rows = Verdict.objects.select_related("strategy").order_by("id")
    for row in rows.iterator(chunk_size=1_000):
        found = verdict_hash(
            application=row.application_id,
            strategy_hash=row.strategy.hash if row.strategy else "",
            outcome=row.outcome,
            reasons=row.reasons,
            score=row.score,
            grade=row.grade,
            limit_minor=row.limit_minor,
            inputs=json.loads(row.inputs_json),
            outputs=json.loads(row.outputs_json),
            trace=json.loads(row.trace_json),
        )
        if found != row.seal:
            yield Violation(
                code="INV-37",
                object=row.number,
                expected=row.seal,
                found=found,
                hint="a part of the verdict was changed after it was given",
            )


def verdicts_that_replay_otherwise() -> Iterator[Violation]:
    """Strategy verdicts that do not come out the same from their frozen inputs."""
    rows = Verdict.objects.filter(strategy__isnull=False).select_related("strategy").order_by("id")
    for row in rows.iterator(chunk_size=1_000):
        again = replay_of(row)
        if not again.same:
            yield Violation(
                code="INV-37",
                object=row.number,
                expected=f"{row.outcome} {row.seal}",
                found=f"{again.outcome} {again.found}",
                hint="the strategy, the engine or the inputs are not those of the verdict",
            )


def verdicts_that_were_not_ordered() -> Iterator[Violation]:
    """Applications whose log of moves tells other verdicts than were given, or the reverse."""
    ordered: dict[str, list[str]] = {}
    for number, outcome in applications.ordered_verdicts():
        ordered.setdefault(number, []).append(outcome)
    given: dict[str, list[str]] = {}
    rows = Verdict.objects.order_by("application_id", "place")
    for number, outcome in rows.values_list("application__number", "outcome").iterator():
        given.setdefault(number, []).append(outcome)
    for number in sorted(ordered.keys() | given.keys()):
        expected, found = ordered.get(number, []), given.get(number, [])
        if expected != found:
            yield Violation(
                code="INV-38",
                object=number,
                expected=f"verdicts {', '.join(expected) or 'none'}",
                found=", ".join(found) or "none",
                hint="an application is only decided by decisioning; see its timeline",
            )


CHECKS = (
    Check(
        code="INV-36",
        statement="The document of each strategy version is the one that was published.",
        find=changed_strategies,
    ),
    Check(
        code="INV-37",
        statement="Each verdict is as it was sealed.",
        find=changed_verdicts,
    ),
    Check(
        code="INV-37",
        statement="Each verdict of a strategy replays bit for bit from its frozen inputs.",
        find=verdicts_that_replay_otherwise,
    ),
    Check(
        code="INV-38",
        statement="Every verdict in an application's log was given by decisioning, and reverse.",
        find=verdicts_that_were_not_ordered,
    ),
)
