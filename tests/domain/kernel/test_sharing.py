"""Shares of a co-lent loan add up to the minor unit, whatever happens to it and in what order."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.account import (
    Assigned,
    Compensated,
    Disbursed,
    Event,
    FeeCharged,
    Owned,
    Repaid,
    Reversed,
    SettledEarly,
    Waived,
    owned,
    state,
)
from loanops.kernel.allocation import Component, Parts
from loanops.kernel.guarantee import GuaranteeBase
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule import Fee, FeeBase, FeeTiming, Method, Penalty, Terms
from loanops.kernel.sharing import ONE_LENDER, Portion, Sharing, share

DAY = date(2026, 1, 15)
PAYEES = {"guarantor": "antai", "platform": "platform"}
WEIGHTS = st.lists(st.integers(0, 1_000), min_size=1, max_size=6).filter(any)


def portions(*given_: tuple[str, str]) -> tuple[Portion, ...]:
    return tuple(Portion(owner=owner, share=Decimal(part)) for owner, part in given_)


TWO = Sharing(principal=portions(("lead", "0.8"), ("second", "0.2")))
THREE = Sharing(
    principal=portions(("lead", "0.5"), ("second", "0.3"), ("third", "0.2")),
    interest=portions(("lead", "0.4"), ("second", "0.4"), ("third", "0.2")),
)


class TestShare:
    @pytest.mark.parametrize(
        ("amount_minor", "weights", "shares"),
        [
            (100, [1, 1, 1], [33, 34, 33]),
            (101, [2, 8], [20, 81]),
            (-5, [3, 7], [-2, -3]),
            (5, [0, 1], [0, 5]),
            (5, [1, 0], [5, 0]),
            (0, [1, 2], [0, 0]),
        ],
    )
    def test_gives_the_last_the_residue(
        self, amount_minor: int, weights: list[int], shares: list[int]
    ) -> None:
        assert share(amount_minor, weights) == shares

    @given(st.integers(-(10**9), 10**9), WEIGHTS)
    def test_adds_up(self, amount_minor: int, weights: list[int]) -> None:
        assert sum(share(amount_minor, weights)) == amount_minor

    @given(st.integers(0, 10**9), WEIGHTS)
    def test_never_takes_from_anyone_when_the_amount_grows(
        self, amount_minor: int, weights: list[int]
    ) -> None:
        before, after = share(amount_minor, weights), share(amount_minor + 1, weights)
        assert sorted(b - a for a, b in zip(before, after, strict=True))[:-1] == [0] * (
            len(weights) - 1
        )

    @given(st.integers(0, 10**9), st.integers(1, 99))
    def test_is_within_half_a_unit_for_two(self, amount_minor: int, percent: int) -> None:
        first, _ = share(amount_minor, [percent, 100 - percent])
        assert abs(first - Fraction(amount_minor * percent, 100)) <= Fraction(1, 2)

    @pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 2]])
    def test_refuses_weights_that_share_nothing(self, weights: list[int]) -> None:
        with pytest.raises(ValueError, match="weights"):
            share(1, weights)


class TestSharing:
    @pytest.mark.parametrize(
        "principal",
        [
            (("lead", "0.8"), ("second", "0.1")),
            (("lead", "0.5"), ("lead", "0.5")),
            (("lead", "0.8"), ("second", "0.3")),
        ],
    )
    def test_refuses_owners_that_are_not_one_whole(
        self, principal: tuple[tuple[str, str], ...]
    ) -> None:
        with pytest.raises(BadField):
            Sharing(principal=portions(*principal))

    def test_refuses_interest_of_who_does_not_lend(self) -> None:
        with pytest.raises(BadField):
            Sharing(principal=TWO.principal, interest=portions(("other", "1")))

    @pytest.mark.parametrize("part", ["0", "-0.1", "1.1"])
    def test_refuses_a_share_that_is_none(self, part: str) -> None:
        with pytest.raises(BadField):
            Portion(owner="lead", share=Decimal(part))

    def test_shares_penalty_as_interest_where_nothing_else_is_said(self) -> None:
        assert THREE.split(Component.PENALTY, 10) == {"second": 4, "third": 2, "lead": 4}
        assert THREE.split(Component.PRINCIPAL, 10) == {"second": 3, "third": 2, "lead": 5}


def terms() -> Terms:
    monthly = {"timing": FeeTiming.PER_INSTALMENT, "annual": True, "base": FeeBase.BALANCE}
    return Terms(
        method=Method.EQUAL_INSTALMENT,
        principal_minor=1_000_003,
        currency="CNY",
        annual_rate=Decimal("0.12"),
        instalments=6,
        start_date=DAY,
        fees=(
            Fee(name="guarantee", charging_party="guarantor", rate=Decimal("0.05"), **monthly),
            Fee(
                name="service",
                charging_party="platform",
                timing=FeeTiming.PER_INSTALMENT,
                amount_minor=333,
            ),
            Fee(
                name="account",
                charging_party="funder",
                timing=FeeTiming.PER_INSTALMENT,
                amount_minor=101,
            ),
        ),
        penalty=Penalty(multiplier=Decimal("1.5")),
    )


PAID_OUT = Disbursed(key="disbursed", on=DAY, amount_minor=1_000_003)


def on(days: int) -> date:
    return DAY + timedelta(days=days)


def owners(events: list[Event], days: int, sharing: Sharing = TWO) -> dict[str, Owned]:
    account = state(terms(), [PAID_OUT, *events], on(days))
    found = owned(account, sharing, lender="lead", payees=PAYEES)
    paid = sum((parts for _, parts in account.received), Parts())
    assert sum((each.received for each in found.values()), Parts()) == paid
    left = account.due - account.paid
    assert sum((each.open for each in found.values()), Parts()) == left
    assert sum(each.accrued_minor for each in found.values()) == account.accrued_interest_minor
    return found


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Money, charges, waivers and passing claims in any order of days."""
    events: list[Event] = []
    for place in range(draw(st.integers(0, 9))):
        key, day = f"e{place}", on(draw(st.integers(1, 240)))
        kind = draw(st.sampled_from(["repaid", "repaid", "fee", "waived", "claim", "reversed"]))
        amount_minor = draw(st.integers(1, 400_000))
        if kind == "repaid":
            events.append(Repaid(key=key, on=day, amount_minor=amount_minor))
        elif kind == "fee":
            events.append(FeeCharged(key=key, on=day, amount_minor=amount_minor % 5_000 + 1))
        elif kind == "waived":
            component = draw(st.sampled_from([Component.INTEREST, Component.FEE]))
            events.append(
                Waived(key=key, on=day, amount_minor=amount_minor % 9_000 + 1, component=component)
            )
        elif kind == "claim":
            number = draw(st.none() | st.integers(1, 6))
            owner = draw(st.sampled_from(["antai", "buyer", "lead"]))
            passed = {"key": key, "on": day, "owner": owner, "price_minor": 0, "number": number}
            base = draw(st.none() | st.sampled_from(GuaranteeBase))
            made = Compensated(**passed, base=base) if owner == "antai" else Assigned(**passed)
            events.append(made)
        elif events:
            events.append(Reversed(key=key, on=day, of=draw(st.sampled_from(events)).key))
    return events


class TestOwned:
    @given(histories(), st.integers(0, 260), st.sampled_from([TWO, THREE, ONE_LENDER]))
    def test_adds_up_to_the_loan(self, events: list[Event], days: int, sharing: Sharing) -> None:
        for each in owners(events, days, sharing).values():
            for parts in (each.received, each.open):
                assert min(parts.of(component) for component in Component) >= 0

    @given(histories(), st.integers(1, 260), st.integers(1, 400_000))
    def test_is_as_if_nothing_was_when_money_is_undone(
        self, events: list[Event], days: int, amount_minor: int
    ) -> None:
        wrong = Repaid(key="wrong", on=on(days), amount_minor=amount_minor)
        undone = Reversed(key="undo", on=on(days), of="wrong")
        assert owners([*events, wrong, undone], 260) == owners(events, 260)

    @given(st.integers(1, 400_000), st.integers(1, 400_000), st.integers(1, 200))
    def test_is_the_same_for_one_payment_and_for_two(
        self, first: int, second: int, days: int
    ) -> None:
        one = Repaid(key="one", on=on(days), amount_minor=first + second)
        two = [
            Repaid(key="a", on=on(days), amount_minor=first),
            Repaid(key="b", on=on(days), amount_minor=second),
        ]
        assert owners([one], 260, THREE) == owners([*two], 260, THREE)

    def test_gives_lenders_back_what_they_lent(self) -> None:
        end = SettledEarly(key="end", on=on(40), amount_minor=1_100_000)
        found = owners([end], 41)
        assert found["second"].received.principal_minor == 200_001
        assert found["lead"].received.principal_minor == 800_002

    def test_gives_fees_to_who_charges_them(self) -> None:
        found = owners([Repaid(key="one", on=on(31), amount_minor=170_000)], 31)
        assert found["antai"].received == Parts(fee_minor=4_167)
        assert found["platform"].received == Parts(fee_minor=333)
        assert (
            found["lead"].received.fee_minor,
            found["second"].received.fee_minor,
        ) == (81, 20)

    def test_lets_later_money_go_to_who_compensated_but_for_fees_of_others(self) -> None:
        passed = Compensated(key="passed", on=on(40), owner="antai", price_minor=0)
        early = Repaid(key="early", on=on(31), amount_minor=100_000)
        late = Repaid(key="late", on=on(70), amount_minor=240_000)
        before, after = owners([early], 40), owners([early, passed, late], 70)
        assert after["second"] == Owned(received=before["second"].received)
        assert after["antai"].received.principal_minor > 0
        assert after["platform"].received.fee_minor == 666
