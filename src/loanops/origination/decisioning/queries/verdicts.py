"""Verdicts: what was decided, why, and whether it comes out the same again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from loanops.kernel.access import Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.origination.applications import queries as applications
from loanops.origination.decisioning import permissions
from loanops.origination.decisioning.domain.judging import judge, verdict_hash
from loanops.origination.decisioning.domain.refusals import CannotReplay
from loanops.origination.decisioning.models import Verdict
from loanops.origination.decisioning.queries.reasons import house_reasons
from loanops.origination.decisioning.queries.strategies import compiled

_HOUSE: Final = Viewer.house("decisioning")


@dataclass(frozen=True)
class VerdictCard:
    """One verdict. ``strategy`` is empty where a person gave it; amounts are minor units.

    ``sentences`` hold each reason in both languages; ``trace`` says per table which rows matched
    on which values.
    """

    number: str
    book: str
    application: str
    place: int
    strategy: str
    strategy_version: int | None
    outcome: str
    reasons: tuple[str, ...]
    sentences: Mapping[str, Mapping[str, str]]
    score: int | None
    grade: str
    limit_minor: int | None
    offered_minor: int | None
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    trace: tuple[Mapping[str, Any], ...]
    seal: str
    note: str
    decided_by: str
    decided_at: datetime
    decided_on: date


@dataclass(frozen=True)
class Replay:
    """A verdict calculated again from its frozen inputs; ``same`` to the last bit or not."""

    number: str
    same: bool
    sealed: str
    found: str
    outcome: str


def verdict_card(row: Verdict) -> VerdictCard:
    """A row (with its strategy) as a card."""
    return VerdictCard(
        number=row.number,
        book=row.book_id,
        application=row.application_id,
        place=row.place,
        strategy=row.strategy.code if row.strategy else "",
        strategy_version=row.strategy.version if row.strategy else None,
        outcome=row.outcome,
        reasons=tuple(row.reasons),
        sentences=_sentences(row),
        score=row.score,
        grade=row.grade,
        limit_minor=row.limit_minor,
        offered_minor=row.offered_minor,
        inputs=json.loads(row.inputs_json),
        outputs=json.loads(row.outputs_json),
        trace=tuple(json.loads(row.trace_json)),
        seal=row.seal,
        note=row.note,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decided_on=row.decided_on,
    )


def _sentences(row: Verdict) -> dict[str, Mapping[str, str]]:
    own = compiled(row.strategy).reasons if row.strategy else {}
    house = house_reasons()
    return {
        code: own.get(code) or (house[code].sentence if code in house else {})
        for code in row.reasons
    }


def get_verdict(number: str, *, viewer: Viewer = _HOUSE) -> VerdictCard:
    """The verdict with this number.

    :raises NotPermitted: the viewer may not see decisions.
    :raises NotFound: there is none in the viewer's scope.
    """
    return verdict_card(_find(number, viewer))


def _find(number: str, viewer: Viewer) -> Verdict:
    require(viewer, permissions.VIEW)
    rows = Verdict.objects.select_related("strategy")
    row = rows.filter(number=number).first() if number.isprintable() else None
    if row is None or not viewer.sees_book(row.book_id):
        raise NotFound(kind="verdict", number=number)
    return row


def verdicts_of(*, application: str, viewer: Viewer) -> list[VerdictCard]:
    """The verdicts of an application in the order in which they were given.

    :raises NotPermitted: the viewer may not see decisions or applications.
    :raises NotFound: there is no such application in the viewer's scope.
    """
    require(viewer, permissions.VIEW)
    applications.get_application(application, viewer=viewer)
    rows = Verdict.objects.filter(application_id=application).select_related("strategy")
    return [verdict_card(row) for row in rows.order_by("place")]


def latest_outcomes(numbers: Sequence[str]) -> dict[str, str]:
    """The outcome of the last verdict of each application that has one."""
    found: dict[str, str] = {}
    for start in range(0, len(numbers), 5_000):
        rows = Verdict.objects.filter(application_id__in=numbers[start : start + 5_000])
        found |= dict(rows.order_by("place").values_list("application__number", "outcome"))
    return found


@dataclass(frozen=True)
class VerdictLine:
    """The last verdict of a strategy on one application, as short as a list shows it."""

    outcome: str
    score: int | None
    grade: str
    sentences: tuple[Mapping[str, str], ...]


def lines_of(*, applications: Sequence[str], viewer: Viewer) -> dict[str, VerdictLine]:
    """The last strategy verdict of each application of a page that has one; two queries.

    :raises NotPermitted: the viewer may not see decisions.
    """
    require(viewer, permissions.VIEW)
    rows = Verdict.objects.filter(application_id__in=list(applications), strategy__isnull=False)
    return {
        row.application_id: VerdictLine(
            row.outcome, row.score, row.grade, tuple(_sentences(row).values())
        )
        for row in rows.select_related("strategy").order_by("place")
        if viewer.sees_book(row.book_id)
    }


def last_limits(numbers: Iterable[str]) -> dict[str, int | None]:
    """The limit that the last strategy verdict of each application named."""
    rows = Verdict.objects.filter(
        application_id__in=sorted(set(numbers)), strategy__isnull=False
    ).order_by("place")
    return dict(rows.values_list("application__number", "limit_minor"))


def replay(number: str, *, viewer: Viewer = _HOUSE) -> Replay:
    """Calculate a verdict again from its frozen inputs and its strategy's version.

    :raises NotPermitted: the viewer may not see decisions.
    :raises NotFound: there is none in the viewer's scope.
    :raises CannotReplay: a person gave it.
    """
    row = _find(number, viewer)
    if row.strategy is None:
        raise CannotReplay(number=number)
    return replay_of(row)


def replay_of(row: Verdict) -> Replay:
    """A strategy's verdict calculated again, for the room's own use."""
    assert row.strategy is not None  # noqa: S101 - callers have asked
    strategy = compiled(row.strategy)
    again = judge(strategy, json.loads(row.inputs_json))
    found = verdict_hash(
        application=row.application_id,
        strategy_hash=strategy.hash,
        outcome=again.outcome,
        reasons=again.reasons,
        score=again.score,
        grade=again.grade,
        limit_minor=again.limit_minor,
        inputs=again.inputs,
        outputs=again.outputs,
        trace=again.trace,
    )
    return Replay(row.number, found == row.seal, row.seal, found, again.outcome.value)
