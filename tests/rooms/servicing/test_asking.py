"""Who may change a loan, what is refused, and the second person who approves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loanops.kernel.access import Actor, Scopes
from loanops.kernel.refusals import BadField, NotFound, NotPermitted, Refusal
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.domain.orders import NotInState, TooManyExtensions
from loanops.loanbook.servicing.models import ChangeRequest, LoanEvent
from loanops.loanbook.servicing.operations import (
    EffectDiffers,
    OwnRequest,
    RequestDecided,
    SecondPersonNeeded,
)
from loanops.money.payments.queries import find_receipts
from tests.factories.changes import CASES, COLLEAGUE, asked, order
from tests.factories.loans import AT, DAY, HOUSE, open_book, open_loan, repay, terms

pytestmark = pytest.mark.django_db


class TestRefusals:
    @pytest.mark.parametrize(
        ("kind", "values", "field"),
        [
            ("rate_changed", {}, "annual_rate"),
            ("rate_changed", {"annual_rate": "much"}, "annual_rate"),
            ("rate_changed", {"annual_rate": "-1"}, "annual_rate"),
            ("extended", {"periods": 0}, "periods"),
            ("extended", {"periods": "two"}, "periods"),
            ("due_moved", {"due": "2020-01-01", "to": "2030-01-01"}, "due"),
            ("fee_charged", {"amount_minor": 5, "component": "interest"}, "component"),
            ("waived", {"amount_minor": 5, "component": "principal"}, "component"),
            ("assigned", {"owner": "x", "price_minor": -1}, "price_minor"),
            ("rate_changed", {"annual_rate": "0.1", "colour": "red"}, "colour"),
            ("melted", {}, "kind"),
        ],
    )
    def test_name_the_field(self, kind: str, values: dict[str, Any], field: str) -> None:
        open_book()
        loan = open_loan()

        with pytest.raises(BadField) as refused:
            order(loan, kind, **values)
        assert refused.value.field == field

    def test_need_the_grant_the_book_and_a_reason(self) -> None:
        open_book()
        loan = open_loan()
        wanted = asked(loan, "rate_changed", annual_rate="0.06")
        shown = servicing.preview_change(asked=wanted, viewer=HOUSE)
        nobody = Actor("nobody", grants=frozenset({"servicing.view"}))

        with pytest.raises(NotPermitted):
            servicing.preview_change(asked=wanted, viewer=nobody)
        with pytest.raises(NotPermitted):
            servicing.change(asked=wanted, seen=shown.digest, reason="x", actor=nobody, at=AT)
        with pytest.raises(NotFound):
            order("LN-NONE", "rate_changed", annual_rate="0.06")
        with pytest.raises(BadField, match="reason"):
            servicing.change(asked=wanted, seen=shown.digest, reason=" ", actor=HOUSE, at=AT)

    def test_hold_the_states_of_the_loan(self) -> None:
        open_book()
        loan = open_loan()
        order(loan, "settled_early", amount_minor=5_000_000)

        with pytest.raises(NotInState):
            order(loan, "rate_changed", annual_rate="0.06")

    def test_hold_how_often_a_loan_may_be_extended(self) -> None:
        open_book()
        loan = open_loan(agreed=terms(extensions_max=1))
        order(loan, "extended", periods=1)

        with pytest.raises(TooManyExtensions):
            order(loan, "extended", periods=1)

    def test_book_nothing_but_what_was_shown(self) -> None:
        open_book()
        loan = open_loan()
        wanted = asked(loan, "rate_changed", annual_rate="0.06")
        shown = servicing.preview_change(asked=wanted, viewer=HOUSE)
        repay(loan, 10_000, DAY)

        with pytest.raises(EffectDiffers):
            servicing.change(asked=wanted, seen=shown.digest, reason="x", actor=HOUSE, at=AT)
        assert LoanEvent.objects.filter(kind="rate_changed").count() == 0


class TestSecondPerson:
    def ask(self, loan: str, kind: str = "extended", **values: Any) -> str:
        wanted = asked(loan, kind, **(values or {"periods": 2}))
        shown = servicing.preview_change(asked=wanted, viewer=HOUSE)
        return servicing.ask_change(
            asked=wanted, seen=shown.digest, reason="hardship", actor=HOUSE, at=AT
        )

    def test_is_needed_by_kind_and_above_what_one_may_waive(self) -> None:
        open_book()
        loan = open_loan()
        for kind, values in (
            ("extended", {"periods": 2}),
            ("waived", {"amount_minor": 10_001, "component": "interest"}),
        ):
            wanted = asked(loan, kind, **values)
            shown = servicing.preview_change(asked=wanted, viewer=HOUSE)

            assert shown.needs_second
            with pytest.raises(SecondPersonNeeded):
                servicing.change(asked=wanted, seen=shown.digest, reason="x", actor=HOUSE, at=AT)

    def test_is_never_the_one_who_asked(self) -> None:
        open_book()
        number = self.ask(open_loan())

        with pytest.raises(OwnRequest):
            servicing.approve_change(request=number, actor=HOUSE, at=AT)
        assert ChangeRequest.objects.get(number=number).state == "asked"

    def test_decides_once(self) -> None:
        open_book()
        number = self.ask(open_loan())
        servicing.refuse_change(request=number, note="no proof", actor=COLLEAGUE, at=AT)

        for decide in (
            lambda: servicing.approve_change(request=number, actor=COLLEAGUE, at=AT),
            lambda: servicing.refuse_change(request=number, note="", actor=COLLEAGUE, at=AT),
        ):
            with pytest.raises(RequestDecided):
                decide()

    def test_refuses_a_note_that_is_too_long_and_leaves_the_request_as_it_was(self) -> None:
        open_book()
        number = self.ask(open_loan())

        with pytest.raises(BadField, match="note"):
            servicing.refuse_change(request=number, note="x" * 301, actor=COLLEAGUE, at=AT)

        assert ChangeRequest.objects.get(number=number).state == "asked"

    def test_approves_only_what_was_shown(self) -> None:
        open_book()
        loan = open_loan()
        number = self.ask(loan)
        repay(loan, 10_000, DAY)

        with pytest.raises(EffectDiffers):
            servicing.approve_change(request=number, actor=COLLEAGUE, at=AT)
        assert ChangeRequest.objects.get(number=number).state == "asked"

    @pytest.mark.parametrize("kind", ["prepaid", "settled_early"])
    def test_books_the_money_that_came_with_it_once(self, kind: str) -> None:
        open_book()
        loan = open_loan()
        number = self.ask(loan, kind, **CASES[kind](loan))
        wanted = asked(loan, kind)

        servicing.approve_change(request=number, actor=COLLEAGUE, at=AT)

        [receipt] = find_receipts(keys=[(wanted.channel, wanted.pay_no)]).values()
        booked = LoanEvent.objects.get(loan__number=loan, kind=kind)
        assert booked.receipt == receipt.number
        assert booked.key == f"{wanted.channel}:{wanted.pay_no}"

    def test_needs_the_grant(self) -> None:
        open_book()
        number = self.ask(open_loan())
        nobody = Actor("nobody", grants=frozenset({"servicing.view"}))

        with pytest.raises(NotPermitted):
            servicing.approve_change(request=number, actor=nobody, at=AT)
        with pytest.raises((NotFound, Refusal)):
            servicing.approve_change(request="CR-NONE", actor=COLLEAGUE, at=AT)


class TestScopes:
    @pytest.mark.parametrize(
        "scopes",
        [
            Scopes(books=frozenset({"us"})),
            Scopes(funders=frozenset({"lake"})),
            Scopes(channels=frozenset({"birch"})),
        ],
    )
    def test_let_nobody_change_or_decide_on_a_loan_that_they_may_not_see(
        self, scopes: Scopes
    ) -> None:
        open_book()
        loan = open_loan()
        wanted = asked(loan, "extended", periods=1)
        shown = servicing.preview_change(asked=wanted, viewer=HOUSE)
        request = servicing.ask_change(
            asked=wanted, seen=shown.digest, reason="hardship", actor=HOUSE, at=AT
        )
        stranger = replace(COLLEAGUE, scopes=scopes)
        said: dict[str, Any] = {
            "asked": wanted,
            "seen": shown.digest,
            "reason": "x",
            "actor": stranger,
            "at": AT,
        }

        for order_it in (
            lambda: servicing.preview_change(asked=wanted, viewer=stranger),
            lambda: servicing.change(**said),
            lambda: servicing.ask_change(**said),
            lambda: servicing.preview_request(request=request, viewer=stranger),
            lambda: servicing.approve_change(request=request, actor=stranger, at=AT),
            lambda: servicing.refuse_change(request=request, note="x", actor=stranger, at=AT),
        ):
            with pytest.raises(NotFound):
                order_it()
        assert ChangeRequest.objects.get().state == "asked"
        assert not LoanEvent.objects.filter(kind="extended").exists()
