"""Simulated borrowers: the same from the same seed, and alike to people where it matters."""

from __future__ import annotations

from datetime import date, timedelta

from stdnum.cn import ric

from loanops_sandbox.market import habits
from loanops_sandbox.market.people import Borrower, Product, borrower

ON = date(2026, 9, 1)
PRODUCTS = (Product("cash", 0.7, 2_000, 80_000, (6, 12)), Product("mall", 0.3, 500, 20_000, (3,)))
SEED = 7


def people(count: int, seed: int = SEED) -> list[Borrower]:
    return [borrower(seed, serial, on=ON, products=PRODUCTS) for serial in range(count)]


def test_come_again_from_the_same_seed_and_differ_by_another() -> None:
    assert people(20) == people(20)
    assert people(20) != people(20, seed=8)


def test_ask_for_what_is_offered_under_numbers_that_are_valid_in_form() -> None:
    offered = {each.code: each for each in PRODUCTS}
    for who in people(200):
        product = offered[who.product]
        assert product.amount_min <= who.amount <= product.amount_max
        assert who.term_months in product.terms_months
        assert ric.is_valid(who.id_number)
        assert 20 <= (ON - who.born_on).days // 365 <= 59


def test_show_their_strain_in_what_a_lender_sees() -> None:
    by_strain = sorted(people(600), key=lambda who: who.strain)
    easy, hard = by_strain[:200], by_strain[-200:]
    for fact in ("overdue_24m", "inquiries_3m", "open_loans"):
        assert sum(who.facts[fact] for who in hard) > 2 * sum(who.facts[fact] for who in easy)
    unknown = [who for who in by_strain if "employment_months" not in who.facts]
    assert 0 < len(unknown) < 60


def test_pay_in_part_or_later_but_never_before_the_day() -> None:
    due = ON + timedelta(days=30)
    planned = [habits.payment(SEED, who, due_on=due) for who in people(600)]

    late = [each for each in planned if not each.in_account]
    assert 0.03 < len(late) / len(planned) < 0.35
    assert all(0 <= each.in_account_pct < 100 for each in late)
    assert all(each.makes_up_on > due for each in late)
    assert any(each.makes_up_on == date.max for each in late)
    assert planned == [habits.payment(SEED, who, due_on=due) for who in people(600)]


def test_take_a_dear_offer_less_often_than_a_cheap_one() -> None:
    def takers(cost: float) -> int:
        answers = [habits.answer_to_offer(SEED, who, cost_annual=cost) for who in people(400)]
        return sum(each.takes for each in answers)

    assert takers(0.10) > takers(0.24) > 0


def test_mostly_sign_at_the_bank_but_not_always() -> None:
    seen = [habits.behaviour_at_bank(SEED, who) for who in people(600)]

    assert set(seen) == {"agree", "closes", "decline", "leaves"}
    assert seen.count("agree") / len(seen) > 0.85
