"""Everything that can be ordered about a loan: shown first, booked as shown, and undone."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from loanops.config import wiring
from loanops.kernel.account import KINDS
from loanops.kernel.money import parse_amount
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule import Penalty, PrepaymentFee, PrepaymentTier
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing import permissions, queries
from loanops.loanbook.servicing.domain.orders import (
    ORDERS,
    ClaimParted,
    NothingPrepaid,
    NothingToUndo,
    NotSettled,
)
from loanops.loanbook.servicing.models import Instalment, Loan, LoanClass, LoanEvent
from loanops.money.ledger import queries as ledger
from loanops.money.payments import queries as payments
from loanops.money.payments.operations import ReceiptReused
from tests.factories.changes import CASES, asked, dues, order
from tests.factories.loans import AT, DAY, HOUSE, close_until, open_book, open_loan, repay, terms
from tests.factories.moving import CURRENT, MAP, open_moving_book, reading

pytestmark = pytest.mark.django_db


def violations() -> list[str]:
    return [
        f"{found.code} {found.object}: {found.expected} / {found.found}"
        for check in wiring.invariants()
        if check.code in {f"INV-{n:02d}" for n in (1, 2, 3, 4, 5, 8, 9, 10)}
        for found in check.find()
    ]


def stands(loan: str) -> tuple[Any, ...]:
    row = Loan.objects.get(number=loan)
    items = Instalment.objects.filter(loan=row).order_by("number").values_list(
        "number", "starts_on", "due_on", "principal_minor", "interest_minor", "fee_minor",
        "open_minor", "penalty_adjust_minor", "owner",
    )  # fmt: skip
    return row.state, row.outstanding_minor, row.claim_owner, row.credit_minor, list(items)


def story(loan: str) -> date:
    """Two months of a loan: one instalment paid, the next one late; returns the business day."""
    days = dues(loan)
    close_until(days[0])
    repay(loan, Instalment.objects.get(loan__number=loan, number=1).open_minor, days[0])
    close_until(days[1] + timedelta(days=12))
    return days[1] + timedelta(days=12)


class TestEveryChange:
    def test_has_a_case_here(self) -> None:
        # A refund needs credit first, and is undone only with its money; a pause is ended only
        # where one runs: they have tests of their own.
        assert set(ORDERS) == set(CASES) | {"reversed", "refunded", "counting_resumed"}
        assert set(ORDERS) == set(permissions.CHANGES)
        assert set(KINDS) == set(ORDERS) | {"disbursed", "repaid", "brought_in"}

    @pytest.mark.parametrize("kind", CASES)
    def test_is_booked_as_it_was_shown_and_undone_without_a_trace(self, kind: str) -> None:
        open_book()
        loan = open_loan(
            agreed=terms(penalty=Penalty(multiplier=Decimal("1.5"))), guarantor="guard"
        )
        on = story(loan)
        before = stands(loan)

        card = order(loan, kind, on, **CASES[kind](loan))

        assert violations() == []
        row = Loan.objects.get(number=loan)
        assert row.outstanding_minor == card.after.outstanding_minor
        assert (row.state, row.claim_owner) == (card.after.state, card.after.claim_owner)
        close_until(on + timedelta(days=40))
        assert violations() == []

        order(loan, "reversed", on, of=card.key)
        assert violations() == []
        close_until(on + timedelta(days=42))
        assert violations() == []
        assert stands(loan) == before

    @pytest.mark.parametrize("kind", sorted(set(CASES) - {"waived"}))
    def test_may_count_for_an_earlier_day(self, kind: str) -> None:
        open_book()
        loan = open_loan(
            agreed=terms(penalty=Penalty(multiplier=Decimal("1.5"))), guarantor="guard"
        )
        on = story(loan)
        close_until(on + timedelta(days=20))
        repay(loan, 50_000, on + timedelta(days=15))

        order(loan, kind, on, **CASES[kind](loan))

        assert violations() == []
        close_until(on + timedelta(days=25))
        assert violations() == []

    def test_writes_nothing_when_it_is_shown(self) -> None:
        open_book()
        loan = open_loan()
        before = stands(loan), LoanEvent.objects.count()

        servicing.preview_change(asked=asked(loan, "extended", periods=2), viewer=HOUSE)

        assert (stands(loan), LoanEvent.objects.count()) == before

    def test_is_told_in_the_history_of_the_loan(self) -> None:
        open_book()
        loan = open_loan()

        order(loan, "rate_changed", annual_rate="0.06")

        told = queries.list_events(number=loan, viewer=HOUSE)[-1]
        assert told.kind == "rate_changed"
        assert told.content["annual_rate"] == "0.06"
        assert told.values["reason"] == "as agreed"
        assert queries.get_loan(number=loan, viewer=HOUSE).annual_rate == "0.06"


class TestPrepaid:
    def test_keeps_the_term_or_the_instalment(self) -> None:
        open_book()
        loan = open_loan()
        day = dues(loan)[0]
        close_until(day)
        shown = {
            keep: servicing.preview_change(
                asked=asked(loan, "prepaid", day, amount_minor=400_000, keep=keep), viewer=HOUSE
            )
            for keep in ("term", "instalment")
        }

        term, instalment = shown["term"].after, shown["instalment"].after
        assert term.last_due_on == dues(loan)[-1]
        assert instalment.last_due_on is not None
        assert instalment.last_due_on < dues(loan)[-1]
        assert term.next_due_minor < instalment.next_due_minor
        assert shown["instalment"].saving_minor > shown["term"].saving_minor > 0

    def test_pays_the_fee_of_the_product_from_the_same_money(self) -> None:
        fee = PrepaymentFee(tiers=(PrepaymentTier(rate=Decimal("0.01"), instalments_max=6),))
        open_book()
        loan = open_loan(agreed=terms(prepayment_fee=fee))

        card = order(loan, "prepaid", amount_minor=101_000, keep="term")

        # 1,000.00 early and 1 % of it as fee.
        assert card.before.outstanding_minor - card.after.outstanding_minor == 100_000
        assert card.schedule_after[0].fee_minor == 1_000

    def test_is_refused_where_nothing_is_left_for_it(self) -> None:
        open_book()
        loan = open_loan()
        day = dues(loan)[0]
        close_until(day)

        with pytest.raises(NothingPrepaid):
            order(loan, "prepaid", day, amount_minor=100, keep="term")


class TestSettledEarly:
    def test_ends_the_loan_and_keeps_what_is_too_much(self) -> None:
        open_book()
        loan = open_loan()

        card = order(loan, "settled_early", amount_minor=5_000_000)

        row = Loan.objects.get(number=loan)
        assert (row.state, row.outstanding_minor) == ("settled", 0)
        assert row.credit_minor == card.after.credit_minor > 0

    def test_says_what_it_takes_when_the_money_is_too_little(self) -> None:
        open_book()
        loan = open_loan()
        with pytest.raises(NotSettled) as refused:
            order(loan, "settled_early", amount_minor=1_000)

        payoff = str(refused.value.values["payoff"]).replace(",", "")
        order(loan, "settled_early", amount_minor=parse_amount(payoff, "CNY"))
        assert Loan.objects.get(number=loan).state == "settled"

    def test_is_booked_once_for_each_payment(self) -> None:
        open_book()
        one, other = open_loan(), open_loan()
        servicing.repay(
            loan=other, channel="counter", pay_no=f"{one}-1", amount_minor=100, on=DAY,
            actor=HOUSE, at=AT,
        )  # fmt: skip

        with pytest.raises(ReceiptReused):
            order(one, "settled_early", amount_minor=5_000_000)


class TestReversed:
    def test_leaves_the_money_with_its_receipt(self) -> None:
        open_book()
        loan = open_loan()
        card = order(loan, "prepaid", amount_minor=200_000, keep="term")

        order(loan, "reversed", of=card.key, cause="debit_returned")

        [receipt] = payments.list_receipts(subject=loan, viewer=HOUSE)
        assert receipt.unapplied_minor == 200_000
        assert Loan.objects.get(number=loan).credit_minor == 0
        assert violations() == []

    def test_cannot_happen_twice_nor_to_the_payout(self) -> None:
        open_book()
        loan = open_loan()
        card = order(loan, "rate_changed", annual_rate="0.06")
        order(loan, "reversed", of=card.key)

        for key in (card.key, "disbursed", "nothing"):
            with pytest.raises(NothingToUndo):
                order(loan, "reversed", of=key)

    def test_cannot_happen_to_the_entry_of_a_loan_that_was_brought_in(self) -> None:
        # ``soak --part book``, seed 4: such a loan was left without an instalment.
        open_moving_book(on=DAY)
        text = MAP.replace("2026-06-30", DAY.isoformat())
        servicing.import_book(read=reading([CURRENT], text=text), actor=HOUSE, at=AT)
        [loan] = Loan.objects.values_list("number", flat=True)

        with pytest.raises(NothingToUndo):
            order(loan, "reversed", of="brought_in")

    def test_is_refused_where_what_happened_later_would_not_fit(self) -> None:
        open_book()
        loan = open_loan()
        extended = order(loan, "extended", periods=2)
        last, on = dues(loan)[-1], DAY + timedelta(days=1)
        close_until(on)
        order(loan, "due_moved", on, due=last.isoformat(), to=str(last + timedelta(3)))

        with pytest.raises(BadField, match="due"):
            order(loan, "reversed", on, of=extended.key)


class TestClaim:
    def test_of_one_instalment_passes_and_recoveries_go_to_its_new_owner(self) -> None:
        open_book()
        loan = open_loan(guarantor="guard")
        on = story(loan)
        row = Loan.objects.get(number=loan)
        item = Instalment.objects.get(loan=row, number=2)

        order(loan, "compensated", on, owner="guard", price_minor=item.open_minor, number=2)

        owed = ledger.balances_of(book="cn", heads=("funder.payable",), viewer=HOUSE)
        by_owner = {key.code.partition(":")[2]: amount for key, amount in owed.items()}
        assert abs(by_owner["guard"]) == item.open_minor
        assert Instalment.objects.get(loan=row, number=2).owner == "guard"
        row.refresh_from_db()
        assert row.claim_owner == row.funder
        with pytest.raises(BadField, match="owner"):
            order(loan, "compensated", on, owner="guard", price_minor=1, number=2)


class TestRestructured:
    def test_costs_the_principal_that_is_waived_until_it_is_undone(self) -> None:
        open_book()
        loan = open_loan()
        on = story(loan)
        left = Loan.objects.get(number=loan).outstanding_minor
        agreed = CASES["restructured"](loan) | {"interest": "waive"}

        card = order(loan, "restructured", on, **agreed)

        assert card.after.outstanding_minor == left - 50_000
        assert waivers() == 50_000
        order(loan, "reversed", on, of=card.key)
        assert waivers() == 0
        assert violations() == []

    def test_takes_no_instalment_from_who_paid_for_it(self) -> None:
        open_book()
        loan = open_loan(guarantor="guard")
        on = story(loan)
        order(loan, "compensated", on, owner="guard", price_minor=100_000, number=2)

        with pytest.raises(ClaimParted):
            order(loan, "restructured", on, **CASES["restructured"](loan))

        order(loan, "compensated", on, owner="guard", price_minor=900_000)
        order(loan, "restructured", on, **CASES["restructured"](loan))
        assert violations() == []

    def test_is_told_in_a_statement(self) -> None:
        open_book()
        loan = open_loan()
        on = story(loan)
        order(loan, "restructured", on, **CASES["restructured"](loan))

        told = queries.get_statement(
            number=loan, since=DAY, until=on + timedelta(days=1), viewer=HOUSE
        )

        principal = told.balances[0]
        moved_minor = principal.added_minor - principal.waived_minor - principal.paid_minor
        assert principal.opening_minor + moved_minor == principal.closing_minor
        assert principal.waived_minor == 50_000


def waivers() -> int:
    balances = ledger.balances_of(book="cn", heads=("expense.waiver",), viewer=HOUSE)
    return sum(abs(amount) for amount in balances.values())


class TestWrittenOff:
    def test_costs_more_when_a_waiver_of_before_is_undone(self) -> None:
        open_book()
        loan = open_loan()
        on = story(loan)
        waived = order(loan, "restructured", on, **CASES["restructured"](loan))
        order(loan, "written_off", on)

        order(loan, "reversed", on, of=waived.key)

        left_minor = Loan.objects.get(number=loan).outstanding_minor
        heads = ("expense.write_off", "expense.waiver", "income.recovery")
        balances = ledger.balances_of(book="cn", heads=heads, viewer=HOUSE)
        found = {key.code: abs(amount) for key, amount in balances.items() if amount}
        assert found == {"expense.write_off": left_minor}
        assert violations() == []

    def test_of_a_loan_in_a_lower_class_leaves_the_sums_by_class(self) -> None:
        open_book()
        loan = open_loan()
        on = story(loan)
        close_until(on + timedelta(days=60))

        order(loan, "written_off", on + timedelta(days=60))
        close_until(on + timedelta(days=61))

        assert LoanClass.objects.filter(loan__number=loan).exists()
        assert violations() == []

    def test_costs_what_was_outstanding_and_earns_what_comes_back(self) -> None:
        open_book()
        loan = open_loan(
            agreed=terms(penalty=Penalty(multiplier=Decimal("1.5"))), guarantor="guard"
        )
        on = story(loan)
        left = Loan.objects.get(number=loan).outstanding_minor

        order(loan, "written_off", on)
        close_until(on + timedelta(days=30))
        repay(loan, 300_000, on + timedelta(days=30))
        close_until(on + timedelta(days=31))

        balances = ledger.balances_of(
            book="cn", heads=("expense.write_off", "income.recovery"), viewer=HOUSE
        )
        found = {key.code: abs(amount) for key, amount in balances.items()}
        row = Loan.objects.get(number=loan)
        assert (row.state, row.bucket) == ("written_off", 8)
        assert found == {
            "expense.write_off": left,
            "income.recovery": left - row.outstanding_minor,
        }
        assert violations() == []
