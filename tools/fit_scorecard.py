"""Make the points of a shipped scorecard again from a file, and say how well they hold.

    python tools/fit_scorecard.py us-2018 FILE --map examples/maps/lendingclub.toml [--write]

The bins come from the strategy; the points are learnt from the even rows alone (counted from 0):
weights of evidence shrunk towards zero, one slope for each characteristic by ridge logistic
regression, 20 points for a doubling of the odds. The odd rows only check. Prints one JSON
document; `--write` puts the points into the strategy file.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from loanops.origination.applications.domain.mapping import parse_map  # noqa: E402
from loanops.origination.applications.domain.rows import read_rows  # noqa: E402
from loanops.origination.decisioning.domain.strategy import load_strategy  # noqa: E402
from loanops.platform.sheets.opening import open_sheet  # noqa: E402

STRATEGIES = ROOT / "src/loanops/origination/decisioning/data/strategies"
POINTS_TO_DOUBLE = 20
SHRINK_ROWS = 4.0
RIDGE = 2.0


def facts_and_bad(file: Path, map_file: Path) -> tuple[list[dict[str, Any]], np.ndarray]:
    """What a strategy could see of each row, and whether the loan went bad."""
    row_map = parse_map(tomllib.loads(map_file.read_text(encoding="utf-8")))
    bad_field = next(
        name for name, rule in row_map.outcome.items() if rule.column == row_map.bad_column
    )
    facts, bad = [], []
    for row in read_rows(row_map, open_sheet(file=file.name, content=file.read_bytes())):
        if row.request is None:
            continue
        request = row.request
        facts.append(
            {
                **request.facts,
                "amount_minor": request.amount_minor,
                "term_months": request.term_months,
                "rate_annual_ppm": int((request.annual_rate or 0) * 1_000_000),
                "instalment_minor": request.instalment_minor,
                "purpose": request.purpose,
            }
        )
        bad.append(request.outcome[bad_field] in row_map.bad_values)
    return facts, np.array(bad, dtype=float)


def bin_of(item: dict[str, Any], value: Any) -> int:
    """The place of a value among the bins; -1 is the bin of the missing."""
    if value is None:
        return -1
    for place, one in enumerate(item["bins"]):
        if value in one["in"] if "in" in one else value < one.get("below", math.inf):
            return place
    raise ValueError(f"{item['input']} has no bin for {value}")


def fit(document: dict[str, Any], facts: list[dict[str, Any]], bad: np.ndarray) -> np.ndarray:
    """Put points into the document's bins, learnt from the even rows; returns every score."""
    reader = load_strategy(document).reader
    values = [reader.read(row).values for row in facts]
    items = document["scorecard"]["characteristics"]
    learn = np.arange(len(facts)) % 2 == 0
    places = {
        item["input"]: np.array([bin_of(item, row[item["input"]]) for row in values])
        for item in items
    }
    evidence = [weights(places[item["input"]], bad, learn, len(item["bins"])) for item in items]
    columns = [evidence[number][places[item["input"]]] for number, item in enumerate(items)]
    slopes = logistic(np.column_stack(columns)[learn], 1 - bad[learn])
    factor = POINTS_TO_DOUBLE / math.log(2)
    total = np.full(len(facts), float(document["scorecard"]["base"]))
    for number, item in enumerate(items):
        points = np.rint(factor * slopes[number] * evidence[number]).astype(int)
        for place, one in enumerate(item["bins"]):
            one["points"] = int(points[place])
        if "missing" in item:
            item["missing"] = int(points[-1])
        total += points[places[item["input"]]]
    return total


def weights(places: np.ndarray, bad: np.ndarray, learn: np.ndarray, bins: int) -> np.ndarray:
    """The weight of evidence of each bin (the last is the missing), shrunk towards zero."""
    all_bad, all_rows = bad[learn].sum(), learn.sum()
    rate = all_bad / all_rows
    found = np.zeros(bins + 1)
    for place in (*range(bins), -1):
        here = learn & (places == place)
        shrunk = (bad[here].sum() + SHRINK_ROWS * rate) / (here.sum() + SHRINK_ROWS)
        found[place] = math.log((1 - shrunk) / shrunk) - math.log((1 - rate) / rate)
    return found


def logistic(columns: np.ndarray, good: np.ndarray) -> np.ndarray:
    """Slopes of a ridge logistic regression by Newton's method."""
    design = np.column_stack([np.ones(len(good)), columns])
    penalty = np.diag([0.0] + [RIDGE] * columns.shape[1])
    slopes = np.zeros(design.shape[1])
    for _ in range(25):
        chance = 1 / (1 + np.exp(-design @ slopes))
        slope = design.T @ (good - chance) - penalty @ slopes
        bend = (design.T * (chance * (1 - chance))) @ design + penalty
        slopes += np.linalg.solve(bend, slope)
    return slopes[1:]


def area(score: np.ndarray, bad: np.ndarray) -> float:
    """The chance that a bad loan has the lower score than a good one (ties count half)."""
    bads, goods = score[bad == 1], np.sort(score[bad == 0])
    below = np.searchsorted(goods, bads, side="left")
    ties = np.searchsorted(goods, bads, side="right") - below
    return float(1 - (below + ties / 2).sum() / (len(bads) * len(goods)))


def report(score: np.ndarray, bad: np.ndarray) -> dict[str, Any]:
    """How the points part good from bad, on the half that taught and the half that did not."""
    even = np.arange(len(score)) % 2 == 0
    halves = {}
    for name, half in (("developed_on", even), ("held_out", ~even)):
        at = {
            str(cut): {
                "below": round(float((score[half] < cut).mean()), 4),
                "bad_below": round(float(bad[half & (score < cut)].mean()), 4),
                "bad_above": round(float(bad[half & (score >= cut)].mean()), 4),
            }
            for cut in (int(np.quantile(score[even], part)) for part in (0.1, 0.15, 0.2, 0.25))
        }
        halves[name] = {
            "rows": int(half.sum()),
            "bad": int(bad[half].sum()),
            "area_under_curve": round(area(score[half], bad[half]), 4),
            "at": at,
        }
    return halves


def main() -> None:
    """Fit, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("strategy")
    parser.add_argument("file", type=Path)
    parser.add_argument("--map", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    path = STRATEGIES / f"{asked.strategy}.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    facts, bad = facts_and_bad(asked.file, asked.map)
    score = fit(document, facts, bad)
    print(json.dumps(report(score, bad)))
    if asked.write:
        text = json.dumps(document, ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
