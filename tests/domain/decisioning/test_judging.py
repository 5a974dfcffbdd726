"""From facts to a verdict: what is missing or broken is referred, never approved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loanops.origination.decisioning import domain
from loanops.origination.decisioning.domain.gate import pass_gate
from loanops.origination.decisioning.domain.judging import judge
from loanops.origination.decisioning.domain.offering import offered_minor
from loanops.origination.decisioning.domain.refusals import StrategyWrong
from loanops.origination.decisioning.domain.strategy import Outcome, Strategy, load_strategy

SHIPPED = Path(domain.__file__).parent.parent / "data" / "strategies"
CODES = ("cn-consumer", "us-2018")


@cache
def text_of(code: str) -> str:
    return (SHIPPED / f"{code}.json").read_text(encoding="utf-8")


def document(code: str = "cn-consumer") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text_of(code))
    return found


@cache
def strategy(code: str) -> Strategy:
    return load_strategy(document(code))


def case(code: str, outcome: str) -> dict[str, Any]:
    """The facts of the strategy's own first case with this outcome."""
    found: dict[str, Any] = next(
        test["facts"] for test in document(code)["tests"] if test["outcome"] == outcome
    )
    return found


class TestJudge:
    @pytest.mark.parametrize("code", CODES)
    def test_says_what_each_case_of_the_strategy_says(self, code: str) -> None:
        for test in document(code)["tests"]:
            found = judge(strategy(code), test["facts"])

            assert found.outcome == test["outcome"], test["name"]
            assert set(test.get("reasons", ())) <= set(found.reasons), test["name"]

    @pytest.mark.parametrize("code", CODES)
    def test_never_approves_where_a_needed_input_is_missing(self, code: str) -> None:
        good = case(code, "approve")
        needed = set(strategy(code).graph_inputs) & set(good)

        for name in sorted(needed):
            found = judge(strategy(code), {**good, name: None})
            assert found.outcome is Outcome.REFER, name
            assert "INPUT_MISSING" in found.reasons

    @pytest.mark.parametrize("bad", [-1, 10**18, "12", 1.5, True, [], {}])
    def test_refers_what_is_impossible(self, bad: object) -> None:
        facts = {**case("cn-consumer", "approve"), "age_years": bad}

        found = judge(strategy("cn-consumer"), facts)

        assert found.outcome is Outcome.REFER
        assert found.reasons == ("INPUT_WRONG",)

    @given(
        st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(
                sorted(strategy("cn-consumer").reader.sources()),
                st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=5),
            ),
        )
    )
    @settings(max_examples=60)
    def test_answers_whatever_it_is_given_and_approves_no_gap(
        self, facts: Mapping[str, Any]
    ) -> None:
        found = judge(strategy("cn-consumer"), facts)

        assert found.outcome in set(Outcome)
        if found.outcome is Outcome.APPROVE:
            read = strategy("cn-consumer").reader.read(facts)
            assert not read.missing
            assert not read.wrong

    def test_is_the_same_again_from_the_inputs_it_kept(self) -> None:
        first = judge(strategy("cn-consumer"), case("cn-consumer", "approve"))

        again = judge(strategy("cn-consumer"), first.inputs)

        assert again == first

    def test_tells_which_row_of_which_table_matched(self) -> None:
        found = judge(strategy("cn-consumer"), case("cn-consumer", "decline"))

        hits = {step["node"]: [hit["rule"] for hit in step["hits"]] for step in found.trace}
        assert hits["knockouts"]
        assert hits["verdict"] == ["verdict-1"]

    def test_does_not_see_what_the_strategy_does_not_name(self) -> None:
        facts = {**case("cn-consumer", "approve"), "gender": "f", "name": "somebody"}

        assert not {"gender", "name"} & set(judge(strategy("cn-consumer"), facts).inputs)


class TestOffered:
    def test_is_what_was_asked_within_the_limit(self) -> None:
        said = judge(strategy("cn-consumer"), case("cn-consumer", "approve"))
        assert said.limit_minor is not None

        assert offered_minor(said, asked_minor=said.limit_minor + 1) == said.limit_minor
        assert offered_minor(said, asked_minor=100_000) == 100_000

    def test_is_nothing_unless_approved(self) -> None:
        said = judge(strategy("cn-consumer"), case("cn-consumer", "decline"))

        assert offered_minor(said, asked_minor=100_000) is None


def broken(place: str, value: str) -> dict[str, Any]:
    """The Chinese strategy with one cell of its verdict table changed."""
    changed = deepcopy(document())
    table = next(node for node in changed["graph"]["nodes"] if node["name"] == "verdict")
    rows = table["content"]["rules"]
    row = rows[-1] if place.startswith("last") else rows[1]
    row[place.split(".")[1]] = value
    return changed


class TestGate:
    @pytest.mark.parametrize("code", CODES)
    def test_lets_the_shipped_strategies_pass(self, code: str) -> None:
        assert pass_gate(document(code)).code == code

    @pytest.mark.parametrize(
        ("change", "place"),
        [
            (broken("second.i3", "bogus(("), "table verdict row 2"),
            (broken("second.i3", "< no_such_name"), "table verdict row 2"),
            (broken("last.o1", '"approve"'), "table verdict row"),
            (broken("second.o1", '"maybe"'), "table verdict row 2"),
            (broken("second.o2", '["NO_SUCH_REASON"]'), "reasons.NO_SUCH_REASON"),
            ({**document(), "tests": []}, "tests"),
            ({**document(), "surprise": 1}, "the document"),
            ({key: value for key, value in document().items() if key != "graph"}, "the document"),
        ],
    )
    def test_names_the_place_that_is_wrong(self, change: dict[str, Any], place: str) -> None:
        with pytest.raises(StrategyWrong) as refused:
            pass_gate(change)

        assert place in refused.value.values["place"]

    def test_refuses_a_node_that_could_run_code(self) -> None:
        changed = deepcopy(document())
        changed["graph"]["nodes"].append(
            {"id": "f", "name": "f", "type": "functionNode", "content": {"source": "1"}}
        )

        with pytest.raises(StrategyWrong, match="not allowed"):
            pass_gate(changed)

    @given(st.data())
    @settings(max_examples=60)
    def test_answers_any_document_with_a_strategy_or_one_refusal(self, data: st.DataObject) -> None:
        changed = deepcopy(document())
        at: Any = changed
        while True:
            key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
            below = at[key]
            if not isinstance(below, dict | list) or not below or data.draw(st.booleans()):
                break
            at = below
        at[key] = data.draw(
            st.none()
            | st.integers()
            | st.text(max_size=3)
            | st.just([])
            | st.just({})
            | st.just([1])
        )

        try:
            pass_gate(changed)
        except StrategyWrong as refused:
            assert refused.values["place"]  # noqa: PT017 - either end is right
