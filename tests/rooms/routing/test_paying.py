"""Paying out: one intent, one serial, and only a query ends what is unknown."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from loanops.kernel.access import Actor, Viewer
from loanops.kernel.refusals import NotFound, NotPermitted
from loanops.money.limits import queries as limits
from loanops.origination.applications import queries as applications
from loanops.origination.contracts.domain.refusals import NotSigned
from loanops.origination.routing import invariants, operations, queries, reactions
from loanops.origination.routing.domain.refusals import (
    AgreementNotInForce,
    FunderNotListedAnymore,
    PayoutLive,
)
from loanops.origination.routing.models import PayoutIntent
from loanops.origination.routing.operations import paying
from loanops.platform.jobs.models import Job
from loanops.platform.outbox.models import Message
from loanops.registry.partners import operations as partners
from loanops.registry.partners import queries as partners_asked
from tests.factories import routing as make
from tests.factories.registry import AT, HOUSE, NOBODY, TODAY
from tests.factories.sandbox import Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.processes]

BANK = "prairieford"
DAY = AT + timedelta(hours=1)


def draw(contract: str, actor: Actor = HOUSE) -> operations.DrawOutcome:
    return operations.draw_down(contract=contract, actor=actor, at=DAY)


def resolve(contract: str, *, seconds: int) -> operations.DrawOutcome:
    return operations.resolve(
        serial=serial_of(contract), actor=HOUSE, at=DAY + timedelta(seconds=seconds)
    )


def serial_of(contract: str) -> str:
    return str(PayoutIntent.objects.get(contract=contract).serial)


def intent_of(contract: str) -> PayoutIntent:
    return PayoutIntent.objects.get(contract=contract)


def really_paid(banks: Sandbox, *contracts: str) -> list[str]:
    serials = [serial_of(contract) for contract in contracts]
    return [row["serial"] for row in banks.truth(BANK) if row["serial"] in serials]


def announced(name: str) -> int:
    return Message.objects.filter(name=name).count()


def violations() -> list[str]:
    return [found.object for check in invariants.CHECKS for found in check.find()]


def exceptions() -> list[str]:
    return [each.kind for each in queries.list_exceptions(book="us", viewer=Viewer.house())]


class TestDrawDown:
    def test_pays_once_and_tells_it(self, banks: Sandbox) -> None:
        funded = make.dollars()
        (contract,) = make.signed(funded)

        outcome = draw(contract)

        intent = intent_of(contract)
        (quota, _) = limits.list_quotas(
            book="us", on=TODAY, owners=[queries.quota_owner(BANK, funded.agreements[BANK])],
            viewer=Viewer.house(),
        )  # fmt: skip
        assert outcome.paid == (contract,)
        assert (intent.state, len(intent.evidence)) == ("success", 64)
        assert applications.stages_of([intent.application]) == {intent.application: "disbursed"}
        assert (quota.reserved_minor, quota.used_minor) == (0, 1_000_000)
        assert announced("routing.disbursed") == 1
        assert really_paid(banks, contract) == [intent.serial]
        assert violations() == []

    def test_refuses_a_second_payout(self, banks: Sandbox) -> None:
        (contract,) = make.signed(make.dollars())
        draw(contract)

        with pytest.raises(PayoutLive, match="success"):
            draw(contract)

        assert len(really_paid(banks, contract)) == 1

    def test_is_refused_a_second_live_intent_by_the_table_itself(self, banks: Sandbox) -> None:
        (contract,) = make.signed(make.dollars())
        draw(contract)
        twin = intent_of(contract)
        twin.pk, twin.number, twin.serial, twin.pay_number = None, "PI-X", "DD-X", "PAY-X"

        with pytest.raises(IntegrityError), transaction.atomic():
            twin.save()

    @pytest.mark.parametrize(
        "behaviour",
        ["system_error", "system_fail", "server_error", "reset", "malformed", "html",
         "unsigned", "wrong_serial", "not_found_then_paid"],
    )  # fmt: skip
    def test_leaves_doubt_unknown_until_a_query_proves_it_paid(
        self, banks: Sandbox, behaviour: str
    ) -> None:
        (contract,) = make.signed(make.dollars())
        banks.misbehave(behaviour, operation="drawdown", args={"settle_seconds": 0.0})

        said = draw(contract)
        told_early = announced("routing.disbursed")
        for seconds in (30, 60, 90):
            found = resolve(contract, seconds=seconds)

        assert (said.waiting, told_early) == ((contract,), 0)
        assert found.paid == (contract,)
        assert announced("routing.disbursed") == 1
        assert len(really_paid(banks, contract)) == 1
        assert violations() == []

    @pytest.mark.parametrize("behaviour", ["server_error_unpaid", "down"])
    def test_sends_the_same_serial_again_only_after_the_window(
        self, banks: Sandbox, behaviour: str
    ) -> None:
        (contract,) = make.signed(make.dollars())
        banks.misbehave(behaviour, operation="drawdown", times=1)

        draw(contract)
        soon = resolve(contract, seconds=30)
        unpaid = really_paid(banks, contract)
        later = resolve(contract, seconds=200)

        assert (soon.waiting, unpaid) == ((contract,), [])
        assert later.paid == (contract,)
        assert really_paid(banks, contract) == [serial_of(contract)]

    def test_fails_only_when_a_query_says_so_too(self, banks: Sandbox) -> None:
        (contract,) = make.signed(make.dollars())
        banks.misbehave("refuse", operation="drawdown", args={"reason": "F304"})

        outcome = draw(contract)

        words = queries.words_of(serial=serial_of(contract), viewer=Viewer.house())
        assert outcome.failed == (contract,)
        assert [(word.source, word.standing) for word in words] == [
            ("answer", "refused"),
            ("query", "refused"),
        ]
        assert announced("routing.payout_failed") == 1
        assert violations() == []

    def test_parks_a_payout_of_another_amount(self, banks: Sandbox) -> None:
        (contract,) = make.signed(make.dollars())
        banks.misbehave("wrong_amount", operation="drawdown")

        outcome = draw(contract)

        assert outcome.waiting == (contract,)
        assert exceptions() == ["paid_otherwise"]
        assert announced("routing.disbursed") == 0

    def test_keeps_a_proven_success_against_a_contradiction(self, banks: Sandbox) -> None:
        (contract,) = make.signed(make.dollars())
        banks.misbehave("contradicting_answers", operation="drawdown")
        draw(contract)

        resolve(contract, seconds=30)
        resolve(contract, seconds=60)

        assert intent_of(contract).state == "success"
        assert exceptions() == ["contradiction"]

    def test_refuses_a_funder_taken_off_the_list(self, banks: Sandbox) -> None:
        (contract,) = make.signed(make.dollars())
        (entry,) = partners_asked.list_entries(partner=BANK, viewer=Viewer.house())
        partners.unlist(number=entry.number, reason="review", actor=HOUSE, at=AT)

        with pytest.raises(FunderNotListedAnymore, match=BANK):
            draw(contract)

        assert not PayoutIntent.objects.exists()

    def test_refuses_a_suspended_funder(self, banks: Sandbox) -> None:
        (contract,) = make.signed(make.dollars())
        partners.suspend(partner=BANK, reason="audit", actor=HOUSE, at=AT)

        with pytest.raises(AgreementNotInForce):
            draw(contract)

    def test_refuses_what_nobody_signed(self, banks: Sandbox) -> None:
        funded = make.dollars()
        (contract,) = make.drawn_up(funded, make.routed(funded))

        with pytest.raises(NotSigned):
            draw(contract)

    def test_needs_the_grant(self, banks: Sandbox) -> None:
        with pytest.raises(NotPermitted):
            draw("CT-1", NOBODY)

    def test_knows_no_foreign_contract(self, banks: Sandbox) -> None:
        with pytest.raises(NotFound):
            draw("CT-1")


class TestDrawDownMany:
    def test_ends_each_by_itself(self, banks: Sandbox) -> None:
        contracts = make.signed(make.dollars(), 4)
        banks.misbehave("refuse", operation="drawdown", times=1, args={"reason": "F304"})

        outcome = operations.draw_down_many(
            book="us", contracts=[*contracts, "CT-none"], actor=HOUSE, at=DAY
        )

        assert (len(outcome.paid), len(outcome.failed)) == (3, 1)
        assert [each.contract for each in outcome.refused] == ["CT-none"]
        assert announced("routing.disbursed_many") == 1
        assert violations() == []

    def test_needs_the_grant(self, banks: Sandbox) -> None:
        with pytest.raises(NotPermitted):
            operations.draw_down_many(book="us", contracts=[], actor=NOBODY, at=DAY)


class TestJob:
    def test_that_runs_again_asks_and_never_pays_again(self, banks: Sandbox) -> None:
        (contract,) = make.signed(make.dollars())
        banks.misbehave("server_error", operation="drawdown", times=1)

        reactions.draw_down({"number": contract}, actor=HOUSE, at=DAY)
        reactions.draw_down({"number": contract}, actor=HOUSE, at=DAY)

        assert intent_of(contract).state == "success"
        assert len(really_paid(banks, contract)) == 1

    @pytest.mark.parametrize("sent", [True, False])
    def test_that_died_between_commit_and_answer_pays_once(
        self, banks: Sandbox, monkeypatch: pytest.MonkeyPatch, sent: bool
    ) -> None:
        (contract,) = make.signed(make.dollars())
        really = paying.send_all

        def dies(intents: list[PayoutIntent]) -> None:
            if sent:
                really(intents)
            raise SystemExit("killed")

        monkeypatch.setattr(paying, "send_all", dies)
        with pytest.raises(SystemExit):
            reactions.draw_down({"number": contract}, actor=HOUSE, at=DAY)
        monkeypatch.undo()
        left = intent_of(contract).state
        for seconds in (10, 200):
            at = DAY + timedelta(seconds=seconds)
            reactions.draw_down({"number": contract}, actor=HOUSE, at=at)

        assert (left, intent_of(contract).state) == ("submitted", "success")
        assert really_paid(banks, contract) == [serial_of(contract)]
        assert violations() == []

    def test_is_queued_to_ask_about_what_is_unknown(self, banks: Sandbox) -> None:
        (contract,) = make.signed(make.dollars())
        banks.misbehave("server_error", operation="drawdown")

        draw(contract)

        (job,) = Job.objects.filter(name="routing.resolve")
        assert job.run_at == DAY + timedelta(seconds=30)

    def test_asks_once_however_many_have_ordered_it(self, banks: Sandbox) -> None:
        (contract,) = make.signed(make.dollars())
        banks.misbehave("server_error_unpaid", operation="drawdown")
        draw(contract)
        # A sweep asked before the first job ran, and ordered the next.
        resolve(contract, seconds=20)

        jobs = Job.objects.filter(name="routing.resolve").order_by("run_at")
        for job in jobs:
            reactions.resolve(json.loads(job.payload_json), actor=HOUSE, at=job.run_at)

        assert len(jobs) == 2
        assert intent_of(contract).tries == 3
        assert Job.objects.filter(name="routing.resolve").count() == 3


class TestEscalate:
    def test_gives_a_payout_unknown_too_long_an_owner_once(self, banks: Sandbox) -> None:
        (contract,) = make.signed(make.dollars())
        banks.misbehave("server_error_unpaid", operation="drawdown")
        draw(contract)

        resolve(contract, seconds=3_700)
        resolve(contract, seconds=7_400)

        (card,) = queries.list_exceptions(book="us", viewer=Viewer.house())
        assert (card.kind, card.owner) == ("unknown_too_long", "role:operations")
        assert violations() == []


class TestVerify:
    def test_names_a_payout_without_proof(self, banks: Sandbox) -> None:
        (contract,) = make.signed(make.dollars())
        draw(contract)
        PayoutIntent.objects.update(evidence="00" * 32)

        assert violations() == [serial_of(contract)]

    def test_names_an_unknown_payout_without_an_exception(self, banks: Sandbox) -> None:
        first, second = make.signed(make.dollars(), 2)
        banks.misbehave("server_error", operation="drawdown", times=1)
        draw(first)
        PayoutIntent.objects.update(submitted_at=DAY - timedelta(hours=3))
        draw(second)

        assert violations() == [serial_of(first)]
