"""What a guarantor pays for a claim, and what stays with those who owned it."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.account import (
    Compensated,
    Event,
    Owned,
    Repaid,
    Reversed,
    compensable,
    met_by,
    owned,
    state,
)
from loanops.kernel.allocation import Component, Parts
from loanops.kernel.guarantee import GuaranteeBase
from loanops.kernel.sharing import ONE_LENDER, Sharing
from tests.domain.kernel.test_sharing import PAID_OUT, PAYEES, TWO, on, terms

EVERYTHING = 5_000_000
NUMBERS = st.none() | st.integers(1, 6)
BASES = st.sampled_from(GuaranteeBase)
SHARINGS = st.sampled_from([ONE_LENDER, TWO])
MONEY = st.lists(st.tuples(st.integers(1, 300), st.integers(1, 300_000)), max_size=5)


def paid(money: list[tuple[int, int]]) -> list[Event]:
    return [
        Repaid(key=f"p{place}", on=on(days), amount_minor=amount_minor)
        for place, (days, amount_minor) in enumerate(money)
    ]


def price(
    events: list[Event], day: date, base: GuaranteeBase, number: int | None, sharing: Sharing
) -> dict[str, Parts]:
    return compensable(
        met_by(terms(), events, Compensated, day),
        sharing,
        lender="lead",
        payees=PAYEES,
        guarantor="antai",
        base=base,
        number=number,
    )


def owners(events: list[Event], day: date, sharing: Sharing) -> dict[str, Owned]:
    return owned(state(terms(), events, day), sharing, lender="lead", payees=PAYEES)


def of_lenders(found: dict[str, Owned]) -> int:
    return sum(found[name].received.total_minor for name in ("lead", "second") if name in found)


class TestPrice:
    @given(MONEY, st.integers(1, 260), BASES, NUMBERS, SHARINGS)
    def test_is_of_the_components_of_the_base_and_nothing_below_zero(
        self,
        money: list[tuple[int, int]],
        days: int,
        base: GuaranteeBase,
        number: int | None,
        sharing: Sharing,
    ) -> None:
        for parts in price([PAID_OUT, *paid(money)], on(days), base, number, sharing).values():
            for component in Component:
                assert parts.of(component) >= 0
                assert component in base.components or not parts.of(component)

    def test_of_a_late_instalment_is_what_is_open_of_it_by_the_base(self) -> None:
        # The second instalment is 30 days late; the guarantor's own fee is nobody's to pay.
        due_minor = state(terms(), [PAID_OUT], on(31)).instalments[0].open.total_minor
        events, day = [PAID_OUT, Repaid(key="p", on=on(31), amount_minor=due_minor)], on(91)
        item = state(terms(), events, day).instalments[1]
        wanted = {
            GuaranteeBase.PRINCIPAL: item.open.principal_minor,
            GuaranteeBase.PRINCIPAL_AND_INTEREST: item.open.interest_minor,
            GuaranteeBase.WITH_PENALTY: item.open.penalty_minor,
            GuaranteeBase.WITH_FEES: 101,
        }
        so_far = 0
        for base, more in wanted.items():
            so_far += more
            [(owner, parts)] = price(events, day, base, 2, ONE_LENDER).items()
            assert (owner, parts.total_minor) == ("lead", so_far)

    def test_of_the_whole_loan_is_all_principal_and_interest_to_the_day(self) -> None:
        account = state(terms(), [PAID_OUT], on(45))
        paid_for = price([PAID_OUT], on(45), GuaranteeBase.PRINCIPAL_AND_INTEREST, None, ONE_LENDER)
        first = account.instalments[0].open.interest_minor
        assert paid_for["lead"] == Parts(1_000_003, first + account.accrued_interest_minor)


class TestPassing:
    @given(MONEY, st.integers(1, 200), BASES, SHARINGS)
    def test_leaves_lenders_exactly_what_was_not_paid_for(
        self, money: list[tuple[int, int]], days: int, base: GuaranteeBase, sharing: Sharing
    ) -> None:
        """Price and later money of lenders are what was theirs by the day, to the minor unit."""
        day, events = on(days), [PAID_OUT, *paid(money)]
        whole = price(events, day, GuaranteeBase.WITH_FEES, None, sharing)
        paid_for = price(events, day, base, None, sharing)
        passed = Compensated(key="c", on=day, owner="antai", price_minor=0, base=base)
        before = [each for each in events if each.on < day]
        had_minor = of_lenders(owners(before, day, sharing))
        last = Repaid(key="last", on=on(420), amount_minor=EVERYTHING)

        found = owners([*events, passed, last], on(420), sharing)

        owed_minor = sum(parts.total_minor for parts in whole.values())
        price_minor = sum(parts.total_minor for parts in paid_for.values())
        assert of_lenders(found) - had_minor == owed_minor - price_minor

    def test_gives_the_interest_that_was_not_paid_for_to_the_lender_first(self) -> None:
        events: list[Event] = [PAID_OUT]
        day = on(45)
        item = state(terms(), events, day).instalments[0]
        base = GuaranteeBase.PRINCIPAL
        passed = Compensated(key="c", on=day, owner="antai", price_minor=1, number=1, base=base)
        left_minor = state(terms(), events, on(58)).instalments[0].open.total_minor
        paid_up = Repaid(key="p", on=on(58), amount_minor=left_minor)

        found = owners([*events, passed, paid_up], on(58), ONE_LENDER)

        # Penalty that ran on after the day is the guarantor's.
        assert found["lead"].received.interest_minor == item.open.interest_minor
        assert found["lead"].received.penalty_minor == item.open.penalty_minor
        assert found["antai"].received.penalty_minor > 0
        assert found["antai"].received.principal_minor == item.open.principal_minor

    def test_counts_before_the_money_of_its_day(self) -> None:
        paid_then = Repaid(key="p", on=on(45), amount_minor=10_000)
        events = [PAID_OUT, paid_then]
        base = GuaranteeBase.WITH_FEES
        assert price(events, on(45), base, 1, ONE_LENDER) == price(
            [PAID_OUT], on(45), base, 1, ONE_LENDER
        )
        passed = Compensated(key="c", on=on(45), owner="antai", price_minor=1, number=1, base=base)
        found = owners([*events, passed], on(45), ONE_LENDER)
        assert "lead" not in found or found["lead"].received.total_minor == 0
        assert found["antai"].received.total_minor > 0

    @given(MONEY, st.integers(1, 200), st.integers(1, 60), BASES, NUMBERS)
    def test_is_as_if_nothing_was_when_it_is_undone(
        self,
        money: list[tuple[int, int]],
        days: int,
        more: int,
        base: GuaranteeBase,
        number: int | None,
    ) -> None:
        events, day = [PAID_OUT, *paid(money)], on(days)
        passed = Compensated(
            key="c", on=day, owner="antai", price_minor=0, number=number, base=base
        )
        undone = Reversed(key="u", on=day + timedelta(days=more), of="c")
        until = on(300)
        assert owners([*events, passed, undone], until, TWO) == owners(events, until, TWO)
