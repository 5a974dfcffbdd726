"""Compensation by the guarantor, held to the agreement under which a loan was paid out."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from loanops.kernel.access import NotPermitted, Viewer
from loanops.kernel.account import InstalmentUnknown
from loanops.kernel.refusals import BadField, NotFound
from loanops.kernel.sharing import Portion, Sharing
from loanops.loanbook.servicing import queries
from loanops.loanbook.servicing.domain.compensating import NotGuaranteed, NothingToCompensate
from loanops.loanbook.servicing.domain.orders import ClaimKept
from loanops.loanbook.servicing.invariants import CHECKS
from loanops.loanbook.servicing.models import Instalment, Loan
from loanops.loanbook.servicing.queries import OwnerCard
from loanops.money.ledger import queries as ledger
from tests.factories.changes import CASES, order
from tests.factories.loans import DAY, HOUSE, close_until, open_book, open_loan, repay
from tests.factories.registry import register, sign

pytestmark = pytest.mark.django_db
DUE = date(2026, 12, 2)
"""The first instalment falls due: 888.49, of which 100.00 is interest."""


def guaranteed(*, days: int | None = 10, more: dict[str, Any] | None = None, **says: Any) -> str:
    """A loan whose agreement has ``anchor`` pay as it says, from ten days past due."""
    open_book()
    register("harbour", "bank")
    register("anchor", "guarantor")
    agreed = sign("harbour", guarantor="anchor", compensation_days=days, guarantee=says or None)
    return another(agreed.number, agreed.version, **(more or {}))


def another(agreement: str, version: int = 1, **more: Any) -> str:
    """One more loan under an agreement."""
    return open_loan(guarantor="anchor", agreement=agreement, agreement_version=version, **more)


def late(days: int) -> date:
    """The day on which the first instalment is so many days late, once the book stands at it."""
    on = DUE + timedelta(days=days)
    close_until(on)
    return on


def payable(loan: str) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for each in ledger.entries_of(subject=loan, viewer=HOUSE):
        sums[each.credit] += each.amount_minor
        sums[each.debit] -= each.amount_minor
    return {
        code.partition(":")[2]: sums[code] for code in sums if code.startswith("funder.payable")
    }


def owners(loan: str) -> dict[str, OwnerCard]:
    card = queries.get_owners(number=loan, viewer=HOUSE)
    return {each.owner: each for each in card.owners}


def violations() -> list[str]:
    return [f"{found.code} {found.object}" for check in CHECKS for found in check.find()]


def refused(loan: str, on: date, **values: Any) -> BadField:
    with pytest.raises(BadField) as told:
        order(loan, "compensated", on, **values)
    return told.value


class TestByAgreement:
    def test_pays_the_oldest_late_instalment_without_being_told_who_what_or_how_much(self) -> None:
        loan = guaranteed(scope="instalment", base="principal_and_interest")
        on = late(10)

        card = order(loan, "compensated", on)

        assert payable(loan) == {"harbour": 1_000_000 - 88_849, "anchor": 88_849}
        assert Instalment.objects.get(loan__number=loan, number=1).owner == "anchor"
        assert Loan.objects.get(number=loan).claim_owner == "harbour"
        [event] = [e for e in queries.list_events(number=loan, viewer=HOUSE) if e.key == card.key]
        assert event.content == {
            "owner": "anchor", "number": 1, "price_minor": 88_849, "base": "principal_and_interest",
        }  # fmt: skip
        assert violations() == []

    def test_pays_all_principal_and_interest_to_the_day_of_a_whole_loan(self) -> None:
        loan = guaranteed(scope="loan")
        on = late(10)

        order(loan, "compensated", on)

        # 100.00 of the first month, and ten of the 31 days of 92.12 of the second: 29.72.
        assert payable(loan)["anchor"] == 1_000_000 + 10_000 + 2_972
        assert Loan.objects.get(number=loan).claim_owner == "anchor"
        assert violations() == []

    def test_leaves_the_lender_what_was_not_paid_for_and_gives_it_to_the_lender_first(self) -> None:
        loan = guaranteed(scope="instalment", base="principal")
        on = late(12)
        was = owners(loan)["harbour"]

        order(loan, "compensated", on)

        found = owners(loan)
        assert payable(loan)["anchor"] == 78_849
        assert (found["anchor"].outstanding_minor, found["anchor"].interest_minor) == (78_849, 0)
        assert found["harbour"].interest_minor == was.interest_minor
        assert found["harbour"].penalty_minor == was.penalty_minor > 0
        close_until(on + timedelta(days=5))
        repay(loan, 89_400)
        after = owners(loan)
        assert after["harbour"].received_interest_minor == 10_000
        assert after["harbour"].received_penalty_minor == was.penalty_minor
        assert after["anchor"].received_penalty_minor > 0
        assert violations() == []

    def test_pays_each_lender_what_is_theirs(self) -> None:
        sharing = Sharing(
            principal=(
                Portion(owner="harbour", share=Decimal("0.8")),
                Portion(owner="meridian", share=Decimal("0.2")),
            ),
            interest=(
                Portion(owner="harbour", share=Decimal("0.7")),
                Portion(owner="meridian", share=Decimal("0.3")),
            ),
        )
        loan = guaranteed(
            scope="instalment", base="principal_and_interest", more={"sharing": sharing}
        )
        order(loan, "compensated", late(10))

        paid = {"harbour": 63_079 + 7_000, "meridian": 15_770 + 3_000}
        assert payable(loan) == {
            "harbour": 800_000 - paid["harbour"],
            "meridian": 200_000 - paid["meridian"],
            "anchor": 88_849,
        }
        assert violations() == []

    def test_counts_for_an_earlier_day_with_the_money_that_came_since(self) -> None:
        loan = guaranteed(scope="instalment")
        on = late(10)
        late(20)
        repay(loan, 88_849)

        order(loan, "compensated", on)

        assert payable(loan)["anchor"] == 88_849
        found = owners(loan)
        assert found["anchor"].received_principal_minor > 0
        assert found["harbour"].received_minor == found["harbour"].received_penalty_minor > 0
        assert violations() == []

    def test_is_paid_back_when_it_is_undone_and_again_when_that_is(self) -> None:
        loan = guaranteed(scope="instalment")
        on = late(10)
        before = owners(loan), payable(loan)
        card = order(loan, "compensated", on)
        paid = payable(loan)

        undone = order(loan, "reversed", on, of=card.key)

        assert owners(loan) == before[0]
        assert payable(loan) == {**before[1], "anchor": 0}
        order(loan, "reversed", on, of=undone.key)
        assert payable(loan) == paid
        assert violations() == []

    def test_is_agreed_from_case_to_case_where_nothing_is_agreed(self) -> None:
        loan = guaranteed(days=None)
        close_until(DAY + timedelta(days=1))

        order(loan, "compensated", DAY + timedelta(days=1), price_minor=500_000)

        assert payable(loan) == {"harbour": 500_000, "anchor": 500_000}


class TestRefusals:
    def test_say_from_which_day_the_guarantor_pays(self) -> None:
        loan = guaranteed(scope="instalment")
        told = refused(loan, late(9))
        assert told.field == "on"
        assert told.text() == (
            "on: must be 2026-12-12 or later: the guarantor pays from 10 days past due"
        )

    def test_hold_the_trigger_where_nothing_else_is_agreed(self) -> None:
        loan = guaranteed()
        assert refused(loan, late(9), price_minor=1).field == "on"
        order(loan, "compensated", late(10), price_minor=1)

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"owner": "harbour"}, "owner"),
            ({"owner": "nobody"}, "owner"),
            ({"price_minor": 88_848}, "price_minor"),
            ({"base": "principal"}, "base"),
            ({"number": 2}, "on"),
            ({"number": True}, "number"),
            ({"number": "1"}, "number"),
        ],
    )
    def test_name_what_deviates(self, values: dict[str, Any], field: str) -> None:
        loan = guaranteed(scope="instalment")
        assert refused(loan, late(10), **values).field == field
        assert owners(loan).keys() == {"harbour"}

    def test_let_no_instalment_be_paid_for_alone_where_the_loan_is(self) -> None:
        loan = guaranteed(scope="loan")
        assert refused(loan, late(10), number=1).field == "number"

    def test_know_no_instalment_that_is_not_there(self) -> None:
        loan = guaranteed(scope="instalment")
        with pytest.raises(InstalmentUnknown):
            order(loan, "compensated", late(10), number=99)

    def test_say_that_nobody_guarantees(self) -> None:
        open_book()
        loan = open_loan()
        with pytest.raises(NotGuaranteed, match="assignment"):
            order(loan, "compensated", late(30), price_minor=1)

    def test_say_that_nothing_is_left_to_pay_for(self) -> None:
        loan = guaranteed(scope="loan")
        on = late(10)
        order(loan, "compensated", on)
        with pytest.raises(NothingToCompensate):
            order(loan, "compensated", on)

    def test_let_nothing_be_agreed_anew_over_what_a_lender_kept(self) -> None:
        loan = guaranteed(scope="loan", base="principal")
        on = late(10)
        order(loan, "compensated", on)
        with pytest.raises(ClaimKept, match="waive"):
            order(loan, "restructured", on, **CASES["restructured"](loan))


class TestLooking:
    def test_shows_what_will_be_paid_for_and_from_when(self) -> None:
        loan = guaranteed(scope="instalment", base="with_penalty")
        on = late(12)

        card = queries.get_guarantee(number=loan, viewer=HOUSE)

        assert (card.guarantor, card.compensation_days) == ("anchor", 10)
        first, second = card.claims[:2]
        assert (first.number, first.dpd, first.is_due) == (1, 12, True)
        assert first.principal_minor + first.interest_minor == 88_849
        assert (second.is_due, second.first_on) == (False, date(2027, 1, 12))
        booked = order(loan, "compensated", on)
        assert booked.postings[-1].amount_minor == first.price_minor
        left = queries.get_guarantee(number=loan, viewer=HOUSE)
        assert [claim.number for claim in left.claims] == list(range(2, 13))

    def test_shows_one_claim_of_a_whole_loan(self) -> None:
        loan = guaranteed(scope="loan")
        late(10)
        [claim] = queries.get_guarantee(number=loan, viewer=HOUSE).claims
        assert (claim.number, claim.price_minor) == (None, 1_012_972)

    def test_shows_nothing_where_nobody_guarantees(self) -> None:
        open_book()
        card = queries.get_guarantee(number=open_loan(), viewer=HOUSE)
        assert (card.guarantor, card.claims) == ("", ())

    def test_takes_the_grant_and_finds_no_other(self) -> None:
        loan = guaranteed()
        with pytest.raises(NotPermitted):
            queries.get_guarantee(number=loan, viewer=Viewer(person="nobody"))
        with pytest.raises(NotFound):
            queries.get_guarantee(number="LN-NONE", viewer=HOUSE)
