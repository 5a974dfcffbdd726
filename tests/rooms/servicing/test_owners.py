"""A loan that several lend: who is owed, who received, and who owns it after it passed on."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from loanops.kernel.access import NotPermitted, Viewer
from loanops.kernel.refusals import BadField, NotFound
from loanops.kernel.schedule import Fee, FeeTiming
from loanops.kernel.sharing import Portion, Sharing
from loanops.loanbook.servicing import queries
from loanops.loanbook.servicing.invariants import CHECKS, owning
from loanops.loanbook.servicing.models import Pool
from loanops.loanbook.servicing.queries import OwnerCard
from loanops.money.ledger import queries as ledger
from loanops.money.ledger.models import Entry
from tests.corruption import names
from tests.factories.changes import order
from tests.factories.loans import DAY, HOUSE, close_until, open_book, open_loan, repay, terms

pytestmark = pytest.mark.django_db
TOGETHER = Sharing(
    principal=(
        Portion(owner="harbour", share=Decimal("0.8")),
        Portion(owner="meridian", share=Decimal("0.2")),
    )
)
SERVICE = Fee(
    name="service",
    charging_party="platform",
    timing=FeeTiming.PER_INSTALMENT,
    amount_minor=1_000,
)


@pytest.fixture
def loan() -> str:
    open_book()
    return open_loan(
        agreed=terms(fees=(SERVICE,)),
        sharing=TOGETHER,
        guarantor="antai",
        agreement="AG-1",
        agreement_version=2,
    )


def owners(loan: str) -> dict[str, OwnerCard]:
    card = queries.get_owners(number=loan, viewer=HOUSE)
    assert sum(each.outstanding_minor for each in card.owners) == card.outstanding_minor
    assert sum(each.received_minor for each in card.owners) == card.received_minor
    assert sum(each.share for each in card.owners) == (1 if card.outstanding_minor else 0)
    return {each.owner: each for each in card.owners}


def payable(loan: str) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for each in ledger.entries_of(subject=loan, viewer=HOUSE):
        sums[each.credit] += each.amount_minor
        sums[each.debit] -= each.amount_minor
    return {
        code.partition(":")[2]: sums[code] for code in sums if code.startswith("funder.payable")
    }


def violations() -> list[str]:
    return [f"{found.code} {found.object}" for check in CHECKS for found in check.find()]


class TestLending:
    def test_owes_every_lender_what_it_lent(self, loan: str) -> None:
        assert payable(loan) == {"harbour": 800_000, "meridian": 200_000}
        found = owners(loan)
        assert found["meridian"].outstanding_minor == 200_000
        assert (found["harbour"].share, found["meridian"].share) == (
            Decimal("0.8"),
            Decimal("0.2"),
        )

    def test_earns_every_lender_its_share_of_the_running_period(self, loan: str) -> None:
        close_until(DAY + timedelta(days=15))

        found = owners(loan)

        # Half of the first month's 1 % on 10,000.00.
        assert found["harbour"].accrued_minor == 4_000
        assert found["meridian"].accrued_minor == 1_000
        assert {each.written_off_minor for each in found.values()} == {0}

    def test_costs_every_lender_its_share_of_a_write_off(self, loan: str) -> None:
        close_until(DAY + timedelta(days=40))

        order(loan, "written_off", DAY + timedelta(days=40))

        found = owners(loan)
        assert found["harbour"].written_off_minor == 800_000
        assert found["meridian"].written_off_minor == 200_000
        assert {each.accrued_minor for each in found.values()} == {0}

    def test_tells_under_which_version_it_was_agreed(self, loan: str) -> None:
        card = queries.get_owners(number=loan, viewer=HOUSE)
        assert (card.agreement, card.agreement_version) == ("AG-1", 2)

    def test_says_of_one_lender_that_it_owns_all(self) -> None:
        open_book()
        alone = open_loan()
        assert [(each.owner, each.share) for each in owners_of(alone)] == [("harbour", Decimal(1))]


def owners_of(loan: str) -> tuple[OwnerCard, ...]:
    return queries.get_owners(number=loan, viewer=HOUSE).owners


class TestRepaying:
    def test_gives_each_owner_its_share(self, loan: str) -> None:
        close_until(DAY + timedelta(days=30))
        repay(loan, 50_001)
        found = owners(loan)
        assert found["platform"].received_fee_minor == 1_000
        interest, principal = 10_000, 39_001
        assert found["meridian"].received_interest_minor == interest // 5
        assert found["meridian"].received_principal_minor == round(principal / 5)
        assert violations() == []

    def test_is_the_same_back_dated_and_undone(self, loan: str) -> None:
        close_until(DAY + timedelta(days=70))
        repay(loan, 60_007)
        before = owners(loan)
        repay(loan, 33_333, DAY + timedelta(days=40), pay_no="LATE")
        assert violations() == []
        order(loan, "reversed", DAY + timedelta(days=70), of="open_bank:harbour:LATE")
        after = owners(loan)
        assert {name: each.received_minor for name, each in after.items()} == {
            name: each.received_minor for name, each in before.items()
        }
        assert violations() == []

    def test_asks_nothing_more_of_a_loan_with_one_lender(self) -> None:
        open_book()
        alone = open_loan()
        close_until(DAY + timedelta(days=30))
        with CaptureQueriesContext(connection) as asked:
            repay(alone, 50_000)
        assert not [each for each in asked if "owners." in each["sql"]]


class TestWaiving:
    def test_lowers_what_each_lender_is_owed_by_its_share(self, loan: str) -> None:
        close_until(DAY + timedelta(days=60))
        before = owners(loan)
        order(
            loan,
            "restructured",
            DAY + timedelta(days=60),
            instalments=6,
            annual_rate="0.05",
            method="equal_principal",
            principal="carry",
            principal_waived_minor=100_000,
            interest="waive",
        )
        after = owners(loan)
        lost = {name: before[name].outstanding_minor - after[name].outstanding_minor
                for name in ("harbour", "meridian")}  # fmt: skip
        assert lost == {"harbour": 80_000, "meridian": 20_000}
        assert violations() == []


class TestPassing:
    def test_pays_both_lenders_and_gives_later_money_to_the_guarantor(self, loan: str) -> None:
        close_until(DAY + timedelta(days=60))
        order(loan, "compensated", DAY + timedelta(days=60), owner="antai", price_minor=100_001)
        assert payable(loan) == {
            "harbour": 800_000 - 80_001,
            "meridian": 200_000 - 20_000,
            "antai": 100_001,
        }
        repay(loan, 120_000)
        found = owners(loan)
        assert found["antai"].share == 1
        assert found["antai"].received_principal_minor > 0
        assert found["meridian"].received_minor == 0
        assert found["platform"].received_fee_minor > 0
        assert violations() == []

    def test_lets_a_lender_buy_from_the_other(self, loan: str) -> None:
        order(loan, "assigned", owner="harbour", price_minor=200_000)
        assert payable(loan) == {"harbour": 1_000_000, "meridian": 0}
        assert owners(loan)["harbour"].share == 1

    def test_refuses_who_owns_it_already(self, loan: str) -> None:
        order(loan, "assigned", owner="harbour", price_minor=200_000)
        with pytest.raises(BadField):
            order(loan, "assigned", owner="harbour", price_minor=1)


class TestLooking:
    def test_takes_the_grant(self, loan: str) -> None:
        with pytest.raises(NotPermitted):
            queries.get_owners(number=loan, viewer=Viewer(person="nobody"))

    def test_finds_no_other(self) -> None:
        with pytest.raises(NotFound):
            queries.get_owners(number="LN-none", viewer=HOUSE)


class TestVerifying:
    def test_names_money_that_an_owner_did_not_get(self, loan: str) -> None:
        close_until(DAY + timedelta(days=30))
        repay(loan, 50_000)
        mine = Entry.objects.filter(credit__code="owners.received:meridian")
        mine.filter(pk=mine[0].pk).update(amount_minor=F("amount_minor") + 1)
        names(owning.shares, f"loan {loan} owner meridian")

    def test_names_portions_that_are_not_one_whole(self, loan: str) -> None:
        pool = Pool.objects.get()
        pool.rules_json = pool.rules_json.replace('"0.8"', '"0.7"')
        pool.save()
        names(owning.shares, f"pool {pool.code}")
