"""The ceiling of what a guarantor pays under an agreement: taken, freed, and never exceeded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from loanops.kernel.access import NotPermitted, Scopes, Viewer
from loanops.kernel.refusals import NotFound
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing import queries
from loanops.loanbook.servicing.domain.compensating import CeilingReached
from loanops.loanbook.servicing.invariants import CHECKS, guarantees
from loanops.loanbook.servicing.models import LoanEvent, LoanTerms, PaidOut
from loanops.loanbook.servicing.operations import changing
from loanops.money.limits.invariants import CHECKS as LIMIT_CHECKS
from loanops.money.limits.models import Hold
from tests.factories.changes import asked, order
from tests.factories.loans import AT, HOUSE, close_until, disbursed, terms
from tests.rooms.servicing.test_compensating import another, guaranteed, late

pytestmark = pytest.mark.django_db
ONE_INSTALMENT = 88_849


def agreement_of(loan: str) -> str:
    return LoanTerms.objects.get(loan__number=loan).agreement


def ceiling(loan: str) -> tuple[str, int, int, int]:
    [card] = queries.list_ceilings(agreement=agreement_of(loan), viewer=HOUSE)
    return card.period, card.cap_minor, card.used_minor, card.left_minor


def violations() -> list[str]:
    return [
        f"{found.code} {found.object}"
        for check in (*CHECKS, *LIMIT_CHECKS)
        for found in check.find()
    ]


def capped(**says: Any) -> str:
    return guaranteed(scope="instalment", base="principal_and_interest", **says)


class TestTaking:
    def test_is_a_share_of_what_was_paid_out_under_the_agreement(self) -> None:
        loan = capped(cap_rate="0.05")
        another(agreement_of(loan))
        assert ceiling(loan) == ("life", 100_000, 0, 100_000)

        order(loan, "compensated", late(10))

        assert ceiling(loan) == ("life", 100_000, ONE_INSTALMENT, 100_000 - ONE_INSTALMENT)
        assert violations() == []

    def test_is_refused_beyond_what_is_left_and_says_how_much_that_is(self) -> None:
        loan = capped(cap_minor=100_000)
        other = another(agreement_of(loan))
        on = late(10)
        order(loan, "compensated", on)

        with pytest.raises(CeilingReached) as told:
            servicing.preview_change(asked=asked(other, "compensated", on), viewer=HOUSE)
        assert "has 111.51 left of 1,000.00" in told.value.text()
        assert "888.49 is needed" in told.value.text()

    def test_is_shared_by_the_loans_of_one_year_of_payout(self) -> None:
        loan = capped(cap_minor=100_000, cap_per="year")
        on = late(41)
        later = another(agreement_of(loan), agreed=terms(start_date=on), disbursed_on=on)
        order(loan, "compensated", on)
        cards = queries.list_ceilings(agreement=agreement_of(loan), viewer=HOUSE)
        assert [(each.period, each.left_minor) for each in cards] == [
            ("2027", 100_000), ("2026", 100_000 - ONE_INSTALMENT),
        ]  # fmt: skip
        with pytest.raises(CeilingReached, match="2026"):
            order(loan, "compensated", on, number=2)
        close_until(on + timedelta(days=45))
        order(later, "compensated", on + timedelta(days=45))
        assert violations() == []

    def test_is_freed_by_undoing_and_taken_again_by_undoing_that(self) -> None:
        loan = capped(cap_minor=100_000)
        on = late(10)
        card = order(loan, "compensated", on)
        undone = order(loan, "reversed", on, of=card.key)
        assert ceiling(loan)[2] == 0
        assert violations() == []

        again = order(loan, "reversed", on, of=undone.key)
        assert ceiling(loan)[2] == ONE_INSTALMENT
        order(loan, "reversed", on, of=again.key)
        assert ceiling(loan)[2] == 0
        order(loan, "compensated", on)
        assert ceiling(loan)[2] == ONE_INSTALMENT
        assert violations() == []

    def test_is_not_taken_twice_by_two_who_looked_at_once(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        loan = capped(cap_minor=100_000)
        other = another(agreement_of(loan))
        on = late(10)
        seen = servicing.preview_change(asked=asked(other, "compensated", on), viewer=HOUSE)
        order(loan, "compensated", on)
        # As if both had looked before either wrote: only the lock of the limits stands between.
        monkeypatch.setattr(changing, "check_ceiling", lambda *_: None)

        with pytest.raises(CeilingReached):
            servicing.change(
                asked=asked(other, "compensated", on), seen=seen.digest, reason="x",
                actor=HOUSE, at=AT,
            )  # fmt: skip
        assert not LoanEvent.objects.filter(loan__number=other, kind="compensated").exists()

    def test_is_none_where_none_is_agreed(self) -> None:
        loan = capped()
        order(loan, "compensated", late(10))
        assert queries.list_ceilings(agreement=agreement_of(loan), viewer=HOUSE) == []
        assert not Hold.objects.exists()


class TestPaidOut:
    def test_adds_up_over_many_loans_in_one_statement_for_each_agreement_and_year(self) -> None:
        loan = capped(cap_rate="0.05")
        agreement = agreement_of(loan)
        known = {"agreement": agreement, "agreement_version": 1}

        def opening(count: int) -> int:
            payouts = [disbursed(terms(), **known) for _ in range(count)]
            with CaptureQueriesContext(
                connection,
            ) as asked_of_it:
                servicing.open_loans(book="cn", disbursed=payouts, actor=HOUSE, at=AT)
            return sum("servicing_paidout" in each["sql"] for each in asked_of_it)

        assert opening(1) == opening(20)
        assert PaidOut.objects.get().principal_minor == 22 * 1_000_000


class TestLooking:
    def test_takes_the_grant_and_the_scope(self) -> None:
        agreement = agreement_of(capped(cap_rate="0.05"))
        with pytest.raises(NotPermitted):
            queries.list_ceilings(agreement=agreement, viewer=Viewer(person="nobody"))
        others = replace(HOUSE, scopes=Scopes(funders=frozenset({"meridian"})))
        with pytest.raises(NotFound):
            queries.list_ceilings(agreement=agreement, viewer=others)
        mine = replace(HOUSE, scopes=Scopes(funders=frozenset({"harbour"})))
        assert len(queries.list_ceilings(agreement=agreement, viewer=mine)) == 1


class TestVerifying:
    def test_names_a_sum_that_is_not_that_of_the_loans(self) -> None:
        loan = capped(cap_rate="0.05")
        assert list(guarantees.paid_out()) == []
        PaidOut.objects.update(principal_minor=F("principal_minor") + 1)
        [found] = guarantees.paid_out()
        assert agreement_of(loan) in found.object
        PaidOut.objects.all().delete()
        assert [each.found for each in guarantees.paid_out()] == ["0"]

    @pytest.mark.parametrize("change", [{"amount_minor": 1}, {"state": "given_back"}, {"key": "x"}])
    def test_names_what_is_held_otherwise_than_it_was_paid(self, change: dict[str, Any]) -> None:
        loan = capped(cap_minor=100_000)
        order(loan, "compensated", late(10))
        Hold.objects.update(**change)
        assert any(loan in found.object for found in guarantees.held_compensations())

    def test_names_a_compensation_that_is_not_held(self) -> None:
        loan = capped(cap_minor=100_000)
        order(loan, "compensated", late(10))
        Hold.objects.all().delete()
        [found] = guarantees.held_compensations()
        assert (found.code, found.found) == ("INV-16", "none")
