"""The stored position moves as the kernel's account does, whatever happens to a loan."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from loanops.kernel.account import Disbursed, Repaid, state
from loanops.kernel.allocation import Component, Order, Orders, Sweep
from loanops.kernel.schedule import Method, Penalty, PenaltyBase, PenaltyStart, Terms, schedule
from loanops.loanbook.servicing.domain.position import (
    Item,
    Penal,
    late,
    pay,
    penal_of,
    reach,
    standing,
    stands_on,
)
from loanops.loanbook.servicing.domain.replay import items_of
from loanops.loanbook.servicing.domain.rules import Rules, read_rules, rules_of
from tests.domain.kernel.loans import late_fees

START = date(2026, 1, 31)

orders = st.builds(
    Order,
    due=st.permutations(list(Component)).map(tuple),
    in_advance=st.permutations(list(Component)).map(tuple),
    sweep=st.sampled_from(Sweep),
)
penalties = st.none() | st.builds(
    Penalty,
    multiplier=st.decimals("0.5", "2", places=2),
    base=st.sampled_from(PenaltyBase),
    grace_days=st.integers(0, 5),
    runs_from=st.sampled_from(PenaltyStart),
    days_in_year=st.sampled_from([360, 365]),
    stop_days=st.none() | st.integers(6, 90),
    cap=st.none() | st.decimals("0.05", "0.5", places=3),
)
agreements = st.builds(
    Terms,
    method=st.sampled_from(
        [Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.INTEREST_ONLY, Method.FLAT]
    ),
    principal_minor=st.integers(1_000, 5_000_000),
    currency=st.just("CNY"),
    annual_rate=st.decimals("0", "0.36", places=4),
    instalments=st.integers(1, 12),
    start_date=st.just(START),
    allocation=orders,
    penalty=penalties,
    fees=st.lists(late_fees(), max_size=2).map(tuple),
)
payments = st.lists(st.tuples(st.integers(0, 500), st.integers(1, 2_000_000)), max_size=6).map(
    sorted
)


def opened(terms: Terms) -> list[Item]:
    return [
        Item(row.number, row.due_date, row.principal_minor, row.interest_minor, row.fees_minor)
        for row in schedule(terms).rows
    ]


def shown(item: Item, rules: Rules, on: date) -> tuple[object, ...]:
    return (
        item.number,
        item.due_on,
        item.paid,
        item.open_minor,
        item.penalty_minor(rules, on),
        item.settled_on,
        item.penal_to,
        item.penal_minor_days,
        item.late_fee_minor,
        item.late_fee_count,
    )


def entered(item: Item, rules: Rules, on: date) -> Item:
    """The instalment as the close leaves it: late ones bear penalty, up to the end of the rule."""
    waits = on <= item.due_on + timedelta(days=rules.grace_days)
    if item.penal_to is None and (waits or item.open_minor == 0):
        return item
    if item.penal_to is None:
        item = item._replace(penal_to=rules.penalty_from(item.due_on))
    return ended(item, rules, on)


def ended(item: Item, rules: Rules, on: date) -> Item:
    """The instalment with its penalty counted up to the end of the rule, where that has come."""
    end = rules.penalty_end(item.due_on)
    if end is None or on < end or item.penal_to is None:
        return item
    return reach(item, rules, end)


class TestPay:
    @settings(max_examples=300)
    @given(agreements, payments, st.integers(0, 600))
    def test_leads_where_a_replay_of_all_events_leads(
        self, terms: Terms, paid: list[tuple[int, int]], later: int
    ) -> None:
        rules = rules_of(terms)
        events: list[Disbursed | Repaid] = [
            Disbursed(key="disbursed", on=START, amount_minor=terms.principal_minor)
        ]
        items = {item.number: item for item in opened(terms)}
        for place, (days, amount_minor) in enumerate(paid):
            on = START + timedelta(days=days)
            items = {n: late(item, rules, on) for n, item in items.items()}
            laid = pay(list(items.values()), rules, amount_minor, on)
            items |= laid.items
            events.append(Repaid(key=f"P{place}", on=on, amount_minor=amount_minor))
            if laid.unapplied_minor:
                break

        on = max(START + timedelta(days=later), events[-1].on)
        account = state(terms, events, on)
        replayed = items_of(account, rules)

        items = {n: late(item, rules, on) for n, item in items.items()}
        closed = {n: entered(item, rules, on) for n, item in items.items()}
        assert [shown(closed[n], rules, on) for n in sorted(closed)] == [
            shown(item, rules, on) for item in replayed
        ]
        assert [item.penalty_minor(rules, on) for item in replayed] == [
            each.due.penalty_minor for each in account.instalments
        ]
        seen = standing(items.values(), rules, on)
        assert seen.oldest_due_on == account.oldest_unpaid_due_date
        assert seen.bucket == account.bucket
        assert seen.is_settled == account.is_settled

    @settings(max_examples=200)
    @given(agreements, payments)
    def test_splits_a_payment_without_losing_a_unit(
        self, terms: Terms, paid: list[tuple[int, int]]
    ) -> None:
        rules = rules_of(terms)
        items = {item.number: item for item in opened(terms)}
        for days, amount_minor in paid:
            on = START + timedelta(days=days)
            before = {number: item.paid.total_minor for number, item in items.items()}

            laid = pay(list(items.values()), rules, amount_minor, on)
            items |= laid.items

            laid_minor = sum(item.paid.total_minor for item in items.values())
            assert laid_minor - sum(before.values()) == laid.parts.total_minor
            assert laid.parts.total_minor + laid.unapplied_minor == amount_minor
            assert all(item.open_minor >= 0 for item in items.values())


class TestItems:
    @settings(max_examples=200)
    @given(agreements, payments, st.integers(0, 90), st.integers(0, 60), st.integers(1, 2_000_000))
    def test_of_a_replay_take_money_that_counts_before_the_day_it_was_seen_from(
        self, terms: Terms, paid: list[tuple[int, int]], gap: int, since: int, amount_minor: int
    ) -> None:
        rules = rules_of(terms)
        events: list[Disbursed | Repaid] = [
            Disbursed(key="disbursed", on=START, amount_minor=terms.principal_minor)
        ]
        for place, (days, minor) in enumerate(paid):
            day = START + timedelta(days=days)
            events.append(Repaid(key=f"P{place}", on=day, amount_minor=minor))
        day = events[-1].on + timedelta(days=gap)
        seen_from = day + timedelta(days=since)
        before = state(terms, events, seen_from)
        items = {item.number: item for item in items_of(before, rules)}
        grace = timedelta(days=rules.grace_days)
        # What meets credit, or comes within a grace that has passed since, is replayed.
        assume(before.unapplied_minor == 0)
        assume(all(i.penal_to is None or day > i.due_on + grace for i in items.values()))
        assume(all(stands_on(item, rules, day) for item in items.values()))

        items |= pay(list(items.values()), rules, amount_minor, day).items
        items = {n: late(item, rules, seen_from) for n, item in items.items()}
        items = {n: ended(item, rules, seen_from) for n, item in items.items()}

        added = Repaid(key="late", on=day, amount_minor=amount_minor)
        replayed = items_of(state(terms, [*events, added], seen_from), rules)
        assert [shown(items[n], rules, seen_from) for n in sorted(items)] == [
            shown(item, rules, seen_from) for item in replayed
        ]


class TestPenal:
    @settings(max_examples=200)
    @given(agreements, st.integers(1, 400), st.integers(0, 400))
    def test_of_a_pool_grows_as_its_instalments_do(
        self, terms: Terms, first: int, more: int
    ) -> None:
        # The close ends penalty by itself on the day that a rule says.
        assume(terms.penalty is None or terms.penalty.stop_days is terms.penalty.cap is None)
        rules = rules_of(terms)
        entered = [reach(item, rules, START + timedelta(days=first)) for item in opened(terms)]
        on = START + timedelta(days=first + more)

        pool = Penal()
        for item in entered:
            pool = pool.plus(penal_of(item, rules))

        running = [item for item in entered if item.penal_to is not None]
        if terms.penalty is not None:
            exact = sum(item.minor_days(rules, on) for item in running if item.base_minor(rules))
            assert pool.minor_days(on) == exact

    def test_ends_rounded_when_its_instalment_is_paid(self) -> None:
        # 1,000.00 at 18 % and half more, ten days late: 7.50 (base 360).
        rules = Rules(Decimal("0.18"), rules_of(plain()).rounding, Orders(), half_more())
        late = Item(1, date(2026, 3, 1), 100_000, 0, 0, penal_to=date(2026, 3, 1))

        paid = pay([late], rules, 100_750, date(2026, 3, 11))

        assert paid.parts.penalty_minor == 750
        assert penal_of(paid.items[1], rules) == Penal(settled_minor=750)


def plain() -> Terms:
    return Terms(
        method=Method.EQUAL_INSTALMENT,
        principal_minor=1_000_000,
        currency="CNY",
        annual_rate=Decimal("0.12"),
        instalments=12,
        start_date=START,
    )


def half_more() -> Penalty:
    return Penalty(multiplier=Decimal("1.5"))


class TestRules:
    def test_without_orders_by_stage_read_back_as_those_of_the_terms(self) -> None:
        # ``soak --part book``, seed 11: verify named pools whose product said another day.
        rules = rules_of(replace(plain(), non_performing_dpd=30))

        assert read_rules(rules.text()) == rules

    @given(agreements)
    def test_are_read_as_they_were_written(self, terms: Terms) -> None:
        rules = rules_of(terms)

        assert read_rules(rules.text()) == rules
