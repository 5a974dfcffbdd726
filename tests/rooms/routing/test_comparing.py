"""The funder's legal schedule is held against ours, once for each loan."""

from __future__ import annotations

from datetime import timedelta

import pytest

from loanops.adapters.open_bank.gateway import OpenBankGateway
from loanops.kernel.refusals import NotFound, NotPermitted
from loanops.origination.routing import operations, queries
from loanops.origination.routing.models import Observation, PayoutIntent
from tests.factories import routing as make
from tests.factories.registry import AT, HOUSE, NOBODY, stranger
from tests.factories.sandbox import Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.processes]
DAY = AT + timedelta(hours=1)


def paid(count: int = 1) -> list[str]:
    """The serials of loans that the bank paid out."""
    contracts = make.signed(make.dollars(), count)
    operations.draw_down_many(book="us", contracts=contracts, actor=HOUSE, at=DAY)
    return list(PayoutIntent.objects.order_by("id").values_list("serial", flat=True))


def _out_of_reach(*_: object, **__: object) -> None:
    raise ConnectionRefusedError


def compare(minutes: int = 0) -> operations.Compared:
    return operations.compare_schedules(book="us", actor=HOUSE, at=DAY + timedelta(minutes=minutes))


class TestCompareSchedules:
    def test_finds_the_funders_schedule_the_same_to_the_last_unit(self, banks: Sandbox) -> None:
        serials = paid(3)

        assert compare() == operations.Compared(same=tuple(serials))
        assert queries.get_payout(serials[0]).schedule_state == "same"

    def test_asks_once(self, banks: Sandbox) -> None:
        paid()
        compare()
        heard = Observation.objects.count()

        assert compare(120) == operations.Compared()
        assert Observation.objects.count() == heard

    def test_opens_an_exception_with_both_figures_where_they_differ(self, banks: Sandbox) -> None:
        [serial] = paid()
        intent = PayoutIntent.objects.get()
        intent.terms["annual_rate"] = "0.2"
        intent.save(update_fields=["terms"])

        assert compare() == operations.Compared(differing=(serial,))
        [case] = queries.list_exceptions(book="us", viewer=HOUSE)
        assert case.kind == "schedule_differs"
        assert case.detail["ours"]["interest_minor"] > case.detail["theirs"]["interest_minor"]

    def test_asks_again_after_an_hour_where_nothing_was_told(self, banks: Sandbox) -> None:
        [serial] = paid()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(OpenBankGateway, "fetch_schedule", _out_of_reach)
            assert compare() == operations.Compared(waiting=(serial,))

        assert compare(59) == operations.Compared()
        assert compare(61) == operations.Compared(same=(serial,))

    def test_needs_the_grant_and_the_book(self) -> None:
        make.dollars()

        with pytest.raises(NotPermitted):
            operations.compare_schedules(book="us", actor=NOBODY, at=DAY)
        with pytest.raises(NotFound):
            operations.compare_schedules(book="us", actor=stranger("routing.resolve"), at=DAY)
