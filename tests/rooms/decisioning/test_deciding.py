"""Deciding: the strategy in force judges, and its sealed verdict is ordered in."""

from __future__ import annotations

import json

import pytest

from loanops.kernel.access import Viewer
from loanops.kernel.refusals import MoveNotAllowed, NotFound, NotPermitted
from loanops.origination.applications import operations as applications
from loanops.origination.applications import queries as asked
from loanops.origination.applications.domain.refusals import DocumentsMissing
from loanops.origination.decisioning import invariants, operations, queries, reactions
from loanops.origination.decisioning.domain.refusals import CannotReplay, NoStrategy
from loanops.origination.decisioning.models import StrategyVersion, Verdict
from loanops.platform.audit.models import Entry
from loanops.platform.outbox.models import Message
from tests.corruption import names
from tests.factories import decisioning as make
from tests.factories.registry import AT, HOUSE, NOBODY, stranger
from tests.factories.routing import yuan

pytestmark = pytest.mark.django_db
LOOK = Viewer.house("tests")
ALL = (make.STEADY, make.OVERDUE, make.UNKNOWN)


@pytest.fixture
def market() -> None:
    yuan()
    make.in_force()


def violations(code: str) -> list[str]:
    return [
        found.object for check in invariants.CHECKS if check.code == code for found in check.find()
    ]


@pytest.mark.usefixtures("market")
class TestDecide:
    @pytest.mark.parametrize(
        ("facts", "outcome", "stage"),
        [
            (make.STEADY, "approve", "approved"),
            (make.OVERDUE, "decline", "declined"),
            (make.UNKNOWN, "refer", "in_review"),
        ],
    )
    def test_orders_its_verdict_into_the_application(
        self, facts: dict[str, object], outcome: str, stage: str
    ) -> None:
        [number] = make.submitted(facts)

        verdict = operations.decide(number=number, actor=HOUSE, at=AT)

        assert verdict.outcome == outcome
        assert asked.stages_of([number]) == {number: stage}

    def test_freezes_inputs_outputs_trace_and_reasons_in_two_languages(self) -> None:
        [number] = make.submitted(make.OVERDUE)

        verdict = operations.decide(number=number, actor=HOUSE, at=AT)

        assert verdict.inputs["overdue_24m"] == 9
        assert "OVERDUE_HISTORY" in verdict.reasons
        assert set(verdict.sentences["OVERDUE_HISTORY"]) == {"zh-hans", "en"}
        assert any(step["node"] == "knockouts" for step in verdict.trace)
        assert (verdict.strategy, verdict.strategy_version) == ("cn-consumer", 1)

    def test_records_and_announces_with_the_change(self) -> None:
        [number] = make.submitted(make.STEADY)

        operations.decide(number=number, actor=HOUSE, at=AT)

        assert Entry.objects.filter(code="decisioning.decided", subject=number).exists()
        assert Message.objects.filter(name="applications.approved", subject=number).exists()

    def test_cannot_happen_twice(self) -> None:
        [number] = make.submitted(make.STEADY)
        operations.decide(number=number, actor=HOUSE, at=AT)

        with pytest.raises(MoveNotAllowed):
            operations.decide(number=number, actor=HOUSE, at=AT)

        assert Verdict.objects.filter(application_id=number).count() == 1

    def test_needs_the_grant(self) -> None:
        [number] = make.submitted(make.STEADY)

        with pytest.raises(NotPermitted):
            operations.decide(number=number, actor=NOBODY, at=AT)

    def test_answers_foreign_and_missing_alike(self) -> None:
        [number] = make.submitted(make.STEADY)

        for asked_for in (number, "AP-0"):
            with pytest.raises(NotFound):
                operations.decide(number=asked_for, actor=stranger("decisioning.decide"), at=AT)

    def test_waits_for_mandatory_documents(self) -> None:
        applications.set_checklist(
            book="cn",
            product="steady",
            items=[applications.ItemIn(kind="id_front", mandatory=True)],
            actor=HOUSE,
            at=AT,
        )
        [number] = make.submitted(make.STEADY)

        with pytest.raises(DocumentsMissing):
            operations.decide(number=number, actor=HOUSE, at=AT)
        outcome = operations.decide_many(book="cn", numbers=[number], actor=HOUSE, at=AT)

        assert outcome == operations.DecideOutcome(waiting=(number,))

    def test_leaves_no_trace_when_no_strategy_is_assigned(self) -> None:
        [number] = make.submitted(make.STEADY)
        make.unassign()

        with pytest.raises(NoStrategy):
            operations.decide(number=number, actor=HOUSE, at=AT)

        assert not Verdict.objects.exists()


@pytest.mark.usefixtures("market")
class TestDecideMany:
    def test_says_what_deciding_one_by_one_says(self) -> None:
        singles = make.submitted(*ALL)
        many = make.submitted(*ALL, first=11)

        said = [operations.decide(number=number, actor=HOUSE, at=AT) for number in singles]
        outcome = operations.decide_many(book="cn", numbers=many, actor=HOUSE, at=AT)

        assert (outcome.approved, outcome.declined, outcome.referred) == tuple(
            (number,) for number in many
        )
        twins = [queries.verdicts_of(application=number, viewer=LOOK)[0] for number in many]
        for one, twin in zip(said, twins, strict=True):
            assert (one.outcome, one.reasons, one.score, one.grade, one.offered_minor) == (
                twin.outcome, twin.reasons, twin.score, twin.grade, twin.offered_minor,
            )  # fmt: skip

    def test_repeated_decides_nothing_again(self) -> None:
        numbers = make.submitted(*ALL)
        operations.decide_many(book="cn", numbers=numbers, actor=HOUSE, at=AT)

        again = operations.decide_many(book="cn", numbers=numbers, actor=HOUSE, at=AT)

        assert again == operations.DecideOutcome()
        assert Verdict.objects.count() == 3

    def test_needs_the_grant_and_the_book(self) -> None:
        with pytest.raises(NotPermitted):
            operations.decide_many(book="cn", numbers=[], actor=NOBODY, at=AT)
        with pytest.raises(NotFound):
            operations.decide_many(
                book="cn", numbers=[], actor=stranger("decisioning.decide"), at=AT
            )

    def test_asks_as_often_for_many_as_for_few(self) -> None:
        few = make.submitted(*[make.STEADY] * 2)
        many = make.submitted(*[make.STEADY] * 20, first=101)

        with make.counted() as for_few:
            operations.decide_many(book="cn", numbers=few, actor=HOUSE, at=AT)
        with make.counted() as for_many:
            operations.decide_many(book="cn", numbers=many, actor=HOUSE, at=AT)

        assert len(for_many) <= len(for_few) + 2

    def test_the_job_leaves_the_decided_alone(self) -> None:
        [number] = make.submitted(make.STEADY)
        payload = {"book": "cn", "applications": [number]}
        reactions.decide(payload, actor=HOUSE, at=AT)

        reactions.decide(payload, actor=HOUSE, at=AT)

        assert len(queries.verdicts_of(application=number, viewer=LOOK)) == 1


@pytest.mark.usefixtures("market")
class TestReplay:
    def test_is_the_same_to_the_last_bit(self) -> None:
        for number in make.submitted(*ALL):
            verdict = operations.decide(number=number, actor=HOUSE, at=AT)

            assert queries.replay(verdict.number).same

    def test_of_a_persons_verdict_is_refused(self) -> None:
        [number] = make.submitted(make.UNKNOWN)
        operations.decide(number=number, actor=HOUSE, at=AT)
        verdict = make.reviewed(number)

        with pytest.raises(CannotReplay):
            queries.replay(verdict.number)

    def test_is_hidden_from_other_books(self) -> None:
        [number] = make.submitted(make.STEADY)
        verdict = operations.decide(number=number, actor=HOUSE, at=AT)

        with pytest.raises(NotFound):
            queries.replay(verdict.number, viewer=stranger("decisioning.view"))
        with pytest.raises(NotPermitted):
            queries.get_verdict(verdict.number, viewer=NOBODY)


@pytest.mark.usefixtures("market")
class TestInvariants:
    def test_hold_after_every_outcome(self) -> None:
        operations.decide_many(book="cn", numbers=make.submitted(*ALL), actor=HOUSE, at=AT)
        make.reviewed(Verdict.objects.get(outcome="refer").application_id)

        assert [violations(code) for code in ("INV-36", "INV-37", "INV-38")] == [[], [], []]

    def test_name_a_strategy_that_was_changed(self) -> None:
        row = StrategyVersion.objects.get()
        document = {**json.loads(row.document_json), "description": {"en": "x", "zh-hans": "x"}}
        StrategyVersion.objects.filter(pk=row.pk).update(document_json=json.dumps(document))

        names(invariants.changed_strategies, "cn-consumer v1")

    @pytest.mark.parametrize(
        "changes",
        [
            {"score": 999},
            {"inputs_json": "{}"},
            {"outputs_json": "{}"},
            {"trace_json": "[]"},
            {"reasons": ["SCORE_LOW"]},
            {"limit_minor": 99_999_999},
            {"seal": "0" * 64},
        ],
    )
    def test_name_a_verdict_that_was_changed(self, changes: dict[str, object]) -> None:
        [number] = make.submitted(make.STEADY)
        verdict = operations.decide(number=number, actor=HOUSE, at=AT)

        Verdict.objects.filter(number=verdict.number).update(**changes)

        names(invariants.changed_verdicts, verdict.number)

    def test_name_an_application_decided_by_nobody(self) -> None:
        [number] = make.submitted(make.STEADY)
        applications.approve(number=number, offered_minor=1, reasons=(), actor=HOUSE, at=AT)

        names(invariants.verdicts_that_were_not_ordered, number)

    def test_name_a_verdict_that_its_strategy_would_not_give(self) -> None:
        [number] = make.submitted(make.STEADY)
        verdict = operations.decide(number=number, actor=HOUSE, at=AT)
        inputs = json.loads(Verdict.objects.get().inputs_json)

        changed = json.dumps({**inputs, "overdue_24m": 9})
        Verdict.objects.filter(number=verdict.number).update(inputs_json=changed)

        names(invariants.verdicts_that_replay_otherwise, verdict.number)
