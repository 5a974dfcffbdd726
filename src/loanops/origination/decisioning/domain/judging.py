"""From facts to a verdict. Whatever is missing, impossible or broken refers to a person.

Order: read the inputs, give points, ask the graph. Only the graph can approve, and only with
every input present, a score, and an answer that makes sense.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

from loanops.origination.decisioning.domain.engine import EngineFault
from loanops.origination.decisioning.domain.inputs import Fact, Facts
from loanops.origination.decisioning.domain.scorecard import Score
from loanops.origination.decisioning.domain.strategy import Outcome, Strategy, digest_of

INPUT_MISSING: Final = "INPUT_MISSING"
INPUT_WRONG: Final = "INPUT_WRONG"
STRATEGY_FAILED: Final = "STRATEGY_FAILED"
# A strategy says this where the sum of points decides; the costliest characteristics follow.
SCORE_LOW: Final = "SCORE_LOW"


@dataclass(frozen=True)
class Judgement:
    """What a strategy says of one set of facts, with everything needed to say it again.

    ``inputs`` are the facts the strategy can see, ``outputs`` what it made of them.
    """

    outcome: Outcome
    reasons: tuple[str, ...]
    score: int | None
    grade: str
    limit_minor: int | None
    inputs: dict[str, Fact]
    outputs: dict[str, Any]
    trace: tuple[dict[str, Any], ...]


def judge(strategy: Strategy, facts: Facts) -> Judgement:
    """The strategy's judgement of the facts; always an answer, never an exception."""
    seen = {name: facts.get(name) for name in sorted(strategy.reader.sources())}
    read = strategy.reader.read(seen)
    outputs: dict[str, Any] = {"inputs": read.values}
    if read.missing or read.wrong:
        outputs |= {"missing": list(read.missing), "wrong": list(read.wrong)}
        codes = ((INPUT_MISSING,) if read.missing else ()) + ((INPUT_WRONG,) if read.wrong else ())
        return _refer(codes, seen, outputs)
    context: dict[str, Fact] = {name: read.values[name] for name in strategy.graph_inputs}
    score: Score | None = None
    if strategy.scorecard is not None:
        scored = strategy.scorecard.score(read.values)
        if not isinstance(scored, Score):
            outputs["missing"] = list(scored)
            return _refer((INPUT_MISSING,), seen, outputs)
        score = scored
        context |= {"score": score.points, "grade": score.grade}
        outputs["points"] = score.parts
    try:
        answer = strategy.graph.explain(context)
    except EngineFault as fault:
        outputs["fault"] = str(fault)
        return _refer((STRATEGY_FAILED,), seen, outputs, score)
    return _judgement(strategy, seen, outputs, score, answer.result, answer.trace)


def _judgement(
    strategy: Strategy,
    seen: dict[str, Fact],
    outputs: dict[str, Any],
    score: Score | None,
    result: Mapping[str, Any],
    trace: tuple[dict[str, Any], ...],
) -> Judgement:
    said, codes, limit = result.get("outcome"), result.get("reasons"), result.get("limit_minor")
    known = isinstance(codes, list) and all(code in strategy.reasons for code in codes)
    sensible = (
        said in set(Outcome)
        and known
        and (limit is None or _is_amount(limit))
        and (bool(codes) or said == Outcome.APPROVE)
    )
    outputs["answer"] = dict(result)
    if not sensible:
        return _refer((STRATEGY_FAILED,), seen, outputs, score, trace)
    assert isinstance(codes, list)  # noqa: S101 - what `sensible` has just established
    reasons = tuple(dict.fromkeys(codes))
    if SCORE_LOW in reasons and score is not None:
        reasons = tuple(dict.fromkeys((*reasons, *score.costly)))
    return Judgement(
        outcome=Outcome(str(said)),
        reasons=reasons,
        score=score.points if score else None,
        grade=score.grade if score else "",
        limit_minor=None if limit is None else int(limit),
        inputs=seen,
        outputs=outputs,
        trace=trace,
    )


def _is_amount(limit: object) -> bool:
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not isfinite(limit):
        return False
    return limit == int(limit) > 0


def _refer(
    codes: tuple[str, ...],
    seen: dict[str, Fact],
    outputs: dict[str, Any],
    score: Score | None = None,
    trace: tuple[dict[str, Any], ...] = (),
) -> Judgement:
    return Judgement(
        outcome=Outcome.REFER,
        reasons=codes,
        score=score.points if score else None,
        grade=score.grade if score else "",
        limit_minor=None,
        inputs=seen,
        outputs=outputs,
        trace=trace,
    )


def verdict_hash(
    *,
    application: str,
    strategy_hash: str,
    outcome: str,
    reasons: tuple[str, ...] | list[str],
    score: int | None,
    grade: str,
    limit_minor: int | None,
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
    trace: tuple[dict[str, Any], ...] | list[dict[str, Any]],
) -> str:
    """The seal of a verdict: a judgement replayed from its frozen inputs has the same one."""
    return digest_of(
        {
            "application": application,
            "strategy": strategy_hash,
            "outcome": str(outcome),
            "reasons": list(reasons),
            "score": score,
            "grade": grade,
            "limit_minor": limit_minor,
            "inputs": dict(inputs),
            "outputs": dict(outputs),
            "trace": list(trace),
        }
    )
