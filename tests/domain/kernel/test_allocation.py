"""Allocation: order as data, due before in advance, nothing lost."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.allocation import (
    Component,
    OpenPart,
    Order,
    Parts,
    Slice,
    Sweep,
    allocate,
)
from loanops.kernel.refusals import BadField

JANUARY, FEBRUARY = date(2026, 1, 31), date(2026, 2, 28)
PRINCIPAL, INTEREST, FEE, PENALTY = Component


def owed(number: int, due: date, **amounts: int) -> list[OpenPart]:
    return [OpenPart(number, Component(name), due, amount) for name, amount in amounts.items()]


TWO_INSTALMENTS = [
    *owed(1, JANUARY, principal=1000, interest=50, fee=20, penalty=7),
    *owed(2, FEBRUARY, principal=1000, interest=40, fee=20),
]


@st.composite
def open_parts(draw: st.DrawFn) -> list[OpenPart]:
    start = date(2026, 1, 1)
    count = draw(st.integers(1, 5))
    return [
        OpenPart(number, component, start + timedelta(days=30 * number), draw(st.integers(0, 500)))
        for number in range(1, count + 1)
        for component in Component
    ]


@st.composite
def orders(draw: st.DrawFn) -> Order:
    return Order(
        due=tuple(draw(st.permutations(list(Component)))),
        in_advance=tuple(draw(st.lists(st.sampled_from(list(Component)), unique=True))),
        sweep=draw(st.sampled_from(Sweep)),
    )


class TestAllocate:
    @given(open_parts(), orders(), st.integers(0, 12_000), st.integers(0, 200))
    def test_neither_loses_nor_makes_money(
        self, parts: list[OpenPart], order: Order, amount: int, after: int
    ) -> None:
        laid = allocate(amount, parts, order, date(2026, 1, 1) + timedelta(days=after))

        assert laid.parts.total_minor + laid.unapplied_minor == amount
        assert laid.unapplied_minor >= 0

    @given(open_parts(), orders(), st.integers(0, 12_000), st.integers(0, 200))
    def test_never_pays_a_part_more_than_it_owes(
        self, parts: list[OpenPart], order: Order, amount: int, after: int
    ) -> None:
        owed_minor = {(p.number, p.component): p.open_minor for p in parts}

        laid = allocate(amount, parts, order, date(2026, 1, 1) + timedelta(days=after))

        assert all(0 < s.amount_minor <= owed_minor[s.number, s.component] for s in laid.slices)

    @given(open_parts(), orders(), st.integers(0, 6000), st.integers(0, 6000), st.integers(0, 200))
    def test_pays_in_two_parts_what_it_would_pay_in_one(
        self, parts: list[OpenPart], order: Order, one: int, other: int, after: int
    ) -> None:
        on = date(2026, 1, 1) + timedelta(days=after)
        whole = allocate(one + other, parts, order, on)

        first = allocate(one, parts, order, on)
        paid = {(s.number, s.component): s.amount_minor for s in first.slices}
        left = [
            OpenPart(
                p.number,
                p.component,
                p.due_date,
                p.open_minor - paid.get((p.number, p.component), 0),
            )
            for p in parts
        ]
        second = allocate(first.unapplied_minor + other, left, order, on)

        assert first.parts + second.parts == whole.parts

    def test_fills_the_oldest_instalment_first(self) -> None:
        laid = allocate(100, TWO_INSTALMENTS, Order(), FEBRUARY)

        assert laid.slices == (
            Slice(1, FEE, JANUARY, 20),
            Slice(1, PENALTY, JANUARY, 7),
            Slice(1, INTEREST, JANUARY, 50),
            Slice(1, PRINCIPAL, JANUARY, 23),
        )

    def test_sweeps_by_component_across_instalments(self) -> None:
        order = Order(sweep=Sweep.BY_COMPONENT)

        laid = allocate(100, TWO_INSTALMENTS, order, FEBRUARY)

        assert [(s.number, s.component, s.amount_minor) for s in laid.slices] == [
            (1, FEE, 20),
            (2, FEE, 20),
            (1, PENALTY, 7),
            (1, INTEREST, 50),
            (2, INTEREST, 3),
        ]

    def test_pays_what_is_due_before_anything_in_advance(self) -> None:
        order = Order(in_advance=(PRINCIPAL, INTEREST, FEE, PENALTY))

        laid = allocate(1177, TWO_INSTALMENTS, order, JANUARY)

        assert laid.slices[-1] == Slice(2, PRINCIPAL, FEBRUARY, 100)

    def test_keeps_early_money_where_nothing_is_paid_in_advance(self) -> None:
        laid = allocate(1500, TWO_INSTALMENTS, Order(in_advance=()), JANUARY)

        assert laid.unapplied_minor == 1500 - 1077

    def test_contract_order_decides_a_partial_payment(self) -> None:
        # 1,000.00 principal, 100.00 interest and 1.00 penalty; interest comes first.
        parts = owed(1, JANUARY, principal=100_000, interest=10_000, penalty=100)
        order = Order(due=(INTEREST, PENALTY, PRINCIPAL, FEE))

        assert allocate(10_000, parts, order, JANUARY).parts == Parts(interest_minor=10_000)


class TestOrder:
    @given(orders())
    def test_is_the_same_after_it_was_stored(self, order: Order) -> None:
        assert Order.from_dict(order.to_dict()) == order

    @pytest.mark.parametrize(
        "row",
        [
            {"due": ["fee", "fee", "interest", "principal", "penalty"]},
            {"due": ["fee", "interest", "principal"]},
            {"due": ["fee", "interest", "principal", "tip"]},
            {"in_advance": ["fee", "fee"]},
            {"sweep": "diagonal"},
            {"due": "fee"},
        ],
    )
    def test_refuses_what_leaves_a_part_unpaid(self, row: dict[str, object]) -> None:
        with pytest.raises(BadField):
            Order.from_dict(row)
