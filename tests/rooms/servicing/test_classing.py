"""Classes of loans: days past due say the best one, a person may only lower it, a pause holds it.

The open pack: special mention beyond 30 days past due, substandard from 90, loss from 120.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.config import wiring
from loanops.kernel.access import Actor, Scopes
from loanops.kernel.aging import Tier, TierFloor
from loanops.kernel.refusals import BadField, NotFound, NotPermitted
from loanops.loanbook.servicing import operations, permissions, queries
from loanops.loanbook.servicing.domain.classing import (
    Cause,
    Classed,
    ClassRules,
    Move,
    pass_day,
    provisions,
)
from loanops.loanbook.servicing.models import ClassOrder, ClassSum, LoanClass
from loanops.loanbook.servicing.operations import STEPS
from loanops.loanbook.servicing.operations.classing import LoanEnded, NoOrderStands, OrderStands
from loanops.loanbook.servicing.ports import CLOSE, CloseStep
from loanops.money.ledger import queries as ledger
from loanops.platform.books import queries as books
from tests.factories.loans import AT, DAY, HOUSE, close_until, open_book, open_loan, repay, terms

DUE = date(2026, 12, 2)
FROM = date(2023, 7, 1)
RULES = ClassRules(
    (
        TierFloor(Tier.SPECIAL_MENTION, 0, FROM),
        TierFloor(Tier.SUBSTANDARD, 90, FROM),
        TierFloor(Tier.DOUBTFUL, 270, FROM),
        TierFloor(Tier.LOSS, 360, FROM),
    ),
    {Tier.NORMAL: Decimal("0.01"), Tier.SUBSTANDARD: Decimal("0.25"), Tier.LOSS: Decimal(1)},
)
TIERS = st.integers(0, 4)


class TestPassDay:
    @pytest.mark.parametrize(
        ("was", "by_days", "now", "move"),
        [
            (Classed(), 1, Classed(1), Move(Cause.DAYS, 0, 1)),
            (Classed(2), 0, Classed(0), Move(Cause.PAID, 2, 0)),
            (Classed(1), 1, Classed(1), None),
            (Classed(1, judged=3), 2, Classed(2, judged=3), None),
            (Classed(1, 3, DUE), 1, Classed(1), Move(Cause.LAPSED, 3, 1)),
            (Classed(1, paused=True), 2, Classed(1, paused=True), None),
            (Classed(2, paused=True), 0, Classed(0, paused=True), Move(Cause.PAID, 2, 0)),
            (Classed(1, None, None, True, DUE), 2, Classed(2), Move(Cause.LAPSED, 1, 2)),
            (Classed(1, 3), None, Classed(), Move(Cause.ENDED, 3, 0)),
        ],
    )
    def test_is_what_days_judgement_and_pause_say(
        self, was: Classed, by_days: int | None, now: Classed, move: Move | None
    ) -> None:
        assert pass_day(was, by_days, DUE) == (now, move)

    @given(TIERS, st.none() | TIERS, st.booleans(), TIERS)
    def test_never_ends_better_than_the_days_unless_paused(
        self, days: int, judged: int | None, paused: bool, by_days: int
    ) -> None:
        now, _ = pass_day(Classed(days, judged, None, paused), by_days, DUE)

        assert now.tier >= (min(days, by_days) if paused else by_days)
        assert judged is None or now.tier >= judged


class TestProvisions:
    @given(
        st.integers(0, 10**12),
        st.dictionaries(st.integers(1, 4), st.integers(0, 10**11), max_size=4),
    )
    def test_add_up_to_the_pool(self, normal: int, classed: dict[int, int]) -> None:
        total = normal + sum(classed.values())

        rows = list(provisions(RULES, total, classed))

        assert sum(outstanding for _, outstanding, _ in rows) == total
        assert all(0 <= provision <= outstanding for _, outstanding, provision in rows)

    def test_say_the_days_from_which_a_tier_begins(self) -> None:
        on = date(2026, 12, 31)

        assert RULES.latest_dues(on)[0] == (4, on - timedelta(days=361))
        assert [RULES.by_days(days, on) for days in (0, 1, 90, 91, 270, 271, 360, 361)] == [
            0, 1, 1, 2, 2, 3, 3, 4,
        ]  # fmt: skip


def history(loan: str) -> list[tuple[date, str, str]]:
    card = queries.get_class(number=loan, viewer=HOUSE)
    return [(each.changed_on, each.cause, each.to_tier) for each in reversed(card.changes)]


def judge(loan: str, tier: str = "loss", until: date | None = None) -> queries.ClassCard:
    return operations.reclassify(
        loan=loan, tier=tier, reason="fraud", until=until, actor=HOUSE, at=AT
    )


def pause(loan: str, until: date | None = None) -> queries.ClassCard:
    return operations.pause_ageing(loan=loan, reason="flood", until=until, actor=HOUSE, at=AT)


def found() -> list[str]:
    codes = {f"INV-{n:02d}" for n in (1, 2, 3, 4, 5, 7, 8, 9, 10)}
    return [
        f"{each.code} {each.object}: {each.expected} / {each.found}"
        for check in wiring.invariants()
        if check.code in codes
        for each in check.find()
    ]


@pytest.mark.django_db
class TestClose:
    def test_classes_a_loan_by_its_days_past_due(self) -> None:
        open_book()
        loan = open_loan()

        close_until(DUE + timedelta(days=121))

        assert history(loan) == [
            (DUE + timedelta(days=31), "days", "special_mention"),
            (DUE + timedelta(days=90), "days", "substandard"),
            (DUE + timedelta(days=120), "days", "loss"),
        ]
        assert found() == []

    def test_betters_the_class_when_the_borrower_pays(self) -> None:
        open_book()
        loan = open_loan(agreed=terms(instalments=3))
        close_until(DUE + timedelta(days=40))
        repay(loan, 700_000)
        close_until(DUE + timedelta(days=41))

        assert history(loan)[-1] == (DUE + timedelta(days=41), "paid", "normal")

        repay(loan, 400_000)
        judged = LoanClass.objects.get(loan__number=loan)
        assert judged.tier == 0
        assert found() == []

    def test_ends_the_class_of_a_loan_that_ends(self) -> None:
        open_book()
        loan = open_loan(agreed=terms(instalments=1))
        close_until(DUE + timedelta(days=35))
        judge(loan)
        pause(loan)
        repay(loan, 1_100_000)
        close_until(DUE + timedelta(days=36))

        assert history(loan)[-1] == (DUE + timedelta(days=36), "ended", "normal")
        assert not ClassOrder.objects.filter(ended_on__isnull=True).exists()
        assert found() == []

    def test_provides_by_class_and_posts_what_grew(self) -> None:
        open_book()
        open_loan()
        close_until(DAY + timedelta(days=1))
        [first] = ClassSum.objects.filter(closed_on=DAY)
        assert (first.tier, first.outstanding_minor, first.provision_minor) == (
            0, 1_000_000, 10_000,
        )  # fmt: skip

        close_until(DUE)
        open_loan(agreed=terms(start_date=DUE))
        on = DUE + timedelta(days=31)
        close_until(on + timedelta(days=1))

        sums = ClassSum.objects.filter(closed_on=on).order_by("tier")
        assert [(s.tier, s.loans, s.outstanding_minor, s.provision_minor) for s in sums] == [
            (0, None, 1_000_000, 10_000),
            (1, 1, 1_000_000, 50_000),
        ]
        allowance = ledger.balances_of(book="cn", heads=["loans.allowance"], viewer=HOUSE)
        assert sum(allowance.values()) == 60_000
        assert found() == []

    def test_sums_the_closed_day_and_nothing_that_came_after_the_cut_off(self) -> None:
        open_book()
        loan = open_loan()
        on = DUE + timedelta(days=31)
        close_until(on)

        def fail(work: object, closing: object) -> int:
            raise RuntimeError

        CLOSE.plug([s if s.name != "interest" else CloseStep("interest", fail) for s in STEPS])
        with pytest.raises(RuntimeError):
            close_until(on + timedelta(days=1))
        CLOSE.plug(STEPS)
        repay(loan, 300_000)
        judge(loan)
        close_until(on + timedelta(days=1))

        [row] = ClassSum.objects.filter(closed_on=on, tier__gt=0)
        assert (row.tier, row.outstanding_minor) == (1, 1_000_000)
        assert found() == []


@pytest.fixture
def late(db: None) -> str:
    """A loan 40 days past due, in special mention."""
    open_book()
    loan = open_loan()
    close_until(DUE + timedelta(days=40))
    return loan


class TestReclassify:
    def test_lowers_the_class_until_its_day(self, late: str) -> None:
        today = books.business_date("cn")

        card = judge(late, "doubtful", until=today + timedelta(days=2))

        assert (card.tier, card.days_tier, card.judged_tier) == (
            "doubtful", "special_mention", "doubtful",
        )  # fmt: skip
        close_until(today + timedelta(days=2))
        assert history(late)[-2:] == [
            (today, "judged", "doubtful"),
            (today + timedelta(days=2), "lapsed", "special_mention"),
        ]
        [order] = queries.get_class(number=late, viewer=HOUSE).orders
        assert (order.kind, order.tier, order.reason) == ("judgement", "doubtful", "fraud")
        assert order.ended_on == today + timedelta(days=2)
        assert found() == []

    def test_keeps_a_reason_without_the_blanks_around_it(self, late: str) -> None:
        operations.reclassify(
            loan=late, tier="loss", reason="x" * 300 + "  ", until=None, actor=HOUSE, at=AT
        )

        assert ClassOrder.objects.get().reason == "x" * 300

    def test_is_withdrawn_with_a_reason(self, late: str) -> None:
        judge(late)

        card = operations.withdraw_judgement(loan=late, reason="was paid", actor=HOUSE, at=AT)

        assert (card.tier, card.judged_tier) == ("special_mention", "")
        assert card.orders[0].ended_reason == "was paid"
        assert found() == []

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"tier": "special_mention"}, "tier"),
            ({"tier": "normal"}, "tier"),
            ({"tier": "terrible"}, "tier"),
            ({"reason": "  "}, "reason"),
            ({"reason": "x" * 301}, "reason"),
            ({"until": DUE}, "until"),
        ],
    )
    def test_refuses_what_does_not_lower_it(
        self, late: str, values: dict[str, object], field: str
    ) -> None:
        given_ = {"tier": "loss", "reason": "fraud", "until": None, **values}

        with pytest.raises(BadField) as refused:
            operations.reclassify(loan=late, actor=HOUSE, at=AT, **given_)  # type: ignore[arg-type]

        assert refused.value.field == field

    def test_refuses_a_second_one_and_to_end_none(self, late: str) -> None:
        with pytest.raises(NoOrderStands):
            operations.withdraw_judgement(loan=late, reason="none", actor=HOUSE, at=AT)
        judge(late)
        with pytest.raises(OrderStands):
            judge(late)

    def test_refuses_a_loan_that_has_ended(self, db: None) -> None:
        open_book()
        loan = open_loan(agreed=terms(instalments=1))
        close_until(DUE)
        repay(loan, 1_100_000)

        with pytest.raises(LoanEnded):
            judge(loan)


class TestPauseAgeing:
    def test_holds_the_class_and_lets_the_days_go_on(self, late: str) -> None:
        pause(late)
        close_until(DUE + timedelta(days=125))

        held = queries.get_class(number=late, viewer=HOUSE)
        assert (held.tier, held.dpd, held.paused) == ("special_mention", 125, True)
        assert queries.get_loan(number=late, viewer=HOUSE).bucket_name == "M5"
        assert found() == []

        card = operations.resume_ageing(loan=late, reason="over", actor=HOUSE, at=AT)
        assert (card.tier, card.paused) == ("loss", False)
        assert history(late)[-1] == (DUE + timedelta(days=125), "resumed", "loss")
        assert found() == []

    def test_ends_by_its_date(self, late: str) -> None:
        pause(late, until=DUE + timedelta(days=95))
        close_until(DUE + timedelta(days=95))

        assert history(late)[-1] == (DUE + timedelta(days=95), "lapsed", "substandard")

    def test_refuses_a_second_one_to_end_none_and_no_reason(self, late: str) -> None:
        with pytest.raises(NoOrderStands):
            operations.resume_ageing(loan=late, reason="none", actor=HOUSE, at=AT)
        pause(late)
        with pytest.raises(OrderStands):
            pause(late)
        with pytest.raises(BadField):
            operations.resume_ageing(loan=late, reason="", actor=HOUSE, at=AT)


def test_every_order_needs_its_grant_and_a_loan_in_scope(late: str) -> None:
    orders: dict[str, tuple[str, Callable[[Actor], object]]] = {
        "reclassify": (
            permissions.CLASSIFY,
            lambda actor: operations.reclassify(
                loan=late, tier="loss", reason="fraud", until=None, actor=actor, at=AT
            ),
        ),
        "withdraw": (
            permissions.CLASSIFY,
            lambda actor: operations.withdraw_judgement(
                loan=late, reason="fraud", actor=actor, at=AT
            ),
        ),
        "pause": (
            permissions.PAUSE,
            lambda actor: operations.pause_ageing(
                loan=late, reason="flood", until=None, actor=actor, at=AT
            ),
        ),
        "resume": (
            permissions.PAUSE,
            lambda actor: operations.resume_ageing(loan=late, reason="flood", actor=actor, at=AT),
        ),
    }
    for grant, order in orders.values():
        with pytest.raises(NotPermitted):
            order(Actor(person="wang.fang"))
        for scopes in (Scopes(books=frozenset({"us"})), Scopes(funders=frozenset({"summit"}))):
            with pytest.raises(NotFound):
                order(Actor(person="wang.fang", grants=frozenset({grant}), scopes=scopes))
