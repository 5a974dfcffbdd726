"""Seeking a funder: hard filters explained, quotas held, a final no before the next is asked."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from loanops.kernel.access import Actor, Viewer
from loanops.kernel.refusals import NotFound, NotPermitted
from loanops.money.limits import operations as limit_orders
from loanops.money.limits import queries as limits
from loanops.origination.applications import queries as applications
from loanops.origination.contracts import operations as contract_orders
from loanops.origination.contracts import queries as contracts
from loanops.origination.routing import operations, queries, reactions
from loanops.origination.routing.domain.refusals import NotForRouting
from loanops.origination.routing.operations import seeking
from loanops.platform.jobs.models import Job
from loanops.registry.partners import operations as partners
from loanops.registry.partners import queries as partners_asked
from tests.factories import routing as make
from tests.factories.registry import AT, HOUSE, NOBODY, TODAY, carded, publish
from tests.factories.sandbox import Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.processes]


def codes(application: str, place: int = -1) -> dict[str, list[str]]:
    """What excluded each funder in one round."""
    decision = queries.list_decisions(application=application)[place]
    return {
        each.funder: [exclusion.code for exclusion in each.exclusions]
        for each in decision.candidates
    }


def taken(funded: make.Funded, funder: str) -> dict[str, tuple[int, int]]:
    """What is reserved and used of a funder's quotas."""
    owner = queries.quota_owner(funder, funded.agreements[funder])
    cards = limits.list_quotas(book=funded.book, on=TODAY, owners=[owner], viewer=Viewer.house())
    return {card.kind: (card.reserved_minor, card.used_minor) for card in cards}


def route(number: str, *, at: datetime = AT, actor: Actor = HOUSE) -> operations.RouteOutcome:
    return operations.route(number=number, actor=actor, at=at)


class TestRoute:
    def test_ends_in_an_offer_of_the_first_funder(self, banks: Sandbox) -> None:
        funded = make.yuan()
        (number,) = make.applied(funded, first=101)

        outcome = route(number)

        (offer,) = contracts.list_offers(application=number)
        (attempt,) = queries.list_attempts(application=number)
        assert outcome.approved == (number,)
        assert (offer.funder, offer.principal_minor) == ("jianglan", 1_000_000)
        assert (attempt.state, attempt.granted_minor) == ("approved", 1_000_000)
        assert applications.stages_of([number]) == {number: "offered"}

    def test_reserves_the_quota_and_the_persons_line(self, banks: Sandbox) -> None:
        funded = make.yuan()
        (number,) = make.applied(funded, first=111)

        route(number)

        party = applications.cards_of([number])[number].party
        line = limits.list_quotas(
            book="cn", on=TODAY, owners=[f"party:{party}"], viewer=Viewer.house()
        )
        assert taken(funded, "jianglan") == {"daily": (1_000_000, 0), "total": (1_000_000, 0)}
        assert [(card.limit_minor, card.reserved_minor) for card in line] == [
            (20_000_000, 1_000_000)
        ]

    def test_takes_the_next_funder_after_a_final_no(self, banks: Sandbox) -> None:
        funded = make.yuan()
        (number,) = make.applied(funded, first=121)
        banks.misbehave("refuse", bank="jianglan", operation="credit")

        outcome = route(number)

        states = [
            (each.funder, each.state, each.reason)
            for each in queries.list_attempts(application=number)
        ]
        assert outcome.approved == (number,)
        assert states == [("jianglan", "refused", "F105"), ("yunting", "approved", "")]
        assert codes(number) == {"jianglan": ["refused_before"], "yunting": []}
        assert taken(funded, "jianglan") == {"daily": (0, 0), "total": (0, 0)}

    def test_takes_the_next_funder_after_a_pre_check_that_did_not_pass(
        self, banks: Sandbox
    ) -> None:
        funded = make.yuan()
        (number,) = make.applied(funded, first=131)
        banks.misbehave("refuse", bank="jianglan", operation="pre_check", args={"reason": "C003"})

        route(number)

        first, second = queries.list_attempts(application=number)
        assert (first.state, first.reason, second.state) == ("refused", "C003", "approved")
        with pytest.raises(NotFound):
            queries.words_of(serial="CR-nobody", viewer=Viewer.house())

    def test_ends_the_application_where_no_funder_is_left(self, banks: Sandbox) -> None:
        funded = make.yuan()
        (number,) = make.applied(funded, first=141)
        banks.misbehave("refuse", operation="credit")

        outcome = route(number)

        card = applications.cards_of([number])[number]
        assert outcome.refused == (number,)
        assert (card.stage, card.reasons) == ("funding_refused", ("refused_before",))

    @pytest.mark.parametrize(
        "behaviour", ["system_error", "server_error", "malformed", "reset", "html", "unsigned"]
    )
    def test_never_passes_over_a_funder_in_doubt(self, banks: Sandbox, behaviour: str) -> None:
        funded = make.yuan()
        (number,) = make.applied(funded, first=150 + len(behaviour))
        banks.misbehave(behaviour, bank="jianglan", operation="credit")

        outcome = route(number)

        (attempt,) = queries.list_attempts(application=number)
        assert outcome.waiting == (number,)
        assert (attempt.funder, attempt.state) == ("jianglan", "unknown")
        assert Job.objects.filter(name="routing.settle_attempt").count() == 1

    def test_asks_once_however_many_have_ordered_it(self, banks: Sandbox) -> None:
        funded = make.yuan()
        (number,) = make.applied(funded, first=172)
        banks.misbehave("system_error", bank="jianglan", operation="credit", times=9)
        banks.misbehave("system_error", bank="jianglan", operation="credit_query", times=9)
        route(number)
        # Somebody else asked before the first job ran, and ordered the next.
        route(number, at=AT + timedelta(seconds=10))

        jobs = Job.objects.filter(name="routing.settle_attempt").order_by("run_at")
        for job in jobs:
            reactions.settle_attempt(json.loads(job.payload_json), actor=HOUSE, at=job.run_at)

        assert len(jobs) == 2
        (attempt,) = queries.list_attempts(application=number)
        assert attempt.tries == 3
        assert Job.objects.filter(name="routing.settle_attempt").count() == 3

    def test_ends_a_doubt_by_query(self, banks: Sandbox) -> None:
        funded = make.yuan()
        (number,) = make.applied(funded, first=171)
        banks.misbehave("server_error", bank="jianglan", operation="credit")
        route(number)

        again = route(number, at=AT + timedelta(seconds=30))

        (attempt,) = queries.list_attempts(application=number)
        words = queries.words_of(serial=attempt.credit_serial, viewer=Viewer.house())
        assert again.approved == (number,)
        assert [(word.source, word.standing) for word in words] == [
            ("answer", "unknown"),
            ("query", "success"),
        ]

    def test_asks_again_what_the_funder_never_heard_of(self, banks: Sandbox) -> None:
        funded = make.yuan()
        (number,) = make.applied(funded, first=181)
        banks.misbehave("server_error_unpaid", bank="jianglan", operation="credit", times=1)
        route(number)

        soon = route(number, at=AT + timedelta(seconds=30))
        later = route(number, at=AT + timedelta(seconds=200))

        (attempt,) = queries.list_attempts(application=number)
        assert soon.waiting == later.approved == (number,)
        assert attempt.funder == "jianglan"

    def test_asks_nobody_twice(self, banks: Sandbox) -> None:
        funded = make.yuan()
        (number,) = make.applied(funded, first=191)
        route(number)

        with_offer = route(number)

        assert with_offer.approved == (number,)
        assert len(queries.list_attempts(application=number)) == 1

    def test_refuses_what_is_not_approved(self, banks: Sandbox) -> None:
        funded = make.yuan()
        (number,) = make.applied(funded, first=201)
        banks.misbehave("refuse", operation="credit")
        route(number)

        with pytest.raises(NotForRouting, match="funding_refused"):
            route(number)

    def test_needs_the_grant(self, banks: Sandbox) -> None:
        with pytest.raises(NotPermitted):
            route("AP-1", actor=NOBODY)

    def test_knows_no_foreign_application(self, banks: Sandbox) -> None:
        with pytest.raises(NotFound):
            route("AP-1")


class TestExclusions:
    def test_name_a_funder_that_is_not_listed(self, banks: Sandbox) -> None:
        funded = make.yuan()
        (number,) = make.applied(funded, first=301)
        (entry,) = partners_asked.list_entries(partner="jianglan", viewer=Viewer.house())
        partners.unlist(number=entry.number, reason="review", actor=HOUSE, at=AT)

        route(number)

        assert codes(number) == {"jianglan": ["funder_not_listed"], "yunting": []}

    def test_name_a_suspended_partner(self, banks: Sandbox) -> None:
        funded = make.yuan()
        (number,) = make.applied(funded, first=311)
        partners.suspend(partner="jianglan", reason="audit", actor=HOUSE, at=AT)

        route(number)

        assert codes(number)["jianglan"] == ["suspended"]

    @pytest.mark.parametrize(
        ("terms", "code"),
        [
            ({"amount_min_minor": 1_000_001}, "amount"),
            ({"terms_months": [3]}, "term"),
            ({"regions": ["44"]}, "region"),
            ({"age_min": 60, "age_max": 70}, "age"),
            ({"quota_daily_minor": 999_999}, "quota"),
            ({"quota_daily_minor": 999_999, "quota_total_minor": 999_999}, "quota"),
            ({"cost_cap_annual": "0.10"}, "cost_cap"),
        ],
    )
    def test_name_the_term_of_the_agreement(
        self, banks: Sandbox, terms: dict[str, object], code: str
    ) -> None:
        funded = make.yuan(first=terms)
        (number,) = make.applied(funded, first=321)

        route(number)

        assert codes(number) == {"jianglan": [code], "yunting": []}

    def test_name_a_rate_read_above_the_agreed_one_and_an_index_without_figures(
        self, banks: Sandbox
    ) -> None:
        funded = make.yuan(first={"rate_annual": "0.11"})
        floating = {"index": "lpr_1y", "spread_bp": "850", "first_rate": "offer"}
        publish(terms=carded(floating=floating), rate_annual=None, effective_from=TODAY)
        (number,) = make.applied(funded, first=326)

        route(number)

        assert codes(number) == {"jianglan": ["rate_above"], "yunting": []}
        (offer,) = contracts.list_offers(application=number)
        read = offer.statement["items"][0]["first_read"]
        assert offer.rate_annual == Decimal(read["index_rate"]) + Decimal("0.085")

    def test_name_the_cut_off_of_the_day(self, banks: Sandbox) -> None:
        funded = make.yuan(first={"cutoff": "10:59"})
        (number,) = make.applied(funded, first=331)

        route(number, at=datetime(2026, 11, 2, 3, 0, 1, tzinfo=UTC))

        assert codes(number)["jianglan"] == ["cutoff"]

    def test_name_the_consent_that_is_missing(self, banks: Sandbox) -> None:
        funded = make.yuan()
        (number,) = make.applied(funded, first=341, recipients=("yunting",))

        route(number)

        decision = queries.list_decisions(application=number)[0]
        exclusion = decision.candidates[0].exclusions[0]
        assert exclusion.code == "consent_missing"
        assert exclusion.sentence == "The person has not consented: share_with_funder."

    def test_name_signing_with_us_without_a_decision(self, banks: Sandbox) -> None:
        funded = make.yuan(first={"signing_mode": "ours"})
        (number,) = make.applied(funded, first=351)

        route(number)

        assert codes(number)["jianglan"] == ["signing_forbidden"]

    def test_name_the_persons_limit(self, banks: Sandbox) -> None:
        funded = make.yuan()
        (number,) = make.applied(funded, first=361, amount_minor=15_000_000)
        banks.misbehave("refuse", operation="credit")
        party = applications.cards_of([number])[number].party
        limit_orders.set_quota(
            book="cn", owner=f"party:{party}", kind="exposure", period="total",
            limit_minor=14_999_999, actor=HOUSE, at=AT,
        )  # fmt: skip

        route(number)

        assert codes(number, 0)["jianglan"] == ["person_limit"]

    def test_name_the_share_of_the_month(self, banks: Sandbox) -> None:
        funded = make.dollars(concentration_max="0.5")
        numbers = make.applied(funded, 21)

        outcome = operations.route_many(book="us", numbers=numbers, actor=HOUSE, at=AT)

        last = outcome.refused
        assert len(outcome.approved) == 19
        assert codes(last[0]) == {"prairieford": ["concentration"]}


class TestRouteMany:
    def test_fills_a_quota_to_the_last_that_fits(self, banks: Sandbox) -> None:
        funded = make.dollars(quota_daily_minor=2_500_000)
        numbers = make.applied(funded, 4)

        outcome = operations.route_many(book="us", numbers=numbers, actor=HOUSE, at=AT)

        assert (len(outcome.approved), len(outcome.refused)) == (2, 2)
        assert taken(funded, "prairieford")["daily"] == (2_000_000, 0)

    def test_leaves_to_another_what_it_took_in_the_meantime(
        self, banks: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        numbers = make.applied(make.dollars(), 3)
        plan_once = seeking._plan_once

        def beaten(*words: Any) -> Any:
            """Before this plans, another has one of the three in hand, and its bank in doubt."""
            monkeypatch.setattr(seeking, "_plan_once", plan_once)
            banks.misbehave("system_error", bank="prairieford", operation="credit", times=1)
            route(numbers[1])
            return plan_once(*words)

        monkeypatch.setattr(seeking, "_plan_once", beaten)

        outcome = operations.route_many(book="us", numbers=numbers, actor=HOUSE, at=AT)

        assert set(outcome.approved) == {numbers[0], numbers[2]}
        assert outcome.waiting == (numbers[1],)
        assert [len(queries.list_attempts(application=each)) for each in numbers] == [1, 1, 1]

    def test_leaves_what_single_orders_leave(self, banks: Sandbox) -> None:
        funded = make.dollars()
        together = make.applied(funded, 3)
        alone = make.applied(funded, 3, first=11)

        operations.route_many(book="us", numbers=together, actor=HOUSE, at=AT)
        for number in alone:
            route(number)

        def left(numbers: list[str]) -> list[tuple[object, ...]]:
            return [
                (each.funder, each.state, each.amount_minor, each.granted_minor, each.annual_rate)
                for number in numbers
                for each in queries.list_attempts(application=number)
            ]

        assert left(together) == left(alone)
        assert {len(contracts.list_offers(application=n)) for n in [*together, *alone]} == {1}

    def test_needs_the_grant(self, banks: Sandbox) -> None:
        with pytest.raises(NotPermitted):
            operations.route_many(book="us", numbers=[], actor=NOBODY, at=AT)


class TestLapse:
    def test_frees_what_was_reserved(self, banks: Sandbox) -> None:
        funded = make.yuan()
        (number,) = make.routed(funded, first=401)

        lapsed = operations.lapse(application=number, reason="withdrawn", actor=HOUSE, at=AT)
        again = operations.lapse(application=number, reason="withdrawn", actor=HOUSE, at=AT)

        (attempt,) = queries.list_attempts(application=number)
        assert (lapsed, again, attempt.state) == (True, False, "lapsed")
        assert taken(funded, "jianglan") == {"daily": (0, 0), "total": (0, 0)}

    def test_takes_the_borrower_to_the_next_funder(self, banks: Sandbox) -> None:
        funded = make.yuan()
        (number,) = make.routed(funded, first=411)
        (offer,) = contracts.list_offers(application=number)
        contract_orders.withdraw_offer(number=offer.number, reason="refused", actor=HOUSE, at=AT)
        operations.lapse(application=number, reason="refused", actor=HOUSE, at=AT)

        outcome = route(number)

        assert outcome.approved == (number,)
        assert codes(number) == {"jianglan": ["not_taken"], "yunting": []}
