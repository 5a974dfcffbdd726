"""Loans that several lend come in with their owners, balances split as those of loans made here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from loanops.loanbook.servicing import queries
from loanops.loanbook.servicing.models import LoanTerms, PaidOut
from loanops.loanbook.servicing.operations import ImportCard
from loanops.loanbook.servicing.queries import OwnerCard
from loanops.money.ledger import queries as ledger
from loanops.registry.partners.queries import AgreementCard
from tests.factories import registry
from tests.factories.changes import order
from tests.factories.loans import HOUSE, close_until, repay
from tests.factories.moving import CURRENT, CUT_OFF, MAP, open_moving_book, reading
from tests.rooms.servicing.moved import EVERYTHING, LATE, stands, undo
from tests.rooms.servicing.test_importing import bring, found, loan_of

pytestmark = pytest.mark.django_db
OF_FUNDER = MAP.replace('name = "old"', 'name = "old"\nagreements = "of_funder"')
OWNERS = "".join(
    f'\n[owners.{code}]\ncolumn = "{code}"\nunit = "major"' for code in ("harbour", "meridian")
)
TOGETHER = {
    "principal": [
        {"owner": "harbour", "share": "0.7"},
        {"owner": "meridian", "share": "0.3"},
    ]
}
SERVICE = {
    "name": "guarantee",
    "charging_party": "guarantor",
    "timing": "per_instalment",
    "amount_minor": 1_000,
}


@pytest.fixture
def agreement() -> AgreementCard:
    """A book in which harbour and meridian lend together, shield guaranteeing for a fee."""
    open_moving_book()
    registry.register("meridian", "bank")
    return registry.sign(
        "harbour", co_lending=TOGETHER, guarantor="shield", fees=[SERVICE],
        compensation_days=10, guarantee={"scope": "instalment"},
    )  # fmt: skip


def owners(old: str) -> dict[str, OwnerCard]:
    card = queries.get_owners(number=loan_of(old).number, viewer=HOUSE)
    assert sum(each.outstanding_minor for each in card.owners) == card.outstanding_minor
    assert sum(each.received_minor for each in card.owners) == card.received_minor
    return {each.owner: each for each in card.owners}


def together(*rows: Mapping[str, str]) -> ImportCard:
    return bring(*rows, text=OF_FUNDER)


def faults(row: Mapping[str, str], text: str = OF_FUNDER + OWNERS) -> list[tuple[str, str]]:
    return [(each.column, each.refusal.text()) for each in reading([row], text=text).refused]


class TestShares:
    def test_are_those_of_the_agreement_of_the_funder(self, agreement: AgreementCard) -> None:
        together(*EVERYTHING)

        found_owners = owners("K-1")
        # 6,179.02 at 30 % is 1,853.706: the lead has what rounding leaves.
        assert found_owners["meridian"].outstanding_minor == 185_371
        assert found_owners["harbour"].outstanding_minor == 617_902 - 185_371
        card = queries.get_owners(number=loan_of("K-1").number, viewer=HOUSE)
        assert (card.agreement, card.agreement_version) == (agreement.number, 1)
        assert loan_of("K-1").guarantor == "shield"
        assert owners("K-4")["meridian"].written_off_minor == 270_000
        assert found() == []

    def test_of_money_since_the_cut_off_are_everybodys_own(self, agreement: AgreementCard) -> None:
        together(CURRENT, LATE)
        close_until(date(2026, 7, 20))
        repay(loan_of("K-1").number, 107_618)
        repay(loan_of("K-2").number, 50_001)
        close_until(date(2026, 7, 23))

        card = owners("K-1")

        assert card["shield"].received_fee_minor == 1_000
        assert card["meridian"].received_principal_minor == round(
            (617_902 - loan_of("K-1").outstanding_minor) * 0.3
        )
        assert card["meridian"].received_interest_minor == round(6_179 * 0.3)
        assert owners("K-2")["meridian"].received_minor > 0
        posted = ledger.moved_of(head="owners.received", subjects=[loan_of("K-1").number])
        assert sum(minor for *_, minor in posted) == 107_618
        assert found() == []

    def test_pass_to_the_guarantor_who_pays_for_them(self, agreement: AgreementCard) -> None:
        together(LATE)
        on = date(2026, 8, 10)
        close_until(on)

        order(loan_of("K-2").number, "compensated", on)

        assert owners("K-2")["shield"].outstanding_minor > 0
        assert found() == []

    def test_of_a_row_go_by_the_agreement_that_it_names(self, agreement: AgreementCard) -> None:
        text = MAP + '[loan.agreement]\ncolumn = "agreement"\n'
        alone = {**CURRENT, "no": "K-7", "agreement": ""}

        bring({**CURRENT, "agreement": agreement.number}, alone, text=text)

        assert owners("K-1")["meridian"].outstanding_minor == 185_371
        assert set(owners("K-7")) == {"harbour"}
        kept = LoanTerms.objects.get(loan=loan_of("K-7"))
        assert (kept.agreement, kept.agreement_version) == ("", 0)
        assert found() == []

    def test_count_as_paid_out_until_they_are_taken_back(self, agreement: AgreementCard) -> None:
        card = together(CURRENT, LATE)
        [row] = PaidOut.objects.all()
        assert (row.agreement, row.year, row.principal_minor) == (
            agreement.number, 2025, 2_400_000,
        )  # fmt: skip
        close_until(CUT_OFF + timedelta(days=2))

        undo(card)

        row.refresh_from_db()
        assert row.principal_minor == 0
        close_until(CUT_OFF + timedelta(days=3))
        assert stands() == {}
        assert found() == []

    def test_are_told_in_sum_to_be_held_against_the_old_books(
        self, agreement: AgreementCard
    ) -> None:
        read = reading(EVERYTHING, text=OF_FUNDER)

        assert read.owners == {
            "harbour": 617_902 + 717_348 - 185_371 - 215_204,
            "meridian": 185_371 + 215_204,
        }
        assert sum(read.owners.values()) == read.outstanding_minor


class TestBalances:
    """What the file itself says that owners have outstanding is held to the loan's balance."""

    def test_that_are_the_agreements_come_in(self, agreement: AgreementCard) -> None:
        row = {**CURRENT, "harbour": "4325.31", "meridian": "1853.71"}

        bring(row, text=OF_FUNDER + OWNERS)

        assert owners("K-1")["meridian"].outstanding_minor == 185_371

    @pytest.mark.parametrize(
        ("harbour", "meridian", "column", "words"),
        [
            ("4325.31", "1853.70", "harbour", "add up to 6,179.01, but 6,179.02 is outstanding"),
            ("4325.32", "1853.70", "harbour", "has 4,325.32, but by the shares .* it is 4,325.31"),
            ("6179.02", "", "harbour", "has 6,179.02, but by the shares .* it is 4,325.31"),
        ],
    )
    def test_that_are_not_are_refused(
        self, agreement: AgreementCard, harbour: str, meridian: str, column: str, words: str
    ) -> None:
        row = {**CURRENT, "harbour": harbour, "meridian": meridian}

        told = faults(row)

        assert told[0][0] == column
        assert re.search(words, told[0][1])

    def test_may_differ_by_what_the_old_system_rounded(self, agreement: AgreementCard) -> None:
        row = {**CURRENT, "harbour": "4325.32", "meridian": "1853.70"}
        text = OF_FUNDER.replace("agreements", 'residue = "0.01"\nagreements') + OWNERS

        bring(row, text=text)

        # Shares always add up by one rule: what is booked is the agreement's.
        assert owners("K-1")["meridian"].outstanding_minor == 185_371
        assert found() == []

    def test_of_who_does_not_lend_are_refused(self, agreement: AgreementCard) -> None:
        text = OF_FUNDER + OWNERS.replace("meridian", "shield")
        row = {**CURRENT, "harbour": "4325.31", "shield": "1853.71"}

        told = faults(row, text)

        assert told == [
            (
                "shield",
                "owners.shield: shield has 1,853.71, but the loan is lent by harbour, meridian; "
                "correct the owner or the agreement.",
            )
        ]

    def test_of_one_lender_are_all_of_it(self, agreement: AgreementCard) -> None:
        row = {**CURRENT, "harbour": "6179.02", "meridian": "0"}

        assert faults(row, MAP + OWNERS) == []
        assert faults({**row, "harbour": "6179.03"}, MAP + OWNERS) != []


class TestRefusals:
    def test_of_what_the_agreement_says_otherwise_name_both(self, agreement: AgreementCard) -> None:
        registry.register("lantern", "guarantor")
        text = MAP + '[loan.guarantor]\nvalue = "lantern"\n[loan.agreement]\nvalue = "AG"\n'

        [(column, words)] = faults(CURRENT, text.replace("AG", agreement.number))

        assert column == "guarantor"
        assert f"says lantern, but the agreement {agreement.number} says shield" in words

    def test_of_an_agreement_that_is_not_there(self, agreement: AgreementCard) -> None:
        [(column, words)] = faults(CURRENT, MAP + '[loan.agreement]\nvalue = "AG-9"\n')

        assert (column, "no agreement AG-9" in words) == ("agreement", True)

    def test_of_a_funder_with_more_than_one_or_none(self, agreement: AgreementCard) -> None:
        registry.sign("harbour")
        assert "harbour has 2 agreements in force for cash-12" in faults(CURRENT, OF_FUNDER)[0][1]

        alone = OF_FUNDER.replace("harbour", "meridian")
        assert "meridian has 0 agreements" in faults(CURRENT, alone)[0][1]
